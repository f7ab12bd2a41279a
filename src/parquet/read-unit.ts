import type { Schema } from "apache-arrow";
import { linkController } from "../async/abort.ts";
import type { UnitReadOptions } from "../formats/types.ts";
import type { ByteSource } from "../fs/types.ts";
import { type Decoding, type SlicedBatch, ThreadLostError } from "./decode/decoder.ts";
import { afterRows } from "./decode/sliced-batches.ts";
import type { UnitToDecode } from "./decode/unit-decoder.ts";
import { DamageError, failureOf } from "./failures.ts";
import { fetchUnit } from "./fetch-unit.ts";
import type { UnitPlan } from "./plan.ts";

/** How a unit is decoded. */
export interface UnitShape {
  readonly unit: UnitToDecode;
  /** Of the wanted columns. */
  readonly schema: Schema;
}

/** A unit that is fetched and decoded. */
export interface DecodedUnit {
  readonly batches: AsyncIterable<SlicedBatch>;
  /** Resolves when nothing of it is fetched any more, unless its thread was lost. */
  readonly fetched: Promise<void>;
  readonly isDecoding: boolean;
}

/**
 * Begins to fetch a unit and to decode what has come. If the thread that decodes it is lost, with the bytes that it was given,
 * it is read once more, by another one, and goes on where it was.
 */
export function readUnit(
  source: ByteSource,
  plan: UnitPlan,
  { unit, schema }: UnitShape,
  options: UnitReadOptions,
): DecodedUnit {
  let admitted = 0;
  const admit: UnitReadOptions["admit"] = async (slice, job) => {
    if (slice < admitted) return; // its memory is still held
    await options.admit(slice, job);
    admitted = slice + 1;
  };
  let latest: Begun;
  const begin = (): Begun => {
    const stop = linkController(options.signal);
    const decoding = options.decoder.begin(unit, schema, plan.decodedBytes);
    const fetched = fetchUnit(source, plan, decoding, { ...options, admit, signal: stop.signal });
    const end = async (): Promise<void> => {
      stop.abort(new Error("the unit is not read any further"));
      await fetched;
    };
    void fetched.then(() => stop.dispose());
    latest = { decoding, fetched, end };
    return latest;
  };
  const first = begin();
  return {
    batches: blamingFile(unit.path, untilLost(first, begin, options.signal)),
    fetched: first.fetched,
    get isDecoding() {
      return latest.decoding.isBusy;
    },
  };
}

interface Begun {
  readonly decoding: Decoding;
  readonly fetched: Promise<void>;
  /** Resolves when nothing of it is fetched any more. */
  end(): Promise<void>;
}

async function* untilLost(
  first: Begun,
  again: () => Begun,
  signal: AbortSignal | undefined,
): AsyncGenerator<SlicedBatch> {
  let given = 0;
  try {
    for await (const sliced of first.decoding.batches) {
      given += sliced.batch.numRows;
      yield sliced;
    }
    return;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ThreadLostError)) throw error;
  }
  await first.end();
  const second = again();
  try {
    yield* afterRows(second.decoding.batches, given);
  } finally {
    await second.end();
  }
}

/** Batches, of which one may turn out to be damaged when it is made. */
async function* blamingFile<T>(path: string, batches: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* batches;
  } catch (cause) {
    throw cause instanceof DamageError ? failureOf(path, "its pages", cause) : cause;
  }
}
