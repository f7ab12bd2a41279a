import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import type { DataFile } from "../../src/fs/types.ts";
import { listConfigNames } from "../../src/resolve/list-config-names.ts";
import { resolveConfig } from "../../src/resolve/resolve-config.ts";
import type { ListExternal, ResolvedConfig } from "../../src/resolve/types.ts";
import { dataFile, fakeRepo, readme } from "./fake-repo.ts";

const paths = ({ splits }: ResolvedConfig): string[] => splits.flatMap((split) => split.files.map((file) => file.path));

/** Lists `found` whatever is asked, and remembers the questions. */
const recordingLister = (...found: string[]): ListExternal & { readonly asked: string[] } => {
  const asked: string[] = [];
  return Object.assign(
    async (pattern: string): Promise<DataFile[]> => {
      asked.push(pattern);
      return await Promise.resolve(found.map(dataFile));
    },
    { asked },
  );
};

describe("a dataset made by a script", () => {
  test.each(["org/name", "hf://datasets/org/name@main/folder", "./some/name/", "name"])(
    "%s is refused, naming the script",
    async (id) => {
      const error = {
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringMatching(/found name\.py/),
      };
      await expect(resolveConfig(fakeRepo(["name.py", "train.csv"], id), {})).rejects.toMatchObject(error);
      await expect(listConfigNames(fakeRepo(["name.py", "train.csv"], id), {})).rejects.toMatchObject(error);
    },
  );

  test("other scripts do no harm", async () => {
    expect(paths(await resolveConfig(fakeRepo(["other.py", "sub/name.py", "data.csv"]), {}))).toEqual(["data.csv"]);
  });
});

describe("what a config is besides files", () => {
  const yaml = [
    "configs:",
    "- config_name: a",
    "  data_files: a.tsv",
    "  sep: ';'",
    "  names: [x, y]",
    "  version: 1.0.0",
    "- config_name: b",
    "  data_files: b.tsv",
    "  features: [{name: x, dtype: int8}]",
    "dataset_info:",
    "- config_name: a",
    "  features: [{name: x, dtype: int16}]",
    "  splits: [{name: train, num_bytes: 20, num_examples: 10}]",
    "- config_name: b",
    "  features: [{name: x, dtype: int32}]",
  ].join("\n");
  const repo = fakeRepo({ "README.md": readme(yaml), "a.tsv": "", "b.tsv": "", "c.csv": "" });

  test("reader parameters come from the extension, then from the card", async () => {
    expect((await resolveConfig(repo, { config: "a" })).formatOptions).toEqual({ sep: ";", names: ["x", "y"] });
    expect((await resolveConfig(repo, { config: "b" })).formatOptions).toEqual({ sep: "\t" });
  });

  test("features come from the user, else the config, else dataset_info", async () => {
    const declared = async (config: string, dtype?: string) => {
      const features = dtype === undefined ? undefined : { x: { dtype, _type: "Value" as const } };
      return (await resolveConfig(repo, { config, features })).features;
    };
    expect(await declared("a", "float")).toEqual({ x: { dtype: "float32", _type: "Value" } });
    expect(await declared("b")).toEqual({ x: { dtype: "int8", _type: "Value" } });
    expect(await declared("a")).toEqual({ x: { dtype: "int16", _type: "Value" } });
    expect((await resolveConfig(fakeRepo(["a.csv"]), {})).features).toBeUndefined();
  });

  test("features that the card declares wrongly are the card's fault", async () => {
    const broken = readme("configs: [{config_name: a, data_files: a.csv, features: [{name: x, dtype: strange}]}]");
    await expect(resolveConfig(fakeRepo({ "README.md": broken, "a.csv": "" }), {})).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringMatching(/^Dataset org\/name: README\.md: .*'x'/),
    });
  });

  test("sizes are told for the files they were declared for only", async () => {
    expect((await resolveConfig(repo, { config: "a" })).splits[0]).toMatchObject({ numRows: 10, numBytes: 20 });
    expect((await resolveConfig(repo, { config: "a", dataFiles: "b.tsv" })).splits[0]).not.toHaveProperty("numRows");
  });

  test("the only dataset_info of a repo without configs describes its data, whatever its name", async () => {
    const card = readme("dataset_info:\n  config_name: foo\n  features: [{name: x, dtype: int8}]");
    const { name, features } = await resolveConfig(fakeRepo({ "README.md": card, "a.csv": "" }), {});
    expect([name, features]).toEqual(["default", { x: { dtype: "int8", _type: "Value" } }]);
  });

  test("of several configs the only one with a dataset_info is the default", async () => {
    const card = readme(
      "configs:\n- {config_name: a, data_files: a.csv}\n- {config_name: b, data_files: b.csv}\ndataset_info: {config_name: b}",
    );
    expect((await resolveConfig(fakeRepo({ "README.md": card, "a.csv": "", "b.csv": "" }), {})).name).toBe("b");
  });

  test("config names are listed in the order of the card", async () => {
    expect(await listConfigNames(repo, {})).toEqual(["a", "b"]);
    expect(await listConfigNames(fakeRepo(["a.csv"]), {})).toEqual(["default"]);
    await expect(listConfigNames(fakeRepo(["LICENSE"]), {})).rejects.toMatchObject({ code: "NO_DATA_FILES" });
  });

  test("an unknown config is an error that names the known ones, also for names that objects inherit", async () => {
    const error = { code: "CONFIG_NOT_FOUND", message: expect.stringContaining("'a', 'b'") };
    await expect(resolveConfig(repo, { config: "c" })).rejects.toMatchObject(error);
    await expect(resolveConfig(repo, { config: "constructor" })).rejects.toMatchObject(error);
    await expect(resolveConfig(fakeRepo(["a.csv"]), { config: "x" })).rejects.toThrow("'default'");
  });
});

