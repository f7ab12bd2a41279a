import { rm, stat } from "node:fs/promises";
import { evict, type Evicted } from "../cache/evict.ts";
import { type CachedFile, listCache } from "../cache/inventory.ts";
import { LAYOUT_VERSION } from "../cache/layout.ts";
import { parseSize } from "../cache/parse-size.ts";
import { HfStreamError } from "../errors.ts";
import { DEFAULT_CACHE_BYTES } from "../fs/hub-store.ts";
import { verifyCache } from "../fs/verify-cache.ts";
import { readEnvironment } from "../hub/env.ts";
import type { Command, OptionValues, Terminal } from "./command.ts";
import { formatBytes, formatCount, toJson } from "./format.ts";
import { renderTable } from "./table.ts";

const DAY_MS = 86_400_000;

export const cacheCommand: Command = {
  name: "cache",
  positionals: ["ls|verify|prune|clear"],
  summary: "Looks after the cache on disk: lists, checks or removes what is in it.",
  details: [
    "  ls      what is kept of which repo, and when it was last used",
    "  verify  reads all of it, and names what is damaged; --fix removes that",
    "  prune   removes what was not used for longest, down to --max-size,",
    "          and what was not used for --days",
    "  clear   removes everything",
    "",
    "What a running process uses stays, unless --force. Nothing is lost: what is",
    "missing is fetched again. The cache keeps itself below",
    `HFSTREAM_CACHE_MAX_SIZE (${formatBytes(DEFAULT_CACHE_BYTES)} if not set).`,
  ].join("\n"),
  options: {
    "cache-dir": { type: "string", value: "DIR", help: "another cache than that of the environment" },
    "max-size": { type: "string", value: "SIZE", help: "for prune: how much may stay, such as 20GB" },
    days: { type: "string", value: "N", help: "for prune: remove what was not used for so long" },
    fix: { type: "boolean", help: "for verify: remove what is damaged" },
    force: { type: "boolean", help: "remove what is in use, too" },
    json: { type: "boolean", help: "as JSON" },
  },
  async run([action = ""], options, terminal) {
    const run = ACTIONS[action];
    if (run === undefined || !Object.hasOwn(ACTIONS, action))
      throw invalid(`'cache' takes ls, verify, prune or clear, got '${action}'`);
    const given = options["cache-dir"];
    const root = typeof given === "string" ? given : readEnvironment().cacheDir;
    if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
      if (given !== undefined) throw invalid(`there is no folder ${root}`);
      terminal.stdout.write(`There is no cache at ${root} yet.\n`);
      return;
    }
    await run(root, options, terminal);
  },
};

type Action = (root: string, options: OptionValues, terminal: Terminal) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
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
    if (rows.length > 0) stdout.write(`${renderTable(["of", "files", "size", "last used"], rows, columns)}\n`);
    stdout.write(`${root}: ${total(groups)}\n`);
  },

  async verify(root, options, { stdout, signal }) {
    const counts = { good: 0, damaged: 0, unknown: 0 };
    for await (const { file, verdict } of verifyCache(root)) {
      signal.throwIfAborted();
      counts[verdict] += 1;
      if (verdict !== "damaged") continue;
      if (options["fix"] === true) await rm(file, { force: true });
      if (options["json"] !== true) stdout.write(`${options["fix"] === true ? "removed" : "damaged"} ${file}\n`);
    }
    if (options["json"] === true) stdout.write(`${toJson(counts)}\n`);
    else stdout.write(`${counts.good} good, ${counts.damaged} damaged, ${counts.unknown} that cannot be checked\n`);
  },

  async prune(root, options, terminal) {
    const { "max-size": size, days } = options;
    if (size === undefined && days === undefined) throw invalid("'cache prune' needs --max-size or --days");
    const maxBytes = typeof size === "string" ? parseSize(size) : Infinity;
    if (maxBytes === undefined) throw invalid(`expected --max-size to be a size such as 20GB, got '${String(size)}'`);
    const idle = typeof days === "string" ? Number(days) : Infinity;
    if (!(idle >= 0)) throw invalid(`expected --days to be a number, got '${String(days)}'`);
    const removed = await evict(root, { maxBytes, maxIdleMs: idle * DAY_MS, keepsUsed: options["force"] !== true });
    tell(removed, options, terminal);
  },

  async clear(root, options, terminal) {
    tell(await evict(root, { maxBytes: 0, maxIdleMs: 0, keepsUsed: options["force"] !== true }), options, terminal);
  },
};

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

function total(groups: readonly Group[]): string {
  const files = groups.reduce((sum, group) => sum + group.files, 0);
  return `${formatCount(files)} files, ${formatBytes(groups.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function tell(evicted: Evicted, options: OptionValues, { stdout }: Terminal): void {
  const { removed, removedBytes, left, leftBytes } = evicted;
  if (options["json"] === true) {
    stdout.write(`${toJson(evicted)}\n`);
    return;
  }
  const stays = left === 0 ? "nothing is left" : `${formatCount(left)} (${formatBytes(leftBytes)}) stay`;
  stdout.write(`Removed ${formatCount(removed)} files (${formatBytes(removedBytes)}); ${stays}.\n`);
  const hint = "What was used within the last hour is taken to be in use; --force removes that, too.\n";
  if (left > 0 && options["force"] !== true) stdout.write(hint);
}

function invalid(what: string): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `${what}. Try: hfstream cache --help`);
}
