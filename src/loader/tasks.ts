import { type Piece, restOfPiece } from "../stream/order/piece.ts";
import type { Deal } from "../stream/plan/plan-reader.ts";
import type { PlacedPiece } from "../stream/plan/plan-state.ts";

/** Which tasks a worker does: rows from one place to another, dealt to all workers in turn. */
export interface Deck {
  readonly worker: number;
  readonly workers: number;
  /** Rows of a task, at least: it ends at the next place where reading can be cut for nothing. */
  readonly rows: number;
  /** Where to go on: a task, and the place in the order of its piece. */
  readonly from?: TaskPlace | undefined;
}

/** A place within a task. */
export interface TaskPlace {
  readonly task: number;
  /** Left out: at its beginning. */
  readonly row?: { readonly from: number; readonly skip: number } | undefined;
}

/** Told which piece is which task, in order, and at the end how many tasks there are for all workers. */
export interface DeckEvents {
  onTask(piece: Piece, task: number, placed: PlacedPiece): void;
  onEnd(tasks: number): void;
}

/** Deals one worker its tasks: all workers cut the same pieces in the same places, so they need not talk. */
export function dealTo({ worker, workers, rows, from }: Deck, { onTask, onEnd }: DeckEvents): Deal["pick"] {
  let task = 0;
  return async function* (pieces, seams) {
    for (const placed of pieces) {
      const { piece } = placed;
      for await (const part of cutAt(piece, seams(piece), rows)) {
        if (task % workers === worker && task >= (from?.task ?? 0)) {
          const begun = task === from?.task ? from.row : undefined;
          const own = begun === undefined ? part : restOfPiece(part, begun.from, begun.skip);
          onTask(own, task, placed);
          if (own.from < own.to) yield { piece: own, placed };
        }
        task += 1;
      }
    }
    onEnd(task);
  };
}

/** Cuts a piece at seams, so that no part but the last has fewer than `rows` rows. */
async function* cutAt(piece: Piece, seams: AsyncIterable<number>, rows: number): AsyncGenerator<Piece> {
  let from = piece.from;
  for await (const seam of seams) {
    if (seam - from < rows) continue;
    yield restOfPiece({ ...piece, to: seam }, from, from === piece.from ? (piece.skip ?? 0) : 0);
    from = seam;
  }
  yield restOfPiece(piece, from, from === piece.from ? (piece.skip ?? 0) : 0);
}
