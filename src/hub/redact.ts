import { redact } from "../redact.ts";

/** What a server may say of itself in one line. */
const MAX_LENGTH = 300;
const SIGNED = /\b(?:X-Amz-[\w-]+|Signature|Policy|Expires|Key-Pair-Id|sig|token|access_token)=[^\s&"'<>]*/gi;
/** A path that a server speaks of, and its query. */
const PATH_QUERY = /((?<=\s|^)\/[^\s?"'<>]*)\?[^\s"'<>]*/gi;

/** `text` of a server or the network, short and on one line, without tokens, `secret` and the queries of addresses. */
export function redactAnswer(text: string, secret: string | undefined): string {
  const known = secret === undefined || secret === "" ? text : text.replaceAll(secret, "…");
  return redact(known.slice(0, MAX_LENGTH * 4))
    .replaceAll(PATH_QUERY, "$1")
    .replaceAll(SIGNED, "…")
    .replaceAll(/\p{Cc}+/gu, " ")
    .slice(0, MAX_LENGTH);
}

/** A server's name for a request, if it looks like one: it may be printed. */
export function requestIdOf(value: string | undefined, secret: string | undefined): string | undefined {
  if (value === undefined || !/^[\w.=:;/+-]{1,128}$/.test(value)) return undefined;
  return redactAnswer(value, secret) === value ? value : undefined;
}

/** The text of an address for people: without credentials, query and fragment. */
export function withoutQuery(address: string): string {
  return URL.canParse(address) ? bareAddress(new URL(address)) : (/^[^?#]*/.exec(address)?.[0] ?? "");
}

/** The address of `url` for people: without credentials, query and fragment. */
export function bareAddress({ origin, pathname }: URL): string {
  return origin + pathname;
}
