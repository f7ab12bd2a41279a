import { describe, expect, test } from "vitest";
import { parseRoute, replaceRepoId } from "../../src/serve/route.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

describe("parseRoute", () => {
  test.each([
    ["/api/datasets/org/name", { kind: "info", type: "datasets", id: "org/name", path: "" }],
    ["/api/datasets/squad", { kind: "info", type: "datasets", id: "squad", path: "" }],
    [
      "/api/models/org/name/revision/main",
      { kind: "info", type: "models", id: "org/name", revision: "main", path: "" },
    ],
    ["/api/datasets/o/n/tree/main/a%2Fb", { kind: "tree", type: "datasets", id: "o/n", revision: "main", path: "a/b" }],
    ["/api/datasets/o/n/tree/main/a/b/", { kind: "tree", type: "datasets", id: "o/n", revision: "main", path: "a/b" }],
    ["/api/datasets/squad/tree/main", { kind: "tree", type: "datasets", id: "squad", revision: "main", path: "" }],
    [
      "/api/datasets/o/n/tree/refs%2Fconvert%2Fparquet/x",
      { kind: "tree", type: "datasets", id: "o/n", revision: "refs/convert/parquet", path: "x" },
    ],
    [
      "/api/datasets/o/n/tree/refs/convert/parquet/x",
      { kind: "tree", type: "datasets", id: "o/n", revision: "refs/convert/parquet", path: "x" },
    ],
    [
      "/datasets/o/n/resolve/feature%2Fx/a%20b%23.txt",
      { kind: "resolve", type: "datasets", id: "o/n", revision: "feature/x", path: "a b#.txt" },
    ],
    ["/o/n/raw/main/x", { kind: "raw", type: "models", id: "o/n", revision: "main", path: "x" }],
    ["/spaces/o/n/resolve/main/x", { kind: "resolve", type: "spaces", id: "o/n", revision: "main", path: "x" }],
    [
      `/api/resolve-cache/datasets/o/n/${COMMIT}/a%2Fb`,
      { kind: "resolve-cache", type: "datasets", id: "o/n", revision: COMMIT, path: "a/b" },
    ],
    ["/api/datasets/o/n/parquet/c/s", { kind: "parquet", type: "datasets", id: "o/n", path: "c/s" }],
    ["/api/whoami-v2", { kind: "whoami", path: "" }],
    ["/api/agent-harnesses", { kind: "agent-harnesses", path: "" }],
    ["/api/telemetry/a/b", { kind: "telemetry", path: "" }],
    ["/_log", { kind: "log", path: "" }],
    ["/", { kind: "index", path: "" }],
    ["/api/datasets", { kind: "list", type: "datasets", path: "" }],
    ["/api/nothing", { kind: "unknown", path: "" }],
    ["/api/datasets/a/b/c", { kind: "unknown", path: "" }],
    ["/datasets/o/n/resolve/main/%zz", { kind: "malformed", path: "" }],
  ])("takes %s apart", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });
});

describe("replaceRepoId", () => {
  test.each([
    ["/api/datasets/old/name/tree/main?recursive=true", "/api/datasets/new/name/tree/main?recursive=true"],
    ["/datasets/old/name/resolve/main/a%20b?x=1?2", "/datasets/new/name/resolve/main/a%20b?x=1?2"],
    ["/old/name/resolve/main/f", "/new/name/resolve/main/f"],
    ["/datasets/squad/resolve/main/f", "/datasets/new/name/resolve/main/f"],
    [`/api/resolve-cache/datasets/old/name/${COMMIT}/f`, `/api/resolve-cache/datasets/new/name/${COMMIT}/f`],
  ])("keeps everything else of %s", (url, expected) => {
    expect(replaceRepoId(url, parseRoute(url.split("?")[0]!), "new/name")).toBe(expected);
  });
});
