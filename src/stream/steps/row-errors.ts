import { invalidArgument } from "../../fs/option-checks.ts";
import type { Item, Origin, RowOrigin } from "../block.ts";
import { isPromise } from "./call-ahead.ts";

/** Where a row failed: what `onError` is told. What is not known, as of a row of an interleaving, is `undefined`. */
export interface ErrorPlace extends Partial<RowOrigin> {
  /** The row's place in the order. */
  readonly index: number;
}

/** What to do with a row that fails. */
export type ErrorVerdict = "throw" | "skip";

/** Decides about a row that cannot be decoded, mapped or filtered. */
export type ErrorHandler = ErrorVerdict | ((error: unknown, where: ErrorPlace) => ErrorVerdict);

/** Calls what may fail for one row, and leaves the row out where the handler says so. */
export class ErrorGuard {
  readonly #handler: ErrorHandler;
  readonly #onSkip: () => void;

  constructor(handler: ErrorHandler, onSkip: () => void) {
    this.#handler = handler;
    this.#onSkip = onSkip;
  }

  /** What `work` gives for an item, now or later; `undefined` if it failed and is to be left out. */
  call<R>(
    item: Pick<Item<unknown>, "place" | "origin">,
    work: () => R | Promise<R>,
  ): R | undefined | Promise<R | undefined> {
    if (this.#handler === "throw") return work();
    try {
      const result = work();
      if (!isPromise(result)) return result;
      return Promise.resolve(result).catch((error: unknown) => this.#judge(error, item));
    } catch (error) {
      return this.#judge(error, item);
    }
  }

  #judge(error: unknown, { place, origin }: { readonly place: number; readonly origin: Origin }): undefined {
    const where = { ...origin.block.originOf(origin.index), index: place };
    const verdict = typeof this.#handler === "function" ? this.#handler(error, where) : this.#handler;
    if (verdict === "throw") throw error;
    if (verdict !== "skip")
      throw invalidArgument("onError(handler)", "a function that returns 'throw' or 'skip'", verdict);
    this.#onSkip();
    return undefined;
  }
}
