import { redact } from "../redact.ts";
import { describeSteps } from "./fingerprint.ts";
import type { Situation } from "./iteration.ts";
import { describeCut } from "./order/parts.ts";
import { type PlanSpec, readersOf } from "./plan/spec.ts";

/** What a dataset is, in a line: what it reads, which part of it, and its steps. Never its options: a token is one. */
export function describeDatasetSpec(spec: PlanSpec, { parts, epoch, resumed }: Situation): string {
  const sources = readersOf(spec).map(({ id, options: { config, split, revision } }) => {
    const named = [config, revision, split].filter((name) => name !== undefined);
    return named.length === 0 ? id : `${id} (${named.join(", ")})`;
  });
  const all = [
    [...new Set(sources)].join(" + "),
    describeSteps(spec),
    ...parts.map(describeCut),
    ...(epoch === 0 ? [] : [`epoch ${epoch}`]),
    ...(resumed === undefined ? [] : ["resumed"]),
  ];
  return redact(`IterableDataset { ${all.filter((text) => text !== "").join(" | ")} }`);
}
