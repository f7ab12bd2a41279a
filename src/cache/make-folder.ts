import { mkdir } from "node:fs/promises";
import path from "node:path";

/**
 * Makes a folder and those above it. Unlike `mkdir` with `recursive`, which tries for ever and blocks one of Node's few
 * file threads, it fails where the file system takes no folders but says that one is missing, as `/proc` does.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) throw error;
    await makeFolder(parent);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    // There already; if it is a file, writing below it says so.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
