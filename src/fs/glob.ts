import { HfStreamError } from "../errors.ts";

/** A compiled pattern. */
export interface Glob {
  /** Every match starts with this: the folders of the pattern before its first wildcard, up to and with `/`. */
  readonly prefix: string;
  /** As {@link prefix}, with what precedes the wildcard in its own component. */
  readonly start: string;
  matches(path: string): boolean;
}

/** One character, any character but `/`, any run of them, or a class. */
type Token = string | typeof ANY | typeof STAR | CharacterClass;

interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

/** `undefined` stands for `**`: any number of whole components, none included. */
type Component = readonly Token[] | undefined;

const ANY = Symbol("any character");
const STAR = Symbol("any run of characters");

/** Longer than any path a repo may hold. */
const MAX_PATTERN_LENGTH = 4096;

/** Tells whether a pattern has wildcards (`glob.has_magic`); one without names a single file. */
export function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** A pattern that matches `path` alone, whatever characters it has. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[]/g, "[$&]");
}

/** Of a single pattern, whatever is listed: some seconds. */
const MAX_STEPS = 1_000_000_000;

/** How much work matching may be, of one pattern or of many. Throws `INVALID_OPTION` when it is spent. */
export class GlobBudget {
  #left: number;

  constructor(steps: number = MAX_STEPS) {
    this.#left = steps;
  }

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw new HfStreamError(
        "INVALID_OPTION",
        "The patterns take too long to match with all files: use fewer or simpler ones",
      );
  }
}

/**
 * Compiles a pattern of fsspec's dialect: `*` and `?` stay within a component, `**` is a whole component and stands for
 * any number of folders, `[a-z]` and `[!a-z]` are classes; braces and all else are literal. Matching takes time in
 * proportion to path times pattern, whatever the pattern: nothing backtracks further than the last wildcard; it is taken
 * from `budget`. Throws `INVALID_OPTION` for a `**` that is part of a component.
 */
export function compileGlob(pattern: string, budget: GlobBudget = new GlobBudget()): Glob {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new HfStreamError(
      "INVALID_OPTION",
      `Expected a pattern of at most ${MAX_PATTERN_LENGTH} characters, got ${pattern.length}`,
    );
  }
  const parts = pattern.split("/");
  const components = parts.map((part) => compileComponent(part, pattern));
  if (components.at(-1) === undefined) components.push([STAR]); // a final `**` stands for what is below, not for the folder
  const wild = components.slice(0, -1).findIndex((component) => literalOf(component) === undefined);
  const folders = components.slice(0, wild < 0 ? -1 : wild).map((component) => `${literalOf(component)}/`);
  const prefix = folders.join("");
  const runs = components.map((component) => literalRuns(component ?? [STAR]));
  const start = `${prefix}${runs[folders.length]?.[0] ?? ""}`;
  const suffix = runs.at(-1)?.at(-1) ?? "";
  const longest = runs.flat().reduce((best, run) => (run.length > best.length ? run : best), "");
  return {
    prefix,
    start,
    matches: (path) => {
      budget.spend(1);
      // Rules most paths out by what every match has.
      if (!path.endsWith(suffix) || !path.startsWith(start) || !path.includes(longest)) return false;
      return matchPath(components, path.split("/"), budget);
    },
  };
}

/** The text that a component matches, if it is only one. */
function literalOf(component: Component): string | undefined {
  return component?.every((token) => typeof token === "string") === true ? component.join("") : undefined;
}

/** The literal text before, between and after the wildcards of a component. */
function literalRuns(tokens: readonly Token[]): string[] {
  const runs = [""];
  for (const token of tokens) {
    if (typeof token === "string") runs[runs.length - 1] += token;
    else runs.push("");
  }
  return runs;
}

function compileComponent(part: string, pattern: string): Component {
  if (part === "**") return undefined;
  if (part.includes("**")) {
    throw new HfStreamError(
      "INVALID_OPTION",
      `Pattern '${pattern}': '**' must be a whole path component, as in '${pattern.replaceAll(/\*{2,}(?=[^/*])/g, "**/*")}'`,
    );
  }
  const characters = Array.from(part);
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!;
    if (character === "*") tokens.push(STAR);
    else if (character === "?") tokens.push(ANY);
    else if (character === "[") {
      const end = classEnd(characters, index + 1);
      if (end < 0) tokens.push("[");
      else {
        tokens.push(compileClass(characters.slice(index + 1, end)));
        index = end;
      }
    } else tokens.push(character);
  }
  return tokens;
}

