import { LRUCache } from "lru-cache";
import { SingleFlight } from "../async/single-flight.ts";
import { HfStreamError } from "../errors.ts";
import type { CallOptions } from "./api.ts";
import { type HubClient, tooManyRedirects } from "./client.ts";
import { header } from "./header.ts";
import { DOUBTFUL, TransientError } from "./retry.ts";

/** A file that never changes (one at a commit), as reads need to know it. */
export interface RemoteFile {
  /** What users call it, for messages. */
  readonly name: string;
  /** Where to ask for it. */
  readonly url: URL;
  /** In bytes, as listed. */
  readonly size: number;
  /** The sha256 of a large file: those are kept elsewhere, and the Hub redirects to them. */
  readonly sha256?: string | undefined;
}

/** Where a file's bytes are, and until when. */
export interface FileLocation {
  readonly url: URL;
  /** When the address stops being good, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Signed addresses are left this long before they expire, or a tenth of their life if that is shorter. */
const MARGIN_MS = 60_000;
/** Of redirects within the Hub. */
const MAX_HOPS = 5;
/** An address that does not say when it expires is kept this long: the Hub's live one hour. */
const UNKNOWN_LIFE_MS = 30 * 60_000;

/**
 * Finds where files are: one request per large file, whose answer is kept until shortly before it expires and serves
 * every range. It is asked without `Range`, since the Hub's signature would bind the range.
 */
export class FileLocator {
  readonly #client: HubClient;
  readonly #locations = new LRUCache<string, FileLocation>({ max: 10_000 });
  readonly #flights = new SingleFlight<FileLocation>();

  constructor(client: HubClient) {
    this.#client = client;
  }

  async locate(file: RemoteFile, options: CallOptions = {}): Promise<FileLocation> {
    if (file.sha256 === undefined) return { url: file.url, expiresAt: Infinity };
    const key = file.url.href;
    const known = this.#locations.get(key);
    if (known !== undefined && Date.now() < known.expiresAt) return known;
    return await this.#flights.run(
      key,
      async (signal) => {
        const location = await this.#ask(file, { ...options, signal });
        this.#locations.set(key, location);
        return location;
      },
      options,
    );
  }

  /** Forgets a location that turned out to be no good. */
  forget(file: RemoteFile, location: FileLocation): void {
    const key = file.url.href;
    if (this.#locations.get(key) === location) this.#locations.delete(key);
  }

  async #ask({ name: subject, url: asked, sha256 }: RemoteFile, options: CallOptions): Promise<FileLocation> {
    return await this.#client.retry(options, async (attempt) => {
      let url = asked;
      // Renames redirect within the Hub; the first address elsewhere, or the first 200, is where the bytes are.
      for (let hops = 0; hops < MAX_HOPS; hops += 1) {
        const request = { ...options, method: "HEAD", kind: "resolve", url, subject } as const;
        const answer = await this.#client.send(request, attempt);
        const etag = (header(answer.headers, "x-linked-etag") ?? "").replaceAll(/^W\/|"/g, "");
        if (etag !== "" && etag !== sha256)
          throw seemsChanged(subject, `its hash is another than the listed ${sha256}`);
        if (answer.status < 300) return { url, expiresAt: Infinity };
        url = this.#client.redirectTarget(answer, url, subject);
        if (url.origin !== this.#client.origin) return { url, expiresAt: expiryOf(url) };
      }
      throw tooManyRedirects(subject);
    });
  }
}

/** Says that an answer does not fit to the listing of its commit: it is asked for again for a while. */
export function seemsChanged(path: string, how: string): TransientError {
  return new TransientError(changed(path, how), { patience: DOUBTFUL });
}

/** Says that a file is not what the listing of its commit promised. */
export function changed(path: string, how: string, cause?: unknown): HfStreamError {
  return new HfStreamError(
    "FILE_CHANGED",
    `${path} changed while it was read: ${how}. Start again to read the dataset as it is now.`,
    { path, cause },
  );
}

/** When to stop using a signed address: `Expires` (CloudFront) or `X-Amz-Date` + `X-Amz-Expires` (S3), less a margin. */
function expiryOf(url: URL, now: number = Date.now()): number {
  const query = url.searchParams;
  const expires = Number(query.get("Expires") ?? NaN) * 1000;
  const issued = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Amz-Date") ?? "");
  const amazon =
    issued === null
      ? NaN
      : Date.parse(`${issued[1]}-${issued[2]}-${issued[3]}T${issued[4]}:${issued[5]}:${issued[6]}Z`) +
        Number(query.get("X-Amz-Expires") ?? NaN) * 1000;
  const end = Number.isFinite(expires) ? expires : amazon;
  if (!Number.isFinite(end)) return now + UNKNOWN_LIFE_MS;
  return end - Math.min(MARGIN_MS, (end - now) / 10);
}
