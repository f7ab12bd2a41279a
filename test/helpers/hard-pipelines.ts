import type { StopRule } from "../../src/index.ts";
import type { Call, Origin, Pipeline } from "./pipelines.ts";

const of = (layout: number, ...calls: Call[]): Pipeline => ({ origin: { kind: "layout", layout }, calls });
const interleave = (stop: StopRule, ...inputs: Pipeline[]): Origin => ({
  kind: "interleave",
  inputs,
  stop,
  weights: undefined,
});
const concatenate = (...inputs: Pipeline[]): Origin => ({ kind: "concatenate", inputs });
const multiply = (size: number): Call => ({ kind: "multiply", size });
const batch = (size: number, dropLast = false): Call => ({ kind: "batch", size, dropLast });
const slice = (start: number, end: number): Call => ({ kind: "slice", start, end });
const filter: Call = { kind: "filter", by: 3 };
const shuffle: Call = { kind: "shuffle", seed: 1, window: 6 };
const twice: Call = { kind: "repeat", times: 2 };

/** Pipelines in which rows that only reading can count, batches, passes and parts meet. */
export const HARD_PIPELINES: readonly (readonly [string, Pipeline])[] = [
  [
    "batches without the last of a joint that is mixed",
    { origin: concatenate(of(4, shuffle)), calls: [batch(7, true)] },
  ],
  ["a slice of what is left, repeated", of(1, multiply(1), slice(4, 40), filter, twice)],
  ["a slice of what is left of mixed rows, repeated", of(0, shuffle, filter, slice(4, 20), twice)],
  [
    "a joint of slices of what is left, repeated",
    { origin: concatenate(of(4, filter, slice(2, 9)), of(2, shuffle, filter, slice(3, 9))), calls: [twice] },
  ],
  ["batched maps behind each other", of(0, multiply(1), multiply(1), multiply(2))],
  ["a batched map behind a slice of what is left", of(0, filter, slice(2, 25), multiply(5))],
  ["a slice behind a batched map", of(0, multiply(1), slice(0, 3))],
  [
    "a filter behind a slice, and a batched map",
    of(2, { kind: "where", by: 2 }, slice(3, 25), filter, multiply(4), filter),
  ],
  ["batches repeated", of(0, shuffle, batch(7), twice)],
  ["batches of batches without the last", of(3, batch(7), batch(7, true))],
  ["batches without the last, cut", of(2, batch(4, true), slice(1, 40), batch(2))],
  ["what a batched map makes of batches, repeated", of(0, batch(3), multiply(2), twice)],
  [
    "a batched map behind a joint",
    { origin: { kind: "concatenate", inputs: [of(0, multiply(11)), of(2)] }, calls: [multiply(2)] },
  ],
  [
    "a joint of a map in batches of one",
    { origin: { kind: "concatenate", inputs: [of(4, multiply(1)), of(1)] }, calls: [] },
  ],
  [
    "a joint that starts again",
    { origin: interleave("all_exhausted", of(4, shuffle, filter), of(2, shuffle)), calls: [] },
  ],
  [
    "a joint of joints that start again",
    {
      origin: interleave(
        "all_exhausted",
        { origin: interleave("all_exhausted", of(4, shuffle), of(1)), calls: [] },
        of(2),
      ),
      calls: [],
    },
  ],
  [
    "a joint cut behind its end, repeated",
    { origin: { kind: "concatenate", inputs: [of(4), of(1)] }, calls: [slice(2, 40), twice] },
  ],
];
