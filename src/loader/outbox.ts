import { raceAbort } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import type { StreamStats } from "../stream/stats.ts";
import { isCloneable, type RowsMessage, type TaskHead } from "./messages.ts";
import { Packer } from "./packet.ts";

/** Bytes that a message of rows aims at: few enough to hand on early, enough to cost little. */
const PACKET_BYTES = 1024 * 1024;
const MAX_PACKET_ROWS = 1024;
/** After so much work at a stretch a thread sends what it has, and lets in what came for it. */
const STRETCH_MS = 20;

export interface OutboxOptions {
  readonly send: (message: RowsMessage, transfer: readonly ArrayBuffer[]) => void;
  /** Bytes of rows that may wait to be taken. */
  readonly credit: number;
  /** Bytes of those that wait already. */
  readonly waiting: number;
  readonly stats: StreamStats;
  readonly signal: AbortSignal;
}

/** What a row is sent with. */
export interface RowMark {
  readonly task: number;
  /** With the first row of a task. */
  readonly head: TaskHead | undefined;
  /** The place in the piece's order at which the rest begins, and the rows to skip there. */
  readonly from: number;
  readonly skip: number;
  /** Instead of a place, where only reading can count. */
  readonly state: PlanState | undefined;
}

interface Packet {
  readonly packer: Packer;
  readonly marks: RowMark[];
}

/**
 * Rows on their way to the main thread: as many at a time as come without a wait, and no further ahead than it lets
 * them.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #packet: Packet = { packer: new Packer(), marks: [] };
  #waiting: number;
  #rested: number = performance.now();
  #wake: () => void = () => {};
  #flushing: NodeJS.Immediate | undefined;
  #failed: { readonly error: unknown } | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#waiting = options.waiting;
  }

  /** Whether rows must wait: until others were taken, or while the thread does what else there is to do. */
  get mustWait(): boolean {
    return this.#isFull || performance.now() - this.#rested > STRETCH_MS;
  }

  get #isFull(): boolean {
    return this.#waiting > this.#options.credit;
  }

  /** Adds a row. It is sent with those that follow at once, or when the thread has nothing else to do. */
  add(row: unknown, mark: RowMark): void {
    this.#throwIfFailed();
    if (mark.task !== this.#packet.marks[0]?.task) this.flush();
    const { packer, marks } = this.#packet;
    try {
      packer.add(row);
    } catch (cause) {
      throw notSendable(row, cause);
    }
    marks.push(mark);
    const enough = Math.min(PACKET_BYTES, this.#options.credit);
    if (packer.bytes >= enough || packer.length >= MAX_PACKET_ROWS) this.flush();
    else this.#flushing ??= setImmediate(() => this.#flushLater());
  }

  /** Sends what was added. Throws `INVALID_OPTION` for a row that cannot be sent, after those before it. */
  flush(): void {
    this.#throwIfFailed();
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const { packer, marks } = this.#packet;
    if (marks.length === 0) return;
    this.#packet = { packer: new Packer(), marks: [] };
    const { rows, transfer } = packer.done();
    try {
      this.#send({ rows, marks, bytes: packer.bytes }, transfer);
    } catch (error) {
      const bad = rows.findIndex((row) => !isCloneable(row));
      if (bad < 0) throw error;
      if (bad > 0) this.#send({ rows: rows.slice(0, bad), marks: marks.slice(0, bad), bytes: packer.bytes }, []);
      throw notSendable(rows[bad], error);
    }
  }

  taken(bytes: number): void {
    this.#waiting -= bytes;
    this.#wake();
  }

  /** Sends what was added, and waits until there is room. Meanwhile bytes come in, and what the main thread says. */
  async rest(): Promise<void> {
    const { signal } = this.#options;
    this.flush();
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    while (this.#isFull) await raceAbort(new Promise<void>((resolve) => (this.#wake = resolve)), { signal });
    this.#rested = performance.now();
  }

  #send(
    {
      rows,
      marks,
      bytes,
    }: { readonly rows: readonly unknown[]; readonly marks: readonly RowMark[]; readonly bytes: number },
    transfer: readonly ArrayBuffer[],
  ): void {
    const { task, head } = marks[0] as RowMark;
    const states = marks.flatMap(({ state }) => (state === undefined ? [] : [state]));
    const message: RowsMessage = {
      kind: "rows",
      task,
      ...(head === undefined ? {} : { head }),
      rows,
      from: Float64Array.from(marks, ({ from }) => from),
      skip: Uint32Array.from(marks, ({ skip }) => skip),
      ...(states.length === 0 ? {} : { states }),
      bytes,
      stats: { ...this.#options.stats },
    };
    this.#options.send(message, transfer);
    this.#waiting += bytes;
  }

  /** Nobody awaits this: what goes wrong is thrown when somebody asks. */
  #flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failed = { error };
    }
  }

  #throwIfFailed(): void {
    if (this.#failed !== undefined) throw this.#failed.error;
  }
}

function notSendable(row: unknown, cause: unknown): HfStreamError {
  const column = Object.entries(row ?? {}).find(([, value]) => !isCloneable(value))?.[0];
  const what = column === undefined ? "A row" : `Column \`${column}\` of a row`;
  return new HfStreamError(
    "INVALID_OPTION",
    `${what} cannot be sent from a worker thread: ${String(cause)}. Rows cross by structured cloning, which knows no functions. ` +
      "Give plain data, and make the rest of it in `collate`; or use `workers: 0`.",
    { cause },
  );
}
