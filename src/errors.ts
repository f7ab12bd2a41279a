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
  readonly message: string;
}

/**
 * The one error class of this package. `code` says what happened and is public API; the message says what failed, on
 * which dataset and file, and what to do about it. Aborts are not wrapped: they reject with `signal.reason` itself.
 */
export class HfStreamError extends Error {
  override readonly name = "HfStreamError";
  readonly code: HfStreamErrorCode;
  readonly path: string | undefined;
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: HfStreamErrorCode, message: string, details: HfStreamErrorDetails = {}) {
    super(redact(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = redacted(details.path);
    this.url = redacted(details.url);
    this.status = details.status;
    this.requestId = redacted(details.requestId);
    this.retryAfterMs = details.retryAfterMs;
  }
}

function redacted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : redact(text);
}

/** Tells whether `error` is an {@link HfStreamError}, of one of `codes` if any are given; also across two copies of this package. */
export function isHfStreamError(error: unknown, ...codes: HfStreamErrorCode[]): error is HfStreamError {
  if (!(error instanceof Error) || error.name !== "HfStreamError") return false;
  return codes.length === 0 || codes.includes((error as HfStreamError).code);
}

/** Makes plain data of `error`, which structured cloning would strip of its class and code. */
export function toPlainError(error: HfStreamError): PlainError {
  const { code, message, path, url, status, requestId, retryAfterMs, cause } = error;
  return {
    code,
    message,
    path,
    url,
    status,
    requestId,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause: String(cause) }),
  };
}

/** The inverse of {@link toPlainError}. */
export function fromPlainError(plain: PlainError): HfStreamError {
  return new HfStreamError(plain.code, plain.message, plain);
}
