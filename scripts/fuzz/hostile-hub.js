import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { gitHash, topFolder } from "../../build/fs/git-objects.js";
import { mutateValue, randomOf } from "./random.js";

const DATA = readFileSync(new URL("../../test/fixtures/primitives-plain.parquet", import.meta.url));
const README = Buffer.from("---\nconfigs:\n- config_name: default\n  data_files: data/*.parquet\n---\n# A dataset\n");
const SHA256 = createHash("sha256").update(DATA).digest("hex");
const COMMIT = "c".repeat(40);
const FILES = [
  { path: "README.md", size: README.length, blobId: gitHash("blob", README) },
  {
    path: "data/train-0.parquet",
    size: DATA.length,
    blobId: "b".repeat(40),
    lfs: { sha256: SHA256, size: DATA.length },
  },
];

/** The dataset that is served. */
export const DATASET = "org/fuzzed";

const KINDS = ["info", "tree", "readme", "resolve", "data"];
const STATUSES = [199, 200, 201, 203, 204, 205, 206, 226, 299, 300, 301, 302, 304, 305, 307, 308, 399, 400, 401, 402, 403, 404, 405, 408, 409, 410, 412, 416, 418, 421, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 599, 600, 999]; // prettier-ignore
const ADDRESSES = ["", "/", "//", "http://[", "http://127.0.0.1:1/", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "%ff%", "/%E0%A4%A", "http://x:99999/", "ftp://x/y", "?", "#", "\u00ff\u00fe", "/datasets/org/fuzzed/resolve/main/README.md", "x".repeat(9000)]; // prettier-ignore
const HEADERS = [
  ["Content-Length", ["-1", "0", "5", "99999999999", "1e3", "x", "1, 2"]],
  ["Content-Range", ["", "bytes", "bytes */0", "bytes 0-0/1", "bytes 5-1/9", "bytes 0-99999999999999999999/5", "bytes a-b/c", "bytes 0-1/*"]],
  ["Content-Encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip", "", "constructor", "identity"]],
  ["ETag", ["", '"', "W/", "*", "x".repeat(5000)]],
  ["X-Linked-Etag", ['""', "x", `"${"0".repeat(64)}"`]],
  ["Link", ADDRESSES.flatMap((address) => [`<${address}>; rel="next"`, `<${address}; rel=next`]).concat("<".repeat(7000), '<>;rel="next"')],
  ["Location", ADDRESSES],
  ["Retry-After", ["-1", "0", "1e99", "99999999999999999999", "x", "Fri, 31 Dec 9999 23:59:59 GMT", "1, 2"]],
  ["RateLimit", ['"api";r=0;t=99999999999', '"api";r=0;t=0', '"";r=;t=', "x".repeat(8000), '"a";r=0;t=-5']],
  ["X-Error-Code", ["RepoNotFound", "RevisionNotFound", "EntryNotFound", "GatedRepo", "__proto__", ""]],
  ["X-Error-Message", ["x".repeat(5000), "hf_secret_secret", "\u00e9\u00ff", "Access to this resource is disabled."]],
  ["X-Request-Id", ["hf_secret_secret", "x".repeat(4000), "a b\tc", "\u00e9"]],
  ["Transfer-Encoding", ["gzip", "chunked, chunked", "x"]],
  ["Connection", ["close", "upgrade", "x"]],
  ["Set-Cookie", ["a=b"]],
  ["X-Long", ["x".repeat(60_000)]],
]; // prettier-ignore

