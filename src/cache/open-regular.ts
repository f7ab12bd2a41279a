import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A file that is open, and what it is. */
export interface RegularFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Windows has no such flag, and no pipes among its files. */
const NO_WAIT = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading; `undefined` for what is none: a pipe, whose opening would wait for a writer on one of Node's few
 * file threads, a device, a folder. Rejects as `open` does.
 */
export async function openRegular(file: string): Promise<RegularFile | undefined> {
  const handle = await open(file, NO_WAIT);
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}
