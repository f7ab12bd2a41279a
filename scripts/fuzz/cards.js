import { inspect } from "node:util";
import { isHfStreamError } from "../../build/index.js";
import { resolveConfig } from "../../build/resolve/resolve-config.js";
import { mutateValue, ODD_VALUES, randomOf } from "./random.js";
import { runCases } from "./run-cases.js";

const FILES = [
  "README.md",
  "dataset_infos.json",
  ".huggingface.yaml",
  ...["train", "test"].flatMap((split) => [0, 1, 2].map((shard) => `data/${split}-0000${shard}-of-00003.parquet`)),
  ...Array.from({ length: 500 }, (_, index) => `deep/er/${index % 7}/part-${index}.parquet`),
].map((path) => ({ path, size: 10, oid: "a".repeat(40) }));

const CARD = {
  license: "mit",
  configs: [
    {
      config_name: "default",
      default: true,
      data_files: [
        { split: "train", path: "data/train-*" },
        { split: "test", path: ["data/test-*", "deep/**/*.parquet"] },
      ],
    },
    { config_name: "other", data_dir: "deep", drop_labels: true },
  ],
  dataset_info: [
    {
      config_name: "default",
      features: [
        { name: "id", dtype: "int64" },
        { name: "label", dtype: { class_label: { names: { 0: "no", 1: "yes" } } } },
        { name: "list", sequence: "string" },
        { name: "deep", struct: [{ name: "a", list: [{ name: "b", dtype: "float32" }] }] },
        { name: "image", dtype: "image" },
      ],
      splits: [{ name: "train", num_bytes: 100, num_examples: 10 }],
    },
  ],
};
const PATTERNS = ["**", "*", "**/**/**/*a*a*a*b", "[", "[]", "[!]", "data/[t-r]*", "../x", "/etc/*", "hf://datasets/a/b/*", "https://x/y", "*".repeat(90), "**/".repeat(200), "a**", "\0", "", ".", "./data/train-*", "data//test-*", "{a,b}", "*[0-9]*".repeat(40)]; // prettier-ignore
const SNIPPETS = ["&a", "*a", "<<: *a", "!!binary x", "!!python/object:x []", "? ", "- - -", "{", "}", "[", "]", "|", ">-", "'", '"', "%YAML 1.1", "---", "...", "\t", "\u0000", "\ufeff", "#", "@", "`", "0x1f", "1_000", "0o7", ".inf", ".nan", "2020-01-01", "no", "~", "=", "\r", "\u2028"]; // prettier-ignore

/**
 * Resolves datasets whose card is spoiled: types, aliases, patterns, features, characters. Each run gives splits or an error
 * with a code, within five seconds. Repeatable by `seed`.
 */
export async function fuzzCards({ seed, count, log }) {
  return await runCases({ module: import.meta.url, seed, count, log, concurrency: 1 });
}

/** Runs one case, in a child. */
export async function runCase(seed, index) {
  const random = randomOf(seed, index);
  const texts = new Map([
    ["README.md", `---\n${spoiledCard(random)}\n---\n# Card\n`],
    [".huggingface.yaml", random.chance(0.2) ? spoiledCard(random) : ""],
    [
      "dataset_infos.json",
      random.chance(0.2) ? (JSON.stringify(mutateValue(random, { default: CARD.dataset_info[0] })) ?? "") : "{}",
    ],
  ]);
  const repo = { id: "org/name", files: FILES, readText: async (path) => texts.get(path) };
  const options = random.chance(0.3) ? { config: random.pick(["default", "other", "", "__proto__"]) } : {};
  try {
    const config = await resolveConfig(repo, options);
    if (config.splits.some(({ files }) => files.some((file) => !FILES.includes(file))))
      throw new Error("a file from elsewhere");
    return "rows";
  } catch (error) {
    if (!isHfStreamError(error)) throw error;
    inspect(error);
    if (error.message.length > 20_000)
      throw new Error(`a message of ${error.message.length} characters`, { cause: error });
    return "refused";
  }
}

function spoiledCard(random) {
  const card = random.chance(0.8) ? mutateValue(random, CARD) : structuredClone(CARD);
  const isObject = typeof card === "object" && card !== null;
  if (isObject && random.chance(0.3)) card.configs = [{ config_name: "default", data_files: somePatterns(random) }];
  if (isObject && random.chance(0.05))
    card[random.pick(["x", "configs", "dataset_info", "__proto__"])] = structuredClone(random.pick(ODD_VALUES));
  let text = random.chance(0.3)
    ? blockYaml(card)
    : (JSON.stringify(card, undefined, random.pick([undefined, 1])) ?? "");
  for (let changes = random.chance(0.5) ? 0 : random.below(6); changes > 0; changes -= 1)
    text = spoilText(random, text);
  return random.chance(0.1) ? bomb(random) : text;
}

/** YAML as people write it: without quotes and brackets, so that words have types. */
function blockYaml(value, indent = "") {
  if (typeof value !== "object" || value === null) return String(value).slice(0, 2000);
  const isList = Array.isArray(value);
  const below = `${indent}  `;
  const lines = Object.entries(value).map(([key, item]) => {
    const text = indent.length > 150 ? "deep" : blockYaml(item, below);
    return isList ? `\n${indent}- ${text.trimStart()}` : `\n${indent}${key}: ${text}`;
  });
  return lines.length === 0 ? (isList ? "[]" : "{}") : lines.join("");
}

function somePatterns(random) {
  return Array.from(
    { length: 1 + random.below(random.chance(0.1) ? 400 : 4) },
    () => random.pick(PATTERNS) + random.pick(["", "", "*"]),
  );
}

function spoilText(random, text) {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(30));
  return random.pick([
    () => text.slice(0, at) + random.pick(SNIPPETS) + text.slice(at),
    () => text.slice(0, at) + text.slice(end),
    () => text.slice(0, at),
    () => text.slice(0, end) + text.slice(at),
    () => `${text.slice(0, at)}\n${text.slice(at)}`,
  ])();
}

/** Small text that stands for much. */
function bomb(random) {
  const count = 1 + random.below(3000);
  return random.pick([
    () => `a: &a [1]\nb: [${"*a,".repeat(count)}]`,
    () =>
      Array.from({ length: count }, (_, at) => `k${at}: &k${at} [${at === 0 ? "1" : `*k${at - 1},*k${at - 1}`}]`).join(
        "\n",
      ),
    () => `a: &a {x: 1}\n${Array.from({ length: count }, (_, at) => `k${at}: {<<: *a}`).join("\n")}`,
    () => "[".repeat(count),
    () => "- ".repeat(count),
    () => `a: &a [*a]`,
    () => `${"x".repeat(count * 50)}: 1`,
    () => Array.from({ length: count }, (_, at) => `${" ".repeat(at % 300)}k${at}:`).join("\n"),
    () => `configs:\n${"- config_name: c\n  data_files: '**/*[0-9]*a*.parquet'\n".repeat(count)}`,
  ])();
}
