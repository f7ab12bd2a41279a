import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import { readCard } from "../../src/resolve/card/card.ts";
import { chooseConfig } from "../../src/resolve/choose-config.ts";
import { findConfigFiles } from "../../src/resolve/config-files.ts";
import { featuresFromArrow, featuresFromParquetMetadata } from "../../src/resolve/features/features-arrow.ts";
import { featuresFromJson } from "../../src/resolve/features/features-json.ts";
import { featuresFromYaml } from "../../src/resolve/features/features-yaml.ts";
import { parseSplitSpec, type SliceBound, sliceBounds } from "../../src/resolve/split-spec.ts";
import type { ResolveOptions } from "../../src/resolve/types.ts";
import { fakeRepo, readme } from "./fake-repo.ts";

type Splits = readonly (readonly [split: string, files: readonly string[]])[];

interface Resolved {
  readonly format: string;
  readonly options: object;
  readonly splits: Splits;
  /** Splits whose files are of no known format, over which Python fails; we leave them out. */
  readonly dropped?: readonly string[];
}

interface Layout {
  readonly files: readonly string[];
  readonly dataFiles?: readonly string[];
  readonly expected: Resolved | { readonly error: string };
}

interface Card {
  readonly configs: readonly object[];
  readonly expected:
    | { readonly default: string | null; readonly configs: readonly (readonly [name: string, splits: Splits])[] }
    | { readonly error: string };
}

interface FeatureCase {
  readonly name: string;
  readonly json: object;
  readonly yaml: readonly object[];
  readonly arrow: { readonly ipc: string; readonly features: object };
  readonly metadata: string;
}

interface PythonCases {
  readonly layouts: readonly Layout[];
  readonly cards: { readonly files: readonly string[]; readonly cases: readonly Card[] };
  readonly slices: readonly (readonly [spec: string, numRows: number, start: number, end: number])[];
  readonly features: readonly FeatureCase[];
}

/** Written by scripts/resolve-cases.py from Python `datasets` itself. */
const cases: PythonCases = JSON.parse(readFileSync(new URL("python-cases.json", import.meta.url), "utf8"));

const findFiles = async (files: readonly string[], options: ResolveOptions = {}) => {
  try {
    const found = await findConfigFiles(fakeRepo(files), undefined, options);
    return {
      format: found.format,
      options: found.options,
      splits: found.splits.map((split) => [split.name, split.files.map((file) => file.path)]),
    };
  } catch (error) {
    if (isHfStreamError(error)) return { error: error.code };
    throw error;
  }
};

/** Our one rule that always differs: a file is in a split once, where its first pattern puts it. */
const withoutRepeats = (splits: Splits): Splits => splits.map(([name, files]) => [name, [...new Set(files)]]);

/** Our other rule: Python reads `.tsv` by the rules of `.csv`, or the other way round, where both are in a split. */
const mixesSeparators = (splits: Splits): boolean =>
  splits.some(
    ([, files]) => files.some((file) => /\.tsv(\.|$)/.test(file)) && files.some((file) => /\.csv(\.|$)/.test(file)),
  );

const expectedOf = ({ expected }: Layout): object => {
  if ("error" in expected) return { error: expected.error };
  if (mixesSeparators(expected.splits)) return { error: "UNSUPPORTED_FORMAT" };
  return { format: expected.format, options: expected.options, splits: withoutRepeats(expected.splits) };
};

describe("Python datasets finds the same files", () => {
  test.each(cases.layouts.map((layout) => [layout.files.join(" "), layout] as const))("in %s", async (_, layout) => {
    expect(await findFiles(layout.files, { dataFiles: layout.dataFiles })).toEqual(expectedOf(layout));
  });
});

/** What a card's configs come to: the default one, if any, and the files of each. */
const readConfigs = async (configs: readonly object[]) => {
  const content = Object.fromEntries(cases.cards.files.map((path) => [path, ""]));
  const repo = fakeRepo({ ...content, "README.md": readme(JSON.stringify({ configs })) });
  const card = await readCard(repo);
  const found = await Promise.all(
    [...card.configs].map(async ([name, config]) => {
      const { splits } = await findConfigFiles(repo, config, {});
      return [name, splits.map((split) => [split.name, split.files.map((file) => file.path)])];
    }),
  );
  try {
    return { default: chooseConfig(card, {}, repo.id), configs: found };
  } catch (error) {
    return { default: isHfStreamError(error, "CONFIG_REQUIRED") ? null : error, configs: found };
  }
};

describe("Python datasets reads the same configs from a card", () => {
  test.each(cases.cards.cases.map((card) => [JSON.stringify(card.configs), card] as const))(
    "%s",
    async (_, { configs, expected }) => {
      const files = "error" in expected ? [] : expected.configs;
      const inPython = files.map(([name, splits]) => [name, withoutRepeats(splits)]);
      expect(await readConfigs(configs)).toMatchObject({
        default: "error" in expected ? null : expected.default, // Python's only error here: several are the default
        ...("error" in expected ? {} : { configs: inPython }),
      });
    },
  );
});

/** A share from the end that rounds to no row: Python then counts from the beginning, so that `[-1%:]` is everything. */
const roundsToNothing = (bound: SliceBound | undefined, numRows: number): boolean =>
  bound !== undefined && bound.percent && bound.value < 0 && (-bound.value * numRows) / 100 <= 0.5;

test("slices of a split start and end at the rows of Python's ReadInstruction", () => {
  for (const [spec, numRows, start, end] of cases.slices) {
    const [part] = parseSplitSpec(spec);
    if (roundsToNothing(part!.start, numRows) || roundsToNothing(part!.end, numRows)) continue;
    expect(sliceBounds(part!, numRows), `${spec} of ${numRows} rows`).toEqual([start, end]);
  }
});

describe.each(cases.features)("features as Python writes them: $name", ({ json, yaml, arrow, metadata }) => {
  const schema = tableFromIPC(Buffer.from(arrow.ipc, "base64")).schema;

  test("from JSON they come back as they are", () => {
    expect(featuresFromJson(json)).toEqual(respelled(json));
  });

  test("from the YAML of a card they are the same", () => {
    expect(featuresFromYaml(yaml)).toEqual(respelled(json));
  });

  test("from Arrow types alone they are what Python infers", () => {
    expect(featuresFromArrow(schema)).toEqual(respelled(arrow.features));
  });

  test("from the metadata of a file they are the same", () => {
    expect(featuresFromParquetMetadata(metadata, schema)).toEqual(respelled(json));
  });
});

/** Python keeps a dtype as the user spelled it; ours has one spelling a type. */
function respelled(json: object): unknown {
  return JSON.parse(
    JSON.stringify(json)
      .replaceAll("timestamp[ns,tz=+02:00]", "timestamp[ns, tz=+02:00]")
      .replaceAll("decimal256(50,-3)", "decimal256(50, -3)"),
  );
}
