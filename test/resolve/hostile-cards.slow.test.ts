import { describe, expect, test } from "vitest";
import type { HfStreamError } from "../../src/errors.ts";
import { resolveConfig } from "../../src/resolve/resolve-config.ts";
import { fakeRepo, readme } from "./fake-repo.ts";

const PATHS = Array.from({ length: 20_000 }, (_, index) => `data/part-${String(index).padStart(5, "0")}.parquet`);
const MOST_CPU_MS = 5000; // two seconds, on a machine that does nothing else

/** Resolves a dataset of many files by a card; how many files there are, or the code of the error. */
async function resolve(yaml: string): Promise<number | string> {
  const repo = fakeRepo({ "README.md": readme(yaml), ...Object.fromEntries(PATHS.map((path) => [path, ""])) });
  const begun = process.cpuUsage();
  try {
    const { splits } = await resolveConfig(repo, {});
    return splits.reduce((sum, { files }) => sum + files.length, 0);
  } catch (error) {
    return (error as HfStreamError).code;
  } finally {
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1000).toBeLessThan(MOST_CPU_MS);
  }
}

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const patterns = (pattern: (index: number) => string): string =>
  `configs:\n- config_name: default\n  data_files:\n${many(2000, (index) => `  - ${JSON.stringify(pattern(index))}`)}`;

describe("a card of 2,000 patterns over 20,000 files is resolved or refused in little time", () => {
  test.each<[string, (index: number) => string, readonly (number | string)[]]>([
    ["names", (index) => PATHS[index] ?? "", [2000]],
    ["beginnings", (index) => `data/part-0${index}*`, [10_000]],
    ["ends", (index) => `data/*${index}.parquet`, [20_000, "INVALID_OPTION"]],
    ["any folder", (index) => `**/*${index}*.parquet`, [20_000, "INVALID_OPTION"]],
    ["many wildcards", (index) => `**/*a*a*a*r*${index}*t*.parquet`, ["INVALID_OPTION", "NO_DATA_FILES"]],
    ["many folders", (index) => `${"**/".repeat(60)}*${index}.parquet`, [20_000, "INVALID_OPTION"]],
    ["classes", (index) => `**/[!a]*[0-9]*[0-9]*${index}*.parquet`, [20_000, "INVALID_OPTION"]],
    ["length", (index) => `${"*p".repeat(900)}${index}`, ["INVALID_OPTION", "NO_DATA_FILES"]],
  ])("%s", async (_, pattern, expected) => {
    expect(expected).toContain(await resolve(patterns(pattern)));
  });
});

describe("a card that stands for more than it says is refused in little time", () => {
  test.each([
    ["20,000 aliases", `a: &a [1]\nb:\n${many(20_000, () => "- *a")}`],
    ["a chain of aliases", many(20_000, (index) => `k${index}: &k${index} [${index === 0 ? "1" : `*k${index - 1}`}]`)],
    [
      "a billion laughs",
      many(40, (index) => `k${index}: &k${index} [${`*k${index - 1},`.repeat(index === 0 ? 0 : 10)}x]`),
    ],
    ["merged keys", `a: &a {x: 1}\n${many(20_000, (index) => `k${index}:\n  <<: *a`)}`],
    ["itself", "a: &a\n- *a"],
    ["depth", "[".repeat(100_000)],
    ["length", `a: "${"x".repeat(5_000_000)}"`],
  ])("%s", async (_, yaml) => {
    expect(await resolve(yaml)).toBe("CORRUPT_FILE");
  });
});
