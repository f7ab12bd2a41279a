import { type Message, type OptionMention, textOf } from "./message.ts";
import { redact } from "./redact.ts";

/** What can go wrong, as a closed list that callers may switch on. */
export type HfStreamErrorCode =
  | "INVALID_OPTION"
  | "INVALID_PATH"
  | "DATASET_NOT_FOUND"
  | "REVISION_NOT_FOUND"
  | "ENTRY_NOT_FOUND"
  | "GATED_DATASET"
  | "UNAUTHORIZED"
  | "DISABLED_DATASET"
  | "CONFIG_REQUIRED"
  | "CONFIG_NOT_FOUND"
  | "SPLIT_REQUIRED"
  | "SPLIT_NOT_FOUND"
  | "NO_DATA_FILES"
  | "UNSUPPORTED_FORMAT"
  | "COLUMN_NOT_FOUND"
  | "SCHEMA_MISMATCH"
  | "CORRUPT_FILE"
  | "FILE_CHANGED"
  | "RATE_LIMITED"
  | "HUB_UNAVAILABLE"
  | "OFFLINE"
  | "STATE_MISMATCH"
  | "UNSAFE_INTEGER"
  | "WORKER_FAILED";

/** What an error is about, as far as it is known. Never holds a token or a signed query. */
export interface HfStreamErrorDetails {
  readonly cause?: unknown;
  /** The file, folder or dataset concerned. */
  readonly path?: string | undefined;
  /** The address asked, without its query. */
  readonly url?: string | undefined;
  /** The HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The server's name for the request, to give to support. */
  readonly requestId?: string | undefined;
  /** How long the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** An {@link HfStreamError} as plain data, as it crosses to another thread. */
export interface PlainError extends HfStreamErrorDetails {
  readonly code: HfStreamErrorCode;
  readonly message: string | Message;
}

const WORDS = Symbol("words");

const DETAILS = ["path", "url", "status", "requestId", "retryAfterMs"] as const;

/**
 * The one error class of this package. `code` says what happened and is public API; the message says what failed, on
 * which dataset and file, and what to do about it. Aborts are not wrapped: they reject with `signal.reason` itself.
 */
export class HfStreamError extends Error {
  override readonly name = "HfStreamError";
  readonly code: HfStreamErrorCode;
  // Of the prototype where an error lacks them: what is not known is not printed.
  declare readonly path: string | undefined;
  declare readonly url: string | undefined;
  declare readonly status: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfterMs: number | undefined;
  readonly #words: string | Message;

  constructor(code: HfStreamErrorCode, message: string | Message, details: HfStreamErrorDetails = {}) {
    super(redact(textOf(message)), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.#words = message;
    for (const name of DETAILS) {
      const value = details[name];
      if (value !== undefined) Object.assign(this, { [name]: typeof value === "string" ? redact(value) : value });
    }
  }

  static {
    Object.assign(this.prototype, Object.fromEntries(DETAILS.map((name) => [name, undefined])));
    Object.defineProperty(this.prototype, WORDS, {
      value(this: HfStreamError): string | Message {
        return this.#words;
      },
    });
  }
}

/** What an error says, for another message to repeat or another interface to word. */
export function messageOf(error: Error): Message {
  const read = (error as { readonly [WORDS]?: () => string | Message })[WORDS];
  const words = read === undefined ? error.message : read.call(error);
  return typeof words === "string" ? [words] : words;
}

/** The text of an error with the options in it as `word` names them. */
export function wordError(error: Error, word: (mention: OptionMention) => string): string {
  return redact(textOf(messageOf(error), word));
}

/** Tells whether `error` is an {@link HfStreamError}, of one of `codes` if any are given; also across two copies of this package. */
export function isHfStreamError(error: unknown, ...codes: HfStreamErrorCode[]): error is HfStreamError {
  if (!(error instanceof Error) || error.name !== "HfStreamError") return false;
  return codes.length === 0 || codes.includes((error as HfStreamError).code);
}

/** Makes plain data of `error`, which structured cloning would strip of its class and code. */
export function toPlainError(error: HfStreamError): PlainError {
  const { code, path, url, status, requestId, retryAfterMs, cause } = error;
  return {
    code,
    message: messageOf(error).map(withoutSecrets),
    path,
    url,
    status,
    requestId,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause: String(cause) }),
  };
}

function withoutSecrets(part: Message[number]): Message[number] {
  if (typeof part === "string") return redact(part);
  return { ...part, text: redact(part.text), value: part.value === undefined ? undefined : redact(part.value) };
}

/** The inverse of {@link toPlainError}. */
export function fromPlainError(plain: PlainError): HfStreamError {
  return new HfStreamError(plain.code, plain.message, plain);
}
