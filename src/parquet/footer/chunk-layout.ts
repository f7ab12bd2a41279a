import { DamageError } from "../failures.ts";
import type { ColumnChunk } from "./metadata.ts";

/** Where column chunks are, to see that no two of them share bytes. */
export class ChunkLayout {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #isInOrder = true;

  add({ offset, length, padding, values }: ColumnChunk): void {
    if (length === 0 || values === 0) return; // of empty row groups, writers say anything
    if (offset < (this.#ends.at(-1) ?? 0)) this.#isInOrder = false;
    this.#starts.push(offset);
    this.#ends.push(offset + length - padding);
  }

  check(): void {
    if (this.#isInOrder) return;
    const order = Uint32Array.from(this.#starts.keys()).sort(
      (a, b) => (this.#starts[a] as number) - (this.#starts[b] as number),
    );
    let end = 0;
    for (const at of order) {
      if ((this.#starts[at] as number) < end) throw new DamageError("column chunks overlap");
      end = this.#ends[at] as number;
    }
  }
}
