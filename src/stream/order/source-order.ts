import { type Key, keyOf } from "./permutation.ts";
import { CyclePhase, RandomPhase, type SourcePhase } from "./source-phase.ts";

/**
 * When an interleaving ends, as `stopping_strategy` of Python's `datasets.interleave_datasets`: with the last row of the
 * first source that ends; when every source has given its last row, those that ended before starting again meanwhile;
 * or then too, with those that ended left out.
 */
export type StopRule = "first_exhausted" | "all_exhausted" | "all_exhausted_without_replacement";

export interface SourceOrderOptions {
  /** How many sources there are. */
  readonly sources: number;
  /**
   * How often each source is chosen, in sum 1; kept to within 1/65536, but any above 0 is at least that. One of 0 is
   * never chosen: the interleaving is as if that source were not there. Left out, the sources take turns.
   */
  readonly probabilities?: readonly number[] | undefined;
  /** What the random choice is derived from; without probabilities it plays no part. */
  readonly key: Key;
  readonly stop: StopRule;
}

/** Where an interleaving stands; plain JSON, no larger for a later position. */
export interface SourceMark {
  /** How many rows were passed. */
  readonly position: number;
  /** The position from which on the sources are chosen from that are chosen from now. */
  readonly start: number;
  /** Whose turn it was there: this source's, or that of the next one after it that is chosen from. */
  readonly first: number;
  /** The sources that have no rows, ascending. */
  readonly empty: readonly number[];
  /** The sources that have given their last row, ascending. */
  readonly exhausted: readonly number[];
}

/** A walk along an interleaving, row by row. */
export interface SourceWalk {
  /** The source of the row at this place; undefined at the end. */
  readonly source: number | undefined;
  /** Passes the row; `isLast`: it was the last one of its source (in this pass of the source). Does nothing at the end. */
  advance(isLast: boolean): void;
  /** Where the walk stands, for {@link SourceOrder.walk} to go on from. */
  mark(): SourceMark;
}

/**
 * Says which of several sources gives the row at each position of an interleaving. The same options and counts give the
 * same sequence for ever. An empty source ends `first_exhausted` before its first row and is left out by the other rules.
 */
export class SourceOrder {
  readonly #choice: Choice;

  constructor(options: SourceOrderOptions) {
    this.#choice = new Choice(options);
  }

  /** A walk from the beginning (`empty`: sources that have no rows at all), or from a mark. */
  walk(from: { readonly empty: readonly number[] } | SourceMark): SourceWalk {
    return new Walk(this.#choice, "position" in from ? from : this.#choice.begin(from.empty));
  }

  /** How many rows the interleaving gives for sources of so many rows each (counts may be Infinity; the result too). */
  length(counts: readonly number[]): number {
    const { stop, choosable } = this.#choice;
    const phase = this.#choice.phase(this.#choice.begin(emptyOf(counts)));
    if (phase === undefined) return 0;
    if (stop === "all_exhausted_without_replacement") {
      return choosable.reduce((total, source) => total + counts[source]!, 0);
    }
    return phase.rowsUntil(
      stop === "first_exhausted" ? "one" : "every",
      phase.sources.map((source) => counts[source]!),
    );
  }

  /**
   * The walk that stands before `position` (0 <= position <= length), and how many rows each source has given until there
   * (for all_exhausted it counts through restarts, so it can exceed the source's count).
   */
  locate(
    position: number,
    counts: readonly number[],
  ): { readonly walk: SourceWalk; readonly taken: readonly number[] } {
    const begin = this.#choice.begin(emptyOf(counts));
    const taken = counts.map(() => 0);
    const exhausted: number[] = [];
    let [start, first] = [0, 0];
    for (;;) {
      const phase = this.#choice.phase({ start, first, empty: begin.empty, exhausted });
      if (phase === undefined) break;
      const length = this.#phaseLength(phase, counts, taken);
      const rows = Math.min(position - start, length);
      for (const [index, given] of phase.taken(rows).entries()) taken[phase.sources[index]!]! += given;
      if (rows < length) {
        exhausted.push(...phase.sources.filter((source) => taken[source]! >= counts[source]!));
        break;
      }
      const last = phase.at(rows - 1);
      exhausted.push(last);
      start += rows;
      first = last + 1;
    }
    const mark = { ...begin, position, start, first, exhausted: ascending(exhausted) };
    return { walk: this.walk(mark), taken };
  }

  /** How many rows until other sources are chosen from. */
  #phaseLength(phase: SourcePhase, counts: readonly number[], taken: readonly number[]): number {
    if (this.#choice.stop !== "all_exhausted_without_replacement") return Infinity;
    return phase.rowsUntil(
      "one",
      phase.sources.map((source) => counts[source]! - taken[source]!),
    );
  }
}

/** A source that has given its last row and may start again. */
const ENDED = 1;
/** One that is not chosen any more. */
const OUT = 2;

/** What is chosen from, by the rules of one interleaving. */
class Choice {
  readonly stop: StopRule;
  /** The sources that are chosen at all, ascending. */
  readonly choosable: readonly number[];
  readonly #sources: number;
  readonly #probabilities: readonly number[] | undefined;
  readonly #key: Key;

