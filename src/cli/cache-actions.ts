import { rm } from "node:fs/promises";
import { evict, type Evicted } from "../cache/evict.ts";
import { type CachedFile, listCache } from "../cache/inventory.ts";
import { LAYOUT_VERSION } from "../cache/layout.ts";
import { parseSize } from "../cache/parse-size.ts";
import { type VerifiedFile, verifyCache } from "../fs/verify-cache.ts";
import { toJson } from "../stream/json-row.ts";
import type { OptionValues, Terminal } from "./command.ts";
import { countOf, formatBytes, formatCount } from "./output/format.ts";
import { renderTable, type TableColumn } from "./output/table.ts";
import { usage } from "./parse.ts";
import { showStatus, type Status } from "./status.ts";

const DAY_MS = 86_400_000;
const COLUMNS: readonly TableColumn[] = [
  { name: "of" },
  { name: "files", isNumber: true },
  { name: "size", isNumber: true },
  { name: "last used" },
];

type Action = (root: string, options: OptionValues, terminal: Terminal) => Promise<void>;

/** What is done to the cache in a folder, by the name of the action. */
export const CACHE_ACTIONS: Readonly<Record<"ls" | "verify" | "prune" | "clear", Action>> = {
  async ls(root, options, { stdout, columns }) {
    const groups = await groupsOf(root);
    if (options["json"] === true) {
      stdout.write(`${toJson(groups)}\n`);
      return;
    }
    const rows = groups.map(({ of, files, bytes, lastUsed }) => [
      of,
      formatCount(files),
      formatBytes(bytes),
      lastUsed.toISOString().slice(0, 16).replace("T", " "),
    ]);
    if (rows.length > 0) stdout.write(`${renderTable(COLUMNS, rows, columns).text}\n\n`);
    stdout.write(`${root}: ${totalOf(groups)}\n`);
  },

  async verify(root, options, terminal) {
    const status = showStatus(terminal);
    const counts = { good: 0, damaged: 0, unknown: 0 };
    const damaged: string[] = [];
    try {
      for await (const { file, verdict } of verifiedFiles(root, terminal, status)) {
        counts[verdict] += 1;
        if (verdict === "damaged") damaged.push(file);
        if (verdict === "damaged" && options["fix"] === true) await rm(file, { force: true });
      }
    } finally {
      status.stop();
    }
    const verb = options["fix"] === true ? "removed" : "damaged";
    const lines = damaged.map((file) => `${verb} ${file}\n`).join("");
    const text = `${lines}${counts.good} good, ${counts.damaged} damaged, ${counts.unknown} that cannot be checked`;
    terminal.stdout.write(`${options["json"] === true ? toJson(counts) : text}\n`);
  },

  async prune(root, options, terminal) {
    const { "max-size": size, days } = options;
    if (size === undefined && days === undefined) throw usage("'cache prune' needs --max-size or --days.", "cache");
    const maxBytes = typeof size === "string" ? parseSize(size) : Infinity;
    if (maxBytes === undefined)
      throw usage(`expected --max-size to be a size such as 20GB, got '${String(size)}'.`, "cache");
    const idle = typeof days === "string" ? Number(days) : Infinity;
    if (!(idle >= 0)) throw usage(`expected --days to be a number, got '${String(days)}'.`, "cache");
    const removed = await evict(root, { maxBytes, maxIdleMs: idle * DAY_MS, keepsUsed: options["force"] !== true });
    tell(removed, options, terminal);
  },

  async clear(root, options, terminal) {
    tell(await evict(root, { maxBytes: 0, maxIdleMs: 0, keepsUsed: options["force"] !== true }), options, terminal);
  },
};

/** Checks all files, and shows how far that is. */
async function* verifiedFiles(root: string, { signal }: Terminal, status: Status): AsyncGenerator<VerifiedFile> {
  let total = 0;
  for await (const { bytes } of listCache(root)) total += bytes;
  let done = 0;
  for await (const file of verifyCache(root)) {
    signal.throwIfAborted();
    yield file;
    done += file.bytes;
    status.progress({ stage: "checking", done, total, unit: "bytes" });
  }
}

interface Group {
  /** The Hub and the repo, or what it is of. */
  readonly of: string;
  files: number;
  bytes: number;
  lastUsed: Date;
}

async function groupsOf(root: string): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for await (const file of listCache(root)) {
    const of = groupOf(file);
    const group = groups.get(of) ?? { of, files: 0, bytes: 0, lastUsed: new Date(0) };
    group.files += 1;
    group.bytes += file.bytes;
    group.lastUsed = new Date(Math.max(group.lastUsed.getTime(), file.lastUsedMs));
    groups.set(of, group);
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

/** The version of the layout is told where it is not the current one. */
function groupOf({ key: [version = "", ...names], kind }: CachedFile): string {
  if (kind === "leftover") return "left behind by processes that died";
  const [hub = "", what = "", part = ""] = names;
  const of = what === "contents" ? `${hub} ${part === "files" ? "copies of data files" : part}` : `${hub} ${what}`;
  return version === LAYOUT_VERSION ? of.trim() : `${version} ${of.trim()}`;
}

function totalOf(groups: readonly Group[]): string {
  const files = groups.reduce((sum, group) => sum + group.files, 0);
  return `${countOf(files, "file")}, ${formatBytes(groups.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function tell(evicted: Evicted, options: OptionValues, { stdout }: Terminal): void {
  const { removed, removedBytes, left, leftBytes } = evicted;
  if (options["json"] === true) {
    stdout.write(`${toJson(evicted)}\n`);
    return;
  }
  const stays = left === 0 ? "nothing is left" : `${formatCount(left)} (${formatBytes(leftBytes)}) stay`;
  stdout.write(`Removed ${countOf(removed, "file")} (${formatBytes(removedBytes)}); ${stays}.\n`);
  const hint = "What was used within the last hour is taken to be in use; --force removes that, too.\n";
  if (left > 0 && options["force"] !== true) stdout.write(hint);
}