/** Starts a Hub whose answers are spoiled as `seed` and `index` say, whatever order they are asked for in. */
export async function startHostileHub(seed, index) {
  const plan = randomOf(seed, index);
  const spoiled = new Map();
  for (let count = plan.below(3) + 1; count > 0; count -= 1) spoiled.set(plan.pick(KINDS), plan.pick([1, 2, Infinity]));
  const asked = new Map();
  const server = createServer((socket) => {
    let head = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      const kind = kindOf(head);
      const before = asked.get(kind) ?? 0;
      asked.set(kind, before + 1);
      const isStruck = before < (spoiled.get(kind) ?? 0);
      const random = randomOf(seed, index * 1000 + KINDS.indexOf(kind) * 100 + before);
      socket.end(answer(head, kind, isStruck ? random : undefined, port));
      head = "";
    });
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

function kindOf(request) {
  if (request.includes("/store/")) return "data";
  if (request.includes("/resolve/")) return request.includes("README") ? "readme" : "resolve";
  return request.includes("/tree/") ? "tree" : "info";
}

function answer(request, kind, random, port) {
  const plain = plainAnswer(request, kind, random, port);
  const { status, headers, body } = random === undefined ? plain : spoil(random, plain);
  if (random?.chance(0.02))
    return Buffer.from(random.pick(["", "HTTP/1.1", "\0\0\0\0", "HTTP/1.1 200\r\n\r\n", "hello\r\n\r\n"]));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const sent = request.startsWith("HEAD") ? Buffer.alloc(0) : body;
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines}\r\n`, "latin1"), sent]);
}

function plainAnswer(request, kind, random, port) {
  const of = (body, status = 200, more = []) => ({
    status,
    headers: new Map([["Content-Length", String(body.length)], ["Connection", "close"], ...more]),
    body,
  });
  if (kind === "readme") return of(README);
  if (kind === "resolve")
    return of(Buffer.from("moved"), 302, [["Location", `http://localhost:${port}/store/x?Signature=s`]]);
  if (kind === "data") {
    const [, from, to] = /range: bytes=(\d+)-(\d+)/i.exec(request) ?? [undefined, 0, DATA.length - 1];
    const part = DATA.subarray(Number(from), Number(to) + 1);
    return of(part, 206, [
      ["Content-Range", `bytes ${from}-${to}/${DATA.length}`],
      ["ETag", '"e"'],
    ]);
  }
  const value = kind === "info" ? info() : tree(request.includes("recursive=true"));
  const said = random?.chance(0.7) ? mutateValue(random, value) : value;
  return of(Buffer.from(JSON.stringify(said) ?? "undefined"), 200, [["Content-Type", "application/json"]]);
}

function info() {
  const siblings = FILES.map(({ path, ...rest }) => ({ rfilename: path, ...rest }));
  return { id: DATASET, sha: COMMIT, private: false, siblings };
}

function tree(isRecursive) {
  const { names, oids } = topFolder(FILES, FILES.map(({ blobId }) => blobId)); // prettier-ignore
  const folder = { type: "directory", path: "data", size: 0, oid: oids[names.indexOf("data/")] };
  const entryOf = ({ path, size, blobId, lfs }) => ({
    type: "file",
    path,
    size,
    oid: blobId,
    ...(lfs === undefined ? {} : { lfs: { oid: lfs.sha256, size: lfs.size, pointerSize: 130 } }),
  });
  return [folder, ...FILES.filter(({ path }) => isRecursive || !path.includes("/")).map(entryOf)];
}

function spoil(random, { status, headers, body }) {
  const spoiled = { status, headers: new Map(headers), body };
  for (let changes = random.below(3); changes > 0; changes -= 1) {
    const change = random.below(3);
    if (change === 0) spoiled.status = random.pick(STATUSES);
    else if (change === 1) {
      const [name, values] = random.pick(HEADERS);
      spoiled.headers.set(name, random.pick(values));
    } else {
      spoiled.body = spoilBody(random, spoiled.body);
      if (random.chance(0.7)) spoiled.headers.set("Content-Length", String(spoiled.body.length));
    }
  }
  return spoiled;
}

function spoilBody(random, body) {
  const cut = body.subarray(0, random.below(body.length + 1));
  return random.pick([
    () => cut,
    () => Buffer.alloc(0),
    () => Buffer.concat([body, body]),
    () => Buffer.concat([Buffer.from("\ufeff"), body]),
    () => Buffer.concat([cut, Buffer.from([0xff, 0xfe, 0xc0])]),
    () => gzipSync(body),
    () => gzipSync(Buffer.alloc(5_000_000)),
    () => brotliCompressSync(body),
    () => Buffer.from("<!DOCTYPE html><html></html>"),
    () => Buffer.from("[".repeat(100_000)),
    () => Buffer.from("null"),
  ])();
}
