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

/** Keeps the last requests, at most `limit`, oldest first. */
export class RequestLog {
  readonly #limit: number;
  #records: OpenRecord[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Adds `record`, dropping the oldest tenth when there are too many. */
  add(record: OpenRecord): void {
    if (this.#limit === 0) return;
    if (this.#records.length >= this.#limit) this.#records.splice(0, Math.ceil(this.#limit / 10));
    this.#records.push(record);
  }

  /** Forgets everything. Arrays handed out before keep what they had. */
  clear(): void {
    this.#records = [];
  }
}
