import { Worker } from "node:worker_threads";
import { HfStreamError } from "../errors.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import { receiveError, type TakenMessage, type WorkerMessage, type WorkerOrder } from "./messages.ts";
import type { TaskPlace } from "./tasks.ts";

/** How often workers that die are replaced, in one iteration. */
const MAX_REPLACED = 3;

/** What a worker gave, in order. An error comes in its turn, after the rows before it. */
type Received = Exclude<WorkerMessage, { kind: "failed" }> | { readonly kind: "failed"; readonly error: Error };

/** Lets only so many workers be replaced, of all of a pool. */
export class Replacements {
  #left = MAX_REPLACED;

  /** Whether one more may be replaced. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** One worker thread and those that take its place: their messages come as if it were one that never died. */
export class PooledWorker {
  readonly #order: WorkerOrder;
  readonly #replacements: Replacements;
  readonly #received: Received[] = [];
  #thread: Worker;
  #wake: () => void = () => {};
  #isClosed = false;
  /** Where a thread that takes its place begins. */
  #place: TaskPlace | undefined;
  #rest: PlanState | undefined;
  #lastError: unknown;

  constructor(order: WorkerOrder, replacements: Replacements) {
    this.#order = order;
    this.#replacements = replacements;
    this.#thread = this.#start(order);
  }

  /** The first message that was not taken yet; waits for it. */
  async peek(): Promise<Received> {
    for (;;) {
      const [first] = this.#received;
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Passes the first message, so that as many bytes may be sent again. */
  take(): void {
    const message = this.#received.shift();
    if (message?.kind === "rows") this.#thread.postMessage({ taken: message.bytes } satisfies TakenMessage);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#received.unshift({ kind: "failed", error: new Error("the consumer left") }); // who waits need not
    this.#wake();
    await this.#thread.terminate();
  }

  #start(order: WorkerOrder): Worker {
    const url = new URL(`./loader-worker${import.meta.url.slice(-3)}`, import.meta.url);
    // A module of the user may need what the process was started with, such as a loader for TypeScript.
    const thread = new Worker(url, { workerData: order, ...(order.source.kind === "recipe" ? { execArgv: [] } : {}) });
    thread.on("message", (message: WorkerMessage) => {
      if (thread === this.#thread) this.#receive(message);
    });
    thread.on("error", (error) => (this.#lastError = error));
    thread.on("exit", (code) => {
      if (thread === this.#thread && !this.#isClosed && !this.#hasEnded) this.#replace(code);
    });
    return thread;
  }

  get #hasEnded(): boolean {
    const last = this.#received.at(-1);
    return last?.kind === "ended" || last?.kind === "failed";
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === "rows") {
      const row = { from: message.from.at(-1) ?? 0, skip: message.skip.at(-1) ?? 0 };
      this.#place = { task: message.task, row };
      this.#rest = message.states?.at(-1);
    } else if (message.kind === "passed" && message.task > (this.#place?.task ?? -1)) {
      this.#place = { task: message.task };
    }
    this.#received.push(message.kind === "failed" ? { kind: "failed", error: receiveError(message.error) } : message);
    this.#wake();
  }

  /** A new thread goes on where the rows that were received end. */
  #replace(code: number): void {
    if (this.#replacements.take()) {
      const { deck } = this.#order;
      this.#thread = this.#start({ ...this.#order, deck: { ...deck, from: this.#place }, rest: this.#rest });
      return;
    }
    const cause = this.#lastError;
    const reason = cause === undefined ? `exit code ${code}` : String(cause);
    const error = new HfStreamError(
      "WORKER_FAILED",
      `Worker ${this.#order.deck.worker} ended unasked (${reason}), after ${MAX_REPLACED} were replaced in this iteration.`,
      { cause },
    );
    this.#received.push({ kind: "failed", error });
    this.#wake();
  }
}
