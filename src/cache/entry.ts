import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { writeAtomically } from "./atomic-write.ts";
import { noteUseOf } from "./last-use.ts";
import { openRegular } from "./open-regular.ts";

/** What an entry holds, and since when. */
export interface CacheEntry {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

const MAGIC = "hfstream-cache-1";
const HEADER = /^(\S+) (\d+) (\d+) ([0-9a-f]{64})$/;

/** No entry is as large: listings of a million files are not. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Reads an entry. One that is absent, unreadable, cut or altered is `undefined`. */
export async function readEntry(file: string): Promise<CacheEntry | undefined> {
  const all = await readAll(file).catch(() => undefined);
  if (all === undefined) return undefined;
  const line = all.indexOf(0x0a);
  const header = HEADER.exec(all.toString("latin1", 0, Math.max(0, line)));
  if (header === null || header[1] !== MAGIC) return undefined;
  const bytes = new Uint8Array(all.buffer, all.byteOffset + line + 1, all.length - line - 1) as Uint8Array<ArrayBuffer>;
  if (bytes.length !== Number(header[3]) || sha256(bytes) !== header[4]) return undefined;
  return { bytes, createdAt: Number(header[2]) };
}

/** Writes an entry whole or not at all; one that a machine left half written as it stopped is known by its hash. */
export async function writeEntry(file: string, { bytes, createdAt }: CacheEntry): Promise<void> {
  const write = async (handle: FileHandle): Promise<void> => {
    await handle.writev([Buffer.from(`${MAGIC} ${createdAt} ${bytes.length} ${sha256(bytes)}\n`), bytes]);
  };
  await writeAtomically(file, write, { isDurable: false });
}

async function readAll(file: string): Promise<Buffer | undefined> {
  const opened = await openRegular(file);
  if (opened === undefined) return undefined;
  const { handle, stats } = opened;
  try {
    await noteUseOf(opened);
    return stats.size > MAX_BYTES ? undefined : await handle.readFile();
  } finally {
    await handle.close();
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
