import { Worker } from "node:worker_threads";
import { delay, makeController } from "../async/abort.ts";
import { ThreadStartError } from "../async/threads.ts";
import { HfStreamError } from "../errors.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import { receiveError, type WorkerMessage, type WorkerOrder, type WorkerTold } from "./messages.ts";
import type { TaskPlace } from "./tasks.ts";

/** How often workers that die are replaced, in one iteration. */
const MAX_REPLACED = 3;

/** What a worker gave, in order. An error comes in its turn, after the rows before it. */
type Received =
  | Exclude<WorkerMessage, { kind: "failed" | "made" | "started" }>
  | { readonly kind: "failed"; readonly error: unknown };

/** Lets only so many workers be replaced, of all of a pool. */
export class Replacements {
  #left = MAX_REPLACED;

  /** Whether one more may be replaced. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** How long a thread that is asked to stop may take: it gives back locks, and ends what it began. */
const STOP_MS = 80;

export interface PooledWorkerOptions {
  readonly order: WorkerOrder;
  readonly replacements: Replacements;
  /** Told what a thread says as soon as it comes. */
  readonly onMessage: (message: WorkerMessage, thread: object) => void;
}

/**
 * One worker thread and those that take its place: their messages come as if it were one that never died. It is started
 * by `start`, or when its first message is asked for.
 */
export class PooledWorker {
  readonly #options: PooledWorkerOptions;
  readonly #received: Received[] = [];
  /** Since {@link start}. */
  #thread: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #isAwaited = false;
  #isClosed = false;
  /** Bytes of the rows that were received and not taken. */
  #waiting = 0;
  /** Where a thread that takes its place begins. */
  #place: TaskPlace | undefined;
  #rest: PlanState | undefined;
  #lastError: unknown;

  constructor(options: PooledWorkerOptions) {
    this.#options = options;
  }

  /** Starts the thread, unless it was started. */
  start(): void {
    if (!this.#isClosed) this.#thread ??= this.#startThread(this.#options.order);
  }

  /** The first message that was not taken yet; waits for it. Only while somebody waits is the process kept alive. */
  async peek(): Promise<Received> {
    this.start();
    for (;;) {
      const [first] = this.#received;
      if (first !== undefined) return first;
      this.#isAwaited = true;
      this.#thread?.ref();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#isAwaited = false;
      this.#thread?.unref();
    }
  }

  /** Passes the first message, so that as many bytes may be sent again. */
  take(): void {
    const message = this.#received.shift();
    if (message?.kind !== "rows") return;
    this.#waiting -= message.bytes;
    this.#tell({ taken: message.bytes });
  }

  /** Passes the first message, and says whether to go on after a round that gave nothing. */
  answer(goesOn: boolean): void {
    this.#received.shift();
    this.#tell({ goesOn });
  }

  /** Ends with an error, after what was received. */
  fail(error: unknown): void {
    this.#push({ kind: "failed", error });
  }

  /** Lets the thread end what it does, then ends it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#received.unshift({ kind: "failed", error: new Error("the consumer left") }); // who waits need not
    this.#wake();
    if (this.#thread === undefined) return;
    this.#tell({ stop: true });
    const stop = makeController();
    await Promise.race([this.#ended, delay(STOP_MS, stop).catch(() => {})]);
    stop.abort();
    await this.#thread.terminate();
  }

  #tell(told: WorkerTold): void {
    this.#thread?.postMessage(told);
  }

  #startThread(order: WorkerOrder): Worker {
    const thread = startThread(order);
    let hasStarted = false;
    if (!this.#isAwaited) thread.unref();
    thread.on("message", (message: WorkerMessage) => {
      hasStarted = true;
      if (thread === this.#thread) this.#receive(message, thread);
    });
    thread.on("messageerror", (error) => this.fail(error)); // what it said is lost
    thread.on("error", (error) => {
      this.#lastError = error;
      if (!hasStarted) this.fail(new ThreadStartError(error));
    });
    this.#ended = new Promise((resolve) => {
      thread.on("exit", (code) => {
        resolve();
        if (thread === this.#thread && !this.#isClosed && !this.#hasEnded) this.#replace(code);
      });
    });
    return thread;
  }

  get #hasEnded(): boolean {
    const last = this.#received.at(-1);
    return last?.kind === "ended" || last?.kind === "failed";
  }

  #receive(message: WorkerMessage, thread: Worker): void {
    if (message.kind === "rows") {
      const row = { from: message.from.at(-1) ?? 0, skip: message.skip.at(-1) ?? 0 };
      this.#place = { task: message.task, row };
      this.#rest = message.states?.at(-1);
      this.#waiting += message.bytes;
    } else if (message.kind === "passed" || message.kind === "barren") {
      const task = message.kind === "passed" ? message.task : message.tasks;
      if (task > (this.#place?.task ?? -1)) this.#place = { task };
    }
    this.#options.onMessage(message, thread);
    if (message.kind === "failed") this.fail(receiveError(message.error));
    else if (message.kind !== "made" && message.kind !== "started") this.#push(message);
  }

  #push(received: Received): void {
    this.#received.push(received);
    this.#wake();
  }

  /** A new thread goes on where the rows that were received end. */
  #replace(code: number): void {
    const { order, replacements } = this.#options;
    if (replacements.take()) {
      const deck = { ...order.deck, from: this.#place };
      this.#thread = this.#startThread({ ...order, deck, rest: this.#rest, waiting: this.#waiting });
      return;
    }
    const cause = this.#lastError;
    const reason = cause === undefined ? `exit code ${code}` : String(cause);
    const error = new HfStreamError(
      "WORKER_FAILED",
      `Worker ${order.deck.worker} ended unasked (${reason}), after ${MAX_REPLACED} were replaced in this iteration.`,
      { cause },
    );
    this.fail(error);
  }
}

function startThread(order: WorkerOrder): Worker {
  try {
    return new Worker(new URL("./loader-worker.js", import.meta.url), { workerData: order, ...execArgvFor(order) });
  } catch (cause) {
    throw new ThreadStartError(cause);
  }
}

/**
 * A module of the user may need what the process was started with, such as a loader for TypeScript; but no thread can be
 * started with what says how to take a script that came on the command line.
 */
function execArgvFor({ source }: WorkerOrder): { readonly execArgv?: string[] } {
  const isScript = process.execArgv.some((option) => option.startsWith("--input-type"));
  return source.kind === "recipe" || isScript ? { execArgv: [] } : {};
}
