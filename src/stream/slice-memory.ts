import type { Permit } from "../async/limiter.ts";

/** What is held for a slice: first its bytes and what they may become, then the batches of it that are not used yet. */
export class SliceMemory {
  readonly #permit: Permit;
  #held: number;
  #used = 0;
  #isEnded = false;

  constructor(permit: Permit, held: number) {
    this.#permit = permit;
    this.#held = held;
  }

  /** It became so much: more than thought, or nothing, if it only begins what later slices complete. */
  decoded(bytes: number): void {
    this.#hold(Math.max(0, bytes - this.#used)); // in the calling thread its batches are used before it is done
  }

  used(bytes: number): void {
    this.#used += bytes;
    this.#hold(Math.max(0, this.#held - bytes));
  }

  end(): void {
    this.#hold(0);
    this.#isEnded = true; // whatever a thread tells afterwards
  }

  #hold(bytes: number): void {
    if (this.#isEnded) return;
    this.#permit.hold(bytes);
    this.#held = bytes;
  }
}
