/** How far a long piece of work is. */
export interface Progress {
  /**
   * What is done: `footers` (the footers of all files are read, to count or mix their rows), `download` (the files of a split
   * are copied, for `streaming: false`).
   */
  readonly stage: "footers" | "download";
  /** How much of it is done. Never goes back within a stage. */
  readonly done: number;
  /** How much it is in all, as far as that is known. */
  readonly total: number | undefined;
  readonly unit: "bytes" | "files" | "rows";
}

/** Is told how far a long piece of work is: with its beginning, each step, and its end. What it throws ends the work. */
export type OnProgress = (progress: Progress) => void;
