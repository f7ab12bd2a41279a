import { HfStreamError } from "../../errors.ts";

/** Says that pages are not what the footer promises. */
export function corruptPages(path: string, how: string, cause?: unknown): HfStreamError {
  return new HfStreamError(
    "CORRUPT_FILE",
    `${path} is corrupt: its pages cannot be decoded (${how}). Set \`onBadFile: 'skip'\` to go on without such files.`,
    { path, cause },
  );
}
