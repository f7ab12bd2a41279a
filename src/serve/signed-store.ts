import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Answer } from "./answer.ts";
import { answerFile } from "./file-answer.ts";
import type { HubRequest } from "./hub-request.ts";
import { FileChangedError } from "./repos/content-hashes.ts";
import type { RepoFile } from "./repos/snapshot.ts";

/** What the address of a large file permits. */
interface Policy {
  /** In seconds since 1970. */
  readonly expires: number;
  /** The only `Range` it may be read with; any if left out. */
  readonly range?: string | undefined;
  /** `org/name/path`, for the log. */
  readonly file: string;
}

/** What {@link SignedStore.sign} needs to know of a request. */
export interface SignOptions {
  /** Where the client finds the store. */
  readonly cdnOrigin: string;
  /** `org/name/path`. */
  readonly name: string;
  /** The `Range` header that asked. */
  readonly range: string | undefined;
}

const PREFIX = "/xet-bridge/";

/**
 * Plays the CDN of the Hub: contents by their sha256, each under an address that is signed, expires, and is bound to a
 * range if one was asked for. A token sent along is refused, as stores that take signatures do.
 */
export class SignedStore {
  readonly #ttlSeconds: number;
  readonly #key: Buffer = randomBytes(32);
  readonly #files = new Map<string, RepoFile>();

  constructor(ttlSeconds: number) {
    this.#ttlSeconds = ttlSeconds;
  }

  /** The address of the content of `file`, whose sha256 is `sha256`. */
  sign(file: RepoFile, sha256: string, { cdnOrigin, name, range }: SignOptions): string {
    this.#files.set(sha256, file);
    const expires = Math.floor(Date.now() / 1000 + this.#ttlSeconds);
    const policy = Buffer.from(JSON.stringify({ expires, range, file: name } satisfies Policy)).toString("base64url");
    const base = encodeURIComponent(file.path.slice(file.path.lastIndexOf("/") + 1));
    const query = new URLSearchParams({
      "response-content-disposition": `inline; filename*=UTF-8''${base}; filename="${base}";`,
      Expires: String(expires),
      Policy: policy,
      Signature: this.#signature(sha256, policy).toString("base64url"),
      "Key-Pair-Id": "LOCAL",
    });
    return `${cdnOrigin}${PREFIX}${sha256}?${query.toString()}`;
  }

  /** Answers a request to the store. */
  async answer(request: HubRequest): Promise<Answer> {
    const sha256 = request.url.split("?")[0]!.slice(PREFIX.length);
    const refusal = this.#refuse(sha256, request);
    if (refusal !== undefined) return refusal;
    const file = this.#files.get(sha256);
    if (file === undefined) return refuse(404, "NoSuchKey");
    const disposition = request.query.get("response-content-disposition");
    const head = {
      // The Hub's store names contents by a hash of its own, not by the sha256.
      etag: `"${createHash("sha256").update(`stored ${sha256}`).digest("hex")}"`,
      contentType: "application/octet-stream",
      headers: disposition === null ? {} : { "Content-Disposition": disposition },
    };
    try {
      return await answerFile(file, head, request);
    } catch (error) {
      if (error instanceof FileChangedError) return refuse(404, "NoSuchKey");
      throw error;
    }
  }

  #refuse(sha256: string, { url, headers, query }: HubRequest): Answer | undefined {
    if (headers.authorization !== undefined) return refuse(400, "InvalidArgument");
    if (!url.startsWith(PREFIX)) return refuse(404, "NoSuchKey");
    const encoded = query.get("Policy") ?? "";
    const given = Buffer.from(query.get("Signature") ?? "", "base64url");
    const expected = this.#signature(sha256, encoded);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return refuse(403, "SignatureDoesNotMatch");
    const policy = parsePolicy(encoded);
    if (policy === undefined || Date.now() / 1000 >= policy.expires) return refuse(403, "AccessDenied");
    if (policy.range !== undefined && policy.range !== headers.range) return refuse(403, "AccessDenied");
    return undefined;
  }

  #signature(sha256: string, policy: string): Buffer {
    return createHmac("sha256", this.#key).update(`${sha256}\n${policy}`).digest();
  }
}

/** The file that the query of a signed address is about, as far as it can be read; it may be forged. */
export function signedFileName(query: URLSearchParams): string | undefined {
  return parsePolicy(query.get("Policy") ?? "")?.file;
}

function parsePolicy(encoded: string): Policy | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, "base64url").toString());
    if (typeof value !== "object" || value === null || !("expires" in value) || !("file" in value)) return undefined;
    const range = "range" in value && typeof value.range === "string" ? value.range : undefined;
    return { expires: Number(value.expires), range, file: String(value.file) };
  } catch {
    return undefined;
  }
}

function refuse(status: 400 | 403 | 404, code: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  return { status, headers: { "Content-Type": "application/xml" }, body };
}
