import * as arrow from "apache-arrow";
import { describe, expect, test } from "vitest";
import { type Features, isStructFeature } from "../../src/resolve/features/features.ts";
import { featuresFromArrow, featuresFromParquetMetadata } from "../../src/resolve/features/features-arrow.ts";
import { featuresFromJson } from "../../src/resolve/features/features-json.ts";
import { featuresFromYaml } from "../../src/resolve/features/features-yaml.ts";

const value = (dtype: string): object => ({ dtype, _type: "Value" });
const metadata = (features: object): string => JSON.stringify({ info: { features } });
const schemaOf = (fields: Record<string, arrow.DataType>): arrow.Schema =>
  new arrow.Schema(Object.entries(fields).map(([name, type]) => arrow.Field.new({ name, type, nullable: true })));

describe("featuresFromJson", () => {
  test("drops what old versions of datasets wrote", () => {
    const old = {
      a: { dtype: "float", id: null, _type: "Value" },
      b: { feature: value("double"), length: -1, id: null, _type: "Sequence" },
      c: { feature: { x: value("int32"), y: value("string") }, length: 3, _type: "Sequence" },
      d: [value("bool")],
      e: { decode: true, mode: null, id: null, _type: "Image" },
      f: { num_classes: 2, names: ["neg", "pos"], names_file: null, id: null, _type: "ClassLabel" },
      g: { num_classes: 2, _type: "ClassLabel" },
    };
    expect(featuresFromJson(old)).toEqual({
      a: value("float32"),
      b: { feature: value("float64"), _type: "List" },
      c: {
        x: { feature: value("int32"), length: 3, _type: "List" },
        y: { feature: value("string"), length: 3, _type: "List" },
      },
      d: { feature: value("bool"), _type: "List" },
      e: { _type: "Image" },
      f: { names: ["neg", "pos"], _type: "ClassLabel" },
      g: { names: ["0", "1"], _type: "ClassLabel" },
    });
  });

  test("names the column and the known types where one is unknown", () => {
    expect(() => featuresFromJson({ a: { b: { _type: "Foo" } } })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/"Foo" of 'a\.b' not found.*Value, ClassLabel.*Json/),
      }),
    );
    expect(() => featuresFromJson({ a: value("int65") })).toThrow(/'a'.*int64.*"int65"/);
  });

  test.each([
    ["a list", []],
    ["a text", "int64"],
    ["a column that is a text", { a: "int64" }],
    ["a list of two features", { a: [value("int8"), value("int8")] }],
    ["labels that repeat", { a: { names: ["x", "x"], _type: "ClassLabel" } }],
    ["labels in a file", { a: { names_file: "labels.txt", _type: "ClassLabel" } }],
    ["an array of the wrong rank", { a: { shape: [2], dtype: "int8", _type: "Array2D" } }],
    ["an array open in its second dimension", { a: { shape: [2, null], dtype: "int8", _type: "Array2D" } }],
    ["a list of nothing", { a: { _type: "List" } }],
  ])("rejects %s", (_, json) => {
    expect(() => featuresFromJson(json)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  test("survives deep nesting and hostile names", () => {
    const deep = Array.from({ length: 5000 }).reduce<unknown>((feature) => ({ feature, _type: "List" }), value("int8"));
    expect(() => featuresFromJson({ a: deep })).toThrow(/nested at most/);
    const hostile = featuresFromJson(
      JSON.parse(`{"__proto__":{"dtype":"int8","_type":"Value"},"constructor":{"dtype":"int8","_type":"Value"}}`),
    );
    expect(Object.keys(hostile)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
  });

  test("a struct may have a field called _type", () => {
    const features: Features = featuresFromJson({ s: { _type: value("string"), a: value("int8") } });
    expect(features).toEqual({ s: { _type: value("string"), a: value("int8") } });
    expect(isStructFeature(features["s"]!)).toBe(true);
    expect(isStructFeature({ dtype: "int8", _type: "Value" })).toBe(false);
  });
});

describe("featuresFromYaml", () => {
  test("reads old and new spellings", () => {
    const yaml = [
      { name: "a", sequence: "int32" },
      { name: "b", sequence: [{ name: "x", dtype: "int8" }] },
      { name: "c", list: "image", length: 2 },
      { name: "d", dtype: { class_label: { names: { 1: "pos", 0: "neg" } } } },
      { name: "e", dtype: { class_label: { names: ["neg", "pos"] } } },
      { name: "f", struct: [{ name: "name", dtype: "string" }] },
      { name: "g", dtype: { image: null } },
    ];
    expect(featuresFromYaml(yaml)).toEqual({
      a: { feature: value("int32"), _type: "List" },
      b: { x: { feature: value("int8"), _type: "List" } },
      c: { feature: { _type: "Image" }, length: 2, _type: "List" },
      d: { names: ["neg", "pos"], _type: "ClassLabel" },
      e: { names: ["neg", "pos"], _type: "ClassLabel" },
      f: { name: value("string") },
      g: { _type: "Image" },
    });
  });

  test.each([
    ["no list", { a: "int8" }],
    ["a column without a name", [{ dtype: "int8" }]],
    ["labels with a gap", [{ name: "a", dtype: { class_label: { names: { 0: "x", 2: "y" } } } }]],
    ["an unknown dtype", [{ name: "a", dtype: "strange" }]],
  ])("rejects %s", (_, yaml) => {
    expect(() => featuresFromYaml(yaml)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });
});

describe("featuresFromArrow", () => {
  test("takes dictionaries for their values, maps for lists of structs, bytes and path for a struct", () => {
    const entry = new arrow.Struct([
      arrow.Field.new("key", new arrow.Utf8()),
      arrow.Field.new("value", new arrow.Int32(), true),
    ]);
    const schema = schemaOf({
      dictionary: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
      map: new arrow.Map_(arrow.Field.new("entries", entry)),
      media: new arrow.Struct([
        arrow.Field.new("bytes", new arrow.Binary(), true),
        arrow.Field.new("path", new arrow.Utf8(), true),
      ]),
      id: new arrow.FixedSizeBinary(16),
    });
    expect(featuresFromArrow(schema)).toEqual({
      dictionary: value("string"),
      map: { feature: { key: value("string"), value: value("int32") }, _type: "List" },
      media: { bytes: value("binary"), path: value("string") },
      id: value("fixed_size_binary[16]"),
    });
  });

  test("names the column that no feature can hold", () => {
    const schema = schemaOf({ span: new arrow.IntervalYearMonth() });
    expect(() => featuresFromArrow(schema)).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FORMAT", message: expect.stringContaining("'span'") }),
    );
  });
});

describe("featuresFromParquetMetadata", () => {
  const schema = schemaOf({ label: new arrow.Int64(), text: new arrow.Utf8() });
  const plain = { label: value("int64"), text: value("string") };

  test("takes what agrees with the file's types and infers the rest", () => {
    const label = { names: ["neg", "pos"], _type: "ClassLabel" };
    expect(featuresFromParquetMetadata(metadata({ label, text: value("int8"), gone: value("int8") }), schema)).toEqual({
      label,
      text: value("string"),
    });
  });

  test("takes it for columns that may not be null, too", () => {
    const required = new arrow.Schema([arrow.Field.new({ name: "label", type: new arrow.Int64(), nullable: false })]);
    const label = { names: ["neg", "pos"], _type: "ClassLabel" };
    expect(featuresFromParquetMetadata(metadata({ label }), required)).toEqual({ label });
  });

  test.each([
    ["none", undefined],
    ["no JSON", "{"],
    ["JSON of something else", "[1]"],
    ["no features", JSON.stringify({ info: { features: null } })],
    ["a type it does not know", metadata({ label: { _type: "Hologram" } })],
  ])("passes over metadata that is %s", (_, text) => {
    expect(featuresFromParquetMetadata(text, schema)).toEqual(plain);
  });
});
