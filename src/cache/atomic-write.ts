import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "./make-folder.ts";

export interface AtomicWriteOptions {
  /**
   * Whether it is on the disk when this resolves, so that a machine that stops leaves the old one or the new one. What is
   * checked when it is read, and can be made again, need not wait for the disk. @default true
   */
  readonly isDurable?: boolean | undefined;
}

/** Writes a file, and the folders above it, whole or not at all: readers see the old one or the new one. */
export async function writeAtomically(
  file: string,
  fill: (handle: FileHandle) => Promise<void>,
  { isDurable = true }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
  const folder = path.dirname(file);
  await makeFolder(folder);
  try {
    const handle = await open(temporary, "wx");
    try {
      await fill(handle);
      if (isDurable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (isDurable) await syncFolder(folder).catch(() => {}); // Windows and some network file systems cannot
}

/** Makes the names in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
