import { expect, test } from "vitest";
import * as hfstream from "../src/index.ts";
import * as serve from "../src/serve/index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(hfstream).sort()).toMatchInlineSnapshot(`
    [
      "DataLoader",
      "HfFileSystem",
      "HfStreamError",
      "IterableDataset",
      "LocalFileSystem",
      "concatenateDatasets",
      "distributedEnv",
      "getDatasetConfigNames",
      "getDatasetSplitNames",
      "interleaveDatasets",
      "isHfStreamError",
      "loadDataset",
      "mergeStates",
      "toJsonRow",
    ]
  `);
  expect(Object.keys(serve).sort()).toMatchInlineSnapshot(`
    [
      "startHubServer",
    ]
  `);
});

test("errors are told by their class and code, also when they come from another copy of the package", () => {
  const error = new hfstream.HfStreamError("OFFLINE", "no network");
  expect(hfstream.isHfStreamError(error)).toBe(true);
  expect(hfstream.isHfStreamError(error, "OFFLINE", "RATE_LIMITED")).toBe(true);
  expect(hfstream.isHfStreamError(error, "RATE_LIMITED")).toBe(false);
  expect(hfstream.isHfStreamError(new Error("other"))).toBe(false);
  const foreign = Object.assign(new Error("from a copy"), { name: "HfStreamError", code: "OFFLINE" });
  expect(hfstream.isHfStreamError(foreign, "OFFLINE")).toBe(true);
});
