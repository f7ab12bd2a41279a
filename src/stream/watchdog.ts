import { publishStall } from "../diagnostics.ts";
import { redact } from "../redact.ts";
import type { StreamStats } from "./stats.ts";

/** What an iteration may wait for. */
export type Stage = "resolve" | "network" | "memory" | "decode" | "function" | "consumer";

/** Without any progress for so long, an iteration stands still. */
const STALL_MS = 10_000;

/**
 * Notes what an iteration waits for, and tells those who listen to `hfstream:stall` when nothing comes of it: once for each
 * stretch of `stallMs` in which no row was given, no byte came and no unit was done.
 */
export class Watchdog {
  readonly #stats: StreamStats;
  readonly #dataset: string;
  readonly #stallMs: number;
  /** What is waited for, as it began: joins wait for several datasets at a time. */
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;
  #progress = "";
  #since = 0;

  constructor(dataset: string, stats: StreamStats, stallMs: number = STALL_MS) {
    this.#dataset = dataset;
    this.#stats = stats;
    this.#stallMs = stallMs;
  }

  start(): void {
    this.#since = performance.now();
    this.#timer = setInterval(() => this.#look(), this.#stallMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Notes what is waited for from now on, and of which file. What is returned says that it came. */
  waitsFor(stage: () => Stage, path?: string): () => void {
    const wait = { stage, path };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  }

  #look(): void {
    const { rows, bytesFetched, unitsDone, requests, retries } = this.#stats;
    const progress = `${rows} ${bytesFetched} ${unitsDone}`;
    if (progress !== this.#progress) {
      [this.#progress, this.#since] = [progress, performance.now()];
      return;
    }
    publishStall(() => {
      const wait = [...this.#waits].at(-1);
      const ms = performance.now() - this.#since;
      const path = wait?.path === undefined ? undefined : redact(wait.path);
      const stage = wait?.stage() ?? "resolve";
      return { dataset: redact(this.#dataset), path, stage, ms, rows, bytesFetched, requests, retries };
    });
  }
}

interface Wait {
  readonly stage: () => Stage;
  readonly path: string | undefined;
}
