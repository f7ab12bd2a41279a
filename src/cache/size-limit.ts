import { stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { evict } from "./evict.ts";

/** Of listings, footers and copies together; copies are of datasets that are read with `streaming: false`. */
export const DEFAULT_CACHE_BYTES = 100e9;
/** The size of a cache is looked at this often, by all processes together. */
const LOOK_EVERY_MS = 60 * 60_000;
/** A process that writes this part of the limit looks earlier. */
const EARLY_SHARE = 0.1;

/** Keeps a cache below a size, as processes write to it: in the background, and at most now and then. */
export class SizeLimit {
  readonly #root: string;
  readonly #maxBytes: number;
  #written = 0;
  #lookedAt = -Infinity;
  #isLooking = false;

  constructor(root: string, maxBytes: number) {
    this.#root = root;
    this.#maxBytes = maxBytes;
  }

  /** Notes that so much was written. */
  wrote(bytes: number): void {
    if (this.#maxBytes === Infinity) return;
    this.#written += bytes;
    const isEarly = this.#written > this.#maxBytes * EARLY_SHARE;
    if (!isEarly && performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#look(isEarly).finally(() => (this.#isLooking = false));
  }

  async #look(isEarly: boolean): Promise<void> {
    this.#lookedAt = performance.now();
    try {
      if (!(await this.#isDue()) && !isEarly) return;
      this.#written = 0;
      await evict(this.#root, { maxBytes: this.#maxBytes });
    } catch {
      // a disk that cannot be looked at must not fail the run
    }
  }

  /** Whether no process looked for long. A cache that is new is small. */
  async #isDue(): Promise<boolean> {
    const mark = path.join(this.#root, "size-looked-at");
    const known = await stat(mark).catch(() => undefined);
    const isDue = known !== undefined && Date.now() - known.mtimeMs > LOOK_EVERY_MS;
    if (known === undefined) await writeFile(mark, "");
    else if (isDue) await utimes(mark, new Date(), new Date());
    return isDue;
  }
}
