import type { Course } from "./parts.ts";
import type { Piece } from "./piece.ts";

/** What changes the order of rows, or which of them come, by their places alone. */
export type OrderStep =
  | { readonly kind: "slice"; readonly start: number; readonly end: number }
  | { readonly kind: "repeat"; readonly times: number }
  /**
   * Leaves the last rows out, if they are fewer than `of` and fewer than `enough`. The others have an order of their own,
   * or with `isCut` that which they have among all, as those of a slice do.
   */
  | { readonly kind: "dropRest"; readonly of: number; readonly enough: number; readonly isCut?: boolean };

/** Places `[from, to)` of the order of rows `[start, end)` of a source, in one epoch. */
export interface Range {
  /** Added to the epoch of the iteration. */
  readonly pass: number;
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** The place, in the order of the piece that was resolved, of the first row. */
  readonly place: number;
}

/** The order that steps make of a source of so many rows. Pure arithmetic. */
export class Order {
  /** Rows in all, or more where they are not counted; `Infinity` if they repeat for ever. */
  readonly rows: number;
  readonly course: Course;
  readonly #levels: readonly Level[];

  /** `rows` is `undefined` where they are not counted; then nothing may repeat. */
  constructor(rows: number | undefined, steps: readonly OrderStep[], grain: number) {
    const levels: Level[] = [];
    let [end, round, offset] = [rows ?? Infinity, Infinity, 0];
    for (const step of steps) {
      levels.push({ step, rows: end });
      if (step.kind === "repeat") {
        [round, offset] = [end, 0];
        end = end === 0 || step.times === 0 ? 0 : end * step.times;
      } else if (step.kind === "dropRest") {
        const rest = Number.isFinite(end) ? end % step.of : 0;
        end -= rest < step.enough ? rest : 0;
      } else {
        offset += step.start;
        end = Math.max(0, Math.min(end, step.end) - step.start);
      }
    }
    this.#levels = levels.reverse();
    this.rows = end;
    this.course = { end: rows === undefined ? Infinity : end, round, offset, grain };
  }

  /** What of the source a piece of this order consists of, in order. */
  *resolve({ start, end, from, to }: Piece): Generator<Range> {
    const last = Math.min(end, this.rows); // an end that was not known
    yield* this.#resolve(0, { pass: 0, start, end: last, from, to: Math.min(to, last - start), place: from });
  }

  *#resolve(level: number, range: Range): Generator<Range> {
    const at = this.#levels[level];
    if (at === undefined) {
      yield range;
      return;
    }
    const { step, rows } = at;
    if (step.kind === "slice" || (step.kind === "dropRest" && step.isCut === true)) {
      // Rows of a slice are places of the whole order below it.
      const shift = range.start + (step.kind === "slice" ? step.start : 0);
      const below = { ...range, start: 0, end: rows, from: shift + range.from, to: Math.min(rows, shift + range.to) };
      if (below.from < below.to) yield* this.#resolve(level + 1, below);
      return;
    }
    if (step.kind === "dropRest") {
      yield* this.#resolve(level + 1, range);
      return;
    }
    const { start, end, from, to } = range;
    let before = Math.floor((start + from) / rows) * rows || 0; // the rows of earlier passes; of endless ones there is one
    for (; before < start + to; before += rows) {
      const first = Math.max(start, before);
      const last = Math.min(end, before + rows);
      const shift = first - start;
      const [low, high] = [Math.max(from, shift), Math.min(to, last - start)];
      if (low >= high) continue;
      const pass = Math.round(before / rows);
      yield* this.#resolve(level + 1, {
        pass: range.pass === 0 ? pass : range.pass * step.times + pass,
        start: first - before,
        end: last - before,
        from: low - shift,
        to: high - shift,
        place: range.place + low - from,
      });
    }
  }
}

interface Level {
  readonly step: OrderStep;
  /** Rows below this step. */
  readonly rows: number;
}
