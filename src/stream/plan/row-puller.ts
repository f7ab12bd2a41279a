import type { StatedBlock } from "./plan-reader.ts";

/** A row that was pulled, and the state in which it leaves its plan. */
export interface PulledRow {
  readonly block: StatedBlock["block"];
  readonly index: number;
  stateAfter(): ReturnType<StatedBlock["stateAfter"]>;
}

/** Rows of blocks one at a time, and whether there are more. */
export class RowPuller {
  readonly #blocks: AsyncGenerator<StatedBlock>;
  #current: StatedBlock | undefined;
  #next = 0;
  #isAtEnd = false;

  constructor(blocks: AsyncGenerator<StatedBlock>) {
    this.#blocks = blocks;
  }

  /** Whether another row follows: reads on until that is known. */
  async hasMore(): Promise<boolean> {
    while (!this.#isAtEnd && (this.#current === undefined || this.#next >= this.#current.block.length)) {
      const next = await this.#blocks.next();
      this.#current = next.value ?? undefined;
      this.#next = 0;
      this.#isAtEnd = next.done === true;
    }
    return !this.#isAtEnd;
  }

  /** The next row; `undefined` at the end. */
  async pull(): Promise<PulledRow | undefined> {
    if (!(await this.hasMore())) return undefined;
    const { block, stateAfter } = this.#current as StatedBlock;
    const index = this.#next;
    this.#next += 1;
    return { block, index, stateAfter: () => stateAfter(index) };
  }

  async close(): Promise<void> {
    await this.#blocks.return(undefined);
  }
}
