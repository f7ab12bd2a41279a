import type { IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import type { CallOptions } from "./api.ts";
import type { HubClient } from "./client.ts";
import type { BodySink, ResponseHead } from "./exchange.ts";
import { changed, type FileLocation, FileLocator, type RemoteFile } from "./file-location.ts";
import { TransientError } from "./retry.ts";

/** How often the flow of bytes is looked at, and the least that must have come since. */
const STALL_CHECK_MS = 10_000;
const STALL_MIN_BYTES = 10_000;
/** An answer that breaks the protocol this many times in a row is what the server does. */
const MAX_VIOLATIONS = 5;
/** Files whose ETag is remembered. */
const MAX_ETAGS = 10_000;

/**
 * Reads ranges of files at a commit. Each answer is checked (206, `Content-Range`, length, `ETag`); what broke off is asked
 * again from the received byte on, and an address that is refused is asked for anew, once.
 */
export class RangeReader {
  readonly #client: HubClient;
  readonly #locator: FileLocator;
  /** The ETag first seen for a file at a host: bytes under another one are never joined to it. */
  readonly #etags = new LRUCache<string, string>({ max: MAX_ETAGS });

  constructor(client: HubClient) {
    this.#client = client;
    this.#locator = new FileLocator(client);
  }

  /** Fills `into` with the bytes from `offset` on. */
  async read(file: RemoteFile, offset: number, into: Uint8Array, options: CallOptions = {}): Promise<void> {
    if (into.length === 0) return;
    const state: RangeState = { file, offset, into, received: 0, refused: false, mismatches: 0 };
    try {
      await this.#client.retry(
        options,
        () => this.#attempt(state, options),
        () => state.received,
      );
    } catch (error) {
      if (isHfStreamError(error, "REVISION_NOT_FOUND", "ENTRY_NOT_FOUND"))
        throw changed(file.name, "the commit it was listed at is gone");
      throw error;
    }
  }

  async #attempt(state: RangeState, options: CallOptions): Promise<void> {
    const { file, offset, into } = state;
    const location = await this.#locator.locate(file, options);
    const start = offset + state.received;
    const end = offset + into.length - 1;
    const sink = new RangeSink(state, options, (head) => this.#check(head, state, location, start, end));
    try {
      const headers = { range: `bytes=${start}-${end}` };
      await this.#client.follow({ ...options, url: location.url, headers, subject: file.name, sink });
    } catch (error) {
      throw this.#refused(error, state, location);
    } finally {
      sink.end();
    }
    if (state.received < into.length)
      throw violation(file.name, `the server sent ${state.received} bytes of ${into.length}`);
  }

  /** A signed address that the CDN refuses has expired or was revoked: asked for once more. */
  #refused(error: unknown, state: RangeState, location: FileLocation): unknown {
    const { file } = state;
    if (!isHfStreamError(error) || location.url.origin === this.#client.origin) return error;
    if (error.status === 416) return changed(file.name, `it is shorter than the ${file.size} bytes listed`);
    if (error.status === undefined || state.refused) return error;
    state.refused = true;
    this.#locator.forget(file, location);
    return new TransientError(error, { waitMs: 0 });
  }

  #check(
    { status, headers }: ResponseHead,
    state: RangeState,
    location: FileLocation,
    start: number,
    end: number,
  ): void {
    const { file } = state;
    const key = `${location.url.host} ${file.url.href}`;
    const etag = headers.etag;
    const first = this.#etags.get(key);
    if (etag !== undefined && first === undefined) this.#etags.set(key, etag);
    const { from, to, total } = coveredRange(status, headers);
    const differs =
      (total !== undefined && total !== file.size && `it has ${total} bytes, ${file.size} were listed`) ||
      (etag !== undefined && first !== undefined && etag !== first && `its ETag was ${first} and is ${etag}`);
    if (differs !== false) {
      state.mismatches += 1;
      if (state.mismatches > 1) {
        this.#etags.delete(key); // who starts again starts with what there is now
        throw changed(file.name, differs);
      }
      state.received = 0;
      this.#locator.forget(file, location);
      throw new TransientError(changed(file.name, differs), { waitMs: 0 });
    }
    if (from === start && to === end) return;
    throw violation(file.name, `asked for bytes ${start}-${end}, the server answered ${status} with ${from}-${to}`);
  }
}

interface RangeState {
  readonly file: RemoteFile;
  readonly offset: number;
  readonly into: Uint8Array;
  received: number;
  refused: boolean;
  mismatches: number;
}

interface Coverage {
  readonly from: number;
  readonly to: number;
  readonly total: number | undefined;
}

/** Tells which bytes an answer holds: a 200 holds them all. */
function coveredRange(status: number, headers: IncomingHttpHeaders): Coverage {
  if (status === 200) {
    const length = Number(headers["content-length"] ?? NaN);
    return { from: 0, to: length - 1, total: Number.isNaN(length) ? undefined : length };
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "");
  if (status !== 206 || match === null) return { from: NaN, to: NaN, total: undefined };
  return {
    from: Number(match[1]),
    to: Number(match[2]),
    total: match[3] === "*" ? undefined : Number(match[3]),
  };
}

function violation(subject: string, what: string): TransientError {
  const final = new HfStreamError("HUB_UNAVAILABLE", `${subject}: ${what}.`, { path: subject });
  return new TransientError(final, { maxInARow: MAX_VIOLATIONS });
}

/** Copies the body behind what was received before. Bytes are written once, where the caller wants them. */
class RangeSink implements BodySink {
  readonly #state: RangeState;
  readonly #meter: CallOptions["meter"];
  readonly #check: (head: ResponseHead) => void;
  #watch: NodeJS.Timeout | undefined;

  constructor(state: RangeState, { meter }: CallOptions, check: (head: ResponseHead) => void) {
    this.#state = state;
    this.#meter = meter;
    this.#check = check;
  }

  begin(head: ResponseHead, abort: (error: Error) => void): void {
    this.#check(head);
    let seen = this.#state.received;
    this.#watch = setInterval(() => {
      const { received } = this.#state;
      if (received - seen < STALL_MIN_BYTES) abort(new Error(`fewer than ${STALL_MIN_BYTES} bytes in 10 s`));
      seen = received;
    }, STALL_CHECK_MS).unref();
  }

  push(chunk: Buffer): void {
    const { into, received, file } = this.#state;
    if (this.#meter !== undefined) this.#meter.bytesFetched += chunk.length;
    if (received + chunk.length > into.length) throw violation(file.name, "the server sent more than was asked");
    into.set(chunk, received);
    this.#state.received += chunk.length;
  }

  end(): void {
    clearInterval(this.#watch);
  }
}
