import { parentPort, workerData } from "node:worker_threads";
import type { IterableDataset } from "../stream/iterable-dataset.ts";
import { Iteration, type Situation } from "../stream/iteration.ts";
import { type Piece, pieceToJson } from "../stream/order/piece.ts";
import type { StatedBlock } from "../stream/plan/plan.ts";
import type { PlacedPiece, PlanState } from "../stream/plan/plan-state.ts";
import { type RowsMessage, sendError, type TakenMessage, type WorkerMessage, type WorkerOrder } from "./messages.ts";
import { loadModule } from "./module.ts";
import { packRows } from "./packet.ts";
import { datasetOf } from "./recipe.ts";
import { dealTo } from "./tasks.ts";

/** Bytes that a message of rows aims at: few enough to hand on early, enough to cost little. */
const PACKET_BYTES = 1024 * 1024;
const MAX_PACKET_ROWS = 1024;

/** Reads the tasks of one worker, and sends their rows as far as the main thread lets it. */
class LoaderWorker {
  readonly #order: WorkerOrder;
  /** The task of each piece that is read, and what it is part of. */
  readonly #tasks = new WeakMap<Piece, { readonly task: number; readonly placed: PlacedPiece }>();
  #waiting = 0;
  #wake: () => void = () => {};
  #packetRows = 16;
  #count = 1;

  constructor(order: WorkerOrder) {
    this.#order = order;
    parentPort?.on("message", ({ taken }: TakenMessage) => {
      this.#waiting -= taken;
      this.#wake();
    });
  }

  async run(): Promise<void> {
    const { deck } = this.#order;
    const iteration = await this.#iteration();
    const deal = dealTo(deck, {
      onTask: (piece, task, placed) => this.#tasks.set(piece, { task, placed }),
      onEnd: (tasks) => (this.#count = tasks),
    });
    const isDealt = iteration.plan.isAddressable;
    if (isDealt || deck.worker === 0) {
      let hasBegun = false;
      let task = -1;
      for await (const block of iteration.blocks(isDealt ? deal : undefined)) {
        if (!hasBegun) this.#send({ kind: "begun", state: iteration.restingState() });
        hasBegun = true;
        const own = isDealt ? this.#taskOf(block) : 0;
        if (own !== task) this.#send({ kind: "passed", task: own });
        await this.#sendBlock(block, { task: own, isNew: own !== task, iteration });
        task = own;
      }
    }
    this.#send({ kind: "ended", tasks: this.#count, state: iteration.restingState(), stats: { ...iteration.stats } });
  }

  async #iteration(): Promise<Iteration> {
    const { deck, rest } = this.#order;
    const { spec, situation } = await this.#dataset();
    const sharing = { share: deck.workers, decodeThreads: 0 }; // this is a thread already
    if (rest === undefined) return new Iteration(spec, situation, sharing);
    const state = { ...new Iteration(spec, situation).restingState(), part: situation.parts, rest };
    return new Iteration(spec, { ...situation, resumed: state } satisfies Situation, sharing);
  }

  async #dataset(): Promise<IterableDataset<object>> {
    const { source, deck } = this.#order;
    if (source.kind === "recipe") return datasetOf(source.recipe);
    return await loadModule(source, { index: deck.worker, count: deck.workers });
  }

  #taskOf({ block }: StatedBlock): number {
    const rest = block.restAfter(0);
    return ("piece" in rest ? this.#tasks.get(rest.piece)?.task : undefined) ?? 0;
  }

  async #sendBlock(
    { block, stateAfter }: StatedBlock,
    { task, isNew, iteration }: { readonly task: number; readonly isNew: boolean; readonly iteration: Iteration },
  ): Promise<void> {
    for (let start = 0; start < block.length;) {
      const end = Math.min(block.length, start + this.#packetRows);
      const indices = Array.from({ length: end - start }, (_, index) => start + index);
      const { rows, transfer, bytes } = packRows(indices.map((index) => block.at(index)));
      const isDealt = iteration.plan.isAddressable;
      const rests = isDealt ? indices.map((index) => block.restAfter(index)) : [];
      const message: RowsMessage = {
        kind: "rows",
        task,
        ...(isNew && start === 0 && isDealt ? { head: this.#headOf(block.restAfter(0), stateAfter(0)) } : {}),
        rows,
        from: Float64Array.from(rests, (rest) => ("piece" in rest ? rest.from : 0)),
        skip: Uint32Array.from(rests, (rest) => ("piece" in rest ? rest.skip : 0)),
        ...(isDealt ? {} : { states: indices.map((index) => stateAfter(index)) }),
        bytes,
        stats: { ...iteration.stats },
      };
      this.#send(message, transfer);
      this.#waiting += bytes;
      this.#packetRows = Math.ceil(Math.min(MAX_PACKET_ROWS, (PACKET_BYTES * rows.length) / Math.max(1, bytes)));
      start = end;
      while (this.#waiting > this.#order.credit) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #headOf(rest: ReturnType<StatedBlock["block"]["restAfter"]>, state: PlanState): RowsMessage["head"] {
    const placed = "piece" in rest ? this.#tasks.get(rest.piece)?.placed : undefined;
    if (placed === undefined || !("pieces" in state)) throw new TypeError("a row stands in no task");
    return {
      piece: pieceToJson(placed.piece),
      rest: placed.rest.map(pieceToJson),
      next: placed.next,
      course: state.course,
    };
  }

  #send(message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void {
    parentPort?.postMessage(message, [...transfer]);
  }
}

try {
  await new LoaderWorker(workerData as WorkerOrder).run();
} catch (error) {
  parentPort?.postMessage({ kind: "failed", error: sendError(error) } satisfies WorkerMessage);
}
parentPort?.close();
