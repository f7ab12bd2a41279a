import { linkController } from "../async/abort.ts";
import type { UnitReadOptions } from "../formats/types.ts";
import { readSegments } from "../fs/read-segments.ts";
import type { ByteSource } from "../fs/types.ts";
import type { Decoding } from "./decode/decoder.ts";
import type { UnitPlan } from "./plan.ts";
import type { Slice } from "./slices.ts";

/**
 * Fetches the slices of a unit, those side by side that are admitted, and gives them to the decoder in order. Resolves when
 * all are there, or when `decoding` was told why not: it never rejects.
 */
export async function fetchUnit(
  source: ByteSource,
  plan: UnitPlan,
  decoding: Decoding,
  options: UnitReadOptions,
): Promise<void> {
  const stop = linkController(options.signal);
  const fetching: Promise<void>[] = [];
  const fail = (error: unknown): void => {
    decoding.fail(error);
    stop.abort(error);
  };
  let before = Promise.resolve();
  try {
    for (const [index, slice] of plan.slices.entries()) {
      await options.admit(index, { signal: stop.signal });
      const bytes = options.decoder.allocate(slice.length);
      const fetched = fetchSlice(source, slice, bytes, { ...options, signal: stop.signal });
      if (index === 0) void fetched.then(options.onFirstFetched, () => {});
      fetched.catch(() => {}); // it is awaited in its turn, after those before it
      before = pushAfter(before, fetched, () => {
        const isLast = index === plan.slices.length - 1;
        decoding.push({ bytes, chunks: slice.chunks, isLast }, (decoded) => options.onDecoded(index, decoded));
      });
      before.catch(fail);
      fetching.push(fetched, before);
    }
    await before;
  } catch (error) {
    fail(error);
  } finally {
    await Promise.allSettled(fetching);
    stop.dispose();
  }
}

async function pushAfter(before: Promise<void>, fetched: Promise<void>, push: () => void): Promise<void> {
  await before;
  await fetched;
  push();
}

/** Bytes land once, in the buffer that is decoded. */
async function fetchSlice(
  source: ByteSource,
  { made, segments }: Slice,
  target: Uint8Array<ArrayBuffer>,
  options: UnitReadOptions,
): Promise<void> {
  for (const { target: at, bytes } of made) target.set(bytes, at);
  await readSegments(source, segments, target, options);
}
