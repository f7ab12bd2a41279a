import { describe, expect, test } from "vitest";
import { readCard } from "../../src/resolve/card/card.ts";
import { parseFrontMatter, parseYamlMapping } from "../../src/resolve/card/card-yaml.ts";
import { fakeRepo, readme } from "./fake-repo.ts";

describe("the front matter of a README", () => {
  test("is what stands between --- lines at its start", () => {
    expect(parseFrontMatter("---\na: 1\n---\ntext\n---\n", "README.md")).toEqual({ a: 1 });
    expect(parseFrontMatter("\n\n---\r\na: 1\r\n---\r\n", "README.md")).toEqual({ a: 1 });
    expect(parseFrontMatter("\uFEFF---\na: 1\n---", "README.md")).toEqual({ a: 1 });
    expect(parseFrontMatter("# Title\n---\na: 1\n---\n", "README.md")).toEqual({});
    expect(parseFrontMatter("---\nnever closed", "README.md")).toEqual({});
    expect(parseFrontMatter("---\n# nothing\n---\n", "README.md")).toEqual({});
  });

  test("is read as PyYAML does", () => {
    const yaml =
      "a: yes\nb: on\nc: y\nd: 010\ne: 1e3\nf: 1.5\ng: ~\nh: 2024-01-01\ni: '1'\nj: 1\nj: 2\nk: &x {l: 1}\nm: {<<: *x}";
    expect(parseYamlMapping(yaml, "README.md")).toEqual({
      a: true,
      b: true,
      c: "y",
      d: 8,
      e: "1e3",
      f: 1.5,
      g: null,
      h: "2024-01-01",
      i: "1",
      j: 2,
      k: { l: 1 },
      m: { l: 1 },
    });
  });

  test("keeps names as they are written", async () => {
    const yaml =
      "configs:\n- config_name: no\n  data_files:\n  - {split: 2024, path: [1, on]}\n- config_name: 010\n  data_dir: 1.0";
    const { configs } = await readCard(fakeRepo({ "README.md": readme(yaml) }));
    expect([...configs.keys()]).toEqual(["no", "010"]);
    expect(configs.get("no")?.dataFiles).toEqual(new Map([["2024", ["1", "on"]]]));
    expect(configs.get("010")?.dataDir).toBe("1.0");
  });

  test("that is broken is an error with file and line", () => {
    expect(() => parseFrontMatter("---\na: 1\nb: [\nc: 2\n---\n", "README.md")).toThrow(
      expect.objectContaining({
        code: "CORRUPT_FILE",
        path: "README.md",
        message: expect.stringMatching(/README\.md: line \d/),
      }),
    );
    expect(() => parseFrontMatter("---\n\n\na: 'x\n---\n", "README.md")).toThrow(/line [45]/);
    expect(() => parseFrontMatter("---\n- a\n---\n", "README.md")).toThrow(/must be a mapping/);
  });

  test.each(["x", ""])("cannot grow by its aliases, of [%s] or by itself", (leaf) => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level}: &l${level} [${level === 0 ? leaf : `*l${level - 1},`.repeat(9)}]`,
    );
    expect(() => parseYamlMapping(levels.join("\n"), "README.md")).toThrow(
      expect.objectContaining({ code: "CORRUPT_FILE" }),
    );
  });

  test("cannot be too deep to read", () => {
    const steps = Array.from({ length: 500 }, (_, level) => `${" ".repeat(level)}a:`).join("\n");
    for (const yaml of [
      `a: ${"[".repeat(50_000)}`,
      `a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      `a: ${"{b: ".repeat(50_000)}`,
      `a:\n  ${"- ".repeat(50_000)}b\nc: d`,
      `${"? ".repeat(50_000)}b`,
      steps,
    ]) {
      expect(() => parseYamlMapping(yaml, "README.md")).toThrow(expect.objectContaining({ code: "CORRUPT_FILE" }));
    }
  });

  test("cannot hold itself", () => {
    expect(() => parseYamlMapping("a: &a {b: *a}", "README.md")).toThrow(
      expect.objectContaining({ code: "CORRUPT_FILE" }),
    );
  });

  test("cannot reach the prototype of objects", () => {
    const yaml = parseYamlMapping("__proto__: {polluted: 1}\nconstructor: 1", "README.md");
    expect(Object.keys(yaml)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("readCard", () => {
  test("reads nothing that is not listed", async () => {
    const repo = fakeRepo(["a.csv"]);
    expect(await readCard(repo)).toEqual({ configs: new Map(), infos: new Map() });
    expect(repo.reads).toEqual([]);
  });

  test("puts .huggingface.yaml over the README, key by key", async () => {
    const repo = fakeRepo({
      "README.md": readme(
        "configs:\n- {config_name: a}\ndataset_info:\n  config_name: a\n  splits: [{name: train, num_examples: 3}]",
      ),
      ".huggingface.yaml": "configs:\n- {config_name: b}",
    });
    const card = await readCard(repo);
    expect([...card.configs.keys()]).toEqual(["b"]);
    expect([...card.infos.keys()]).toEqual(["a"]);
    expect(card.infos.get("a")?.splits.get("train")?.numRows).toBe(3);
  });

  test("of configs with one name the last counts, in the place of the first", async () => {
    const yaml = "configs:\n- {config_name: a, data_dir: x}\n- {config_name: b}\n- {config_name: a, data_dir: y}";
    const { configs } = await readCard(fakeRepo({ "README.md": readme(yaml) }));
    expect([...configs].map(([name, config]) => [name, config.dataDir])).toEqual([
      ["a", "y"],
      ["b", undefined],
    ]);
  });

  test("reads dataset_infos.json, where a lone entry is the default config's, under dataset_info", async () => {
    const legacy = {
      "user--name": {
        features: { a: { dtype: "int64", id: null, _type: "Value" } },
        splits: { train: { num_examples: 5, num_bytes: 9 } },
      },
    };
    const repo = fakeRepo({
      "dataset_infos.json": JSON.stringify(legacy),
      "README.md": readme("dataset_info:\n  config_name: x"),
    });
    const { infos } = await readCard(repo);
    expect([...infos.keys()]).toEqual(["default", "x"]);
    expect(infos.get("default")?.features()).toEqual({ a: { dtype: "int64", _type: "Value" } });
    expect(infos.get("default")?.splits.get("train")).toEqual({ numRows: 5, numBytes: 9 });
  });

  test("says which file is broken", async () => {
    await expect(readCard(fakeRepo({ "dataset_infos.json": "{" }))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      path: "dataset_infos.json",
    });
    await expect(readCard(fakeRepo({ ".huggingface.yaml": "configs: {}" }))).rejects.toThrow(
      /Dataset org\/name: \.huggingface\.yaml: `configs` must be a list/,
    );
    await expect(readCard(fakeRepo({ "README.md": readme("configs: [{config_name: 'a/b'}]") }))).rejects.toThrow(
      /config name 'a\/b'/,
    );
  });

  test("looks at declared features only when asked", async () => {
    const yaml =
      "dataset_info:\n- {config_name: a, features: [{name: c, dtype: strange}]}\n- {config_name: b, features: [{name: c, dtype: string}]}";
    const { infos } = await readCard(fakeRepo({ "README.md": readme(yaml) }));
    expect(infos.get("b")?.features()).toEqual({ c: { dtype: "string", _type: "Value" } });
    expect(() => infos.get("a")?.features()).toThrow(
      expect.objectContaining({
        code: "CORRUPT_FILE",
        message: expect.stringMatching(/^README\.md: .*"Strange"/),
      }),
    );
  });
});
