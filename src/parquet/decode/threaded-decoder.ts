import { Worker } from "node:worker_threads";
import type { Schema } from "apache-arrow";
import { isMissingModule, warnOfMissingThreads } from "../../async/threads.ts";
import { fromPlainError, HfStreamError } from "../../errors.ts";
import { BufferPool } from "./buffer-pool.ts";
import type { DecodeAnswer, DecodeJob } from "./decode-worker.ts";
import { type Decoder, type Decoding, ThreadLostError } from "./decoder.ts";
import { InlineDecoder } from "./inline-decoder.ts";
import { ThreadedDecoding } from "./threaded-decoding.ts";
import type { UnitToDecode } from "./unit-decoder.ts";

/** A decoder's memory never shrinks: a thread that holds more than this is replaced when it has nothing to do. */
const MAX_THREAD_MEMORY = 512 * 1024 * 1024;

const SLICE_BUFFERS = { maxBytes: 256 * 1024 * 1024, step: 1024 * 1024 };

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, ThreadedDecoding>;
  memory: number;
  hasStarted: boolean;
  retired: boolean;
}

/**
 * Decodes in threads of its own, so many at most: units side by side, the slices of one in the same thread. Where threads
 * cannot be started it decodes in the calling thread, and warns once.
 */
export class ThreadedDecoder implements Decoder {
  readonly #limit: number;
  readonly #onUp: () => void;
  readonly #threads = new Set<Thread>();
  readonly #buffers = new BufferPool(SLICE_BUFFERS);
  /** Instead of threads. */
  #inline: InlineDecoder | undefined;
  #nextId = 0;
  #isUp = false;

  /** `onUp`: called once, when the first thread has loaded the decoder. */
  constructor(limit: number, onUp: () => void = () => {}) {
    this.#limit = limit;
    this.#onUp = onUp;
  }

  /** Whether a thread has loaded the decoder. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Starts a thread, unless there is one: it loads the decoder while the first bytes are on their way. */
  expect(): void {
    if (this.#threads.size === 0) this.#startThread();
  }

  get memory(): number {
    const own = this.#buffers.bytes + (this.#inline?.memory ?? 0);
    return [...this.#threads].reduce((sum, { memory }) => sum + memory, own);
  }

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return this.#buffers.take(length);
  }

  begin(unit: UnitToDecode, schema: Schema): Decoding {
    const thread = this.#inline === undefined ? this.#pickThread() : undefined;
    if (thread === undefined) return this.#withoutThreads().begin(unit, schema);
    const id = this.#nextId++;
    const post = (job: DecodeJob, transfer: readonly ArrayBuffer[] = []): void =>
      thread.worker.postMessage(job, transfer);
    const decoding = new ThreadedDecoding(schema, {
      push: (slice) => post({ id, slice }, [slice.bytes.buffer]),
      taken: (bytes) => post({ id, taken: bytes }),
      drop: () => {
        post({ id, dropped: true });
        this.#end(thread, id);
      },
      giveBack: (buffers) => post({ returned: buffers }, buffers),
    });
    thread.jobs.set(id, decoding);
    post({ id, unit });
    thread.worker.ref();
    return decoding;
  }

  async close(): Promise<void> {
    const threads = [...this.#threads];
    this.#threads.clear();
    for (const thread of threads) failAll(thread, new HfStreamError("WORKER_FAILED", "The decoder was closed."));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  /** The thread with the least to do; a new one while there may be more and none idles. */
  #pickThread(): Thread | undefined {
    const busyness = ({ jobs }: Thread): number => jobs.size;
    const [idlest] = [...this.#threads].filter(({ retired }) => !retired).sort((a, b) => busyness(a) - busyness(b));
    if (idlest !== undefined && (idlest.jobs.size === 0 || this.#threads.size >= this.#limit)) return idlest;
    return this.#startThread();
  }

  #startThread(): Thread | undefined {
    let worker: Worker;
    try {
      worker = new Worker(new URL("./decode-worker.js", import.meta.url), { execArgv: [] });
    } catch (cause) {
      this.#withoutThreads(cause);
      return undefined;
    }
    const thread: Thread = { worker, jobs: new Map(), memory: 0, hasStarted: false, retired: false };
    worker.unref();
    worker.on("message", (answer: DecodeAnswer) => this.#receive(thread, answer));
    const lose = (error: ThreadLostError): void => {
      this.#threads.delete(thread);
      failAll(thread, error);
    };
    worker.on("error", (cause) => {
      if (!thread.hasStarted || isMissingModule(cause)) this.#withoutThreads(cause);
      lose(new ThreadLostError(`failed: ${String(cause)}`, cause));
    });
    worker.on("exit", (code) => lose(new ThreadLostError(`ended unasked (exit code ${code})`)));
    this.#threads.add(thread);
    return thread;
  }

  #withoutThreads(cause?: unknown): InlineDecoder {
    if (this.#inline === undefined) warnOfMissingThreads(cause);
    this.#inline ??= new InlineDecoder();
    return this.#inline;
  }

  #receive(thread: Thread, answer: DecodeAnswer): void {
    thread.hasStarted = true;
    if ("isUp" in answer) {
      if (!this.#isUp) this.#onUp();
      this.#isUp = true;
      return;
    }
    const job = thread.jobs.get(answer.id);
    if ("batch" in answer) {
      job?.receive(answer.batch);
      return;
    }
    if (answer.free !== undefined) this.#buffers.give(answer.free);
    thread.memory = answer.memory;
    thread.retired ||= answer.memory > MAX_THREAD_MEMORY;
    if (answer.failed !== undefined) job?.fail(fromPlainError(answer.failed));
    else if (job?.endSlice(answer.ms) === true) this.#end(thread, answer.id);
  }

  /** A thread without work neither keeps the process alive nor, if it is to be replaced, lives on. */
  #end(thread: Thread, id: number): void {
    thread.jobs.delete(id);
    if (thread.jobs.size > 0) return;
    thread.worker.unref();
    if (!thread.retired) return;
    this.#threads.delete(thread);
    void thread.worker.terminate();
  }
}

function failAll(thread: Thread, error: Error): void {
  for (const job of thread.jobs.values()) job.fail(error);
  thread.jobs.clear();
}
