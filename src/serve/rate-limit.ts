import type { RouteKind } from "./route.ts";

/** Requests per client and window, by what they ask: a client is a token, or an address without one. */
export interface Quotas {
  /** `/api/…`. */
  readonly api?: number | undefined;
  /** File contents, and what leads to them. */
  readonly resolvers?: number | undefined;
  /** Everything else. */
  readonly pages?: number | undefined;
  /** @default 300 000 */
  readonly windowMs?: number | undefined;
}

type Bucket = "api" | "resolvers" | "pages";

/** Where a client stands. */
export interface RateLimitState {
  readonly exceeded: boolean;
  /** What every answer says about it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is said where no quota is set: more than any client asks. */
const UNLIMITED = 1_000_000;
const RESOLVERS: ReadonlySet<RouteKind> = new Set<RouteKind>(["resolve", "resolve-cache", "raw"]);

interface Window {
  readonly endMs: number;
  readonly counts: Map<string, number>;
}

/** Counts requests in fixed windows that are the same for all clients. */
export class RateLimit {
  readonly #quotas: Quotas;
  readonly #windowMs: number;
  #window: Window = { endMs: 0, counts: new Map() };

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
    this.#windowMs = quotas.windowMs ?? 300_000;
  }

  /** Counts one request of `client`. */
  count(client: string, route: RouteKind, path: string): RateLimitState {
    const nowMs = performance.now();
    if (nowMs >= this.#window.endMs) this.#window = { endMs: nowMs + this.#windowMs, counts: new Map() };
    const bucket = bucketOf(route, path);
    const quota = this.#quotas[bucket];
    const key = `${bucket} ${client}`;
    const count = (this.#window.counts.get(key) ?? 0) + 1;
    this.#window.counts.set(key, count);
    const remaining = quota === undefined ? UNLIMITED : Math.max(0, quota - count);
    const seconds = Math.ceil((this.#window.endMs - nowMs) / 1000);
    return {
      exceeded: quota !== undefined && count > quota,
      headers: {
        RateLimit: `"${bucket}";r=${remaining};t=${seconds}`,
        "RateLimit-Policy": `"fixed window";"${bucket}";q=${quota ?? UNLIMITED};w=${Math.ceil(this.#windowMs / 1000)}`,
      },
    };
  }
}

function bucketOf(route: RouteKind, path: string): Bucket {
  if (RESOLVERS.has(route)) return "resolvers";
  return path.startsWith("/api/") ? "api" : "pages";
}
