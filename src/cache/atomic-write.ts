import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "./make-folder.ts";

/** Writes a file, and the folders above it, whole or not at all: readers see the old one or the new one. */
export async function writeAtomically(file: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
  await makeFolder(path.dirname(file));
  try {
    const handle = await open(temporary, "wx");
    try {
      await fill(handle);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
