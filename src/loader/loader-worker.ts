import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { makeController, onceAborted, raceAbort } from "../async/abort.ts";
import { fingerprintOf } from "../stream/fingerprint.ts";
import { partsOf } from "../stream/dataset-parts.ts";
import type { IterableDataset } from "../stream/iterable-dataset.ts";
import type { Iteration, Situation } from "../stream/iteration.ts";
import { type Piece, pieceToJson } from "../stream/order/piece.ts";
import type { Deal, ReadRound, StatedBlock } from "../stream/plan/plan-reader.ts";
import type { PlacedPiece, PlanState } from "../stream/plan/plan-state.ts";
import { type PlanSpec, readersOf } from "../stream/plan/spec.ts";
import { sendError, type TaskHead, type WorkerMessage, type WorkerOrder, type WorkerTold } from "./messages.ts";
import { loadModule } from "./module.ts";
import { Outbox } from "./outbox.ts";
import { datasetOf } from "./recipe.ts";
import { dealTo } from "./tasks.ts";

/** The part of a dataset's memory budget that rows may take which wait to be taken. */
const WAITING_SHARE = 0.5;

interface BegunWork {
  readonly iteration: Iteration;
  readonly parts: Situation["parts"];
  /** Bytes of rows that may wait to be taken. */
  readonly credit: number;
}

/** Reads the tasks of one worker, and sends their rows as far as the main thread lets it. */
class LoaderWorker {
  readonly #order: WorkerOrder;
  readonly #stop = makeController();
  /** The task of each piece that is read, and what it is part of. */
  readonly #tasks = new WeakMap<Piece, { readonly task: number; readonly placed: PlacedPiece }>();
  #outbox: Outbox | undefined;
  #count = 1;
  /** The first tasks of rounds, from that of the round whose rows come now. */
  #roundStarts = [0];
  #onWord: (goesOn: boolean) => void = () => {};

  constructor(order: WorkerOrder) {
    this.#order = order;
    parentPort?.on("message", (told: WorkerTold) => {
      if ("stop" in told) this.#stop.abort(new Error("the consumer left"));
      else if ("goesOn" in told) this.#onWord(told.goesOn);
      else this.#outbox?.taken(told.taken);
    });
  }

