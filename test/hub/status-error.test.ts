import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { HfStreamError } from "../../src/errors.ts";
import { TransientError } from "../../src/hub/retry.ts";
import { statusError } from "../../src/hub/status-error.ts";
import { HubStore } from "../../src/fs/hub-store.ts";
import type { HubServerOptions } from "../../src/serve/index.ts";
import { makeBytes, rejection, serveHub } from "../helpers/hub-fixture.ts";

const FILES = { "datasets/org/data/a.txt": "a", "datasets/org/data/big.bin": makeBytes(100) };
const READER = "hf_reader";
const STRANGER = "hf_stranger";
const hidden: Partial<HubServerOptions> = {
  access: { "org/data": { private: true, readers: [READER] } },
  tokens: [STRANGER],
};
const gated: Partial<HubServerOptions> = {
  access: { "org/data": { gated: "manual", readers: [READER] } },
  tokens: [STRANGER],
};
const disabled: Partial<HubServerOptions> = { access: { "org/data": { disabled: true } } };

describe("what the Hub refuses", () => {
  test.each([
    ["a missing repo", {}, false, "datasets/org/none/a.txt", "DATASET_NOT_FOUND", 401],
    ["a missing repo, with a token", {}, READER, "datasets/org/none/a.txt", "DATASET_NOT_FOUND", 404],
    [
      "a missing repo, without an error code",
      { bareUnauthorized: true },
      false,
      "datasets/org/none/a",
      "DATASET_NOT_FOUND",
      401,
    ],
    ["a private repo", hidden, false, "datasets/org/data/a.txt", "DATASET_NOT_FOUND", 401],
    ["another's private repo", hidden, STRANGER, "datasets/org/data/a.txt", "DATASET_NOT_FOUND", 404],
    ["a gated file", gated, false, "datasets/org/data/a.txt", "GATED_DATASET", 401],
    ["a gated large file", gated, false, "datasets/org/data/big.bin", "GATED_DATASET", 401],
    ["a gated file, to one not let in", gated, STRANGER, "datasets/org/data/a.txt", "GATED_DATASET", 403],
    ["a disabled repo", disabled, false, "datasets/org/data/a.txt", "DISABLED_DATASET", 403],
    ["a token that does not exist", { tokens: [READER] }, STRANGER, "datasets/org/data/a.txt", "UNAUTHORIZED", 401],
    ["a missing revision", {}, false, "datasets/org/data@none/a.txt", "REVISION_NOT_FOUND", 404],
  ] as const)("%s", async (_, options, token, path, code, status) => {
    await using hub = await serveHub(FILES, options);
    const error = await rejection(hub.open({ token }).cat(path));
    expect(error).toBeInstanceOf(HfStreamError);
    expect(error).toMatchObject({ code, status, requestId: expect.any(String), path: expect.stringContaining("org/") });
    expect(inspect(error, { depth: 5 })).not.toMatch(/hf_reader|hf_stranger|Bearer/);
  });

  test.each([
    ["private", hidden],
    ["gated", gated],
  ])("a %s repo is open to its readers", async (_, options) => {
    await using hub = await serveHub(FILES, options);
    const fs = hub.open({ token: READER });
    expect((await fs.cat("datasets/org/data/a.txt")).length).toBe(1);
    expect((await fs.cat("datasets/org/data/big.bin")).length).toBe(100);
  });

  test("a missing file", async () => {
    await using hub = await serveHub(FILES);
    const store = new HubStore({ endpoint: hub.server.url, token: false, cacheDir: hub.cacheDir });
    const repo = { type: "dataset", id: "org/data", revision: "main" } as const;
    const { commit } = await store.resolveRevision(repo);
    const error = await rejection(store.readText({ ...repo, revision: commit }, "none.md"));
    expect(error).toMatchObject({ code: "ENTRY_NOT_FOUND", status: 404, path: "datasets/org/data/none.md" });
  });
});

describe("statusError", () => {
  const answer = {
    status: 403,
    headers: {},
    text: "",
    url: new URL("https://cdn.example/file?Signature=secret"),
    subject: "datasets/org/data/f",
    token: "secret-token",
  };
  const finalOf = (text: string): HfStreamError => {
    const error = statusError({ ...answer, text });
    if (error instanceof TransientError) return error.final;
    return error;
  };

  test("says nothing of a signed query, even where the server repeats it", () => {
    const text = JSON.stringify({ error: "no entry at https://cdn.example/file?Signature=secret" });
    const error = finalOf(text);
    expect(inspect(error, { depth: 5 })).not.toContain("secret");
    expect(error).toMatchObject({ url: "https://cdn.example/file" });
  });

  test("keeps the server's words short, and leaves out pages that are not JSON", () => {
    expect(finalOf(JSON.stringify({ error: "x".repeat(9999) })).message.length).toBeLessThan(500);
    expect(finalOf("<html>sorry</html>").message).not.toContain("html");
  });
});
