import { availableParallelism } from "node:os";
import { HfStreamError } from "../errors.ts";
import { createMeter } from "../hub/meter.ts";
import { pieceFromJson, pieceRows, pieceToJson, restOfPiece } from "../stream/order/piece.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import type { RowBlock } from "../stream/row-iterator.ts";
import type { DatasetState } from "../stream/state.ts";
import { createStats, type StreamStats } from "../stream/stats.ts";
import type { RowsMessage, TaskHead, WorkerMessage, WorkerSource } from "./messages.ts";
import { PooledWorker, Replacements } from "./worker-pool.ts";

export interface WorkerFeedOptions {
  readonly source: WorkerSource;
  readonly workers: number;
  /** Rows that a worker reads at a stretch, at least. */
  readonly taskRows: number;
  /** The state before the first row. */
  readonly resting: DatasetState;
}

/** Counters of which all threads have their own; those of rows are the reader's. */
const SUMMED = [
  "requests",
  "retries",
  "bytesFetched",
  "cacheHits",
  "waitingOnNetworkMs",
  "waitingOnDecodeMs",
  "waitingOnConsumerMs",
  "skippedRows",
  "unitsDone",
] as const satisfies readonly (keyof StreamStats)[];

/** What a thread says when it has all that it must load. */
const AT_WORK: ReadonlySet<WorkerMessage["kind"]> = new Set(["begun", "barren", "ended", "failed"]);

/** The rows of worker threads in the order in which one thread would give them. */
export class WorkerFeed {
  readonly stats: StreamStats = createStats(createMeter());
  readonly #options: WorkerFeedOptions;
  readonly #statsOf = new Map<object, StreamStats>();
  #workers: readonly PooledWorker[] = [];
  /** How many of them were told to start; those that are waited for start by themselves. */
  #started = 0;
  #resting: DatasetState;
  /** What the states of all rows have in common. */
  #common: DatasetState | undefined;
  /** Which dataset the module made, in the thread that was first. */
  #made: string | undefined;
  #closed: Promise<unknown> | undefined;

  /** The threads are started when the first row is asked for. */
  constructor(options: WorkerFeedOptions) {
    this.#options = options;
    this.#resting = options.resting;
  }

  /** The state where no row is behind: before the first one, or after the last. */
  restingState(): DatasetState {
    return this.#resting;
  }

  async *blocks(): AsyncGenerator<RowBlock<object>> {
    if (this.#closed !== undefined) return;
    this.#workers = this.#makeWorkers();
    try {
      for (let core = 0; core < availableParallelism(); core += 1) this.#startNext();
      yield* this.#read();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closed ??= Promise.all(this.#workers.map(async (worker) => await worker.close()));
    await this.#closed;
  }

  /** Task by task, whoever does it. */
  async *#read(): AsyncGenerator<RowBlock<object>> {
    const { workers } = this.#options;
    let [tasks, lastFruitful] = [Infinity, -1];
    for (let task = 0; task < tasks; task += 1) {
      const index = task % workers;
      const worker = this.#workers[index] as PooledWorker;
      let head: TaskHead | undefined;
      for (;;) {
        const message = await worker.peek();
        if (message.kind === "failed") throw message.error;
        if (message.kind === "ended") {
          ({ tasks } = message);
          if (task >= tasks - 1) this.#resting = message.state;
          break; // the message stays, for the tasks after the worker's last
        }
        if (message.kind === "barren") {
          if (message.tasks > task) break;
          worker.answer(lastFruitful >= message.first);
          continue;
        }
        if (message.kind === "begun") this.#begin(message);
        else if (message.task > task) break;
        if (message.kind === "rows") {
          lastFruitful = task;
          head = message.head ?? head;
          yield this.#blockOf(message, head);
        }
        worker.take();
      }
    }
    for (const worker of this.#workers) {
      let message = await worker.peek(); // that it has ended, or what all of them failed of
      for (; message.kind === "barren"; message = await worker.peek()) worker.answer(false);
      if (message.kind === "failed") throw message.error;
    }
  }

  #listen(message: WorkerMessage, thread: object): void {
    if (AT_WORK.has(message.kind)) this.#startNext();
    if (message.kind === "rows" || message.kind === "ended") this.#count(thread, message.stats);
    if (message.kind !== "made") return;
    this.#made ??= message.dataset;
    if (message.dataset === this.#made) return;
    const error = differentDatasets(this.#options.source);
    for (const worker of this.#workers) worker.fail(error);
  }

  /** Starts the next thread: they load the same code, and more of them than cores only hold each other up. */
  #startNext(): void {
    this.#workers[this.#started++]?.start();
  }

  /** Learns from the worker that began first what is read. */
  #begin({ state, parts }: Extract<WorkerMessage, { kind: "begun" }>): void {
    if (this.#common !== undefined && this.#common.commit !== state.commit)
      throw new HfStreamError("FILE_CHANGED", `${state.id} was changed while it was being opened. Begin again.`);
    if (this.#common !== undefined) return;
    this.#common = { ...state, part: parts };
    this.#resting = state;
  }

  #blockOf({ rows, from, skip, states }: RowsMessage, head: TaskHead | undefined): RowBlock<object> {
    const common = this.#common ?? this.#resting;
    const restAfter = (index: number): PlanState => {
      const own = states?.[index];
      if (own !== undefined) return own;
      if (head === undefined) throw new TypeError("the rows of a task came without its head");
      const left = restOfPiece(pieceFromJson(head.piece), from[index] ?? 0, skip[index] ?? 0);
      const pieces = pieceRows(left) > 0 ? [pieceToJson(left), ...head.rest] : head.rest;
      return { pieces, next: head.next, course: head.course };
    };
    return {
      length: rows.length,
      at: (index) => rows[index] as object,
      stateAfter: (index) => ({ ...common, rest: restAfter(index) }),
    };
  }

  #count(thread: object, stats: StreamStats): void {
    this.#statsOf.set(thread, stats);
    const all = [...this.#statsOf.values()];
    for (const name of SUMMED) this.stats[name] = sum(all.map((own) => own[name]));
    const files = new Map(all.flatMap(({ skippedFiles }) => skippedFiles.map((file) => [file.path, file] as const)));
    this.stats.skippedFiles.length = 0;
    for (const file of files.values()) this.stats.skippedFiles.push(file);
    this.stats.skipped = files.size; // each worker finds the same ones
    const totals = all.flatMap(({ unitsTotal }) => (unitsTotal === undefined ? [] : [unitsTotal]));
    // Of threads that took another's place nobody knows what of their units was done before.
    this.stats.unitsTotal =
      totals.length === this.#options.workers && all.length === totals.length ? sum(totals) : undefined;
  }

  #makeWorkers(): PooledWorker[] {
    const { source, workers, taskRows } = this.#options;
    const replacements = new Replacements();
    const onMessage = this.#listen.bind(this);
    return Array.from({ length: workers }, (_, worker) => {
      const deck = { worker, workers, rows: taskRows };
      const order = { source, deck, rest: undefined, waiting: 0 };
      return new PooledWorker({ order, replacements, onMessage });
    });
  }
}

function differentDatasets(source: WorkerSource): HfStreamError {
  const what = source.kind === "module" ? `The module ${source.url}` : "The recipe";
  return new HfStreamError(
    "INVALID_OPTION",
    `${what} made different datasets in different workers, and rows would be lost. Each must make the same one, which ` +
      "`DataLoader` then deals to all of them: leave out what cuts it by `index` and `count`.",
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