  async run(): Promise<void> {
    const { deck, waiting } = this.#order;
    const { iteration, parts, credit } = await this.#begin();
    const { signal, stats, plan } = iteration;
    this.#outbox = new Outbox({ send: post, credit, waiting, stats, signal });
    if (plan.isAddressable || deck.worker === 0) {
      let task = -1;
      for await (const block of iteration.blocks(plan.isAddressable ? () => this.#deal() : undefined)) {
        if (block.block.length === 0) continue; // a filter may leave nothing
        if (task < 0) post({ kind: "begun", state: iteration.restingState(), parts });
        const own = plan.isAddressable ? this.#taskOf(block) : 0;
        if (own !== task) this.#pass(own);
        await this.#sendBlock(this.#outbox, block, { task: own, isNew: own !== task, isDealt: plan.isAddressable });
        task = own;
      }
    }
    this.#outbox.flush();
    post({ kind: "ended", tasks: this.#count, state: iteration.restingState(), stats: { ...stats } });
  }

  /** Sends the rows that were made before something failed. */
  flush(): void {
    this.#outbox?.flush();
  }

  async #begin(): Promise<BegunWork> {
    const { deck, rest } = this.#order;
    const { spec, situation, Iteration } = partsOf(await this.#dataset());
    post({ kind: "made", dataset: describe(spec, situation) });
    const sharing = { share: deck.workers, decodeThreads: 0 }; // this is a thread already
    const { parts } = situation;
    const begun = (state: PlanState): Situation => {
      const resumed = { ...new Iteration(spec, situation).restingState(), part: parts, rest: state };
      return { ...situation, resumed, resumedAs: undefined };
    };
    const iteration = new Iteration(spec, rest === undefined ? situation : begun(rest), sharing);
    const { signal } = this.#stop;
    onceAborted(signal, () => iteration.abort(signal.reason));
    const budget = Math.min(...readersOf(spec).map(({ settings }) => settings.memoryBudget));
    return { iteration, parts, credit: (budget * WAITING_SHARE) / deck.workers };
  }

  async #dataset(): Promise<IterableDataset<object>> {
    const { source, deck } = this.#order;
    if (source.kind === "recipe") return datasetOf(source.recipe);
    return await loadModule(source, { index: deck.worker, count: deck.workers });
  }

  #deal(): Deal {
    this.#count = 1;
    this.#roundStarts = [0];
    const pick = dealTo(this.#order.deck, {
      onTask: (piece, task, placed) => this.#tasks.set(piece, { task, placed }),
      onEnd: (tasks) => {
        this.#count = tasks;
        this.#roundStarts.push(tasks);
      },
    });
    return { pick, goesOn: async (round) => await this.#goesOn(round) };
  }

  /** Whether to go on after a round: other workers may have had rows of it. */
  async #goesOn({ rows, isWhole }: ReadRound): Promise<boolean> {
    const first = this.#roundStarts.shift() as number;
    const [tasks = first] = this.#roundStarts;
    if (rows > 0 || !isWhole) return true;
    this.#outbox?.flush();
    const word = new Promise<boolean>((resolve) => (this.#onWord = resolve));
    post({ kind: "barren", first, tasks });
    return await raceAbort(word, { signal: this.#stop.signal });
  }

  #taskOf({ block }: StatedBlock): number {
    const rest = block.restAfter(0);
    return ("piece" in rest ? this.#tasks.get(rest.piece)?.task : undefined) ?? 0;
  }

  #pass(task: number): void {
    this.#outbox?.flush();
    post({ kind: "passed", task });
  }

  async #sendBlock(
    outbox: Outbox,
    { block, stateAfter }: StatedBlock,
    { task, isNew, isDealt }: { readonly task: number; readonly isNew: boolean; readonly isDealt: boolean },
  ): Promise<void> {
    for (let index = 0; index < block.length; index += 1) {
      const rest = block.restAfter(index);
      const { from, skip } = "piece" in rest ? rest : { from: 0, skip: 0 };
      const head = isNew && index === 0 && isDealt ? this.#headOf(rest, stateAfter(0)) : undefined;
      outbox.add(block.at(index), { task, head, from, skip, state: isDealt ? undefined : stateAfter(index) });
      if (outbox.mustWait) await outbox.rest();
    }
  }

  #headOf(rest: ReturnType<StatedBlock["block"]["restAfter"]>, state: PlanState): TaskHead {
    const placed = "piece" in rest ? this.#tasks.get(rest.piece)?.placed : undefined;
    if (placed === undefined || !("pieces" in state)) throw new TypeError("a row stands in no task");
    return {
      piece: pieceToJson(placed.piece),
      rest: placed.rest.map(pieceToJson),
      next: placed.next,
      course: state.course,
    };
  }
}

/** What tells whether another thread has made the same dataset. */
function describe(spec: PlanSpec, situation: Situation): string {
  const readers = readersOf(spec).map(({ id, options: { config, split, revision, dataFiles, dataDir, columns } }) => {
    return { id, config, split, revision, dataFiles, dataDir, columns };
  });
  const what = [fingerprintOf(spec), situation, readers];
  return inspect(what, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
}

function post(message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, [...transfer]);
}

/** Reads to the end, and tells what failed after the rows before it. */
async function work(): Promise<void> {
  post({ kind: "started" });
  const worker = new LoaderWorker(workerData as WorkerOrder);
  try {
    await worker.run().catch((error: unknown) => {
      worker.flush();
      throw error;
    });
  } catch (error) {
    post({ kind: "failed", error: sendError(error) });
  }
  parentPort?.close();
}

void work();
