/** A turn among others. */
export interface Turn {
  /** Resolves when all earlier turns have ended. */
  readonly begins: Promise<unknown>;
  end(): void;
}

/** Turns that begin in the order in which they were taken. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take(): Turn {
    const begins = this.#last;
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#last = Promise.all([begins, ended]);
    return { begins, end };
  }
}
