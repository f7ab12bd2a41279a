import type { IncomingHttpHeaders } from "node:http";

/** Where the processes of a machine tell each other until when a quota is used up, in milliseconds since 1970. */
export interface PauseBoard {
  /** 0 where nobody wrote. */
  read(quota: string): Promise<number>;
  write(quota: string, until: number): Promise<void>;
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
 * section 10.2.3).
 */
export function retryAfter(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const limit = /"\w+"\s*;\s*r\s*=\s*(\d+)\s*;\s*t\s*=\s*(\d+)/.exec(String(headers["ratelimit"] ?? ""));
  if (limit !== null && Number(limit[1]) === 0) return (Number(limit[2]) + 1) * 1000;
  const after = headers["retry-after"];
  if (after === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
