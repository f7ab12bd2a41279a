import { HfStreamError } from "../errors.ts";
import { isObject, isWhole } from "../fs/option-checks.ts";
import { type Cut, describeCut, isPart, type Part, type PartSlice } from "./order/parts.ts";
import { isPlanState } from "./plan/check-state.ts";
import { mergePlanStates, type PlanState, unbegun } from "./plan/plan-state.ts";

/** Where the rows delivered so far end. Small, plain JSON: keep it as it is, and give it to `resume`. */
export interface DatasetState {
  readonly version: 1;
  /** Which dataset; those that are joined are joined by `+` here too. */
  readonly id: string;
  /** `null` before the dataset was resolved. */
  readonly commit: string | null;
  readonly config: string | null;
  readonly split: string | null;
  /** The pipeline: its steps, functions by their kind alone. */
  readonly fingerprint: string;
  readonly epoch: number;
  /** Which part of the whole this is, by `shard`, `splitByNode`, and `take`, `skip` or `slice` after them; empty: the whole. */
  readonly part: readonly Cut[];
  /** What is left; `null`: all of it. */
  readonly rest: PlanState | null;
  /** By dataset, where rows are mixed: the memory budget that the windows were made for, which the order depends on. */
  readonly windowBudgets?: readonly number[] | undefined;
}

const VERSION = 1;
const EQUALIZE: ReadonlySet<unknown> = new Set(["none", "drop", "pad"]);

/** Which dataset and pipeline a state belongs to. */
export type StateOwner = Omit<DatasetState, "version" | "rest" | "epoch" | "part">;

export function makeState(owner: StateOwner, at: Pick<DatasetState, "epoch" | "part" | "rest">): DatasetState {
  return { version: VERSION, ...owner, ...at };
}

/** Checks that a value is a state at all. Throws `STATE_MISMATCH`. */
export function checkState(value: unknown): DatasetState {
  const state = value as Partial<DatasetState> | undefined;
  if (!isObject(state) || typeof state.fingerprint !== "string" || typeof state.id !== "string")
    throw mismatch("this is no state: give what `state()` returned, or the same parsed from JSON.");
  if (state.version !== VERSION)
    throw mismatch(`it has format version ${String(state.version)}, this version of hfstream reads ${VERSION}.`);
  const { commit, config, split, epoch, part, rest, windowBudgets } = state;
  const isText = [commit, config, split].every((name) => name === null || typeof name === "string");
  const isSound = Array.isArray(part) && part.every(isCut) && (rest === null || isPlanState(rest));
  const isBudget = windowBudgets === undefined || (Array.isArray(windowBudgets) && windowBudgets.every(isWhole(1)));
  if (!isText || !isWhole(0)(epoch) || !isSound || !isBudget) throw damagedState();
  return state as DatasetState;
}

function isCut(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { count, index, equalize, start, end } = value as Partial<Part & PartSlice>;
  if (count === undefined) return isWhole(0)(start) && (end === null || isWhole(start as number)(end));
  return isWhole(0)(index) && isWhole((index as number) + 1)(count) && EQUALIZE.has(equalize);
}

/** Says that a state cannot be what `state()` returned. */
export function damagedState(): HfStreamError {
  return mismatch("it is damaged: nothing like it can be returned by `state()` here.");
}

/** Throws `STATE_MISMATCH`, saying what differs, if a state does not belong to a dataset as it is now. */
export function checkOwner(state: DatasetState, owner: StateOwner, part: readonly Cut[]): void {
  for (const what of ["id", "commit", "config", "split"] as const) {
    const [saved, now] = [state[what], owner[what]];
    if (saved !== null && saved !== now)
      throw mismatch(
        `its ${what === "id" ? "dataset" : what} is '${saved}', that of this dataset is '${String(now)}'.${hint(what, saved)}`,
      );
  }
  if (state.fingerprint !== owner.fingerprint)
    throw mismatch(`its pipeline is\n  ${state.fingerprint}\nand that of this dataset\n  ${owner.fingerprint}`);
  if (state.part.length === 0 && !part.every(isPart))
    throw mismatch(
      "it is of the whole, and this dataset is `take`, `skip` or `slice` of a part. Call `resume` before these.",
    );
  if (state.part.length > 0 && JSON.stringify(state.part) !== JSON.stringify(part))
    throw mismatch(
      `it is of ${describeParts(state.part)}, this dataset is ${describeParts(part)}. To go on with another number of parts, ` +
        "join the states of all parts with `mergeStates`.",
    );
}

