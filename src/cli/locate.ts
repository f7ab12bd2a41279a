import path from "node:path";
import type { FileSystem } from "../fs/file-system.ts";
import type { OptionValues } from "./command.ts";
import { hubOptions } from "./dataset-options.ts";

/** What a path of a command line is, for its help. */
export const PATHS: string = "PATH is [datasets/]org/name[@revision][/path], spaces/…, models/…, or local (./ or /).";

/** Where a path is. A repo without a prefix is a dataset here, as for the other commands. */
export async function locate(
  place: string,
  options: OptionValues,
): Promise<{ readonly files: FileSystem; readonly target: string }> {
  if (place.startsWith(".") || path.isAbsolute(place)) {
    const { LocalFileSystem } = await import("../fs/local-file-system.ts");
    return { files: new LocalFileSystem(), target: place };
  }
  const { HfFileSystem } = await import("../fs/hf-file-system.ts");
  const bare = place.replace(/^hf:\/\//, "");
  const target = /^(datasets|spaces|models)\//.test(bare) ? bare : `datasets/${bare}`;
  return { files: new HfFileSystem(hubOptions(options)), target };
}
