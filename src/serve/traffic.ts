import { setTimeout as wait } from "node:timers/promises";

/** How slow the servers pretend to be. */
export interface Traffic {
  /** Before each answer, in both servers. @default 0 */
  readonly latencyMs?: number | undefined;
  /** Added to the latency: evenly spread from 0 up to this. @default 0 */
  readonly jitterMs?: number | undefined;
  /** Of file contents, per answer. Left out: as fast as it goes. */
  readonly bytesPerSecond?: number | undefined;
}

/** Waits out the latency of `traffic`. Rejects when `signal` aborts. */
export async function waitLatency(traffic: Traffic, signal: AbortSignal): Promise<void> {
  const ms = (traffic.latencyMs ?? 0) + Math.random() * (traffic.jitterMs ?? 0);
  if (ms > 0) await wait(ms, undefined, { signal });
}

/** Holds one answer to a rate. */
export class Pacer {
  readonly #bytesPerSecond: number;
  #dueMs: number = performance.now();

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** How much to send at once: a twentieth of a second's worth. */
  get chunkBytes(): number {
    return Math.max(1, Math.floor(this.#bytesPerSecond / 20));
  }

  /** Waits until `bytes` more may have arrived. Rejects when `signal` aborts. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    this.#dueMs += (bytes / this.#bytesPerSecond) * 1000;
    const ms = this.#dueMs - performance.now();
    if (ms > 0) await wait(ms, undefined, { signal });
  }
}