/** Finds the `]` of a class; one that comes first belongs to the class. -1: there is none, the `[` is literal. */
function classEnd(characters: readonly string[], start: number): number {
  let first = start;
  if (characters[first] === "!") first++;
  if (characters[first] === "]") first++;
  return characters.indexOf("]", first);
}

/** A class of one character is that character: what {@link escapeGlob} makes stays literal. */
function compileClass(characters: readonly string[]): Token {
  if (characters.length === 1) return characters[0]!;
  const negated = characters[0] === "!";
  const points = characters.slice(negated ? 1 : 0).map((character) => character.codePointAt(0)!);
  const ranges: (readonly [number, number])[] = [];
  const hyphen = 0x2d;
  for (let index = 0; index < points.length; index++) {
    const low = points[index]!;
    const high = points[index + 1] === hyphen ? points[index + 2] : undefined;
    if (high === undefined) ranges.push([low, low]);
    else {
      ranges.push([low, high]); // reversed, as `z-a`: matches nothing, as in Python
      index += 2;
    }
  }
  return { negated, ranges };
}

function matchPath(components: readonly Component[], parts: readonly string[], budget: GlobBudget): boolean {
  return matchWild(
    components.length,
    parts.length,
    (at) => components[at] === undefined,
    (at, part) => matchComponent(components[at]!, parts[part]!, budget),
    budget,
  );
}

function matchComponent(tokens: readonly Token[], text: string, budget: GlobBudget): boolean {
  const characters = isPlain(text) ? text : Array.from(text);
  return matchWild(
    tokens.length,
    characters.length,
    (at) => tokens[at] === STAR,
    (at, position) => matchCharacter(tokens[at]!, characters[position]!),
    budget,
  );
}

/** Wildcard matching of a sequence: on a mismatch, only the last wildcard takes one item more. */
function matchWild(
  patternLength: number,
  length: number,
  isWild: (at: number) => boolean,
  matchesOne: (at: number, position: number) => boolean,
  budget: GlobBudget,
): boolean {
  let at = 0;
  let position = 0;
  let wildAt = -1;
  let wildEnd = 0;
  while (position < length) {
    budget.spend(1);
    if (at < patternLength && isWild(at)) {
      wildAt = at++;
      wildEnd = position;
    } else if (at < patternLength && matchesOne(at, position)) {
      at++;
      position++;
    } else if (wildAt >= 0) {
      at = wildAt + 1;
      position = ++wildEnd;
    } else return false;
  }
  while (at < patternLength && isWild(at)) at++;
  return at === patternLength;
}

function matchCharacter(token: Token, character: string): boolean {
  if (typeof token === "string") return token === character;
  if (typeof token === "symbol") return token === ANY;
  const point = character.codePointAt(0)!;
  const { negated, ranges } = token;
  return ranges.some(([low, high]) => low <= point && point <= high) !== negated;
}

/** Whether each UTF-16 unit is one character: no surrogates. */
function isPlain(text: string): boolean {
  return !/[\uD800-\uDFFF]/.test(text);
}

/** A file or folder, as far as a {@link ListingGlob} looks. */
export interface GlobCandidate {
  readonly path: string;
  readonly type: "file" | "directory";
}

/** A pattern for listings that hold folders too. */
export interface ListingGlob {
  /** As that of {@link Glob}. */
  readonly prefix: string;
  /** How many components below `prefix` a match has at most. */
  readonly depth: number;
  matches(candidate: GlobCandidate): boolean;
}

/** Compiles a pattern as fsspec's `glob` uses it: other than for data files, a final `**` also stands for the folder itself. */
export function compileListingGlob(pattern: string): ListingGlob {
  const glob = compileGlob(pattern);
  const parent = pattern.replace(/(?:(?:^|\/)\*\*)+$/, "");
  const folder = parent === pattern ? undefined : compileGlob(parent);
  const below = pattern.slice(glob.prefix.length).split("/");
  return {
    prefix: glob.prefix,
    depth: below.includes("**") ? Infinity : below.length,
    matches: ({ path, type }) => {
      if (path === "") return folder !== undefined && parent === ""; // the root: `*` matches no empty name
      return glob.matches(path) || (type === "directory" && folder?.matches(path) === true);
    },
  };
}
