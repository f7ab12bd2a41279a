import path from "node:path";
import { expect, test } from "vitest";
import { choose, HELP, parseBenchOptions } from "../../bench/options.ts";

test("without arguments everything is compared at full size", () => {
  expect(parseBenchOptions([])).toMatchObject({
    section: "compare",
    cases: undefined,
    scale: 1,
    runs: 5,
    quick: false,
    traffic: { latencyMs: 0, jitterMs: 0 },
    consumeMsPerRow: 0,
    python: undefined,
  });
});

test("quick is small and without Python, unless it is said otherwise", () => {
  expect(parseBenchOptions(["--quick"])).toMatchObject({ scale: 0.05, runs: 1, python: "none" });
  const given = ["growth", "--quick", "--runs", "2", "--python", "python3"];
  expect(parseBenchOptions(given)).toMatchObject({ section: "growth", runs: 2, python: "python3" });
});

test("traffic and the consumer are read in their units", () => {
  expect(parseBenchOptions(["--latency", "20", "--jitter", "5", "--bandwidth", "2.5"])?.traffic).toEqual({
    latencyMs: 20,
    jitterMs: 5,
    bytesPerSecond: 2_500_000,
  });
  expect(parseBenchOptions(["--consume", "0.5"])?.consumeMsPerRow).toBe(0.5);
  expect(parseBenchOptions(["--consume-rate", "2000"])?.consumeMsPerRow).toBe(0.5);
});

test("lists are split, and folders are seen from where it was started", () => {
  const options = parseBenchOptions(["--cases", "wide,nested", "--peers", "rows", "--data", "here"]);
  expect(options).toMatchObject({ cases: ["wide", "nested"], peers: ["rows"], data: path.resolve("here") });
});

test.each([
  [["--scale", "0"], 'Expected --scale to be a number above 0, got "0"'],
  [["--runs", "1.5"], 'Expected --runs to be a whole number from 1 on, got "1.5"'],
  [["--latency", "fast"], 'Expected --latency to be a number from 0 on, got "fast"'],
  [["--consume", "1", "--consume-rate", "1"], "Expected --consume or --consume-rate, got both"],
  [["compare", "order"], "Expected one section of compare, order, growth, start, got compare order"],
  [["--warp"], "Unknown option '--warp'"],
])("%j is refused", (args, message) => {
  expect(() => parseBenchOptions(args)).toThrow(TypeError);
  expect(() => parseBenchOptions(args)).toThrow(message);
});

test("names are chosen in the order of the list, and unknown ones refused", () => {
  const items = [{ name: "a" }, { name: "b" }, { name: "c" }];
  expect(choose("cases", items, undefined)).toEqual(items);
  expect(choose("cases", items, ["c", "a"])).toEqual([{ name: "a" }, { name: "c" }]);
  expect(() => choose("cases", items, ["d"])).toThrow('Expected --cases to name some of a, b, c, got "d"');
});

test("help is asked for by -h and fits a terminal", () => {
  expect(parseBenchOptions(["-h"])).toBeUndefined();
  expect(Math.max(...HELP.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
});
