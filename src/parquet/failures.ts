import { HfStreamError } from "../errors.ts";
import { option, say } from "../message.ts";

/** Bytes are not what the format promises. Says how; which file it is, is said by whoever knows. */
export class DamageError extends Error {
  override readonly name: string = "DamageError";
}

/** Bytes may be sound, but are more than can be held. */
export class TooLargeError extends Error {
  override readonly name: string = "TooLargeError";
}

/** Says that a file is not what its format promises. */
export function corrupt(path: string, how: string, cause?: unknown): HfStreamError {
  return new HfStreamError(
    "CORRUPT_FILE",
    say`${path} is corrupt: ${how}. Set ${option("onBadFile", "skip")} to go on without such files.`,
    { path, cause },
  );
}

/**
 * Says what went wrong with `what` of a file. Only bytes that are known to be wrong make it corrupt: what is too large, and
 * what a decoder trips over, may be sound, and is not to be left out unseen.
 */
export function failureOf(path: string, what: string, cause: unknown): HfStreamError {
  if (cause instanceof HfStreamError) return cause;
  const how = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DamageError) return corrupt(path, `${what} cannot be read (${how})`, cause);
  if (cause instanceof TooLargeError)
    return new HfStreamError("UNSUPPORTED_FORMAT", `${path}: ${what} cannot be read (${how}).`, { path, cause });
  return new HfStreamError(
    "UNSUPPORTED_FORMAT",
    `${path}: reading ${what} failed (${how}). The file may be sound: this is a fault or a limit of the decoder.`,
    { path, cause },
  );
}

/** Does `work`, whose failures are told as those of `what` of a file. */
export function blaming<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw failureOf(path, what, cause);
  }
}

/** Does `work` on a column, which its errors then name. */
export function inColumn<T>(path: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw ofColumn(path, cause);
  }
}

/** An error that names the column. */
export function ofColumn(path: readonly string[], cause: unknown): unknown {
  if (cause instanceof HfStreamError || !(cause instanceof Error)) return cause;
  const message = `column ${path.join(".")}: ${cause.message}`;
  if (cause instanceof DamageError) return new DamageError(message, { cause });
  if (cause instanceof TooLargeError) return new TooLargeError(message, { cause });
  return new Error(message, { cause });
}
