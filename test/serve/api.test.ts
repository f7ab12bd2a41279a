import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Files } from "../helpers/temporary-folder.ts";
import { jsonOf, serveFiles } from "./served-folder.ts";

const FILES: Files = {
  "org/name/README.md": "# hi\n",
  "org/name/data/train.parquet": "not really",
  "org/name/data/deep/x.txt": "x",
};

interface Entry {
  type: string;
  path: string;
  oid: string;
  size: number;
  lfs?: { oid: string; size: number; pointerSize: number };
  lastCommit?: { id: string };
}

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256("not really")}\nsize 10\n`;

describe("repo info", () => {
  test("tells commit, dates and files", async () => {
    await using hub = await serveFiles(FILES);
    const info = await hub.getJson<Record<string, unknown>>("/api/datasets/org/name");
    expect(info).toMatchObject({ id: "org/name", author: "org", private: false, gated: false, disabled: false });
    expect(info["sha"]).toMatch(/^[0-9a-f]{40}$/);
    expect(info["lastModified"]).toMatch(/^\d{4}-.*Z$/);
    expect(info["siblings"]).toEqual([
      { rfilename: "README.md" },
      { rfilename: "data/deep/x.txt" },
      { rfilename: "data/train.parquet" },
    ]);
    for (const revision of ["main", "HEAD", "refs%2Fheads%2Fmain", String(info["sha"])]) {
      expect(await hub.getJson(`/api/datasets/org/name/revision/${revision}`)).toEqual(info);
    }
  });

  test("with blobs tells sizes and hashes, as git and LFS have them", async () => {
    await using hub = await serveFiles(FILES);
    const { siblings } = await hub.getJson<{ siblings: object[] }>("/api/datasets/org/name?blobs=true");
    expect(siblings[0]).toEqual({ rfilename: "README.md", size: 5, blobId: sha1("blob 5\0# hi\n") });
    expect(siblings[2]).toEqual({
      rfilename: "data/train.parquet",
      size: 10,
      blobId: sha1(`blob ${POINTER.length}\0${POINTER}`),
      lfs: { sha256: sha256("not really"), size: 10, pointerSize: POINTER.length },
    });
  });

  test.each(["expand=sha&expand=private", "expand[]=sha&expand[]=private"])(
    "with %s tells only that",
    async (query) => {
      await using hub = await serveFiles(FILES);
      const info = await hub.getJson<object>(`/api/datasets/org/name?${query}`);
      expect(Object.keys(info).sort()).toEqual(["_id", "id", "private", "sha"]);
    },
  );
});

describe("the tree", () => {
  test("lists the direct children, or all that is below", async () => {
    await using hub = await serveFiles(FILES);
    const list = async (url: string): Promise<string[]> => {
      const entries = await hub.getJson<Entry[]>(`/api/datasets/org/name/tree/main${url}`);
      return entries.map(({ type, path }) => `${type} ${path}`);
    };
    expect(await list("?recursive=false")).toEqual(["directory data", "file README.md"]);
    expect(await list("/data/deep")).toEqual(["file data/deep/x.txt"]);
    const below = ["directory data/deep", "file data/train.parquet", "file data/deep/x.txt"];
    expect(await list("/data?recursive=true")).toEqual(below);
    expect(await list("?recursive=true")).toEqual(["directory data", "file README.md", ...below]);
  });

  test("gives git's own hashes of files and folders", async () => {
    await using hub = await serveFiles({ "org/name/x/a/f.txt": "hello\n", "org/name/x/a.txt": "hello\n" });
    const entries = await hub.getJson<Entry[]>("/api/datasets/org/name/tree/main?recursive=true");
    // What `git ls-tree -r -t` says of the same files; in x, the file comes before the folder.
    expect(Object.fromEntries(entries.map(({ path, oid }) => [path, oid]))).toEqual({
      x: "e49ae72154a0227605b946d0dcbf98867494a6a3",
      "x/a": "b4ed918248039b78f24383523fa4e51f80994fac",
      "x/a.txt": "ce013625030ba8dba906f756967f9e9ca394464a",
      "x/a/f.txt": "ce013625030ba8dba906f756967f9e9ca394464a",
    });
  });

  test("names large files by the sha256 of the content and the git hash of the pointer", async () => {
    await using hub = await serveFiles(FILES);
    const entries = await hub.getJson<Entry[]>("/api/datasets/org/name/tree/main/data");
    expect(entries.find(({ type }) => type === "file")).toEqual({
      type: "file",
      path: "data/train.parquet",
      size: 10,
      oid: sha1(`blob ${POINTER.length}\0${POINTER}`),
      lfs: { oid: sha256("not really"), size: 10, pointerSize: POINTER.length },
    });
  });

  test("comes in pages that are linked by absolute addresses and keep the query", async () => {
    const files = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`org/name/f${index}.txt`, `${index}`]));
    await using hub = await serveFiles(files, { pageSizes: { plain: 10, expanded: 4 } });
    for (const [query, pages] of [
      ["expand=false", 3],
      ["expand=true", 7],
      ["limit=5", 5],
      ["limit=25", 3],
    ] as const) {
      const first = `${hub.server.url}/api/datasets/org/name/tree/main?recursive=true&${query}`;
      const urls = [first];
      const paths = new Set<string>();
      for (const url of urls) {
        const response = await hub.get(url);
        for (const entry of await jsonOf<Entry[]>(response)) paths.add(entry.path);
        const next = /^<(http:\/\/[^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
        if (next !== undefined) urls.push(next);
      }
      expect(urls.every((url) => url.startsWith(first))).toBe(true);
      expect([urls.length, paths.size]).toEqual([pages, 25]);
    }
  });

  test("refuses a cursor of another listing, rather than mix the two", async () => {
    await using hub = await serveFiles({ "org/name/a": "", "org/name/b": "" }, { pageSizes: { plain: 1 } });
    const link = (await hub.get("/api/datasets/org/name/tree/main")).headers.get("link")!;
    await hub.write({ "org/name/c": "" });
    expect((await hub.get(/<(.*)>/.exec(link)![1]!)).status).toBe(400);
  });

  test.each(["nothing", "README.md", "data%2Fnothing", "..%2Fother"])("of %s is not found", async (path) => {
    await using hub = await serveFiles({ ...FILES, "org/other/f": "" });
    const response = await hub.get(`/api/datasets/org/name/tree/main/${path}`);
    expect([response.status, response.headers.get("x-error-code")]).toEqual([404, "EntryNotFound"]);
  });

  test("of an empty folder is empty", async () => {
    await using hub = await serveFiles({ "org/name/.git/config": "" });
    expect(await hub.getJson("/api/datasets/org/name/tree/main?recursive=true")).toEqual([]);
  });
});

describe("paths-info", () => {
  const ask = (body: string, type: string): RequestInit => ({
    method: "POST",
    body,
    headers: { "Content-Type": type },
  });

  test.each([
    ["a form", ask("paths=data&paths=README.md&paths=nothing&expand=True", "application/x-www-form-urlencoded")],
    ["JSON", ask('{"paths":["data","README.md","nothing"],"expand":true}', "application/json")],
  ])("takes %s and leaves out what does not exist", async (_, init) => {
    await using hub = await serveFiles(FILES);
    const response = await hub.get("/api/datasets/org/name/paths-info/main", init);
    const entries = await jsonOf<Entry[]>(response);
    expect(entries.map(({ path }) => path)).toEqual(["data", "README.md"]);
    expect(entries[0]?.lastCommit?.id).toMatch(/^[0-9a-f]{40}$/);
  });

  test.each(["{", "[]", "null", '{"paths":[1]}', "{}"])("answers 400 to %s", async (body) => {
    await using hub = await serveFiles(FILES);
    const response = await hub.get("/api/datasets/org/name/paths-info/main", ask(body, "application/json"));
    expect(response.status).toBe(400);
  });
});

describe("refs, commits and the Parquet export", () => {
  const revisions: Files = {
    ...FILES,
    "org/name@v1/old.txt": "old",
    "org/name@refs%2Ftags%2F1.0/tagged.txt": "",
    "org/name@refs%2Fpr%2F7/new.txt": "",
    "org/name@refs%2Fconvert%2Fparquet/default/train/0000.parquet": "",
    "org/name@refs%2Fconvert%2Fparquet/default/train/0001.parquet": "",
  };

  test("refs are the folders beside the dataset", async () => {
    await using hub = await serveFiles(revisions);
    const refs = await hub.getJson<Record<string, { name: string }[]>>("/api/datasets/org/name/refs?include_prs=1");
    const names = Object.entries(refs).map(([group, list]) => [group, list.map(({ name }) => name)]);
    expect(Object.fromEntries(names)).toEqual({
      branches: ["main", "v1"],
      converts: ["parquet"],
      tags: ["1.0"],
      pullRequests: ["7"],
    });
    expect(await hub.getJson("/api/datasets/org/name/refs")).not.toHaveProperty("pullRequests");
  });

  test("each revision has its own files and its own commit", async () => {
    await using hub = await serveFiles(revisions);
    const shas = new Set<string>();
    for (const [revision, file] of [
      ["v1", "old.txt"],
      ["refs%2Fheads%2Fv1", "old.txt"],
      ["1.0", "tagged.txt"],
      ["refs%2Fpr%2F7", "new.txt"],
      ["refs%2Fconvert%2Fparquet", "default/train/0001.parquet"],
    ]) {
      expect((await hub.get(`/datasets/org/name/resolve/${revision}/${file}`)).status).toBeLessThan(400);
      const { sha } = await hub.getJson<{ sha: string }>(`/api/datasets/org/name/revision/${revision}`);
      expect(await hub.getJson(`/api/datasets/org/name/revision/${sha}`)).toMatchObject({ sha });
      shas.add(sha);
    }
    expect(shas.size).toBe(4);
  });

  test("the one commit is the present one", async () => {
    await using hub = await serveFiles(FILES);
    const { sha } = await hub.getJson<{ sha: string }>("/api/datasets/org/name");
    const response = await hub.get("/api/datasets/org/name/commits/main?limit=100");
    expect(response.headers.get("x-total-count")).toBe("1");
    expect(await response.json()).toMatchObject([{ id: sha, authors: [] }]);
  });

  test("the Parquet export is what refs/convert/parquet holds", async () => {
    await using hub = await serveFiles(revisions);
    const base = `${hub.server.url}/datasets/org/name/resolve/refs%2Fconvert%2Fparquet/default/train`;
    const urls = [`${base}/0000.parquet`, `${base}/0001.parquet`];
    const index = "/api/datasets/org/name/parquet";
    expect(await hub.getJson(index)).toEqual({ default: { train: urls } });
    expect(await hub.getJson(`${index}/default`)).toEqual({ train: urls });
    expect(await hub.getJson(`${index}/default/train`)).toEqual(urls);
    const file = await hub.get(`${index}/default/train/1.parquet`);
    expect([file.status, hub.server.url + file.headers.get("location")]).toEqual([302, urls[1]]);
    expect((await hub.get(`${index}/other`)).status).toBe(404);
  });
});

describe("the other pages", () => {
  test("answer what clients ask in passing", async () => {
    await using hub = await serveFiles(FILES);
    expect(await hub.getJson("/api/agent-harnesses")).toEqual({ standardEnvVars: [], harnesses: {} });
    expect((await hub.get("/api/telemetry/x/y", { method: "HEAD" })).status).toBe(200);
    expect((await hub.get("/api/datasets/org/name/xet-read-token/main")).status).toBe(404);
    expect((await hub.get("/info?dataset=org/name")).status).toBe(404);
    expect((await hub.get("/parquet?dataset=org/name")).status).toBe(404);
    expect((await hub.get("/api/whoami-v2")).status).toBe(401);
    const init = { headers: { Authorization: "Bearer hf_x" } };
    expect(await (await hub.get("/api/whoami-v2", init)).json()).toMatchObject({ type: "user" });
  });

  test("models and spaces have folders of their own", async () => {
    await using hub = await serveFiles({ "models/org/m/config.json": "{}", "spaces/org/s/app.py": "" });
    expect(await hub.getJson("/api/models/org/m")).toMatchObject({ id: "org/m" });
    expect((await hub.get("/org/m/resolve/main/config.json")).status).toBe(200);
    expect((await hub.get("/spaces/org/s/resolve/main/app.py")).status).toBe(200);
    expect((await hub.get("/api/datasets/models/org")).status).toBe(401);
  });
});
