import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { arrowTypeOf } from "../../../src/resolve/features/arrow-type.ts";
import { leafCast } from "../../../src/stream/arrow/cast/leaf-cast.ts";
import type { Leaf } from "../../../src/stream/arrow/cast/leaf-values.ts";

/** A value as `scripts/cast-cases.py` writes it; `null`: refused. */
type Written = boolean | string | { i: string } | { f: string } | { b: string } | null;

const cases = JSON.parse(readFileSync(path.join(import.meta.dirname, "cast-cases.json"), "utf8")) as [
  from: string,
  to: string,
  values: [Written, Written][],
][];

function read(written: Written): Leaf | undefined {
  if (written === null) return undefined;
  if (typeof written !== "object") return written;
  if ("i" in written) return BigInt(written.i);
  if ("b" in written) return new Uint8Array(Buffer.from(written.b, "hex"));
  return { inf: Infinity, "-inf": -Infinity, nan: NaN }[written.f] ?? Number(written.f);
}

const typeOf = (dtype: string) => arrowTypeOf({ _type: "Value", dtype });
const plain = (value: Leaf | undefined) => (value instanceof Uint8Array ? new Uint8Array(value) : value);
const asText = (value: Leaf | undefined) => (typeof value === "string" ? Buffer.from(value) : value);

test("values become those of another type as pyarrow casts them; what it refuses, only if it comes back as it was", () => {
  const wrong: string[] = [];
  for (const [from, to, values] of cases) {
    const cast = leafCast(typeOf(from), typeOf(to));
    for (const [before, after] of values) {
      const wanted = read(after);
      const got = cast?.(read(before) as Leaf);
      const isSame = Object.is(plain(got), wanted) || same(asText(got), asText(wanted));
      const back = got === undefined ? undefined : leafCast(typeOf(to), typeOf(from))?.(got);
      const isMore = wanted === undefined && (Object.is(back, read(before)) || same(back, read(before)));
      if (!isSame && !isMore)
        wrong.push(`${from} ${show(read(before))} as ${to}: ${show(got)}, pyarrow ${show(wanted)}`);
    }
  }
  expect(wrong).toEqual([]);
});

function same(a: Leaf | undefined, b: Leaf | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

function show(value: Leaf | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}