describe("dataFiles", () => {
  test.each([[""], [[]], [{}], [[""]], [{ train: [] }], [{ "my-split": "a.csv" }], ["a/**.csv"]])(
    "%j is refused",
    async (dataFiles) => {
      await expect(resolveConfig(fakeRepo(["a.csv"]), { dataFiles })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    },
  );

  test("start from dataDir", async () => {
    const repo = fakeRepo(["d/a.csv", "a.csv", "d/x[1]/b.csv"]);
    expect(paths(await resolveConfig(repo, { dataDir: "./d/", dataFiles: "a.csv" }))).toEqual(["d/a.csv"]);
    expect(paths(await resolveConfig(repo, { dataDir: "d", dataFiles: "../a.csv" }))).toEqual(["a.csv"]);
    expect(paths(await resolveConfig(repo, { dataDir: "d/x[1]", dataFiles: "*" }))).toEqual(["d/x[1]/b.csv"]);
    await expect(resolveConfig(repo, { dataDir: "../d" })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(resolveConfig(repo, { dataDir: "/d" })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("may name a file that looks like a pattern", async () => {
    expect(paths(await resolveConfig(fakeRepo(["a[1].csv", "b.csv"]), { dataFiles: "a[1].csv" }))).toEqual([
      "a[1].csv",
    ]);
  });

  test("a wrong name gets a hint", async () => {
    const repo = fakeRepo(["data/Train.csv"]);
    await expect(resolveConfig(repo, { dataFiles: "data/train.csv" })).rejects.toThrow(
      "did you mean 'data/Train.csv'?",
    );
    await expect(resolveConfig(repo, { dataFiles: "data" })).rejects.toThrow("'data/**' names the files in it");
  });

  test("that name files of two formats are an error, unless by a pattern", async () => {
    const repo = fakeRepo(["a.csv", "b.csv", "c.json", "t.tsv"]);
    await expect(resolveConfig(repo, { dataFiles: ["a.csv", "c.json"] })).rejects.toThrow(/a\.csv is not json/);
    expect(paths(await resolveConfig(repo, { dataFiles: "[abc].*" }))).toEqual(["a.csv", "b.csv"]);
    await expect(resolveConfig(repo, { dataFiles: "*" })).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      path: "t.tsv",
    });
  });

  test("that point elsewhere are listed by the caller and filtered by the same rules", async () => {
    const listExternal = recordingLister(
      "hf://datasets/o/d/b.csv",
      "hf://datasets/o/d/.git/x.csv",
      "hf://datasets/o/d/a.csv",
      "hf://datasets/o/d/x.md",
    );
    const resolved = await resolveConfig(fakeRepo(["z.csv"]), {
      dataFiles: ["hf://datasets/o/d/**", "z.csv"],
      listExternal,
    });
    expect(listExternal.asked).toEqual(["hf://datasets/o/d/**"]);
    expect(paths(resolved)).toEqual(["hf://datasets/o/d/a.csv", "hf://datasets/o/d/b.csv", "z.csv"]);
    await expect(resolveConfig(fakeRepo([]), { dataFiles: "https://x.org/a.csv" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  test("the query of an address is no part of its extension", async () => {
    const url = "https://x.org/a.csv?version=1.txt";
    expect(await resolveConfig(fakeRepo([]), { dataFiles: url, listExternal: recordingLister(url) })).toMatchObject({
      format: "csv",
    });
  });
});

describe("a card that names files elsewhere", () => {
  const card = (pattern: string): Record<string, string> => ({
    "README.md": readme(`configs: [{config_name: a, data_files: '${pattern}'}]`),
    "a.csv": "",
  });

  test.each(["/etc/data.csv", "https://x.org/a.csv", "hf://datasets/org/other/a.csv"])(
    "cannot make a Hub dataset read %s",
    async (pattern) => {
      const listExternal = recordingLister(pattern);
      await expect(resolveConfig(fakeRepo(card(pattern)), { listExternal })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
      expect(listExternal.asked).toEqual([]);
    },
  );

  test("may name its own repo in full, and a local folder may name anything", async () => {
    const own = "hf://datasets/org/name@main/a.csv";
    expect(paths(await resolveConfig(fakeRepo(card(own)), { listExternal: recordingLister(own) }))).toEqual([own]);
    const other = "/data/a.csv";
    expect(
      paths(await resolveConfig(fakeRepo(card(other), "./folder"), { listExternal: recordingLister(other) })),
    ).toEqual([other]);
  });
});

describe("a dataset named by its format", () => {
  const repo = fakeRepo([], "csv");

  test("takes any extension and lists every pattern outside", async () => {
    const listExternal = recordingLister("/home/x/data.txt", "/home/x/README.md");
    const resolved = await resolveConfig(repo, {
      format: "csv",
      dataFiles: { a: "x/*", b: "x/data.txt" },
      dataDir: "home/",
      listExternal,
    });
    expect(listExternal.asked).toEqual(["home/x/*", "home/x/data.txt"]);
    expect(resolved).toMatchObject({ name: "default", format: "csv", formatOptions: {}, features: undefined });
    expect(resolved.splits[0]?.files.map((file) => file.path)).toEqual(["/home/x/data.txt"]);
  });

  test("finds splits below dataDir", async () => {
    const listExternal = recordingLister("/cwd/d/train/1.dat", "/cwd/d/test/1.dat");
    const { splits } = await resolveConfig(repo, { format: "csv", dataDir: "d", listExternal });
    expect(listExternal.asked).toEqual(["d/**"]);
    expect(splits.map((split) => split.name)).toEqual(["train", "test"]);
  });

  test("needs to be told what to read", async () => {
    await expect(resolveConfig(repo, { format: "csv", listExternal: recordingLister() })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    expect(await listConfigNames(repo, { format: "csv" })).toEqual(["default"]);
  });
});

test("an abort rejects with its own reason before anything is read", async () => {
  const repo = fakeRepo({ "README.md": "", "a.csv": "" });
  const reason = new Error("enough");
  await expect(resolveConfig(repo, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(repo.reads).toEqual([]);
});

test("a listing of 100 000 files takes well under a second", async () => {
  const shape = (index: number): string =>
    `lang ${index % 500}/x_${["train", "dev", "test"][index % 3]}_${index}.jsonl`;
  const repo = fakeRepo(Array.from({ length: 100_000 }, (_, index) => shape((index * 7919) % 100_000)));
  const start = performance.now();
  const { splits } = await resolveConfig(repo, {});
  expect(performance.now() - start).toBeLessThan(5000); // some 400 ms; the rest is for slow machines
  expect(splits.map((split) => split.files.length)).toEqual([33_334, 33_333, 33_333]);
});
