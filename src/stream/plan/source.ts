import type { Decoder } from "../../parquet/decode/decoder.ts";
import type { Block, SourceState } from "../block.ts";
import type { Range } from "../order/order.ts";
import type { Cut } from "../order/parts.ts";
import type { Piece } from "../order/piece.ts";
import type { Watchdog } from "../watchdog.ts";
import type { StreamStats } from "../stats.ts";
import type { AnyRow } from "../steps/steps.ts";
import type { JoinedColumn } from "./join-columns.ts";
import type { Plan } from "./plan.ts";

/** What one iteration reads with. */
export interface Reading {
  readonly signal: AbortSignal;
  readonly stats: StreamStats;
  readonly decoder: Decoder;
  readonly watchdog: Watchdog;
  /** How many datasets are read at the same time: each gets its share of the memory. */
  readonly share: number;
}

/** Rows of a source that a piece of the order consists of. */
export interface PieceRange {
  readonly piece: Piece;
  readonly range: Range;
}

/** Where a round of rows that repeat ends, among what is read: what reads it says so where it comes to it. */
export const ROUND_END: unique symbol = Symbol("the end of a round");

/** Ranges to read, one after the other. */
export type Ranges = Iterable<PieceRange | typeof ROUND_END> | AsyncIterable<PieceRange | typeof ROUND_END>;

/** What rows come from. */
interface BaseSource {
  /** The columns of its rows; `undefined` where only its functions know. */
  columns(reading: Reading): Promise<readonly JoinedColumn[] | undefined>;
  /** Has columns given in these forms, those of what they are joined with. */
  give(columns: readonly JoinedColumn[], reading: Reading): Promise<void>;
}

/** A source that can be read from any of its places on. */
export interface AddressableSource extends BaseSource {
  readonly isAddressable: true;
  /** Counts the places of one pass. */
  count(reading: Reading): Promise<number>;
  /**
   * Reads ranges, one after the other. `epoch` is that of the first pass; `counts`, what steps that count had counted
   * where the ranges begin.
   */
  read(ranges: Ranges, from: ReadFrom, reading: Reading): AsyncIterable<Block<AnyRow>>;
  /** Places of a range's order at which reading can be cut for nothing: where a unit ends, or a window. */
  seams(range: Range, epoch: number, reading: Reading): AsyncIterable<number>;
}

export interface ReadFrom {
  readonly epoch: number;
  readonly counts: readonly number[];
}

/** A source whose rows only reading can count: it says for itself where it stands. */
export interface SequentialSource extends BaseSource {
  readonly isAddressable: false;
  /** Whether it is read again and again. */
  readonly repeats: boolean;
  /** What it reads: that to which a state of its `inputs` belongs. */
  inputOf(index: number): Plan | undefined;
  /** The state before the first row: the one given, or what it leaves for a part if it is that of the whole. */
  begin(from: Beginning<SourceState>, request: PlanRequest, reading: Reading): Promise<SourceState>;
  /** The state after the last row. */
  end(request: PlanRequest, reading: Reading): Promise<SourceState>;
  /** Reads from where a state says; of each of what it joins, its part. */
  readFrom(state: SourceState, request: PlanRequest, reading: Reading): AsyncIterable<Block<AnyRow>>;
}

/** Which rows of a plan are wanted. */
export interface PlanRequest {
  readonly parts: readonly Cut[];
  readonly epoch: number;
}

/** What an iteration begins with. */
export interface Beginning<State> {
  /** Left out: with all rows. */
  readonly state: State | undefined;
  /** Whether the state is that of the whole, to be cut into parts, or of this part. */
  readonly isWhole: boolean;
}

export type Source = AddressableSource | SequentialSource;
