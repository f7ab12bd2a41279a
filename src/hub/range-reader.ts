import type { IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";
import { HfStreamError, isHfStreamError } from "../errors.ts";
import type { CallOptions } from "./api.ts";
import type { Attempt } from "./attempt.ts";
import type { HubClient } from "./client.ts";
import type { BodySink, ResponseHead } from "./exchange.ts";
import { changed, type FileLocation, FileLocator, type RemoteFile, seemsChanged } from "./file-location.ts";
import { header } from "./header.ts";
import { DOUBTFUL, TransientError } from "./retry.ts";

/** Files whose ETag is remembered. */
const MAX_ETAGS = 10_000;

/**
 * Reads ranges of files at a commit. Each answer is checked (206, `Content-Range`, length, `ETag`); what broke off is asked
 * again from the received byte on, and an address that is refused is asked for anew.
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

  /**
   * Fills `into` with the bytes from `offset` on. Throws `FILE_CHANGED` for a file that is not what was listed; its cause
   * is `REVISION_NOT_FOUND` or `ENTRY_NOT_FOUND` where the commit is gone.
   */
  async read(file: RemoteFile, offset: number, into: Uint8Array, options: CallOptions = {}): Promise<void> {
    if (into.length === 0) return;
    const state: RangeState = { file, offset, into, received: 0, refused: false };
    try {
      await this.#client.retry(
        options,
        (attempt) => this.#attempt(state, options, attempt),
        () => state.received,
      );
    } catch (error) {
      if (isHfStreamError(error, "REVISION_NOT_FOUND", "ENTRY_NOT_FOUND"))
        throw changed(file.name, "the commit it was listed at is gone", error);
      if (isHfStreamError(error, "FILE_CHANGED")) this.#forget(file); // who starts again starts with what there is now
      throw error;
    }
  }

  async #attempt(state: RangeState, options: CallOptions, attempt: Attempt): Promise<void> {
    const { file, offset, into } = state;
    const location = await this.#locator.locate(file, options);
    const start = offset + state.received;
    const end = offset + into.length - 1;
    const sink = new RangeSink(state, options, (head) => this.#check(head, state, location, start, end));
    const headers = { range: `bytes=${start}-${end}` };
    const request = { ...options, kind: "data", url: location.url, headers, subject: file.name, sink } as const;
    try {
      await this.#client.follow(request, attempt);
    } catch (error) {
      throw this.#refused(error, state, location);
    }
    if (state.received < into.length)
      throw violation(file.name, `the server sent ${state.received} bytes of ${into.length}`);
  }

  /** An address that the store refuses has expired or was revoked: another one is asked for, the first time at once. */
  #refused(error: unknown, state: RangeState, location: FileLocation): unknown {
    const { file } = state;
    if (!(error instanceof TransientError)) return error;
    const { final } = error;
    if (final.status === 416) return seemsChanged(file.name, `it is shorter than the ${file.size} bytes listed`);
    const isRefusal = error.patience !== undefined && final.status !== undefined;
    if (!isRefusal || location.url.origin === this.#client.origin) return error;
    this.#locator.forget(file, location);
    const waitMs = state.refused ? undefined : 0;
    state.refused = true;
    return new TransientError(final, { patience: DOUBTFUL, waitMs });
  }

  /** Checks the head of an answer, and says how far into what is read it will lead. */
  #check(
    { status, headers }: ResponseHead,
    state: RangeState,
    location: FileLocation,
    start: number,
    end: number,
  ): number {
    const { file } = state;
    const key = etagKey(location.url, file);
    const etag = header(headers, "etag");
    const first = this.#etags.get(key);
    const { from, to, total } = coveredRange(status, headers);
    // A server may send a shorter range than was asked, but not a shorter file: that would be some other page.
    const isPart = from === start && to >= from && (status === 206 ? to <= end : to === end && end + 1 === file.size);
    const differs =
      (total !== undefined && total !== file.size && `it has ${total} bytes, ${file.size} were listed`) ||
      (etag !== undefined && first !== undefined && etag !== first && "its ETag is another than before");
    if (differs !== false) {
      state.received = 0;
      this.#locator.forget(file, location);
      throw seemsChanged(file.name, differs);
    }
    const encoding = header(headers, "content-encoding") ?? "identity";
    if (!isPart || encoding !== "identity") {
      const got = isPart ? `those packed by ${encoding}` : `${status} with ${from}-${to}`;
      throw violation(file.name, `asked for bytes ${start}-${end}, the server answered ${got}`);
    }
    if (etag !== undefined && first === undefined) this.#etags.set(key, etag);
    return to + 1 - state.offset;
  }

  #forget(file: RemoteFile): void {
    for (const key of this.#etags.keys()) if (key.endsWith(` ${file.url.href}`)) this.#etags.delete(key);
  }
}

interface RangeState {
  readonly file: RemoteFile;
  readonly offset: number;
  readonly into: Uint8Array;
  received: number;
  refused: boolean;
}

function etagKey({ host }: URL, file: RemoteFile): string {
  return `${host} ${file.url.href}`;
}

interface Coverage {
  readonly from: number;
  readonly to: number;
  readonly total: number | undefined;
}

/** Tells which bytes an answer holds: a 200 holds them all. */
function coveredRange(status: number, headers: IncomingHttpHeaders): Coverage {
  if (status === 200) {
    const length = Number(header(headers, "content-length") ?? NaN);
    return { from: 0, to: length - 1, total: undefined }; // a length without a range may be that of an error page
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header(headers, "content-range") ?? "");
  if (status !== 206 || match === null) return { from: NaN, to: NaN, total: undefined };
  return {
    from: Number(match[1]),
    to: Number(match[2]),
    total: match[3] === "*" ? undefined : Number(match[3]),
  };
}

/** What breaks the protocol is asked again for as long as an outage may last: it is a proxy, more often than the server. */
function violation(subject: string, what: string): TransientError {
  return new TransientError(new HfStreamError("HUB_UNAVAILABLE", `${subject}: ${what}.`, { path: subject }));
}

/** Copies the body behind what was received before. Bytes are written once, where the caller wants them. */
class RangeSink implements BodySink {
  readonly #state: RangeState;
  readonly #meter: CallOptions["meter"];
  readonly #check: (head: ResponseHead) => number;
  #end = 0;

  constructor(state: RangeState, { meter }: CallOptions, check: (head: ResponseHead) => number) {
    this.#state = state;
    this.#meter = meter;
    this.#check = check;
  }

  begin(head: ResponseHead): void {
    this.#end = this.#check(head);
  }

  push(chunk: Buffer): void {
    const { into, received, file } = this.#state;
    if (this.#meter !== undefined) this.#meter.bytesFetched += chunk.length;
    if (received + chunk.length > this.#end) throw violation(file.name, "the server sent more than was asked");
    into.set(chunk, received);
    this.#state.received += chunk.length;
  }
}
