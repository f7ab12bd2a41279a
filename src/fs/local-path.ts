import path from "node:path";
import { fileURLToPath } from "node:url";
import { HfStreamError } from "../errors.ts";
import { escapeGlob } from "./glob.ts";

/** The absolute path, with `/`, that a path or `file://` address means. Throws `INVALID_PATH`. */
export function localPath(text: string): string {
  if (text === "") throw new HfStreamError("INVALID_PATH", "Expected a path, got an empty one.", { path: text });
  return slashed(path.resolve(text.startsWith("file://") ? pathOfAddress(text) : text));
}

/** As {@link localPath}, of a pattern: of one from the working directory, the directory is taken by the letter. */
export function localPattern(pattern: string): string {
  if (pattern.startsWith("file://") || path.isAbsolute(pattern)) return localPath(pattern);
  return slashed(path.join(escapeGlob(process.cwd()), pattern)).replace(/(?<=.)\/$/, "");
}

function pathOfAddress(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw new HfStreamError("INVALID_PATH", `${address} is no address of a local file.`, { path: address, cause });
  }
}

function slashed(name: string): string {
  return path.sep === "/" ? name : name.replaceAll(path.sep, "/");
}
