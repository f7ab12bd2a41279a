import { inColumn } from "../failures.ts";
import type { Decompress } from "./decompress.ts";
import { type CheckedPage, PageCheck } from "./page-check.ts";
import type { Page } from "./page.ts";
import type { PageStream } from "./page-stream.ts";
import type { UnitMemory } from "./unit-memory.ts";

/** Pages that hold whole rows: mostly one, of lists also those on which its last row goes on. */
export interface PageRun {
  readonly firstRow: number;
  readonly end: number;
  readonly pages: readonly Page[];
}

interface OpenRun {
  firstRow: number;
  end: number;
  pages: Page[];
}

/** The pages of a column as runs of whole rows, checked before they are decoded. */
export class PageRuns {
  readonly stream: PageStream;
  readonly runs: PageRun[] = [];
  readonly #decompress: Decompress;
  readonly #memory: UnitMemory;
  readonly #check: PageCheck;
  readonly #checked = new WeakMap<Page, CheckedPage>();
  /** A run of lists whose last row may go on. */
  #open: OpenRun | undefined;
  #rows = 0;

  constructor(stream: PageStream, decompress: Decompress, memory: UnitMemory) {
    this.stream = stream;
    this.#decompress = decompress;
    this.#memory = memory;
    this.#check = new PageCheck(stream, decompress, memory);
  }

  /** All memory that the pages use. */
  get pieces(): readonly Uint8Array[] {
    return [...this.runs, ...(this.#open === undefined ? [] : [this.#open])].flatMap(({ pages }) =>
      pages.flatMap(({ pieces }) => pieces),
    );
  }

  /** Rows of all runs that are there. */
  get rows(): number {
    return this.#rows;
  }

  /** Takes pages until there are rows up to `row`, or no more have come. */
  fill(row: number, isLast: boolean): void {
    inColumn(this.stream.leaf.path, () => {
      while (this.#rows < row && this.#takePage());
      const isEnd = isLast && this.stream.pages.length === 0;
      if (this.#rows < row && isEnd && this.#open !== undefined) this.#close();
    });
  }

  /** The dictionary page and the pages of runs, decompressed. */
  bytesOf(runs: readonly PageRun[]): {
    readonly dictionary: readonly Uint8Array[];
    readonly data: readonly Uint8Array[];
  } {
    return inColumn(this.stream.leaf.path, () => ({
      dictionary: this.#check.openDictionary()?.plainBytes(this.#decompress) ?? [],
      data: runs.flatMap(({ pages }) =>
        pages.flatMap((page) => {
          this.#checkedPage(page);
          return page.plainBytes(this.#decompress);
        }),
      ),
    }));
  }

  /** What runs become; after {@link bytesOf}. */
  decodedBytes(runs: readonly PageRun[]): number {
    return runs.flatMap(({ pages }) => pages).reduce((sum, page) => sum + this.#checkedPage(page).decodedBytes, 0);
  }

  /** Forgets the runs before `row`. */
  drop(row: number): void {
    while (this.runs[0] !== undefined && this.runs[0].end <= row)
      for (const page of this.runs.shift()?.pages ?? []) this.#forget(page);
  }

  /** Gives all memory back: nothing is decoded any more. */
  close(): void {
    this.drop(Infinity);
    this.stream.dictionary?.free();
  }

  /** Copies what pages have of `buffer`. */
  leave(buffer: ArrayBufferLike): void {
    for (const { pages } of [...this.runs, ...(this.#open === undefined ? [] : [this.#open])])
      for (const page of pages) page.leave(buffer);
  }

  #takePage(): boolean {
    if (this.stream.pages.length === 0) this.stream.fill();
    const page = this.stream.pages.shift();
    if (page === undefined) return false;
    if (page.rows !== undefined) {
      if (this.#open !== undefined) this.#close();
      this.runs.push({ firstRow: this.#rows, end: this.#rows + page.rows, pages: [page] });
      this.#rows += page.rows;
      return true;
    }
    const { rows, beginsRow } = this.#checkedPage(page);
    if (beginsRow && this.#open !== undefined) this.#close();
    this.#open ??= { firstRow: this.#rows, end: this.#rows, pages: [] };
    this.#open.pages.push(page);
    this.#open.end += rows;
    return true;
  }

  #close(): void {
    const run = this.#open as OpenRun;
    this.runs.push(run);
    this.#rows = run.end;
    this.#open = undefined;
  }

  #checkedPage(page: Page): CheckedPage {
    const known = this.#checked.get(page);
    if (known !== undefined) return known;
    this.#memory.take(page.header.size);
    const checked = this.#check.check(page, page.keptBody(this.#decompress));
    this.#checked.set(page, checked);
    return checked;
  }

  #forget(page: Page): void {
    if (this.#checked.delete(page)) this.#memory.give(page.header.size);
    page.free();
  }
}
