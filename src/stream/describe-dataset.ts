import { redact } from "../redact.ts";
import type { DatasetReader } from "./dataset-reader.ts";
import { describeSteps } from "./fingerprint.ts";
import type { Situation } from "./iteration.ts";
import { describeCut } from "./order/parts.ts";
import { type PlanSpec, readersOf } from "./plan/spec.ts";

/** Of more columns the others are counted. */
const COLUMNS_SHOWN = 12;

/** What a dataset is, in three lines: what it reads, its columns, its steps. Never its options: a token is one. */
export function describeDatasetSpec(spec: PlanSpec, situation: Situation): string {
  const readers = readersOf(spec);
  const sources = [...new Set(readers.map(describeSource))].join(" + ");
  return redact(
    `IterableDataset ${sources}\n  columns: ${describeColumns(readers)}\n  steps: ${describeAll(spec, situation)}`,
  );
}

function describeSource({ id, options: { config, split, revision } }: DatasetReader): string {
  const named = Object.entries({ config, revision, split }).filter(([, value]) => value !== undefined);
  return named.length === 0 ? id : `${id} (${named.map(([name, value]) => `${name} ${value}`).join(", ")})`;
}

/** The columns of the files, as far as they were read. */
function describeColumns(readers: readonly DatasetReader[]): string {
  const known = readers.flatMap(({ opened }) => (opened === undefined ? [] : [opened]));
  if (known.length < readers.length) return "not read yet (await info() tells)";
  const names = [...new Set(known.flatMap(({ features }) => Object.keys(features)))];
  const others = names.length - COLUMNS_SHOWN;
  return names.slice(0, COLUMNS_SHOWN).join(", ") + (others > 0 ? ` and ${others} more` : "");
}

function describeAll(spec: PlanSpec, { parts, epoch, resumed }: Situation): string {
  const all = [
    describeSteps(spec),
    ...parts.map(describeCut),
    ...(epoch === 0 ? [] : [`epoch ${epoch}`]),
    ...(resumed === undefined ? [] : ["resumed"]),
  ];
  return all.filter((text) => text !== "").join(" | ") || "none";
}
