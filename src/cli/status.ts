import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { SingleBar } from "cli-progress";
import type { RequestEvent, RetryEvent } from "../diagnostics.ts";
import type { Progress } from "../fs/progress.ts";
import { describeOutage, isOutage } from "../hub/outage.ts";
import type { Terminal } from "./command.ts";
import { formatBytes, formatCount } from "./output/format.ts";

/** What is done sooner needs no bar. */
const SHOW_AFTER_MS = 500;
/** What passes sooner needs no word. */
const TELL_AFTER_MS = 1000;
const FRAMES_PER_SECOND = 10;
const BAR_WIDTH = 20;

/** How far the work is; of commands, too, that do what the library has no stage for. */
type Work = Omit<Progress, "stage"> & { readonly stage: string };

/** What stands in the line: how far the work is, or what keeps it. */
export interface Status {
  /** Says how far the work is. */
  progress(work: Work): void;
  /** Takes the line away. May be called again. */
  stop(): void;
}

/**
 * Shows on `stderr` how far the work is, in one line that is drawn again and again, and only where that is a terminal.
 * While the Hub cannot be reached it says so instead; where there is no such line, once for each outage. What is written
 * at the end is written after `stop`.
 */
export function showStatus(terminal: Terminal, { streams = false }: StatusOptions = {}): Status {
  const hasLine = terminal.isInteractive && !(streams && terminal.isShown);
  const line = hasLine ? new StatusLine(terminal) : undefined;
  let latest: Work | undefined;
  let outage: Outage | undefined;
  const draw = (): void => {
    if (outage !== undefined && Date.now() - outage.since >= TELL_AFTER_MS) {
      const leftMs = Math.max(0, outage.leftUntil - Date.now());
      const text = describeOutage({ ...outage.event, leftMs });
      if (line !== undefined) line.say(text);
      else if (!outage.isTold) terminal.stderr.write(`hfstream: ${text}\n`);
      outage.isTold = true;
    } else if (latest !== undefined) line?.draw(latest);
  };
  const onRetry = (message: unknown): void => {
    const event = message as RetryEvent;
    if (!isOutage(event)) return;
    const now = Date.now();
    const { since = now - event.outageMs, isTold = false } = outage ?? {};
    outage = { event, leftUntil: now + event.leftMs, since, isTold };
  };
  const onRequest = (message: unknown): void => {
    const { status } = message as RequestEvent;
    if (!isOutage({ status })) outage = undefined;
  };
  subscribe("hfstream:retry", onRetry);
  subscribe("hfstream:request", onRequest);
  const timer = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  timer.unref();
  return {
    progress: (work) => void (latest = work),
    stop: () => {
      clearInterval(timer);
      unsubscribe("hfstream:retry", onRetry);
      unsubscribe("hfstream:request", onRequest);
      line?.stop();
    },
  };
}

interface StatusOptions {
  /** Whether output comes while the work goes on: where that is seen, it shows by itself how far the work is. */
  readonly streams?: boolean;
}

/** A stretch in which tries fail. */
interface Outage {
  /** The latest of them. */
  readonly event: RetryEvent;
  readonly leftUntil: number;
  readonly since: number;
  isTold: boolean;
}

/** The line itself; the bar's package is loaded when there is something to show. */
class StatusLine {
  readonly #stderr: NodeJS.WritableStream;
  readonly #begun = Date.now();
  #bar: SingleBar | undefined;
  #isLoading = false;
  #isStopped = false;
  #stage = "";
  #text: string | undefined;
  #work: Work | undefined;

  constructor({ stderr }: Terminal) {
    this.#stderr = stderr;
  }

  draw(work: Work): void {
    this.#text = undefined;
    this.#work = work;
    if (Date.now() - this.#begun > SHOW_AFTER_MS) this.#update();
  }

  say(text: string): void {
    this.#text = text;
    this.#update();
  }

  stop(): void {
    this.#isStopped = true;
    this.#bar?.stop();
  }

  #update(): void {
    if (this.#bar === undefined) {
      if (!this.#isLoading) void this.#load();
      return;
    }
    const { stage = "", done = 0, total = 0 } = this.#work ?? {};
    if (stage !== this.#stage) this.#bar.start(Math.max(total, 1), done); // so that rate and time left are of this stage
    this.#stage = stage;
    this.#bar.setTotal(Math.max(total, done, 1));
    this.#bar.update(done);
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const { default: progress } = await import("cli-progress");
    if (this.#isStopped) return;
    this.#bar = new progress.SingleBar({
      stream: this.#stderr,
      format: (_, { startTime, value, eta }) =>
        this.#text ?? this.#describe(value, eta, (Date.now() - startTime) / 1000),
      clearOnComplete: true,
      hideCursor: null, // leaves the cursor alone
      gracefulExit: false,
      fps: FRAMES_PER_SECOND,
    });
    this.#bar.start(1, 0);
  }

  /** `reading ━━━━━───── 12 of 50 MB, 3.1 MB/s, 12 s left`. */
  #describe(done: number, eta: number | string, seconds: number): string {
    if (this.#work === undefined) return "";
    const { stage, total, unit } = this.#work;
    const amount = unit === "bytes" ? formatBytes : (count: number) => `${formatCount(Math.round(count))} ${unit}`;
    const rate = seconds > 0 ? `, ${amount(done / seconds)}/s` : "";
    if (total === undefined) return `${stage} ${amount(done)}${rate}`;
    const filled = Math.round((BAR_WIDTH * Math.min(done, total)) / Math.max(total, 1));
    const bar = "━".repeat(filled) + "─".repeat(BAR_WIDTH - filled);
    const left = typeof eta === "number" && Number.isFinite(eta) && done > 0 ? `, ${eta} s left` : "";
    return `${stage} ${bar} ${amount(done)} of ${amount(total)}${rate}${left}`;
  }
}
