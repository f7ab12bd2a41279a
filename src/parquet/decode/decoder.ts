import { Worker } from "node:worker_threads";
import { type RecordBatch, tableFromIPC } from "apache-arrow";
import { fromPlainError, HfStreamError } from "../../errors.ts";
import type { DecodeRequest } from "./decode.ts";
import type { DecodeAnswer, DecodeJob } from "./decode-worker.ts";

/** Turns small Parquet files into Arrow record batches. */
export interface Decoder {
  /**
   * Decodes one file; the file's buffer is given away. Threads begin at once, and batches come as they are ready.
   * `onDecoded` is called when the buffer is free again.
   */
  decode(request: DecodeRequest, onDecoded?: () => void): AsyncIterable<RecordBatch>;
  /** Gives a buffer for a file to decode; its bytes are what they were. Buffers of decoded files are used again. */
  allocate(length: number): Uint8Array<ArrayBuffer>;
  /** Bytes that the decoder itself holds: WebAssembly memory, which grows and does not shrink, and spare buffers. */
  readonly memory: number;
  /** Ends all work at once. */
  close(): Promise<void>;
}

/** A decoder's memory never shrinks: a thread that holds more than this is replaced when it has nothing to do. */
const MAX_THREAD_MEMORY = 512 * 1024 * 1024;

/** Buffers kept for use again, and what their length is rounded up to, so that they fit the next file too. */
const MAX_SPARE_BUFFERS = 1;
const BUFFER_STEP = 1024 * 1024;

/** Makes a decoder with so many threads of its own; 0: it decodes in the calling thread. */
export function createDecoder(threads: number): Decoder {
  return threads === 0 ? new InlineDecoder() : new ThreadedDecoder(threads);
}

/** Decodes in the calling thread, when a batch is asked for. The decoder is loaded late: threads have their own. */
class InlineDecoder implements Decoder {
  memory = 0;

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(length);
  }

  async *decode(request: DecodeRequest, onDecoded?: () => void): AsyncGenerator<RecordBatch> {
    const { decodeParquet, decoderMemory } = await import("./decode.ts");
    for (const bytes of decodeParquet(request)) yield toBatch(bytes);
    this.memory = decoderMemory();
    onDecoded?.();
  }

  async close(): Promise<void> {}
}

interface Job {
  readonly batches: Uint8Array[];
  ended: boolean;
  error: Error | undefined;
  wake: () => void;
  readonly onDecoded: () => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  memory: number;
  retired: boolean;
}

class ThreadedDecoder implements Decoder {
  readonly #limit: number;
  readonly #threads = new Set<Thread>();
  readonly #spare: ArrayBuffer[] = [];
  #nextId = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#startThread(); // it loads the decoder while the first bytes are on their way
  }

  get memory(): number {
    const threads = [...this.#threads].reduce((sum, { memory }) => sum + memory, 0);
    return this.#spare.reduce((sum, { byteLength }) => sum + byteLength, threads);
  }

  allocate(length: number): Uint8Array<ArrayBuffer> {
    const fits = ({ byteLength }: ArrayBuffer): boolean =>
      byteLength >= length && byteLength <= 2 * length + BUFFER_STEP;
    const found = this.#spare.findIndex(fits);
    const [spare] = found < 0 ? [] : this.#spare.splice(found, 1);
    return new Uint8Array(spare ?? new ArrayBuffer(Math.ceil(length / BUFFER_STEP) * BUFFER_STEP), 0, length);
  }

  decode(request: DecodeRequest, onDecoded: () => void = () => {}): AsyncIterable<RecordBatch> {
    const thread = this.#pickThread();
    const id = this.#nextId++;
    const job: Job = { batches: [], ended: false, error: undefined, wake: () => {}, onDecoded };
    thread.jobs.set(id, job);
    thread.worker.postMessage({ id, ...request } satisfies DecodeJob, [request.file.buffer]);
    thread.worker.ref();
    return batchesOf(job);
  }

  async close(): Promise<void> {
    const threads = [...this.#threads];
    this.#threads.clear();
    for (const thread of threads) failAll(thread, new HfStreamError("WORKER_FAILED", "The decoder was closed."));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  /** The thread with the least to do; a new one while there may be more and none idles. */
  #pickThread(): Thread {
    const busyness = ({ jobs }: Thread): number => jobs.size;
    const [idlest] = [...this.#threads].filter(({ retired }) => !retired).sort((a, b) => busyness(a) - busyness(b));
    if (idlest !== undefined && (idlest.jobs.size === 0 || this.#threads.size >= this.#limit)) return idlest;
    return this.#startThread();
  }

  #startThread(): Thread {
    const url = new URL(`./decode-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const worker = new Worker(url, { execArgv: [] });
    const thread: Thread = { worker, jobs: new Map(), memory: 0, retired: false };
    worker.unref();
    worker.on("message", (answer: DecodeAnswer) => this.#receive(thread, answer));
    worker.on("error", (cause) => {
      failAll(thread, new HfStreamError("WORKER_FAILED", `A decoding thread failed: ${String(cause)}`, { cause }));
    });
    worker.on("exit", (code) => {
      this.#threads.delete(thread);
      failAll(thread, new HfStreamError("WORKER_FAILED", `A decoding thread ended unasked (exit code ${code}).`));
    });
    this.#threads.add(thread);
    return thread;
  }

  #receive(thread: Thread, answer: DecodeAnswer): void {
    const job = thread.jobs.get(answer.id);
    if (job === undefined) return;
    if ("batch" in answer) {
      job.batches.push(answer.batch);
    } else {
      if ("failed" in answer) job.error = fromPlainError(answer.failed);
      this.#spare.unshift(answer.file);
      this.#spare.splice(MAX_SPARE_BUFFERS);
      job.onDecoded();
      job.ended = true;
      thread.jobs.delete(answer.id);
      thread.memory = answer.memory;
      thread.retired ||= answer.memory > MAX_THREAD_MEMORY;
      this.#rest(thread);
    }
    job.wake();
  }

  /** A thread without work neither keeps the process alive nor, if it is to be replaced, lives on. */
  #rest(thread: Thread): void {
    if (thread.jobs.size > 0) return;
    thread.worker.unref();
    if (!thread.retired) return;
    this.#threads.delete(thread);
    void thread.worker.terminate();
  }
}

async function* batchesOf(job: Job): AsyncGenerator<RecordBatch> {
  for (;;) {
    const bytes = job.batches.shift();
    if (bytes !== undefined) yield toBatch(bytes);
    else if (job.error !== undefined) throw job.error;
    else if (job.ended) return;
    else await new Promise<void>((resolve) => (job.wake = resolve));
  }
}

function failAll(thread: Thread, error: Error): void {
  for (const job of thread.jobs.values()) {
    job.error ??= error;
    job.wake();
  }
  thread.jobs.clear();
}

function toBatch(bytes: Uint8Array): RecordBatch {
  const [batch] = tableFromIPC(bytes).batches;
  if (batch === undefined) throw new HfStreamError("WORKER_FAILED", "The decoder gave a batch that cannot be read.");
  return batch;
}
