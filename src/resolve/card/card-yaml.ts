import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type YAMLParseError,
} from "yaml";
import { HfStreamError } from "../../errors.ts";
import { isRecord } from "./plain-record.ts";

/** Keys whose values are names whatever they look like: `config_name: no` is Norwegian, not false. */
const NAME_KEYS: ReadonlySet<unknown> = new Set([
  "config_name",
  "data_dir",
  "data_files",
  "dtype",
  "large_list",
  "list",
  "name",
  "names",
  "path",
  "sequence",
  "split",
]);

/** A card's aliases may make it this much larger; more is an attack. */
const MAX_ALIAS_COUNT = 100;

/** Longer than any card known, by far: parsing takes a second for a million characters. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** Values a card may have with its aliases written out; the largest cards known have some ten thousand. */
const MAX_VALUES = 1_000_000;
/**
 * Cards nest about ten levels. The parser recurses, and a stack that is nearly full can end the process: V8 aborts when a
 * regular expression is compiled there.
 */
const MAX_DEPTH = 100;
const FRONT_MATTER = /^(\s*---(?:\r\n|\r|\n))([\S\s]*?)(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|$)/;

/**
 * Reads the YAML between the `---` lines at the start of a README (the rule of `huggingface_hub`); an empty object where
 * there is none. Throws `CORRUPT_FILE` with file and line.
 */
export function parseFrontMatter(readme: string, path: string): Readonly<Record<string, unknown>> {
  const match = FRONT_MATTER.exec(readme.replace(/^\uFEFF/, ""));
  if (match === null) return {};
  const linesBefore = match[1]!.split(/\r\n|\r|\n/).length - 1;
  return parseYamlMapping(match[2]!, path, { linesBefore });
}

/**
 * Reads a YAML document that is a mapping, by the rules of PyYAML: YAML 1.1, except that `y`, `n` and `1e3` are text,
 * duplicate keys overwrite, and empty is an empty mapping. Dates stay text, and so does whatever stands where a name
 * belongs. Throws `CORRUPT_FILE` with file and line.
 */
export function parseYamlMapping(
  text: string,
  path: string,
  { linesBefore = 0 }: { readonly linesBefore?: number } = {},
): Readonly<Record<string, unknown>> {
  const value = parseBounded(text, path, linesBefore);
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw corrupt(path, "its YAML must be a mapping", undefined);
  return value;
}

function parseBounded(text: string, path: string, linesBefore: number): unknown {
  if (text.length > MAX_LENGTH) throw corrupt(path, `its YAML is longer than ${MAX_LENGTH} characters`, undefined);
  if (depthOf(text) > MAX_DEPTH) throw corrupt(path, `its YAML nests deeper than ${MAX_DEPTH} levels`, undefined);
  const lineCounter = new LineCounter();
  let broken: YAMLParseError | undefined;
  try {
    const document = parseDocument(text, {
      version: "1.1",
      uniqueKeys: false,
      lineCounter,
      prettyErrors: false,
      logLevel: "silent",
    });
    broken = document.errors[0];
    if (broken === undefined) {
      keepText(document);
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
      if (countValues(value, new Map()) <= MAX_VALUES) return value;
    }
  } catch (cause) {
    throw corrupt(path, `its YAML cannot be read: ${String(cause)}`, cause); // too deep, or too many aliases
  }
  if (broken === undefined) throw corrupt(path, "its YAML refers to itself too often", undefined);
  const line = lineCounter.linePos(broken.pos[0]).line + linesBefore;
  throw corrupt(path, `line ${line} is not valid YAML: ${broken.message}`, broken);
}

/**
 * How deep YAML may nest, told without parsing it: by brackets that are open, or by indentation together with the markers
 * `- - -` at the start of a line. Text in quotes counts too, so it may be more than the parser will find.
 */
function depthOf(text: string): number {
  let deepest = 0;
  let brackets = 0;
  const indents: number[] = [];
  for (const line of text.split(/[\r\n]/)) {
    const start = /^[ \t]*((?:[-?:][ \t]+)*)/.exec(line) ?? [""];
    const indent = start[0].length - (start[1] ?? "").length;
    while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop();
    indents.push(indent);
    const markers = (start[1] ?? "").replaceAll(/[ \t]/g, "").length;
    deepest = Math.max(deepest, indents.length + markers);
    for (const character of line) {
      if (character === "[" || character === "{") brackets += 1;
      else if (character === "]" || character === "}") brackets = Math.max(0, brackets - 1);
      deepest = Math.max(deepest, brackets);
    }
  }
  return deepest;
}

/** Counts values as if aliases were copies; the parser's own limit overlooks aliases of empty lists. */
function countValues(value: unknown, known: Map<object, number>): number {
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Infinity); // until it is counted: a value within itself has no end
  const count = Object.values(value).reduce<number>((sum, item) => sum + countValues(item, known), 1);
  known.set(value, count);
  return count;
}

/** Undoes typing where PyYAML has none or a name is meant. */
function keepText(document: Document): void {
  visit(document, {
    Scalar(_, node, ancestors) {
      const { value, source } = node;
      if (typeof value === "string" || value === null || source === undefined) return;
      const untyped = value instanceof Date || /^[yYnN]$|^[-+]?[0-9_]+[eE]/.test(source);
      if (untyped || isName(node, ancestors)) node.value = source;
    },
  });
}

/** Tells whether a scalar is the value of a key that holds names, or an item of one. */
function isName(node: unknown, ancestors: readonly unknown[]): boolean {
  const above = [...ancestors].reverse();
  const holder = above.find(isPair);
  if (holder === undefined || holder.key === node) return false;
  if (NAME_KEYS.has(keyOf(holder))) return true;
  // `names: { '0': no }`: the label is a value below a key of `names`
  const [first, second, third] = above;
  return first === holder && isMap(second) && isPair(third) && keyOf(third) === "names" && !isSeq(holder.value);
}

function keyOf(pair: Pair): unknown {
  return isScalar(pair.key) ? pair.key.value : undefined;
}

function corrupt(path: string, reason: string, cause: unknown): HfStreamError {
  return new HfStreamError("CORRUPT_FILE", `${path}: ${reason}`, { path, ...(cause === undefined ? {} : { cause }) });
}
