import { createHash } from "node:crypto";
import { redact } from "../redact.ts";
import { describeCut } from "./order/parts.ts";
import type { Excerpt, PlanSpec } from "./plan/spec.ts";
import { DEFAULT_MAP_BATCH, type Step } from "./steps/steps.ts";

/** Longer descriptions are cut, and a hash of the whole put in their place. */
const MAX_STEP = 80;
const MAX_ALL = 1500;

/**
 * Describes what decides about the order and number of rows: steps and their options. Of functions their kind alone, so
 * that a run can be resumed with a function that was mended.
 */
export function fingerprintOf(spec: PlanSpec): string {
  return shorten([originOf(spec), ...stepsOf(spec)].join(" | "), MAX_ALL);
}

/** Describes the steps alone; of joined and repeated datasets, those of their inputs too. */
export function describeSteps(spec: PlanSpec): string {
  const origin = spec.origin.kind === "line" ? [] : [originOf(spec)];
  return shorten([...origin, ...stepsOf(spec)].join(" | "), MAX_ALL);
}

function stepsOf(spec: PlanSpec): string[] {
  const steps = spec.steps.map((step) => shorten(describeStep(step), MAX_STEP));
  return spec.onError === "throw" ? steps : [...steps, "onError"];
}

function originOf({ origin }: PlanSpec): string {
  switch (origin.kind) {
    case "line": {
      const { dataFiles, dataDir } = origin.reader.options;
      const files =
        dataFiles === undefined && dataDir === undefined ? "" : JSON.stringify({ dataDir, dataFiles }, withoutQuery);
      return `rows${shorten(files, MAX_STEP)}`;
    }
    case "repeat":
      return origin.excerpt === undefined
        ? `repeat(${fingerprintOf(origin.input)}, ${origin.times})`
        : `excerpt(${fingerprintOf(origin.input)}, ${describeExcerpt(origin.excerpt)})`;
    case "concatenate":
      return `concatenate(${origin.inputs.map(fingerprintOf).join("; ")})`;
    case "interleave": {
      const { inputs, probabilities, seed, stop } = origin;
      return `interleave(${inputs.map(fingerprintOf).join("; ")}, ${JSON.stringify(probabilities ?? "in turn")}, seed ${seed}, ${stop})`;
    }
  }
}

function describeExcerpt({ parts, resumed }: Excerpt): string {
  const left = resumed === undefined ? [] : [`what ${hashOf(JSON.stringify(resumed))} left`];
  return [...parts.map(describeCut), ...left].join(", ");
}

function describeStep(step: Step): string {
  switch (step.kind) {
    case "slice":
      return `slice(${step.start}, ${step.end})`;
    case "where":
      return `filter(${JSON.stringify(step.predicate, plain)})`;
    case "select":
    case "remove":
      return `${step.kind}(${step.columns.join(", ")})`;
    case "rename":
      return `rename(${[...step.names].map(([from, to]) => `${from}: ${to}`).join(", ")})`;
    case "filter":
      return "filter(fn)";
    case "map":
      return step.options.batched === true
        ? `map(fn, batches of ${step.options.batchSize ?? DEFAULT_MAP_BATCH})`
        : "map(fn)";
    case "batch":
      return `batch(${step.size}${step.dropLast ? ", dropLast" : ""})`;
    case "repeat":
      return `repeat(${step.times})`;
    case "shuffle":
      return `shuffle(seed ${step.seed}, window ${step.window})`;
  }
}

/** A signature says nothing of which file it is, differs from day to day, and is a secret. */
function withoutQuery(_: string, value: unknown): unknown {
  return typeof value === "string" ? redact(value) : value;
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 20)}… ${hashOf(text)}`;
}

function hashOf(text: string): string {
  return `#${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
