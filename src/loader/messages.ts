import { fromPlainError, isHfStreamError, type PlainError, toPlainError } from "../errors.ts";
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
  /** Bytes of rows that may wait to be taken. */
  readonly credit: number;
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
  /** What its states have in common; before all else. */
  | { readonly kind: "begun"; readonly state: DatasetState }
  /** All its tasks before this one are done. */
  | { readonly kind: "passed"; readonly task: number }
  /** All its tasks are done; so many there are for all workers. */
  | { readonly kind: "ended"; readonly tasks: number; readonly state: DatasetState; readonly stats: StreamStats }
  | { readonly kind: "failed"; readonly error: SentError };

/** What a worker is told: so many bytes were taken. */
export interface TakenMessage {
  readonly taken: number;
}

/** An error as it crosses to another thread: its class is lost there, its code is not. */
export type SentError =
  | { readonly plain: PlainError; readonly stack: string | undefined }
  | { readonly name: string; readonly message: string; readonly stack: string | undefined; readonly code: unknown };

export function sendError(error: unknown): SentError {
  if (isHfStreamError(error)) return { plain: toPlainError(error), stack: error.stack };
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, code: undefined };
  const { code } = error as { readonly code?: unknown };
  const { name, message, stack } = error;
  return { name, message, stack, code: typeof code === "string" || typeof code === "number" ? code : undefined };
}

export function receiveError(sent: SentError): Error {
  const error =
    "plain" in sent
      ? fromPlainError(sent.plain)
      : Object.assign(new Error(sent.message), { name: sent.name, ...(sent.code === undefined ? {} : { code: sent.code }) });
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