function hint(what: string, saved: string): string {
  return what === "commit" ? ` Read the dataset as it was with \`revision: '${saved}'\`.` : "";
}

function describeParts(parts: readonly Cut[]): string {
  return parts.length === 0 ? "the whole" : parts.map(describeCut).join(", ");
}

/**
 * Joins the states of all ranks or workers, which must be complete, into one of the whole. It may be resumed with
 * another number of them. Throws `STATE_MISMATCH` if they are not all parts of one run.
 */
export function mergeStates(states: readonly DatasetState[]): DatasetState {
  if (!Array.isArray(states) || states.length === 0)
    throw mismatch("`mergeStates` needs a list of at least one state.");
  let left = states.map(checkState);
  const [first] = left as [DatasetState];
  const owner = { ...first, ...identityOf(left) };
  for (const state of left) {
    checkOwner({ ...state, part: [] }, owner, []);
    if (state.epoch !== first.epoch)
      throw mismatch(`some are of epoch ${first.epoch}, others of epoch ${state.epoch}.`);
  }
  const budgets = left.flatMap(({ rest, windowBudgets }) => (rest === null ? [] : [JSON.stringify(windowBudgets)]));
  if (new Set(budgets).size > 1)
    throw mismatch("their rows were mixed with different memory budgets, and so in different orders.");
  if (left.some(({ part }) => !part.every(isPart)))
    throw mismatch(
      "they are of `take`, `skip` or `slice` of a part, whose states cannot be merged. Resume each with as many parts as " +
        "before, or call `take`, `skip` or `slice` before `shard` or `splitByNode`.",
    );
  while (left.some(({ part }) => part.length > 0)) left = mergeDeepest(left);
  if (left.length > 1) throw mismatch("more than one of them is of the whole.");
  return left[0] as DatasetState;
}

/** Joins the parts that were cut last, group by group. */
function mergeDeepest(states: readonly DatasetState[]): DatasetState[] {
  const depth = Math.max(...states.map(({ part }) => part.length));
  const groups = new Map<string, DatasetState[]>();
  const others = states.filter(({ part }) => part.length < depth);
  for (const state of states) {
    if (state.part.length < depth) continue;
    const whole = JSON.stringify(state.part.slice(0, -1));
    groups.set(whole, [...(groups.get(whole) ?? []), state]);
  }
  return [...others, ...[...groups.values()].map(mergeParts)];
}

function mergeParts(states: readonly DatasetState[]): DatasetState {
  const parts = states.map(({ part }) => part.at(-1) as Part);
  const { count, equalize } = parts[0] as Part;
  const found = new Map(parts.map(({ index }, place) => [index, place]));
  const missing: number[] = []; // the first of them
  for (let index = 0; index < count && missing.length < 20; index += 1) if (!found.has(index)) missing.push(index);
  if (parts.some((part) => part.count !== count)) throw mismatch("they are parts of different numbers of parts.");
  if (parts.some((part) => part.equalize !== equalize)) throw mismatch("they differ in `equalize`.");
  if (missing.length > 0) throw mismatch(`of ${count} parts, these are missing: ${missing.join(", ")}.`);
  if (found.size !== states.length) throw mismatch("a part is given twice.");
  const first = states[0] as DatasetState;
  const part = first.part.slice(0, -1);
  const rests = startedAll(states.map(({ rest }) => rest));
  if (rests === undefined) return { ...first, part, rest: null };
  return {
    ...first,
    ...identityOf(states),
    part,
    rest: mergePlanStates(
      rests,
      states.map((state) => state.part.filter(isPart)),
    ),
  };
}

/** What the states of parts say of their dataset: one that had not begun does not know. */
function identityOf(
  states: readonly DatasetState[],
): Pick<DatasetState, "commit" | "config" | "split" | "windowBudgets"> {
  const begun = states.find((state) => state.commit !== null);
  const { commit = null, config = null, split = null, windowBudgets } = begun ?? {};
  return { commit, config, split, ...(windowBudgets === undefined ? {} : { windowBudgets }) };
}

/** The rests of all parts; of one that has not begun, all of it. `undefined` if none has begun. */
function startedAll(rests: readonly (PlanState | null)[]): PlanState[] | undefined {
  const begun = rests.find((rest) => rest !== null);
  if (begun === undefined || begun === null) return undefined;
  return rests.map((rest) => rest ?? unbegun(begun));
}

function mismatch(reason: string): HfStreamError {
  return new HfStreamError("STATE_MISMATCH", `The state cannot be used: ${reason}`);
}
