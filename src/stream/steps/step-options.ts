import { checkEach, type Checks, invalidOption, isBoolean, isWhole } from "../../fs/option-checks.ts";
import { isColumns } from "../options.ts";
import type { Equalize } from "../order/parts.ts";
import type { MapOptions } from "./steps.ts";

/** Options of `batches`. */
export interface BatchesOptions {
  /** Rows of each record batch but for the last. @default those that were decoded together */
  readonly batchSize?: number | undefined;
}

/** Options of `batch`. */
export interface BatchOptions {
  /** Leaves the last rows out if they are fewer than the others. @default false */
  readonly dropLast?: boolean | undefined;
}

/** Options of `shuffle`. */
export interface ShuffleOptions {
  /** Another seed, another order. @default 0 */
  readonly seed?: number | undefined;
  /** Rows that are mixed at a time. @default 10000 */
  readonly window?: number | undefined;
}

/** Options of `shard`. */
export interface ShardOptions {
  readonly count: number;
  /** Which of them, from 0 to `count - 1`. */
  readonly index: number;
}

/** Options of `splitByNode`. */
export interface SplitByNodeOptions {
  readonly worldSize: number;
  /** Which of them, from 0 to `worldSize - 1`. */
  readonly rank: number;
  /** `drop` and `pad` give all ranks exactly the same number of rows. @default "none" */
  readonly equalize?: Equalize | undefined;
}

/** Options of `info`. */
export interface InfoOptions {
  /** Reads the footers of all files to count their rows. @default false */
  readonly scan?: boolean | undefined;
}

export const MAP_CHECKS: Checks<MapOptions> = {
  batched: ["a boolean", isBoolean],
  batchSize: ["a whole number of rows, at least 1", isWhole(1)],
  concurrency: ["a whole number, at least 1", isWhole(1)],
  columns: ["a list of at least one column name, each once", isColumns],
  remove: ["a list of at least one column name, each once", isColumns],
};

export const SHUFFLE_CHECKS: Checks<ShuffleOptions> = {
  seed: ["a whole number, at least 0", isWhole(0)],
  window: ["a whole number of rows, at least 1", isWhole(1)],
};

export const SHARD_CHECKS: Checks<ShardOptions> = {
  count: ["a whole number, at least 1", isWhole(1)],
  index: ["a whole number, at least 0", isWhole(0)],
};

export const SPLIT_CHECKS: Checks<SplitByNodeOptions> = {
  worldSize: ["a whole number, at least 1", isWhole(1)],
  rank: ["a whole number, at least 0", isWhole(0)],
  equalize: ["'none', 'drop' or 'pad'", (value) => value === "none" || value === "drop" || value === "pad"],
};

export const BATCHES_CHECKS: Checks<BatchesOptions> = {
  batchSize: ["a whole number of rows, at least 1", isWhole(1)],
};

export const BATCH_CHECKS: Checks<BatchOptions> = { dropLast: ["a boolean", isBoolean] };

export const INFO_CHECKS: Checks<InfoOptions> = { scan: ["a boolean", isBoolean] };

/** Checks the options of `map` and gives a copy. Throws `INVALID_OPTION`. */
export function checkMapOptions(options: MapOptions): MapOptions {
  checkEach(options, MAP_CHECKS, "map(fn, {})");
  const { columns, remove } = options;
  return { ...options, ...structuredClone({ columns, remove }) };
}

/** Checks which part of how many a call asks for. Throws `INVALID_OPTION` with the call's own names. */
export function checkPart(
  call: string,
  [size, count]: readonly [name: string, value: number],
  [name, index]: readonly [name: string, value: number],
): void {
  if (!isWhole(1)(count)) throw invalidOption(call, size, "a whole number, at least 1", count);
  if (!isWhole(0)(index) || index >= count)
    throw invalidOption(call, name, `a whole number from 0 to ${count - 1}`, index);
}
