import { mapAhead } from "../async/map-ahead.ts";
import type { OpenFile } from "../formats/types.ts";
import type { DataFile, ReadOptions } from "../fs/types.ts";
import { type SliceBound, sliceBounds, type SplitPart } from "../resolve/split-spec.ts";
import type { ResolvedConfig } from "../resolve/types.ts";

/** Rows `[start, end)` of one unit of a file. */
export interface Span {
  readonly file: OpenFile;
  readonly unit: number;
  readonly start: number;
  readonly end: number;
  /** The row of the line, or of the window, at which it begins. */
  readonly row: number;
}

/** Files one after the other, and which of their rows are meant. */
export interface LinePart {
  readonly files: readonly DataFile[];
  readonly slice: SplitPart;
}

/** Opens a data file: reads its footer, or knows it. `undefined` for one that is left out. */
export type FileOpener = (file: DataFile, options: ReadOptions) => Promise<OpenFile | undefined>;

/** Options of reading along the line. */
export interface LineOptions extends ReadOptions {
  readonly open: FileOpener;
  /** Footers read ahead, at least; asked each time. */
  readonly ahead: () => number;
  /** Units that are wanted ahead: as many footers as these are in. @default those of `ahead` files */
  readonly unitsAhead?: (() => number) | undefined;
  /** Told of each file how many of its units are wanted, and whether it is the last one. */
  readonly onFile?: ((units: number, isLast: boolean) => void) | undefined;
}

/** Footers read at the same time where all of them are needed. */
export const COUNTING_AHEAD = 31;

/** The line of a dataset: the parts of splits that were asked for, one after the other. */
export function lineOf(config: ResolvedConfig, parts: readonly SplitPart[]): LinePart[] {
  return parts.map((slice) => {
    const split = config.splits.find(({ name }) => name === slice.split);
    return { files: split?.files ?? [], slice };
  });
}

/** Whether the slices of a line can only be told when all its rows are counted: those from the end, or in percent. */
export function isRelative(line: readonly LinePart[]): boolean {
  const isCounted = (bound: SliceBound | undefined): boolean =>
    bound !== undefined && (bound.percent || bound.value < 0);
  return line.some(({ slice }) => isCounted(slice.start) || isCounted(slice.end));
}

/**
 * Walks the rows `[start, end)` of a line that is not {@link isRelative} and yields the spans of units that hold them, in
 * order. Footers are read as they are reached, so that the first rows come at once however many files there are.
 */
export async function* spansOf(
  line: readonly LinePart[],
  { start, end }: { readonly start: number; readonly end: number },
  options: LineOptions,
): AsyncGenerator<Span> {
  let position = 0;
  for (const [index, part] of line.entries()) {
    const [from, to] = sliceBounds(part.slice, Infinity);
    const skipped = Math.max(0, start - position);
    const partStart = Math.min(to, from + skipped);
    const partEnd = Math.min(to, from + Math.max(0, end - position));
    let rowsSeen = 0;
    const isLastPart = index === line.length - 1 || position + partEnd - from >= end;
    const onFile = (units: number, isLast: boolean): void => options.onFile?.(units, isLast && isLastPart);
    for await (const unit of unitsUntil(partEnd, part.files, { ...options, onFile, skipped: partStart })) {
      const unitStart = rowsSeen;
      rowsSeen += unit.rows;
      const first = Math.max(0, partStart - unitStart);
      const last = Math.min(unit.rows, partEnd - unitStart);
      const row = position + unitStart + first - from;
      if (first < last) yield { file: unit.file, unit: unit.unit, start: first, end: last, row };
    }
    position += Math.max(0, Math.min(to, rowsSeen) - from);
    if (position >= end) return;
  }
}

interface UnitsOptions extends LineOptions {
  /** Rows at the beginning that nobody wants: their files' footers are all that is read, many at a time. */
  readonly skipped: number;
}

/** Every unit whole, in order, until `end` rows were seen. */
async function* unitsUntil(
  end: number,
  files: readonly DataFile[],
  options: UnitsOptions,
): AsyncGenerator<{ readonly file: OpenFile; readonly unit: number; readonly rows: number }> {
  let [rowsSeen, filesSeen, unitsSeen] = [0, 0, 0];
  if (end <= 0) return;
  // No more footers than the rows still wanted are likely to need.
  const ahead = (): number => {
    const least = options.ahead();
    if (filesSeen === 0) return Number.isFinite(end) ? 0 : least;
    const perFile = Math.max(1, rowsSeen / filesSeen);
    const inUnits = Math.ceil(((options.unitsAhead?.() ?? 0) * filesSeen) / Math.max(1, unitsSeen));
    const most = options.skipped - rowsSeen > perFile ? COUNTING_AHEAD : Math.max(least, inUnits);
    return Math.max(0, Math.min(most, Math.floor((end - rowsSeen) / perFile) - 1));
  };
  for await (const file of openAll(files, { ...options, ahead })) {
    filesSeen += 1;
    unitsSeen += file?.units.length ?? 0;
    const bounds = unitBounds(file, rowsSeen);
    const wanted = bounds.filter(
      ({ start, end: unitEnd }) => start < end && unitEnd > options.skipped && start < unitEnd,
    );
    options.onFile?.(wanted.length, filesSeen === files.length || (bounds.at(-1)?.end ?? 0) >= end);
    for (const [unit, { rows }] of (file?.units ?? []).entries()) {
      rowsSeen += rows;
      yield { file: file as OpenFile, unit, rows };
      if (rowsSeen >= end) return;
    }
  }
}

/** Where the units of a file stand among the rows of its files, of which `before` come first. */
function unitBounds(file: OpenFile | undefined, before: number): { readonly start: number; readonly end: number }[] {
  let start = before;
  return (file?.units ?? []).map(({ rows }) => {
    const bounds = { start, end: start + rows };
    start += rows;
    return bounds;
  });
}

function openAll(
  files: readonly DataFile[],
  { open, ahead, signal, meter }: LineOptions,
): AsyncGenerator<OpenFile | undefined> {
  return mapAhead(files, (file, job) => open(file, { meter, signal: job.signal }), { ahead, signal });
}
