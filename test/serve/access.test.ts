import { describe, expect, test } from "vitest";
import { serveFiles, type ServedFolder } from "./served-folder.ts";

const REPOS = ["open", "private", "auto", "manual", "disabled"];
const FILES = Object.fromEntries(REPOS.map((name) => [`org/${name}/f.txt`, name]));
const OPTIONS = {
  tokens: ["hf_stranger"],
  access: {
    "org/private": { private: true, readers: ["hf_reader"] },
    "org/auto": { gated: "auto", readers: ["hf_reader"] },
    "Org/Manual": { gated: "manual", readers: ["hf_reader"] },
    "org/disabled": { disabled: true },
  },
} as const;

type Who = "nobody" | "stranger" | "reader" | "invalid";

async function ask(hub: ServedFolder, url: string, who: Who): Promise<unknown[]> {
  const headers = who === "nobody" ? {} : { Authorization: `Bearer hf_${who}` };
  const response = await hub.get(url, { headers });
  const message = response.headers.get("x-error-message");
  const body = await response.text();
  expect(message === null || body === JSON.stringify({ error: message })).toBe(true);
  return [response.status, response.headers.get("x-error-code"), message];
}

const HIDDEN = [401, "RepoNotFound", "Invalid username or password."];
const NOT_FOUND = [404, "RepoNotFound", "Repository not found"];
const INVALID = [401, null, "Invalid credentials in Authorization header"];
const DISABLED = [403, null, "Access to this resource is disabled."];
const OK = [200, null, null];
const LOGIN = [401, "GatedRepo", expect.stringContaining("restricted")];
const ASK = [403, "GatedRepo", expect.stringContaining("ask for access")];

describe.each([
  // repo, who, answer of the API, answer of resolve
  ["open", "nobody", OK, OK],
  ["open", "stranger", OK, OK],
  ["open", "invalid", INVALID, INVALID],
  ["missing", "nobody", HIDDEN, HIDDEN],
  ["missing", "stranger", NOT_FOUND, NOT_FOUND],
  ["missing", "invalid", INVALID, INVALID],
  ["private", "nobody", HIDDEN, HIDDEN],
  ["private", "stranger", NOT_FOUND, NOT_FOUND],
  ["private", "reader", OK, OK],
  ["auto", "nobody", OK, LOGIN],
  ["auto", "stranger", OK, ASK],
  ["auto", "invalid", INVALID, LOGIN],
  ["auto", "reader", OK, OK],
  ["manual", "stranger", OK, ASK],
  ["disabled", "nobody", DISABLED, DISABLED],
] as const)("the repo %s asked for by %s", (repo, who, api, resolve) => {
  test("answers as the Hub does", async () => {
    await using hub = await serveFiles(FILES, OPTIONS);
    expect(await ask(hub, `/api/datasets/org/${repo}`, who)).toEqual(api);
    expect(await ask(hub, `/api/datasets/org/${repo}/tree/main`, who)).toEqual(api);
    expect(await ask(hub, `/datasets/org/${repo}/resolve/main/f.txt`, who)).toEqual(resolve);
  });
});

test("the info says what is private and gated", async () => {
  await using hub = await serveFiles(FILES, OPTIONS);
  expect(await hub.getJson("/api/datasets/org/auto")).toMatchObject({ gated: "auto", private: false });
  expect(await hub.getJson("/api/datasets/org/manual")).toMatchObject({ gated: "manual" });
  expect(await hub.getJson("/api/datasets/org/open")).toMatchObject({ gated: false });
});

test("without a list of tokens any token is one", async () => {
  await using hub = await serveFiles(FILES);
  expect(await ask(hub, "/api/datasets/org/open", "invalid")).toEqual(OK);
});

test("a bare 401 has no code, as on huggingface.co", async () => {
  await using hub = await serveFiles(FILES, { bareUnauthorized: true });
  expect(await ask(hub, "/api/datasets/org/missing", "nobody")).toEqual([401, null, HIDDEN[2]]);
});

describe("redirects to the right id", () => {
  test.each([
    ["/api/datasets/old/name/tree/main?recursive=true", "/api/datasets/org/open/tree/main?recursive=true"],
    ["/datasets/OLD/Name/resolve/main/f.txt?download=true", "/datasets/org/open/resolve/main/f.txt?download=true"],
    ["/api/datasets/ORG/Open", "/api/datasets/org/open"],
    ["/datasets/Org/open/resolve/main/f.txt", "/datasets/org/open/resolve/main/f.txt"],
  ])("%s leads to %s", async (url, expected) => {
    await using hub = await serveFiles(FILES, { renames: { "old/name": "org/open" } });
    const response = await hub.get(url);
    expect([response.status, response.headers.get("location")]).toEqual([307, expected]);
    expect((await hub.get(expected)).status).toBe(200);
  });

  test("but a private repo's spelling is not given away", async () => {
    await using hub = await serveFiles(FILES, OPTIONS);
    expect(await ask(hub, "/api/datasets/ORG/PRIVATE", "nobody")).toEqual(HIDDEN);
  });
});
