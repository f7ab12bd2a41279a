import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { isHfStreamError, loadDataset } from "../../src/index.ts";
import { type Fault, type HubServer, type RequestRecord, startHubServer } from "../../src/serve/index.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

/** What is asked for, and how its requests are told from others. */
export type Kind = "info" | "tree page 1" | "tree page n" | "README" | "resolve" | "footer" | "data";

/** Whether a request is for the last bytes of a file: its footer. */
const isTail = ({ range, file = "" }: RequestRecord, sizes: FileSizes): boolean =>
  range?.endsWith(`-${(sizes.get(file) ?? 0) - 1}`) === true;

/** In bytes, by `org/name/path`. */
type FileSizes = ReadonlyMap<string, number>;

const MATCHES: Readonly<Record<Kind, (request: RequestRecord, sizes: FileSizes) => boolean>> = {
  info: ({ route }) => route === "info",
  "tree page 1": ({ route, query }) => route === "tree" && !query.includes("cursor"),
  "tree page n": ({ route, query }) => route === "tree" && query.includes("cursor"),
  README: ({ file }) => file?.endsWith("README.md") === true,
  resolve: ({ method }) => method === "HEAD",
  footer: (request, sizes) => request.origin === "cdn" && isTail(request, sizes),
  data: (request, sizes) => request.origin === "cdn" && !isTail(request, sizes),
};

const ALL = Object.keys(MATCHES) as Kind[];
const JSON_KINDS: readonly Kind[] = ["info", "tree page 1", "tree page n"];
const TEXT_KINDS: readonly Kind[] = [...JSON_KINDS, "README"];
const RANGE_KINDS: readonly Kind[] = ["footer", "data"];
const BODY_KINDS: readonly Kind[] = [...TEXT_KINDS, ...RANGE_KINDS];
const STORED_KINDS: readonly Kind[] = ["resolve", ...RANGE_KINDS];

/** Each fault, and what can be struck by it. */
const FAULTS: readonly (readonly [name: string, fault: Fault, kinds: readonly Kind[]])[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => [`${status}`, { status }, ALL] as const),
  ["a reset before the head", { reset: true }, ALL],
  ["silence", { latencyMs: 600_000 }, ALL],
  ["a reset in the body", { resetAfterBytes: 20 }, BODY_KINDS],
  ["a cut body", { cutAfterBytes: 20 }, BODY_KINDS],
  ["a short body", { shortBodyBytes: 15 }, BODY_KINDS],
  ["a consistently short body", { shorterByBytes: 15 }, BODY_KINDS],
  ["a stall", { stallAfterBytes: 20 }, BODY_KINDS],
  ["a drip", { bytesPerSecond: 20 }, BODY_KINDS],
  ["a 200 for the range", { ignoreRange: true }, RANGE_KINDS],
  ["another range", { wrongRange: true }, RANGE_KINDS],
  ["another ETag", { changeEtag: true }, STORED_KINDS],
  ["a refused address", { status: 403 }, STORED_KINDS],
  ["a 404", { status: 404 }, ALL],
  ["a 304", { status: 304 }, ALL],
  ["a page for people", { status: 200, body: "<!DOCTYPE html><html><body>One moment</body></html>" }, BODY_KINDS],
  ["garbage", { status: 200, body: '{"x": "\u0001' }, BODY_KINDS],
  ["an empty body", { status: 200, body: "" }, BODY_KINDS],
  ["packed garbage", { status: 200, body: "no gzip", headers: { "Content-Encoding": "gzip" } }, BODY_KINDS],
  ["packed data", { headers: { "Content-Encoding": "br" } }, RANGE_KINDS],
];

/** A fault that strikes one kind of request. */
export interface FaultCase {
  readonly name: string;
  readonly kind: Kind;
  readonly fault: Fault;
}

/** Every fault on every kind of request that it can strike. */
export const CASES: readonly FaultCase[] = FAULTS.flatMap(([name, fault, kinds]) =>
  kinds.map((kind) => ({ name: `${name} on ${kind}`, kind, fault })),
);

/** How a run ended: with its rows, or with the code of its error. */
export type Outcome = { readonly ids: readonly number[] } | { readonly code: string };

/** The rows that each run must give. */
export const ROWS: readonly number[] = Array.from({ length: 120 }, (_, id) => id);

/** What an error may say, besides that the Hub is not there. */
export const CODES: readonly string[] = [
  "HUB_UNAVAILABLE",
  "RATE_LIMITED",
  "FILE_CHANGED",
  "CORRUPT_FILE",
  "DATASET_NOT_FOUND",
  "ENTRY_NOT_FOUND",
  "UNAUTHORIZED",
];

/** How long a fault lasts: it strikes that many requests, or all of them for that long. */
export interface Lasting {
  readonly times?: number;
  readonly ms?: number;
  readonly maxOutageMs: number;
}

/** Reads a dataset from a Hub of its own that suffers from a fault. The card decides what is read: without it, it is other rows. */
export async function runCase(
  { kind, fault }: FaultCase,
  { times = Infinity, ms, maxOutageMs }: Lasting,
): Promise<Outcome> {
  await using folder = await makeFolder();
  const root = path.join(folder.path, "hub");
  const repo = path.join(root, "org/numbers");
  await writeNumbers(path.join(repo, "picked"), { files: 2, rowsPerFile: 60, textBytes: 300 });
  await writeNumbers(repo, { files: 1, rowsPerFile: 7 });
  await mkdir(path.join(repo, "deep/er"), { recursive: true });
  await writeFile(path.join(repo, "deep/er/a.txt"), "text");
  const card = "configs:\n- config_name: default\n  data_files: picked/data/*.parquet\n";
  await writeFile(path.join(repo, "README.md"), `---\n${card}---\n# Numbers\n`);
  const server = await startHubServer({ root, pageSizes: { plain: kind === "tree page n" ? 3 : 1000 } });
  try {
    if (kind === "tree page n") await hideSizes(server);
    const sizes = await sizesOf(server);
    const mend = server.inject({ ...fault, times, match: (request) => MATCHES[kind](request, sizes) });
    const timer = ms === undefined ? undefined : setTimeout(mend, ms);
    const options = { endpoint: server.url, token: false, cacheDir: path.join(folder.path, "cache") } as const;
    const outcome = await readIds({ ...options, maxOutageMs });
    clearTimeout(timer);
    return outcome;
  } finally {
    await server.close();
  }
}

async function readIds(options: Parameters<typeof loadDataset>[1]): Promise<Outcome> {
  const ids: number[] = [];
  try {
    for await (const row of loadDataset("org/numbers", { ...options, decodeThreads: 0 })) ids.push(row["id"] as number);
  } catch (error) {
    if (!isHfStreamError(error)) throw error;
    return { code: error.code };
  }
  return { ids };
}

/** Makes the Hub leave out what its one long answer tells, so that the tree must be listed by pages. */
async function hideSizes(server: HubServer): Promise<void> {
  const { id, sha } = (await (await fetch(`${server.url}/api/datasets/org/numbers`)).json()) as Record<string, string>;
  server.inject({ match: { route: "info" }, times: Infinity, status: 200, body: JSON.stringify({ id, sha }) });
}

async function sizesOf(server: HubServer): Promise<FileSizes> {
  const tree = await fetch(`${server.url}/api/datasets/org/numbers/tree/main/picked%2Fdata`);
  const entries = (await tree.json()) as { path: string; size: number }[];
  return new Map(entries.map(({ path: name, size }) => [`org/numbers/${name}`, size]));
}
