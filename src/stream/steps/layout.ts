import { HfStreamError } from "../../errors.ts";
import type { OrderStep } from "../order/order.ts";
import { type ColumnStep, DEFAULT_MAP_BATCH, type DataStep, type PlacedStep, type Step, type StepOf } from "./steps.ts";

/** Steps sorted by where they are carried out. */
export interface Layout {
  /** Rows `[start, end)` of the source: nothing else of it is looked at. */
  readonly start: number;
  readonly end: number;
  readonly shuffle: StepOf<"shuffle"> | undefined;
  /** What follows the shuffle. */
  readonly order: readonly OrderStep[];
  /** Rows that belong together, as batches do: the order is cut between them only. */
  readonly grain: number;
  /** Whether rows are joined to batches, or made in batches. */
  readonly isGrouped: boolean;
  /** Steps that are data, done on Arrow batches. */
  readonly dataSteps: readonly (DataStep | ColumnStep)[];
  /** What is left to do row by row. */
  readonly rowSteps: readonly PlacedStep[];
  /** How many steps count rows which only reading can tell. */
  readonly counters: number;
  /** Whether a `repeat` that follows is arithmetic. */
  readonly isOrdered: boolean;
  /** Whether each row, or batch of `grain` rows, gives one row. */
  readonly isDense: boolean;
  /** Whether rows are counted, or joined, that only reading can tell: then the order has no places to begin at. */
  readonly isSequential: boolean;
}

/** What the steps work on. */
export interface LayoutOptions {
  /** Whether the source can be read from any place on, so that slices and repeats are arithmetic. */
  readonly isAddressable: boolean;
  /** Whether each place of the source gives a row. */
  readonly isDense: boolean;
  /** Whether the source gives Arrow batches, which data steps are done on. */
  readonly isColumnar: boolean;
  /** Whether a row that fails may be left out. */
  readonly mayLose: boolean;
}

/** Sorts steps by where they are carried out. Throws `INVALID_OPTION` for an order of steps that cannot be. Pure. */
export function layoutOf(steps: readonly Step[], options: LayoutOptions): Layout {
  const layout = new LayoutBuilder(options);
  for (const step of steps) layout.add(step);
  return layout.done();
}

class LayoutBuilder {
  readonly #options: LayoutOptions;
  readonly #order: OrderStep[] = [];
  readonly #dataSteps: (DataStep | ColumnStep)[] = [];
  readonly #rowSteps: PlacedStep[] = [];
  #start = 0;
  #end = Infinity;
  #shuffle: StepOf<"shuffle"> | undefined;
  #grain = 1;
  #counters = 0;
  #isSequential = false;
  #isDense: boolean;

  constructor(options: LayoutOptions) {
    this.#options = options;
    this.#isDense = options.isDense && options.isAddressable;
    this.#isSequential = !options.isAddressable;
  }

  add(step: Step): void {
    switch (step.kind) {
      case "slice":
        this.#addSlice(step);
        break;
      case "shuffle":
        this.#addShuffle(step);
        break;
      case "repeat":
        this.#order.push(step); // only where the layout before it is ordered
        break;
      case "where":
        if (this.#isColumnar) this.#dataSteps.push(step);
        else this.#addRowStep(step);
        this.#isDense = false;
        break;
      case "select":
      case "remove":
      case "rename":
        if (this.#isColumnar) this.#dataSteps.push(step);
        else this.#addRowStep(step);
        break;
      default:
        this.#addFunction(step);
    }
  }

  done(): Layout {
    return {
      start: this.#start,
      end: this.#end,
      shuffle: this.#shuffle,
      order: this.#order,
      grain: this.#grain,
      isGrouped: this.#rowSteps.some(({ step }) => batchSizeOf(step) !== undefined),
      dataSteps: this.#dataSteps,
      rowSteps: this.#rowSteps,
      counters: this.#counters,
      isOrdered: this.#isOrdered,
      isDense: this.#isDense && !this.#options.mayLose,
      isSequential: this.#isSequential,
    };
  }

  /** Whether what follows can change the order by arithmetic alone. */
  get #isOrdered(): boolean {
    return this.#options.isAddressable && !this.#isSequential && this.#grain === 1;
  }

  get #isColumnar(): boolean {
    return this.#options.isColumnar && this.#rowSteps.length === 0;
  }

  #addSlice({ start, end }: StepOf<"slice">): void {
    if (!this.#isDense) {
      const step = { kind: "slice", start, end } as const;
      if (this.#isColumnar) this.#dataSteps.push(step);
      else this.#addRowStep(step);
      this.#counters += 1;
      this.#isSequential = true;
      return;
    }
    const rows = { kind: "slice", start: start * this.#grain, end: end * this.#grain } as const;
    if (this.#shuffle === undefined && this.#order.length === 0) {
      [this.#start, this.#end] = [
        Math.min(this.#end, this.#start + rows.start),
        Math.min(this.#end, this.#start + rows.end),
      ];
    } else this.#order.push(rows);
  }

  #addShuffle(step: StepOf<"shuffle">): void {
    if (!this.#isOrdered)
      throw new HfStreamError(
        "INVALID_OPTION",
        "`shuffle` orders the rows that are read: call it before `batch`, a batched `map`, and `take`, `skip` or `slice` of what a filter leaves.",
      );
    if (this.#order.some(({ kind }) => kind === "slice"))
      throw new HfStreamError(
        "INVALID_OPTION",
        "`shuffle` cannot follow `take`, `skip` or `slice` of an order that is shuffled or repeated already: cut first, then shuffle.",
      );
    this.#shuffle = step;
  }

  #addRowStep(step: Step): void {
    this.#rowSteps.push({ step, isAligned: this.#isDense, counter: this.#counters });
  }

  #addFunction(step: StepOf<"filter"> | StepOf<"map"> | StepOf<"batch">): void {
    const size = batchSizeOf(step);
    this.#addRowStep(step);
    const inner = this.#grain;
    if (size !== undefined && this.#isDense) this.#grain *= size;
    if (size !== undefined && !this.#isDense) this.#isSequential = true;
    if (size !== undefined && !this.#isDense && step.kind === "map") this.#counters += 1;
    if (step.kind === "batch" && step.dropLast && this.#isDense) {
      // A last batch of batches is complete with a last one that is shorter.
      this.#order.push({ kind: "dropRest", of: this.#grain, enough: this.#grain - inner + 1 });
    }
    const isBatchedMap = step.kind === "map" && size !== undefined;
    if (step.kind === "filter" || isBatchedMap || this.#options.mayLose) this.#isDense = false;
  }
}

/** Rows that `batch`, or a batched `map`, takes at once; `undefined` for other steps. */
function batchSizeOf(step: Step): number | undefined {
  if (step.kind === "batch") return step.size;
  if (step.kind !== "map" || step.options.batched !== true) return undefined;
  return step.options.batchSize ?? DEFAULT_MAP_BATCH;
}
