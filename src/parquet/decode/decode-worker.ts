import { parentPort } from "node:worker_threads";
import { HfStreamError, isHfStreamError, type PlainError, toPlainError } from "../../errors.ts";
import { buffersOf, type DecodedBatch } from "./column-data.ts";
import { decoderMemory, type SliceToDecode, UnitDecoder, type UnitToDecode } from "./unit-decoder.ts";
import { Workspace } from "./workspace.ts";

/** What the decoding thread is sent: a unit, then its slices in order; that a unit is given up; buffers of used batches. */
export type DecodeJob =
  | { readonly id: number; readonly unit: UnitToDecode }
  | { readonly id: number; readonly slice: SliceToDecode }
  | { readonly id: number; readonly dropped: true }
  | { readonly returned: readonly ArrayBuffer[] };

/** What the decoding thread answers: batches, and when a slice is decoded; or what went wrong. */
export type DecodeAnswer =
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

const workspace = new Workspace();
const units = new Map<number, UnitDecoder>();

let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (job: DecodeJob) => {
  last = last.then(() => handle(job)); // in the order in which they were sent
});

async function handle(job: DecodeJob): Promise<void> {
  if ("returned" in job) workspace.giveBack(job.returned);
  else if ("slice" in job) decodeSlice(job.id, job.slice);
  else if ("dropped" in job) end(job.id);
  else await begin(job);
}

async function begin({ id, unit }: { readonly id: number; readonly unit: UnitToDecode }): Promise<void> {
  try {
    units.set(id, await UnitDecoder.begin(unit, workspace));
  } catch (error) {
    send({ id, free: undefined, ms: 0, memory: decoderMemory(workspace), failed: toPlainError(failureOf(error)) }, []);
  }
}

function decodeSlice(id: number, slice: SliceToDecode): void {
  const unit = units.get(id);
  const began = performance.now();
  let failed: PlainError | undefined;
  let isTrapped = false;
  try {
    for (const batch of unit?.push(slice) ?? []) send({ id, batch }, buffersOf(batch));
  } catch (error) {
    const failure = failureOf(error);
    failed = toPlainError(failure);
    isTrapped = isTrap(failure.cause);
  }
  const isDone = slice.isLast || failed !== undefined;
  if (isDone) end(id);
  const { buffer } = slice.bytes;
  const free = isDone || unit?.leave(buffer) !== false ? buffer : undefined;
  const held = [...units.values()].reduce((sum, { heldBytes }) => sum + heldBytes, decoderMemory(workspace));
  const ms = performance.now() - began;
  send({ id, free, ms, memory: isTrapped ? Infinity : held, failed }, free === undefined ? [] : [free]);
}

function end(id: number): void {
  units.get(id)?.close();
  units.delete(id);
}

function failureOf(error: unknown): HfStreamError {
  return isHfStreamError(error) ? error : new HfStreamError("WORKER_FAILED", String(error), { cause: error });
}

function send(answer: DecodeAnswer, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(answer, transfer);
}

/** After a trap the decoder's memory is not to be trusted: the thread is given up. */
function isTrap(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "RuntimeError";
}
