import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { writeAtomically } from "./atomic-write.ts";

/** What an entry holds, and since when. */
export interface CacheEntry {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

const MAGIC = "hfstream-cache-1";
const HEADER = /^(\S+) (\d+) (\d+) ([0-9a-f]{64})$/;

/** Reads an entry. One that is absent, unreadable, cut or altered is `undefined`. */
export async function readEntry(file: string): Promise<CacheEntry | undefined> {
  let all: Buffer;
  try {
    all = await readFile(file);
  } catch {
    return undefined;
  }
  const line = all.indexOf(0x0a);
  const header = HEADER.exec(all.toString("latin1", 0, Math.max(0, line)));
  if (header === null || header[1] !== MAGIC) return undefined;
  const bytes = new Uint8Array(all.buffer, all.byteOffset + line + 1, all.length - line - 1) as Uint8Array<ArrayBuffer>;
  if (bytes.length !== Number(header[3]) || sha256(bytes) !== header[4]) return undefined;
  return { bytes, createdAt: Number(header[2]) };
}

/** Writes an entry whole or not at all. */
export async function writeEntry(file: string, { bytes, createdAt }: CacheEntry): Promise<void> {
  await writeAtomically(file, async (handle) => {
    await handle.writev([Buffer.from(`${MAGIC} ${createdAt} ${bytes.length} ${sha256(bytes)}\n`), bytes]);
    await handle.sync();
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
