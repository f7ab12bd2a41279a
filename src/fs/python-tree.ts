import type { TreeEntry } from "../hub/wire.ts";

const FORMAT_VERSION = 1;

/**
 * Reads the list of a commit's files that `snapshot_download` keeps as `trees/<commit>.json`. As Python does, it takes one
 * that is damaged or of another version for none.
 */
export function parsePythonTree(text: string): TreeEntry[] | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(kept) || kept["format_version"] !== FORMAT_VERSION || !isRecord(kept["files"])) return undefined;
  const entries: TreeEntry[] = [];
  for (const [path, info] of Object.entries(kept["files"])) {
    const entry = parseEntry(path, info);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parseEntry(path: string, info: unknown): TreeEntry | undefined {
  if (!isRecord(info) || path.split("/").some((part) => ["", ".", ".."].includes(part))) return undefined;
  const { size, blob_id: oid, lfs_sha256: sha256, xet_hash: xetHash } = info;
  if (!Number.isSafeInteger(size) || (size as number) < 0 || !isHash(oid, 40)) return undefined;
  if (sha256 !== undefined && !isHash(sha256, 64)) return undefined;
  if (xetHash !== undefined && !isHash(xetHash, 64)) return undefined;
  return {
    type: "file",
    path,
    size: size as number,
    oid,
    ...(sha256 === undefined ? {} : { lfs: { oid: sha256, size: size as number } }),
    ...(xetHash === undefined ? {} : { xetHash }),
  };
}

function isHash(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
