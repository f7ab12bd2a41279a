import {
  Binary,
  Field,
  Float64,
  Int32,
  List,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { randomFrom } from "../../src/cli/demo-dataset.ts";

/** Makes the rows from `start` on of a dataset. The same arguments give the same rows. */
export type MakeTable = (start: number, rows: number) => Table;

const COLUMNS = 200;
const WORDS: readonly string[] = Array.from({ length: 5000 }, (_, index) =>
  Math.floor(1e6 + index * 7919).toString(36),
);

/** Sentences of about 1.6 kB from a vocabulary of 5 000 words, the frequent ones first (Zipf). */
export function textTable(start: number, rows: number): Table {
  const random = randomFrom(1 + start);
  return tableFromArrays({
    id: Int32Array.from({ length: rows }, (_, row) => start + row),
    text: Array.from({ length: rows }, () => sentence(random, 200 + Math.floor(random() * 300))),
    score: Float64Array.from({ length: rows }, random),
  });
}

/** Rows of a number and a few words. */
export function smallTable(start: number, rows: number): Table {
  const random = randomFrom(2 + start);
  return tableFromArrays({
    id: Int32Array.from({ length: rows }, (_, row) => start + row),
    text: Array.from({ length: rows }, () => sentence(random, 8)),
  });
}

/** Bytes that do not compress, as those of images do not, 120 kB each, with a caption. */
export function imageTable(start: number, rows: number): Table {
  const random = randomFrom(101 + start);
  const images = Array.from({ length: rows }, (_, row) => {
    const words = new Uint32Array(30_000);
    for (let at = 0; at < words.length; at += 1) words[at] = random() * 4294967296;
    return { bytes: new Uint8Array(words.buffer), path: `${start + row}.png` };
  });
  const type = new Struct([new Field("bytes", new Binary(), true), new Field("path", new Utf8(), true)]);
  const caption = Array.from({ length: rows }, (_, row) => `Picture ${start + row}: ${sentence(random, 12)}`);
  return new Table({ image: vectorFromArray(images, type), caption: vectorFromArray(caption, new Utf8()) });
}

/** 200 columns of numbers, every other one whole, one value in twenty missing. */
export function wideTable(start: number, rows: number): Table {
  const random = randomFrom(201 + start);
  const columns: Record<string, Vector> = {};
  for (let column = 0; column < COLUMNS; column += 1) {
    const isWhole = column % 2 === 0;
    const values = Array.from({ length: rows }, () => {
      const value = random();
      if (value < 0.05) return null;
      return isWhole ? Math.floor(value * 100_000) : value;
    });
    columns[`c${`${column}`.padStart(3, "0")}`] = vectorFromArray(values, isWhole ? new Int32() : new Float64());
  }
  return new Table(columns);
}

/** Conversations as a list of structs, a list of whole numbers, a struct and strings, with some of each missing. */
export function nestedTable(start: number, rows: number): Table {
  const random = randomFrom(301 + start);
  const some = <T>(make: () => T): T | null => (random() < 0.05 ? null : make());
  const listOf = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make);
  const turn = { role: new Utf8(), content: new Utf8() };
  const origin = { source: new Utf8(), line: new Int32(), weight: new Float64() };
  const column = <T>(make: () => T): (T | null)[] => Array.from({ length: rows }, () => some(make));
  return new Table({
    messages: vectorFromArray(
      column(() =>
        listOf(6, () => ({ role: random() < 0.5 ? "user" : "assistant", content: some(() => sentence(random, 20)) })),
      ),
      new List(new Field("element", structOf(turn), true)),
    ),
    tokens: vectorFromArray(
      column(() => listOf(60, () => some(() => Math.floor(random() * 50_000)))),
      new List(new Field("element", new Int32(), true)),
    ),
    origin: vectorFromArray(
      column(() => ({ source: sentence(random, 1), line: Math.floor(random() * 1e6), weight: some(random) })),
      structOf(origin),
    ),
    title: vectorFromArray(
      column(() => sentence(random, 6)),
      new Utf8(),
    ),
    language: vectorFromArray(
      column(() => (random() < 0.7 ? "en" : "fr")),
      new Utf8(),
    ),
  });
}

function structOf(types: Readonly<Record<string, Utf8 | Int32 | Float64>>): Struct {
  return new Struct(Object.entries(types).map(([name, type]) => new Field(name, type, true)));
}

function sentence(random: () => number, words: number): string {
  return Array.from({ length: words }, () => WORDS[Math.floor(WORDS.length ** random()) - 1] ?? "the").join(" ");
}
