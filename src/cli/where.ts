import { HfStreamError } from "../errors.ts";
import { didYouMean, findNearNames } from "../fs/near-names.ts";
import type { Filter, FilterOperator, FilterValue } from "../parquet/predicate/filters.ts";
import type { Feature, Features } from "../resolve/features/features.ts";
import { plainText, type Token, valueOf } from "./where-value.ts";

const TOKEN = /\s*(?:(?<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<sign>==|!=|<=|>=|[=<>(),])|(?<word>[^\s'"=<>!(),]+))/y;
const OPERATORS: ReadonlySet<string> = new Set(["=", "==", "!=", "<", "<=", ">", ">="]);

/**
 * Reads conditions such as `score >= 0.5 and lang in (en, fr)` as filters; all of `conditions` must hold. A condition
 * compares a column with a value, joined by `and` and `or`, of which `and` binds tighter. The column's type says what a
 * value is: quotes are needed only around spaces, signs, and the word `null` as a text. Throws `INVALID_OPTION`, pointing
 * to the place.
 */
export function parseWhere(conditions: readonly string[], features: Features): Filter[][] {
  const each = conditions.map((condition) => new ConditionParser(condition, features).parse());
  return each.reduce<Filter[][]>(
    (all, either) => all.flatMap((left) => either.map((right) => [...left, ...right])),
    [[]],
  );
}

class ConditionParser {
  readonly #condition: string;
  readonly #features: Features;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(condition: string, features: Features) {
    this.#condition = condition;
    this.#features = features;
    this.#tokens = this.#tokenize();
  }

  /** Alternatives, each of comparisons that all must hold. */
  parse(): Filter[][] {
    const alternatives: Filter[][] = [[this.#comparison()]];
    for (;;) {
      if (this.#takes("and")) alternatives.at(-1)?.push(this.#comparison());
      else if (this.#takes("or")) alternatives.push([this.#comparison()]);
      else if (this.#peek().kind === "end") return alternatives;
      else throw this.#wrong(this.#peek(), "'and', 'or' or the end");
    }
  }

  #comparison(): Filter {
    const name = this.#take();
    if (name.kind !== "word" && name.kind !== "text") throw this.#wrong(name, "a column");
    const column = plainText(name);
    const feature = Object.hasOwn(this.#features, column) ? this.#features[column] : undefined;
    if (feature === undefined) {
      const names = Object.keys(this.#features);
      const near = didYouMean(findNearNames(column, names));
      throw this.#wrong(name, "a column", `${near} Columns are: ${names.join(", ")}.`);
    }
    if (this.#takes("is")) {
      const isNot = this.#takes("not");
      if (!this.#takes("null")) throw this.#wrong(this.#peek(), "'null'");
      return [column, isNot ? "not in" : "in", [null]];
    }
    const operator = this.#operator();
    if (operator !== "in" && operator !== "not in") return [column, operator, this.#value(feature)];
    this.#sign("(");
    const values = [this.#value(feature)];
    while (this.#takes(",")) values.push(this.#value(feature));
    this.#sign(")");
    return [column, operator, values];
  }

  #operator(): FilterOperator {
    if (this.#takes("in")) return "in";
    const token = this.#take();
    if (token.kind === "word" && token.text.toLowerCase() === "not" && this.#takes("in")) return "not in";
    if (token.kind === "sign" && OPERATORS.has(token.text)) return token.text as FilterOperator;
    throw this.#wrong(token, "one of = != < <= > >= in, not in, is null");
  }

  #value(feature: Feature): FilterValue {
    const token = this.#take();
    if (token.kind !== "word" && token.kind !== "text") throw this.#wrong(token, "a value");
    const { value, expected } = valueOf(token, feature);
    if (value === undefined) throw this.#wrong(token, expected);
    return value;
  }

  #sign(sign: string): void {
    if (!this.#takes(sign)) throw this.#wrong(this.#peek(), `'${sign}'`);
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  /** Takes a word or sign if it is next. */
  #takes(text: string): boolean {
    const { kind, text: next } = this.#peek();
    const isNext = (kind === "word" || kind === "sign") && next.toLowerCase() === text;
    if (isNext) this.#next += 1;
    return isNext;
  }

  #tokenize(): Token[] {
    const text = this.#condition;
    const tokens: Token[] = [];
    let at = 0;
    for (;;) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (match === null) break;
      const [kind, found] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? ["word", ""];
      at = TOKEN.lastIndex;
      tokens.push({ kind: kind as Token["kind"], text: found, at: at - found.length });
    }
    const rest = /\S/.exec(text.slice(at));
    const end: Token = { kind: "end", text: rest?.[0] ?? "", at: rest === null ? text.length : at + rest.index };
    if (rest !== null)
      throw this.#wrong(end, /['"]/.test(rest[0]) ? "a closing quote" : "a word, a quoted text or a sign");
    return [...tokens, end];
  }

  /** Says what was expected where, and shows the place: `score >= ▶high◀`. */
  #wrong({ at, text }: Token, expected: string, hint: string = ""): HfStreamError {
    const condition = this.#condition;
    const place = `${condition.slice(0, at)}▶${condition.slice(at, at + text.length)}◀${condition.slice(at + text.length)}`;
    const got = text === "" ? "the end" : `'${text}'`;
    return new HfStreamError(
      "INVALID_OPTION",
      `--where: expected ${expected}, got ${got} at character ${at + 1}: ${place}${hint}`,
    );
  }
}