  constructor({ sources, probabilities, key, stop }: SourceOrderOptions) {
    this.stop = stop;
    this.choosable = Array.from({ length: sources }, (_, source) => source).filter(
      (source) => probabilities === undefined || probabilities[source]! > 0,
    );
    this.#sources = sources;
    this.#probabilities = probabilities;
    this.#key = key;
  }

  begin(empty: readonly number[]): SourceMark {
    const without = new Set(empty);
    return {
      position: 0,
      start: 0,
      first: 0,
      empty: this.choosable.filter((source) => without.has(source)),
      exhausted: [],
    };
  }

  /** What the row after `mark` is chosen from; undefined at the end. */
  phase({ start, first, empty, exhausted }: Omit<SourceMark, "position">): SourcePhase | undefined {
    const state = new Uint8Array(this.#sources);
    for (const source of exhausted) state[source] = this.stop === "all_exhausted_without_replacement" ? OUT : ENDED;
    for (const source of empty) state[source] = OUT;
    const left = this.choosable.filter((source) => state[source] !== OUT);
    if (left.every((source) => state[source] === ENDED)) return undefined;
    if (this.stop === "first_exhausted" && (exhausted.length > 0 || empty.length > 0)) return undefined;
    const sources = [...left.filter((source) => source >= first), ...left.filter((source) => source < first)];
    const probabilities = this.#probabilities;
    if (probabilities === undefined) return new CyclePhase(sources);
    return new RandomPhase(
      sources,
      sources.map((source) => probabilities[source]!),
      keyOf(...this.#key, start),
    );
  }
}

class Walk implements SourceWalk {
  readonly #choice: Choice;
  readonly #exhausted: Set<number>;
  /** Up to date but for its position. */
  #mark: SourceMark;
  #position: number;
  #phase: SourcePhase | undefined;
  #source: number | undefined;

  constructor(choice: Choice, mark: SourceMark) {
    this.#choice = choice;
    this.#exhausted = new Set(mark.exhausted);
    this.#mark = mark;
    this.#position = mark.position;
    this.#phase = choice.phase(mark);
    this.#source = this.#phase?.at(mark.position - mark.start);
  }

  get source(): number | undefined {
    return this.#source;
  }

  advance(isLast: boolean): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#position += 1;
    if (isLast && !this.#exhausted.has(source)) this.#exhaust(source);
    this.#source = this.#phase?.at(this.#position - this.#mark.start);
  }

  mark(): SourceMark {
    return { ...this.#mark, position: this.#position };
  }

  #exhaust(source: number): void {
    this.#exhausted.add(source);
    this.#mark = { ...this.#mark, exhausted: ascending([...this.#mark.exhausted, source]) };
    if (this.#choice.stop === "all_exhausted" && this.#exhausted.size < (this.#phase?.sources.length ?? 0)) return;
    if (this.#choice.stop === "all_exhausted_without_replacement") {
      this.#mark = { ...this.#mark, start: this.#position, first: source + 1 };
    }
    this.#phase = this.#choice.phase(this.#mark);
  }
}

function emptyOf(counts: readonly number[]): number[] {
  return [...counts.keys()].filter((source) => counts[source] === 0);
}

function ascending(sources: readonly number[]): number[] {
  return [...sources].sort((a, b) => a - b);
}
