import { parentPort } from "node:worker_threads";
import { isMissingModule } from "../../async/threads.ts";
import { HfStreamError, isHfStreamError, type PlainError, toPlainError } from "../../errors.ts";
import { buffersOf, bytesOf, type DecodedBatch } from "./column-data.ts";
import { decoderMemory, type SliceToDecode, UnitDecoder, type UnitToDecode } from "./unit-decoder.ts";
import { Workspace } from "./workspace.ts";

/**
 * What the decoding thread is sent: a unit, then its slices in order; that so many bytes of its batches were taken; that it
 * is given up; buffers of used batches.
 */
export type DecodeJob =
  | { readonly id: number; readonly unit: UnitToDecode }
  | { readonly id: number; readonly slice: SliceToDecode }
  | { readonly id: number; readonly taken: number }
  | { readonly id: number; readonly dropped: true }
  | { readonly returned: readonly ArrayBuffer[] };

/** What the decoding thread says: that it can decode; batches, and when a slice is decoded; or what went wrong. */
export type DecodeAnswer =
  | { readonly isUp: true }
  | { readonly id: number; readonly batch: DecodedBatch }
  | {
      readonly id: number;
      /** The slice's buffer, for use again, if nothing of it is needed any more. */
      readonly free: ArrayBuffer | undefined;
      /** How long it was decoded. */
      readonly ms: number;
      /** What the thread holds, in bytes. */
      readonly memory: number;
      readonly failed: PlainError | undefined;
    };

/** A unit in the thread. */
interface ThreadUnit {
  readonly decoder: UnitDecoder;
  /** The first is being decoded. */
  readonly slices: SliceToDecode[];
  batches: Generator<DecodedBatch> | undefined;
  /** Bytes of batches that may still be sent: few bytes may become billions, and nobody may want them yet. */
  credit: number;
  /** How long the first slice was decoded. */
  ms: number;
}

/** The part of the memory budget that the batches of one unit may be which wait to be taken; and a few in any case. */
const AHEAD_SHARE = 0.25;
const MIN_AHEAD_BYTES = 8 * 1024 * 1024;

const workspace = new Workspace();
const units = new Map<number, ThreadUnit>();

let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (job: DecodeJob) => {
  last = last.then(() => handle(job)); // in the order in which they were sent
});

send({ isUp: true }, []);

async function handle(job: DecodeJob): Promise<void> {
  if ("returned" in job) workspace.giveBack(job.returned);
  else if ("unit" in job) await begin(job);
  else if ("dropped" in job) end(job.id);
  else {
    const unit = units.get(job.id);
    if (unit === undefined) return;
    if ("taken" in job) unit.credit += job.taken;
    else unit.slices.push(job.slice);
    decode(job.id, unit);
  }
}

async function begin({ id, unit }: { readonly id: number; readonly unit: UnitToDecode }): Promise<void> {
  try {
    const decoder = await UnitDecoder.begin(unit, workspace);
    const credit = Math.max(MIN_AHEAD_BYTES, unit.memoryBudget * AHEAD_SHARE);
    units.set(id, { decoder, slices: [], batches: undefined, credit, ms: 0 });
  } catch (error) {
    if (isMissingModule(error)) throw error; // no unit can be decoded here: the thread ends
    send({ id, free: undefined, ms: 0, memory: decoderMemory(workspace), failed: toPlainError(failureOf(error)) }, []);
  }
}

/** Decodes the slices that have come, as long as batches are taken. */
function decode(id: number, unit: ThreadUnit): void {
  for (let [slice] = unit.slices; slice !== undefined && unit.credit > 0; [slice] = unit.slices) {
    const began = performance.now();
    let failure: HfStreamError | undefined;
    let isDone = false;
    try {
      isDone = sendBatches(id, unit, slice);
    } catch (error) {
      failure = failureOf(error);
    }
    unit.ms += performance.now() - began;
    if (isDone || failure !== undefined) endSlice(id, unit, slice, failure);
    if (failure !== undefined) return;
  }
}

/** Sends the batches of a slice while they are taken; tells whether these are all. */
function sendBatches(id: number, unit: ThreadUnit, slice: SliceToDecode): boolean {
  unit.batches ??= unit.decoder.push(slice);
  while (unit.credit > 0) {
    const next = unit.batches.next();
    if (next.done === true) return true;
    unit.credit -= bytesOf(next.value);
    send({ id, batch: next.value }, buffersOf(next.value));
  }
  return false;
}

function endSlice(id: number, unit: ThreadUnit, slice: SliceToDecode, failure: HfStreamError | undefined): void {
  const { ms } = unit;
  unit.slices.shift();
  unit.batches = undefined;
  unit.ms = 0;
  const isDone = slice.isLast || failure !== undefined;
  if (isDone) end(id);
  const { buffer } = slice.bytes;
  const free = isDone || unit.decoder.leave(buffer) ? buffer : undefined;
  const held = [...units.values()].reduce((sum, { decoder }) => sum + decoder.heldBytes, decoderMemory(workspace));
  const failed = failure === undefined ? undefined : toPlainError(failure);
  send({ id, free, ms, memory: isTrap(failure?.cause) ? Infinity : held, failed }, free === undefined ? [] : [free]);
}

function end(id: number): void {
  const unit = units.get(id);
  unit?.batches?.return(undefined);
  unit?.decoder.close();
  units.delete(id);
}

function failureOf(error: unknown): HfStreamError {
  return isHfStreamError(error) ? error : new HfStreamError("WORKER_FAILED", String(error), { cause: error });
}

function send(answer: DecodeAnswer, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(answer, transfer);
}

/** After a trap the decoder's memory is not to be trusted: the thread is given up. */
function isTrap(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "RuntimeError" || isTrap(error.cause);
}
