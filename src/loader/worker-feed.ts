import { createMeter } from "../hub/meter.ts";
import { pieceFromJson, pieceRows, pieceToJson, restOfPiece } from "../stream/order/piece.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import type { RowBlock } from "../stream/row-iterator.ts";
import type { DatasetState } from "../stream/state.ts";
import { createStats, type StreamStats } from "../stream/stats.ts";
import type { RowsMessage, TaskHead, WorkerSource } from "./messages.ts";
import { PooledWorker, Replacements } from "./worker-pool.ts";

export interface WorkerFeedOptions {
  readonly source: WorkerSource;
  readonly workers: number;
  /** Rows that a worker reads at a stretch, at least. */
  readonly taskRows: number;
  /** Bytes of rows of all workers that may wait to be taken. */
  readonly budget: number;
  /** The state before the first row. */
  readonly resting: DatasetState;
}

/** The rows of worker threads in the order in which one thread would give them. */
export class WorkerFeed {
  readonly stats: StreamStats = createStats(createMeter());
  readonly #options: WorkerFeedOptions;
  readonly #statsOf: (StreamStats | undefined)[] = [];
  #workers: readonly PooledWorker[] = [];
  #resting: DatasetState;
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
    this.#workers = startWorkers(this.#options);
    try {
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
    let tasks = Infinity;
    for (let task = 0; task < tasks; task += 1) {
      const index = task % workers;
      const worker = this.#workers[index] as PooledWorker;
      let head: TaskHead | undefined;
      for (;;) {
        const message = await worker.peek();
        if (message.kind === "failed") throw message.error;
        if (message.kind === "ended") {
          ({ tasks } = message);
          this.#count(index, message.stats);
          if (task >= tasks - 1) this.#resting = message.state;
          break; // the message stays, for the tasks after the worker's last
        }
        if (message.kind === "begun") {
          const { rest, part } = this.#resting;
          this.#resting = { ...message.state, rest, part };
        } else if (message.task > task) break;
        if (message.kind === "rows") {
          head = message.head ?? head;
          this.#count(index, message.stats);
          yield this.#blockOf(message, head);
        }
        worker.take();
      }
    }
  }

  #blockOf({ rows, from, skip, states }: RowsMessage, head: TaskHead | undefined): RowBlock<object> {
    const state = { ...this.#resting, part: this.#options.resting.part };
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
      stateAfter: (index) => ({ ...state, rest: restAfter(index) }),
    };
  }

  #count(worker: number, stats: StreamStats): void {
    this.#statsOf[worker] = stats;
    const all = this.#statsOf.filter((own) => own !== undefined);
    for (const name of Object.keys(stats) as (keyof StreamStats)[]) {
      if (name === "rows") continue; // those that were delivered, which the reader counts
      if (name === "skippedFiles") {
        this.stats.skippedFiles.splice(0, Infinity, ...all.flatMap((own) => own.skippedFiles));
      } else this.stats[name] = all.reduce((sum, own) => sum + (own[name] ?? 0), 0);
    }
  }
}

function startWorkers({ source, workers, taskRows, budget }: WorkerFeedOptions): PooledWorker[] {
  const replacements = new Replacements();
  return Array.from({ length: workers }, (_, worker) => {
    const deck = { worker, workers, rows: taskRows };
    return new PooledWorker({ source, deck, rest: undefined, credit: budget / workers }, replacements);
  });
}
