import type { IncomingHttpHeaders } from "node:http";
import { header } from "./header.ts";

/** Where the processes of a machine tell each other until when a quota is used up, in milliseconds since 1970. */
export interface PauseBoard {
  /** 0 where nobody wrote. */
  read(quota: string): Promise<number>;
  write(quota: string, until: number): Promise<void>;
  /** Makes the caller the one that asks first after a pause, until it calls what it gets; `undefined` if another one is. */
  probe(quota: string): Promise<(() => void) | undefined>;
}

/** Which of the Hub's quotas a request counts against. */
export type RateBucket = "api" | "resolvers" | "pages";

/** Tells the quota that `pathname` counts against: `/api/*`, `/…/resolve/…`, or all else. */
export function rateBucket(pathname: string): RateBucket {
  if (pathname.startsWith("/api/")) return "api";
  return pathname.includes("/resolve/") ? "resolvers" : "pages";
}

/**
 * Reads from an answer how many milliseconds to leave its quota alone, or `undefined`. `RateLimit: "api";r=0;t=12` counts
 * when nothing remains (IETF draft-ietf-httpapi-ratelimit-headers), else `Retry-After` in seconds or as a date (RFC 9110,
 * section 10.2.3), which means nothing on an answer that is no error.
 */
export function retryAfter(
  { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
  now: number = Date.now(),
): number | undefined {
  const limit = /"\w{1,40}"\s?;\s?r\s?=\s?(\d{1,15})\s?;\s?t\s?=\s?(\d{1,15})/.exec(header(headers, "ratelimit") ?? "");
  if (limit !== null && Number(limit[1]) === 0) return (Number(limit[2]) + 1) * 1000;
  const after = header(headers, "retry-after")?.trim() ?? "";
  if (after === "" || status < 400) return undefined;
  const ms = /^\d{1,15}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
