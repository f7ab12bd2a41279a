import { inspect } from "node:util";
import { expect, test } from "vitest";
import { fromPlainError, messageOf, toPlainError, wordError } from "../src/errors.ts";
import { HfStreamError, loadDataset } from "../src/index.ts";
import { option, say } from "../src/message.ts";

test("an error prints what is known of it and nothing else", () => {
  const error = new HfStreamError("OFFLINE", "no network", { path: "a.parquet" });
  const shown = inspect(error);
  expect(shown).toMatch(/^HfStreamError: no network\n[^]* \{\n {2}code: 'OFFLINE',\n {2}path: 'a\.parquet'\n\}$/);
  expect(Object.keys(new HfStreamError("OFFLINE", "x"))).toEqual(["name", "code"]);
  expect(error.status).toBeUndefined();
});

test("options in a message are worded for the API, or by whoever shows it; also after crossing to another thread", () => {
  const inner = new HfStreamError("SPLIT_REQUIRED", say`Set ${option("split", "test")}.`);
  const error = new HfStreamError("SPLIT_REQUIRED", say`${messageOf(inner)} Or ${option("config")}, ${2} times.`);
  const sent = fromPlainError(structuredClone(toPlainError(error)));
  for (const either of [error, sent]) {
    expect(either.message).toBe("Set `split: 'test'`. Or `config`, 2 times.");
    expect(wordError(either, ({ option: name, value = "" }) => `--${name} ${value}`)).toBe(
      "Set --split test. Or --config , 2 times.",
    );
  }
});

test("a message holds no secret, however it is worded", () => {
  const error = new HfStreamError(
    "INVALID_OPTION",
    say`Not ${"https://host/x?sig=1"} by ${option("token", "hf_secret123")}`,
  );
  for (const text of [
    error.message,
    wordError(error, ({ value = "" }) => value),
    JSON.stringify(toPlainError(error).message),
  ])
    expect(text).not.toMatch(/sig=1|hf_secret123/);
});

test.each<[string, () => unknown]>([
  ["take(n)", () => loadDataset("a/b").take(-1)],
  ["skip(n)", () => loadDataset("a/b").skip(0.5)],
  ["slice(start)", () => loadDataset("a/b").slice(-1)],
  ["slice(start, end)", () => loadDataset("a/b").slice(0, -1)],
  ["repeat(times)", () => loadDataset("a/b").repeat(-1)],
  ["select(columns)", () => loadDataset("a/b").select([])],
  ["remove(columns)", () => loadDataset("a/b").remove("a" as never)],
  ["withEpoch(epoch)", () => loadDataset("a/b").withEpoch(-1)],
  ["batch(n)", () => loadDataset("a/b").batch(0)],
  ["map(fn)", () => loadDataset("a/b").map("x" as never)],
  ["filters", () => loadDataset("a/b").filter("x" as never)],
  ["filters", () => loadDataset("a/b", { filters: [["id", "~", 1]] as never })],
  ["shuffle({ seed })", () => loadDataset("a/b").shuffle({ seed: -1 })],
  ["shard({ index })", () => loadDataset("a/b").shard({ count: 2, index: 2 })],
  ["shard({ count })", () => loadDataset("a/b").shard({ index: 0 } as never)],
  ["splitByNode({ rank })", () => loadDataset("a/b").splitByNode({ worldSize: 2, rank: 2 })],
  ["splitByNode({ worldSize })", () => loadDataset("a/b").splitByNode({ worldSize: 0, rank: 0 })],
  ["loadDataset(id, { blockSize })", () => loadDataset("a/b", { blockSize: 1 })],
  ["loadDataset(id)", () => loadDataset("")],
  ["loadDataset(id)", () => loadDataset("a b")],
])("%s is named by the error of a wrong argument", (call, run) => {
  expect(run).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  try {
    run();
  } catch (error) {
    expect((error as Error).message.startsWith(`${call}: `), (error as Error).message).toBe(true);
  }
});
