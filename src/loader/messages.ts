import { inspect } from "node:util";
import { fromPlainError, isHfStreamError, type PlainError, toPlainError } from "../errors.ts";
import type { Cut } from "../stream/order/parts.ts";
import type { PieceJson } from "../stream/order/piece.ts";
import type { PlanState } from "../stream/plan/plan-state.ts";
import type { DatasetState } from "../stream/state.ts";
import type { StreamStats } from "../stream/stats.ts";
import type { ModuleSource } from "./module.ts";
import type { Recipe } from "./recipe.ts";
import type { Deck } from "./tasks.ts";

/** What a worker is to read. */
export type WorkerSource =
  | { readonly kind: "recipe"; readonly recipe: Recipe }
  | ({ readonly kind: "module" } & ModuleSource);

/** What a worker is started with. */
export interface WorkerOrder {
  readonly source: WorkerSource;
  readonly deck: Deck;
  /** Where to go on, of rows that only reading can count. */
  readonly rest: PlanState | undefined;
  /** Bytes of rows that wait already to be taken: a thread before this one sent them. */
  readonly waiting: number;
}

/** Which piece of the order a task is part of, and what comes after that. */
export interface TaskHead {
  readonly piece: PieceJson;
  readonly rest: readonly PieceJson[];
  readonly next: number | null;
  readonly course: readonly [number | null, number | null, number, number];
}

/** Rows of one task, in order. */
export interface RowsMessage {
  readonly kind: "rows";
  readonly task: number;
  /** With the first rows of a task. */
  readonly head?: TaskHead | undefined;
  readonly rows: readonly unknown[];
  /** By row: the place in the piece's order at which the rest begins, and the rows to skip there. */
  readonly from: Float64Array;
  readonly skip: Uint32Array;
  /** By row, instead of places, where only reading can count. */
  readonly states?: readonly PlanState[] | undefined;
  readonly bytes: number;
  readonly stats: StreamStats;
}

/** What a worker says. */
export type WorkerMessage =
  | RowsMessage
  /** It runs. */
  | { readonly kind: "started" }
  /** Which dataset its module has made; before all that is read. */
  | { readonly kind: "made"; readonly dataset: string }
  /** Its iteration has begun: what its states have in common, and the state before the first row. */
  | { readonly kind: "begun"; readonly state: DatasetState; readonly parts: readonly Cut[] }
  /** All its tasks before this one are done. */
  | { readonly kind: "passed"; readonly task: number }
  /** A round from task `first` to before `tasks` gave none of its rows: it waits for word whether to go on. */
  | { readonly kind: "barren"; readonly first: number; readonly tasks: number }
  /** All its tasks are done; so many there are for all workers. */
  | { readonly kind: "ended"; readonly tasks: number; readonly state: DatasetState; readonly stats: StreamStats }
  | { readonly kind: "failed"; readonly error: SentError };

/** What a worker is told: so many bytes were taken, whether to go on with the next round, or that nobody wants its rows. */
export type WorkerTold = { readonly taken: number } | { readonly goesOn: boolean } | { readonly stop: true };

/** What was thrown as it crosses to another thread: the class of an error is lost there, its code is not. */
export type SentError =
  | { readonly plain: PlainError; readonly stack: string | undefined }
  | {
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly code: unknown;
      readonly cause: SentError | undefined;
    }
  | { readonly value: unknown };

/** Causes of causes that are sent. */
const MAX_CAUSES = 5;

export function sendError(error: unknown, causes: number = MAX_CAUSES): SentError {
  if (isHfStreamError(error)) return { plain: toPlainError(error), stack: error.stack };
  if (!(error instanceof Error)) return { value: isCloneable(error) ? error : inspect(error) };
  const { name, message, stack, code, cause } = error as unknown as Readonly<Record<string, unknown>>; // users set them to anything
  return {
    name: String(name),
    message: String(message),
    stack: stack === undefined ? undefined : String(stack),
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
    cause: cause === undefined || causes === 0 ? undefined : sendError(cause, causes - 1),
  };
}

export function receiveError(sent: SentError): unknown {
  if ("value" in sent) return sent.value;
  const error = "plain" in sent ? fromPlainError(sent.plain) : foreignError(sent);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

function foreignError({ name, message, code, cause }: Extract<SentError, { name: string }>): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: receiveError(cause) });
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return code === undefined ? error : Object.assign(error, { code });
}

/** Whether a value can be sent to another thread. */
export function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
