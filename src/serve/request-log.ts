import type { RouteKind } from "./route.ts";

/** Which of the two servers was asked: the Hub, or the store of large files it redirects to. */
export type Origin = "hub" | "cdn";

/** One request. It is logged when it comes in; status, bytes and duration are filled in as the answer goes out. */
export interface RequestRecord {
  /** When it came in, in milliseconds since 1970. */
  readonly time: number;
  readonly origin: Origin;
  readonly method: string;
  readonly route: RouteKind;
  /** As it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** With its `?`; empty if there is none, and for the store, whose queries are signatures. */
  readonly query: string;
  /** The file asked for, as `org/name/path`, percent-decoded. */
  readonly file: string | undefined;
  /** The `Range` header. */
  readonly range: string | undefined;
  /** Whether an `Authorization` header came along. Its value is not kept. */
  readonly hasAuthorization: boolean;
  readonly userAgent: string | undefined;
  /** 0 until the answer's head is sent, and for ever if none was. */
  readonly status: number;
  /** Bytes of body handed to the socket so far. */
  readonly bytesSent: number;
  /** Until the answer was over or broken off; undefined before. */
  readonly durationMs: number | undefined;
}

/** A {@link RequestRecord} while its request is under way. */
export type OpenRecord = { -readonly [Key in keyof RequestRecord]: RequestRecord[Key] };

/** What all records may take: addresses are as long as their senders like. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What a record takes besides its text. */
const RECORD_BYTES = 300;

/** Keeps the last requests, at most `limit`, oldest first. */
export class RequestLog {
  readonly #limit: number;
  #records: OpenRecord[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Adds `record`, dropping the oldest tenth when there are too many. */
  add(record: OpenRecord): void {
    if (this.#limit === 0) return;
    if (this.#records.length >= this.#limit) this.#dropOldest();
    this.#records.push(record);
    this.#bytes += bytesOf(record);
    while (this.#bytes > MAX_BYTES) this.#dropOldest();
  }

  /** Forgets everything. Arrays handed out before keep what they had. */
  clear(): void {
    this.#records = [];
    this.#bytes = 0;
  }

  #dropOldest(): void {
    for (const record of this.#records.splice(0, Math.ceil(this.#records.length / 10))) this.#bytes -= bytesOf(record);
  }
}

/** What a record takes in memory, about: its text does not change. */
function bytesOf({ path, query, file = "", range = "", userAgent = "" }: RequestRecord): number {
  return RECORD_BYTES + 2 * (path.length + query.length + file.length + range.length + userAgent.length);
}
