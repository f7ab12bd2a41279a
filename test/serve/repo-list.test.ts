import { expect, test } from "vitest";
import type { RequestRecord } from "../../src/serve/index.ts";
import { serveFiles } from "./served-folder.ts";

const FILES = {
  "org/a/data/x.csv": "12345",
  "org/a/README.md": "# a",
  "org/a@v1/data/x.csv": "1",
  "datasets/org/b/y.txt": "12",
  "models/org/m/w.bin": "1",
  "word/z.csv": "1",
  "word/sub/z.csv": "1",
  ".git/config": "no repo",
};

const ids = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id);

test("the Hub lists what it serves, by type, word and author", async () => {
  await using hub = await serveFiles(FILES);
  const list = async (url: string): Promise<string[]> => ids(await hub.getJson<{ id: string }[]>(url));
  expect(await list("/api/datasets")).toEqual(["org/a", "org/b", "word"]);
  expect(await list("/api/datasets?search=WOR")).toEqual(["word"]);
  expect(await list("/api/datasets?author=org&limit=1")).toEqual(["org/a"]);
  expect(await list("/api/models")).toEqual(["org/m"]);
  expect(await list("/api/spaces")).toEqual([]);
  expect(await hub.server.repos()).toMatchObject([
    { type: "datasets", id: "org/a", files: 2, bytes: 8 },
    { type: "datasets", id: "org/b", files: 1, bytes: 2 },
    { type: "datasets", id: "word", files: 2, bytes: 2 },
    { type: "models", id: "org/m", files: 1, bytes: 1 },
  ]);
  for (const id of ["org/a", "org/b", "word"]) expect(await hub.getJson(`/api/datasets/${id}`)).toMatchObject({ id });
});

test("what is private is listed for those who may read it", async () => {
  await using hub = await serveFiles(FILES, { access: { "org/a": { private: true, readers: ["hf_reader"] } } });
  expect(ids(await hub.getJson("/api/datasets"))).toEqual(["org/b", "word"]);
  const headers = { authorization: "Bearer hf_reader" };
  expect(ids((await (await hub.get("/api/datasets", { headers })).json()) as { id: string }[])).toContain("org/a");
  expect(await (await hub.get("/")).text()).not.toContain("org/a<");
});

test("a page at the address tells people what there is, and how to use it", async () => {
  await using hub = await serveFiles(FILES);
  const answer = await hub.get("/");
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const page = await answer.text();
  expect(page).toContain("A Hub of 4 repos");
  expect(page).toContain(`HF_ENDPOINT=${hub.server.url} npx hfstream head org/a`);
  expect(page).toContain('<a href="/api/datasets/org/b">org/b</a>');
});

test("each request is told when it is answered", async () => {
  const told: RequestRecord[] = [];
  await using hub = await serveFiles(FILES, { onRequest: (record) => void told.push(record) });
  await hub.getJson("/api/datasets");
  await hub.get("/nothing");
  expect(told.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
    "GET /api/datasets 200",
    "GET /nothing 404",
  ]);
  for (const { durationMs } of told) expect(durationMs).toBeGreaterThan(0);
});
