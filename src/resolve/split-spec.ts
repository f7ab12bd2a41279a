import { HfStreamError } from "../errors.ts";
import { didYouMean, findNearNames } from "../fs/near-names.ts";
import { option, say } from "../message.ts";

/** One end of a slice; negative values count from the end of the split. */
export interface SliceBound {
  readonly value: number;
  /** Whether `value` is a percentage of the split's rows, or a number of rows. */
  readonly percent: boolean;
}

/** How percentages become rows: `closest` rounds, `pct1_dropremainder` counts in whole hundredths of the split. */
export type SliceRounding = "closest" | "pct1_dropremainder";

/** A split, or the rows of it from `start` to before `end`. */
export interface SplitPart {
  readonly split: string;
  readonly start?: SliceBound | undefined;
  readonly end?: SliceBound | undefined;
  /** @default "closest" */
  readonly rounding?: SliceRounding | undefined;
}

const SPLIT_NAME = String.raw`[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*`;
const BOUND = String.raw`(-?\d+(?:_\d+)*)(%)?`;
const PART = new RegExp(`^(${SPLIT_NAME})(?:\\[(?:${BOUND})?:(?:${BOUND})?\\])?(?:\\(([^)]*)\\))?$`, "u");
const WHOLE_NAME = new RegExp(`^${SPLIT_NAME}$`, "u");
const EXAMPLES = "'train', 'train+test', 'train[10%:20%]', 'train[100:200]' or 'train[-100:]'";

/** Tells whether `name` can name a split: words joined by dots, as `datasets` requires (`^\w+(\.\w+)*$`). */
export function isSplitName(name: string): boolean {
  return WHOLE_NAME.test(name);
}

/**
 * Parses a split expression by the grammar of `datasets.ReadInstruction.from_spec`. As there, one `%` makes both bounds
 * of a slice percentages. Throws `INVALID_OPTION` for anything else. `all` is an ordinary name here; see {@link chooseSplits}.
 */
export function parseSplitSpec(spec: string): SplitPart[] {
  const parts = spec.split("+").map((text) => parsePart(text.trim(), spec));
  const roundings = new Set(parts.filter(isPercentSlice).map((part) => part.rounding ?? "closest"));
  if (roundings.size > 1) throw invalid(spec, "its percent slices round in different ways");
  return parts;
}

/**
 * Says which parts of which splits are meant. Left out, it is the only split, else `train`, else error `SPLIT_REQUIRED`.
 * `all` is every split in order, unless a split has that name. Throws `SPLIT_NOT_FOUND` naming what there is.
 */
export function chooseSplits(available: readonly string[], spec: string | undefined, datasetId: string): SplitPart[] {
  const names = available.map((name) => `'${name}'`).join(", ");
  if (spec === undefined) {
    const chosen = available.length === 1 ? available[0] : available.find((name) => name === "train");
    if (chosen !== undefined) return [{ split: chosen }];
    throw new HfStreamError(
      "SPLIT_REQUIRED",
      say`Dataset ${datasetId} has no split 'train', so ${option("split")} must say which to read: ${names}, or 'all'.`,
      { path: datasetId },
    );
  }
  if (spec.trim() === "all" && !available.includes("all")) return available.map((split) => ({ split }));
  const parts = parseSplitSpec(spec);
  const missing = parts.find((part) => !available.includes(part.split));
  if (missing === undefined) return parts;
  throw new HfStreamError(
    "SPLIT_NOT_FOUND",
    `Dataset ${datasetId} has no split '${missing.split}'${didYouMean(findNearNames(missing.split, available))} ` +
      `Its splits are: ${names}.`,
    { path: datasetId },
  );
}

/**
 * Turns the bounds of `part` into rows `[start, end)` of a split of `numRows`, as `ReadInstruction.to_absolute` does:
 * percentages round to the closest row, halves to the even one; bounds beyond the split are moved to its ends; an end
 * before the start gives no rows. Unlike there, a negative bound that rounds to 0 rows still counts from the end.
 */
export function sliceBounds(part: SplitPart, numRows: number): [start: number, end: number] {
  const start = toRow(part.start ?? { value: 0, percent: false }, numRows, part);
  const end = part.end === undefined ? numRows : toRow(part.end, numRows, part);
  return [start, Math.max(start, end)];
}

function parsePart(text: string, spec: string): SplitPart {
  const match = PART.exec(text);
  if (match === null) throw invalid(spec, text === spec ? "it cannot be read" : `'${text}' cannot be read`);
  const [, split = "", start, startPercent, end, endPercent, roundingText] = match;
  const percent = startPercent !== undefined || endPercent !== undefined;
  const rounding = parseRounding(roundingText, percent, spec);
  return {
    split,
    ...(start === undefined ? {} : { start: parseBound(start, percent, spec) }),
    ...(end === undefined ? {} : { end: parseBound(end, percent, spec) }),
    ...(rounding === undefined ? {} : { rounding }),
  };
}

function parseBound(text: string, percent: boolean, spec: string): SliceBound {
  const value = Number(text.replaceAll("_", ""));
  if (percent && Math.abs(value) > 100) throw invalid(spec, `${value}% is beyond the split`);
  if (!Number.isSafeInteger(value)) throw invalid(spec, `${text} is too large`);
  return { value: value === 0 ? 0 : value, percent };
}

function parseRounding(text: string | undefined, percent: boolean, spec: string): SliceRounding | undefined {
  if (text === undefined) return undefined;
  if (text !== "closest" && text !== "pct1_dropremainder") {
    throw invalid(spec, `the rounding must be 'closest' or 'pct1_dropremainder', not '${text}'`);
  }
  if (!percent) throw invalid(spec, "a rounding is for percent slices only");
  return text;
}

function isPercentSlice(part: SplitPart): boolean {
  return part.start?.percent === true || part.end?.percent === true;
}

function toRow(bound: SliceBound, numRows: number, part: SplitPart): number {
  let row = bound.value;
  if (bound.percent && part.rounding === "pct1_dropremainder") {
    if (numRows < 100) {
      throw new HfStreamError(
        "INVALID_OPTION",
        `Rounding 'pct1_dropremainder' needs at least 100 rows, split '${part.split}' has ${numRows}: every slice would be empty`,
      );
    }
    row = bound.value * Math.trunc(numRows / 100);
  } else if (bound.percent) {
    row = roundHalfToEven((bound.value * numRows) / 100);
  }
  // The sign is that of what was written: -1% of a few rows rounds to none, and none counted from the end is the end.
  return bound.value < 0 ? Math.max(numRows + row, 0) : Math.min(row, numRows);
}

/** Python's `round`: JavaScript's rounds halves up. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

function invalid(spec: string, reason: string): HfStreamError {
  return new HfStreamError(
    "INVALID_OPTION",
    say`${option("split")}: expected one like ${EXAMPLES}, got '${spec}': ${reason}`,
  );
}
