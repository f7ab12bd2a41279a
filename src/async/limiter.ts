import { type AbortOptions, onceAborted } from "./abort.ts";

/** What was granted; give it back once. */
export interface Permit {
  /** Gives back `amount` of what is still held; all of it if left out. More than is held gives back what is held. */
  release(amount?: number): void;
  /** Holds so much from now on, whatever it held: more too, at once, since that is there already. */
  hold(amount: number): void;
}

interface Waiter {
  readonly amount: number;
  readonly grant: () => void;
}

/**
 * Permits by count or by bytes, granted in the order they were asked for. An amount above the capacity is granted when
 * nothing else is held, so that one large thing goes through alone.
 */
export class Limiter {
  readonly capacity: number;
  #held = 0;
  #taken = 0;
  readonly #waiters: Waiter[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** What is granted and not yet given back. */
  get held(): number {
    return this.#held;
  }

  /** Takes so much of the capacity away for something that holds no permit; replaces what was taken before. */
  take(amount: number): void {
    this.#taken = amount;
    this.#grant();
  }

  async acquire(amount: number, { signal }: AbortOptions = {}): Promise<Permit> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        amount,
        grant: () => {
          forget();
          resolve();
        },
      };
      this.#waiters.push(waiter);
      const forget = onceAborted(signal, () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal?.reason as Error);
        queueMicrotask(() => this.#grant());
      });
      queueMicrotask(() => this.#grant());
    });
    return this.#permit(amount);
  }

  #permit(amount: number): Permit {
    let left = amount;
    const hold = (wanted: number): void => {
      this.#held += wanted - left;
      left = wanted;
      this.#grant();
    };
    return { hold, release: (part = left) => hold(left - Math.min(part, left)) };
  }

  #grant(): void {
    for (;;) {
      const next = this.#waiters[0];
      if (next === undefined) return;
      if (this.#held > 0 && this.#held + this.#taken + next.amount > this.capacity) return;
      this.#waiters.shift();
      this.#held += next.amount;
      next.grant();
    }
  }
}
