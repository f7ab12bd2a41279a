import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatHfPath, hfPathOfWebAddress, parseHfPath, typedRoot } from "../../src/fs/hf-path.ts";

describe("parseHfPath", () => {
  test.each([
    ["hf://u/n", "model", "u/n", undefined, ""],
    ["u/n/config.json", "model", "u/n", undefined, "config.json"],
    ["models/u/n/x", "model", "u/n", undefined, "x"],
    ["spaces/u/n/app.py", "space", "u/n", undefined, "app.py"],
    ["hf://datasets/u/n/d/a@b.txt", "dataset", "u/n", undefined, "d/a@b.txt"],
    ["hf://datasets/u/n@v1/a%20b", "dataset", "u/n", "v1", "a%20b"],
    ["datasets/u/n@v1", "dataset", "u/n", "v1", ""],
    ["hf://datasets/u/n/", "dataset", "u/n", undefined, ""],
    ["hf://datasets/u/n@refs/pr/10/d/f", "dataset", "u/n", "refs/pr/10", "d/f"],
    ["hf://datasets/u/n@refs%2Fpr%2F10/d/f", "dataset", "u/n", "refs/pr/10", "d/f"],
    ["datasets/u/n@refs/convert/parquet/default/train", "dataset", "u/n", "refs/convert/parquet", "default/train"],
    ["hf://datasets/u/n@feature/x/f", "dataset", "u/n", "feature", "x/f"],
    ["hf://datasets/u/n@feature%2Fx/f", "dataset", "u/n", "feature/x", "f"],
  ])("reads %s", (text, type, id, revision, path) => {
    expect(parseHfPath(text)).toEqual({ type, id, revision, path });
  });

  test.each([
    ["", /empty part/],
    ["hf://datasets/squad", /expected/],
    ["hf://datasets/squad@v1/x", /expected|revision/],
    ["hf://dataset/u/n", /write datasets\//],
    ["hf://datasets/u/n//x", /empty part/],
    ["hf://datasets/u/n@/x", /revision after @ is empty/],
    ["hf://datasets/u/n@a%zz/x", /not well encoded/],
    ["hf://datasets/u/n?x=1/f", /letters, digits/],
    ["hf://datasets/../n/f", /letters, digits/],
    ["datasets/u/da*/f", /letters, digits/],
  ])("refuses '%s'", (text, message) => {
    expect(() => parseHfPath(text)).toThrow(expect.objectContaining({ code: "INVALID_PATH" }));
    expect(() => parseHfPath(text)).toThrow(message);
  });

  test("reads back what formatHfPath writes", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,9}$/);
    const part = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes("/"));
    const place = fc.record({
      type: fc.constantFrom("model", "dataset", "space"),
      id: fc
        .tuple(word, word)
        .filter(([owner]) => !/^(model|dataset|space)s?$/.test(owner))
        .map((words) => words.join("/")),
      revision: fc.option(
        fc.oneof(
          fc.string({ minLength: 1 }).filter(isWellFormed),
          fc.constantFrom("refs/pr/1", "refs/convert/parquet", "a/b"),
        ),
        { nil: undefined },
      ),
      path: fc.array(part, { maxLength: 3 }).map((parts) => parts.join("/")),
    } as const);
    fc.assert(
      fc.property(place, (given) => {
        const text = formatHfPath(given);
        expect(parseHfPath(text)).toEqual(given);
        expect(parseHfPath(`hf://${text}`)).toEqual(given);
      }),
    );
  });
});

describe("typedRoot", () => {
  test.each([
    ["hf://datasets/u/n@refs%2Fpr%2F1/d/f", "datasets/u/n@refs%2Fpr%2F1"],
    ["datasets/u/n@main/", "datasets/u/n@main"],
    ["u/n/d/f/", "u/n"],
  ])("of %s is %s", (text, root) => {
    expect(typedRoot(text, parseHfPath(text))).toBe(root);
  });
});

describe("hfPathOfWebAddress", () => {
  const at = (path: string): string | undefined =>
    hfPathOfWebAddress(`https://hub.example${path}`, "https://hub.example");

  test("reads the addresses of files and folders of the Hub, and no others", () => {
    expect(at("/datasets/u/n/resolve/main/d/a%20b.txt?download=true")).toBe("hf://datasets/u/n@main/d/a b.txt");
    expect(at("/u/n/blob/refs%2Fpr%2F1/config.json")).toBe("hf://u/n@refs%2Fpr%2F1/config.json");
    expect(at("/datasets/u/n/tree/refs/convert/parquet")).toBe("hf://datasets/u/n@refs/convert/parquet/");
    expect(at("/datasets/u/n/resolve/main/*.parquet")).toBe("hf://datasets/u/n@main/*.parquet");
    expect(at("/datasets/u/n")).toBeUndefined();
    expect(hfPathOfWebAddress("https://else.example/u/n/blob/main/f", "https://hub.example")).toBeUndefined();
  });
});

/** Lone surrogates cannot be encoded. */
function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDFFF]/u.test(text);
}
