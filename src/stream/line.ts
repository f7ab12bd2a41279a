import { mapAhead } from "../async/map-ahead.ts";
import type { OpenFile } from "../formats/types.ts";
import type { DataFile, ReadOptions } from "../fs/types.ts";
import { sliceBounds, type SplitPart } from "../resolve/split-spec.ts";
import type { ResolvedConfig } from "../resolve/types.ts";

/** Rows `[start, end)` of one unit of a file. */
export interface Span {
  readonly file: OpenFile;
  readonly unit: number;
  readonly start: number;
  readonly end: number;
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
  /** Footers read ahead. */
  readonly ahead: number;
  /** Told of each file how many of its units are wanted, and whether it is the last one. */
  readonly onFile?: ((units: number, isLast: boolean) => void) | undefined;
}

/** Footers read at the same time where all of them are needed. */
const COUNTING_AHEAD = 31;

/** The line of a dataset: the parts of splits that were asked for, one after the other. */
export function lineOf(config: ResolvedConfig, parts: readonly SplitPart[]): LinePart[] {
  return parts.map((slice) => {
    const split = config.splits.find(({ name }) => name === slice.split);
    return { files: split?.files ?? [], slice };
  });
}

/** Walks the rows `[start, end)` of the line and yields the spans of units that hold them, in order. */
export async function* spansOf(
  line: readonly LinePart[],
  { start, end }: { readonly start: number; readonly end: number },
  options: LineOptions,
): AsyncGenerator<Span> {
  let position = 0;
  for (const [index, part] of line.entries()) {
    const [from, to] = await partBounds(part, options);
    const skipped = Math.max(0, start - position);
    const partStart = Math.min(to, from + skipped);
    const partEnd = Math.min(to, from + Math.max(0, end - position));
    let rowsSeen = 0;
    const isLastPart = index === line.length - 1 || position + partEnd - from >= end;
    const onFile = (units: number, isLast: boolean): void => options.onFile?.(units, isLast && isLastPart);
    for await (const span of unitsUntil(partEnd, part.files, { ...options, onFile, skipped: partStart })) {
      const unitStart = rowsSeen;
      rowsSeen += span.end;
      const first = Math.max(0, partStart - unitStart);
      const last = Math.min(span.end, partEnd - unitStart);
      if (first < last) yield { ...span, start: first, end: last };
    }
    position += Math.max(0, Math.min(to, rowsSeen) - from);
    if (position >= end) return;
  }
}

/** Counts the rows and units of the line, by the footers of all its files. */
export async function countLine(
  line: readonly LinePart[],
  options: LineOptions,
): Promise<{ readonly rows: number; readonly units: number; readonly bytes: number }> {
  let [rows, units, bytes] = [0, 0, 0];
  for (const part of line) {
    let all = 0;
    for await (const file of openAll(part.files, { ...options, ahead: COUNTING_AHEAD })) {
      for (const unit of file?.units ?? []) {
        all += unit.rows;
        bytes += unit.bytes;
      }
      units += file?.units.length ?? 0;
    }
    const [from, to] = sliceBounds(part.slice, all);
    rows += to - from;
  }
  return { rows, units, bytes };
}

/** The rows of a part's files that are meant. A slice from the end, or in percent, needs the footers of all of them. */
async function partBounds({ files, slice }: LinePart, options: LineOptions): Promise<[start: number, end: number]> {
  const isRelative = [slice.start, slice.end].some(
    (bound) => bound !== undefined && (bound.percent || bound.value < 0),
  );
  if (!isRelative) return sliceBounds(slice, Infinity);
  const { rows } = await countLine([{ files, slice: { split: slice.split } }], options);
  return sliceBounds(slice, rows);
}

interface UnitsOptions extends LineOptions {
  /** Rows at the beginning that nobody wants: their files' footers are all that is read, many at a time. */
  readonly skipped: number;
}

/** Every unit whole, in order, until `end` rows were seen. */
async function* unitsUntil(end: number, files: readonly DataFile[], options: UnitsOptions): AsyncGenerator<Span> {
  let [rowsSeen, filesSeen] = [0, 0];
  if (end <= 0) return;
  // No more footers than the rows still wanted are likely to need.
  const ahead = (): number => {
    if (filesSeen === 0) return Number.isFinite(end) ? 0 : options.ahead;
    const perFile = Math.max(1, rowsSeen / filesSeen);
    const most = options.skipped - rowsSeen > perFile ? COUNTING_AHEAD : options.ahead;
    return Math.max(0, Math.min(most, Math.floor((end - rowsSeen) / perFile) - 1));
  };
  for await (const file of openAll(files, { ...options, ahead })) {
    filesSeen += 1;
    const bounds = unitBounds(file, rowsSeen);
    const wanted = bounds.filter(
      ({ start, end: unitEnd }) => start < end && unitEnd > options.skipped && start < unitEnd,
    );
    options.onFile?.(wanted.length, filesSeen === files.length || (bounds.at(-1)?.end ?? 0) >= end);
    for (const [unit, { rows }] of (file?.units ?? []).entries()) {
      rowsSeen += rows;
      yield { file: file as OpenFile, unit, start: 0, end: rows };
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
  { open, ahead, signal, meter }: Omit<LineOptions, "ahead"> & { readonly ahead: number | (() => number) },
): AsyncGenerator<OpenFile | undefined> {
  return mapAhead(files, (file, job) => open(file, { meter, signal: job.signal }), { ahead, signal });
}
