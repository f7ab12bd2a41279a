import { setImmediate } from "node:timers/promises";

/** Work at a stretch after which others get their turn. */
const STRETCH_MS = 10;

/**
 * Lets timers, sockets and signals have their turn in a loop that may never wait for any of them: promises that resolve
 * at once keep the event loop from going on.
 */
export class Breather {
  #rested: number = performance.now();

  /** Waits for the event loop, if it is long since it had its turn. */
  async rest(): Promise<void> {
    if (performance.now() - this.#rested < STRETCH_MS) return;
    await setImmediate();
    this.#rested = performance.now();
  }
}
