import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Course, cutParts, type Equalize, type Part, roundAt } from "../../../src/stream/order/parts.ts";
import {
  type Piece,
  pieceFromJson,
  type PieceJson,
  pieceRows,
  pieceToJson,
  restOfPiece,
  wholePiece,
} from "../../../src/stream/order/piece.ts";

/** Names of the rows of pieces: those of the line, or of a piece that was begun the places of its order. */
function rowsOf(pieces: readonly Piece[]): string[] {
  return pieces.flatMap(({ start, end, from, to }) => {
    const isFresh = from === 0 && to === end - start;
    const name = (place: number): string => (isFresh ? `${start + place}` : `${start}-${end}@${place}`);
    return Array.from({ length: to - from }, (_, index) => name(from + index));
  });
}

const throughJson = (piece: Piece): Piece => pieceFromJson(JSON.parse(JSON.stringify(pieceToJson(piece))) as PieceJson);

const itemsOf = (pieces: readonly Piece[], grain: number): number =>
  pieces.reduce((sum, piece) => sum + Math.ceil(pieceRows(piece) / grain), 0);

const eachPart = (count: number, equalize: Equalize = "none"): Part[] =>
  Array.from({ length: count }, (_, index) => ({ count, index, equalize }));

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

const grains = fc.constantFrom(1, 2, 3, 7);
const counts = fc.integer({ min: 1, max: 9 });

/** Pieces one after the other with gaps between them, fresh ones and begun ones. */
const pieces: fc.Arbitrary<Piece[]> = fc
  .array(fc.record({ gap: fc.nat(5), rows: fc.integer({ min: 1, max: 40 }), from: fc.nat(45), left: fc.nat(45) }), {
    maxLength: 6,
  })
  .map((list) => {
    let row = 0;
    return list.map(({ gap, rows, from, left }) => {
      const start = row + gap;
      row = start + rows;
      const first = from >= rows ? 0 : from;
      const whole = wholePiece(start, row);
      return left < rows ? { ...whole, from: first, to: Math.max(first, rows - left) } : { ...whole, from: first };
    });
  });

describe("the parts of any pieces", () => {
  test("are complete, disjoint, and differ by one item at most", () => {
    fc.assert(
      fc.property(pieces, counts, grains, fc.nat(100), (whole, count, grain, before) => {
        const parts = eachPart(count).map((part) => cutParts(whole, [part], grain, before));
        expect(parts.flatMap(rowsOf).sort()).toEqual(rowsOf(whole).sort());
        expect(spread(parts.map((part) => itemsOf(part, grain)))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test("keep their order and are cut between items only", () => {
    fc.assert(
      fc.property(pieces, counts, grains, (whole, count, grain) => {
        const parts = eachPart(count).map((part) => cutParts(whole, [part], grain, 0));
        expect(parts.flatMap(rowsOf)).toEqual(rowsOf(whole));
        expect(parts.reduce((sum, part) => sum + itemsOf(part, grain), 0)).toBe(itemsOf(whole, grain));
      }),
      { numRuns: 300 },
    );
  });

  test("are exactly equal with `drop`, which leaves rows out, and with `pad`, which gives some twice and says so", () => {
    fc.assert(
      fc.property(pieces, counts, grains, fc.nat(100), (whole, count, grain, before) => {
        const cut = (equalize: Equalize): Piece[][] =>
          eachPart(count, equalize).map((part) => cutParts(whole, [part], grain, before));
        const [dropped, padded] = [cut("drop"), cut("pad")];
        const total = itemsOf(whole, grain);
        expect(dropped.map((part) => itemsOf(part, grain))).toEqual(dropped.map(() => Math.floor(total / count)));
        expect(padded.map((part) => itemsOf(part, grain))).toEqual(padded.map(() => Math.ceil(total / count)));
        const rows = rowsOf(whole);
        const kept = dropped.flatMap(rowsOf);
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((row) => rows.includes(row))).toBe(true);
        const own = padded.flatMap((part) => rowsOf(part.filter(({ isPadding }) => isPadding !== true)));
        expect(own.sort()).toEqual(rows.sort());
      }),
      { numRuns: 500 },
    );
  });

  test("may be cut into parts again", () => {
    fc.assert(
      fc.property(pieces, counts, counts, grains, fc.nat(100), (whole, outer, inner, grain, before) => {
        const parts = eachPart(outer).flatMap((one) =>
          eachPart(inner).map((other) => cutParts(whole, [one, other], grain, before)),
        );
        expect(parts.flatMap(rowsOf).sort()).toEqual(rowsOf(whole).sort());
        expect(spread(parts.map((part) => itemsOf(part, grain)))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  test("stay the same when they go through JSON", () => {
    fc.assert(
      fc.property(pieces, counts, fc.constantFrom<Equalize>("none", "pad"), (whole, count, equalize) => {
        for (const part of eachPart(count, equalize)) {
          const cut = cutParts(whole, [part], 1, 0);
          const read = cut.map((piece) => throughJson(piece));
          expect(read).toEqual(cut);
        }
      }),
    );
  });
});

test("rows that were given of a batch go with the part that gets the rest of the batch", () => {
  const begun = { ...wholePiece(0, 30), from: 9, skip: 2 };
  const parts = eachPart(3).map((part) => cutParts([begun], [part], 3, 0));
  expect(parts.map(([piece]) => piece)).toEqual([
    { start: 0, end: 30, from: 9, to: 18, skip: 2 },
    { start: 0, end: 30, from: 18, to: 24 },
    { start: 0, end: 30, from: 24, to: 30 },
  ]);
  const untouched = { ...wholePiece(0, 6), skip: 1 };
  expect(cutParts([untouched], [{ count: 2, index: 0, equalize: "none" }], 3, 0)).toEqual([
    { start: 0, end: 6, from: 0, to: 3, skip: 1 },
  ]);
  expect(restOfPiece(begun, 12, 0)).toEqual({ start: 0, end: 30, from: 12, to: 30 });
});

test("a piece whose end is not known goes through JSON", () => {
  const endless = wholePiece(3, Infinity);
  expect(throughJson(endless)).toEqual(endless);
});

describe("the rounds of a course", () => {
  const courses = fc
    .record({
      rows: fc.integer({ min: 1, max: 30 }),
      times: fc.integer({ min: 1, max: 6 }),
      offset: fc.nat(29),
      grain: grains,
    })
    .map(({ rows, times, offset, grain }): Course => {
      const shift = Math.min(offset, rows * times);
      return { end: rows * times - shift, round: rows, offset: shift, grain };
    });

  const roundsOf = (course: Course): Piece[] => {
    const rounds: Piece[] = [];
    for (let start = 0; ; start = rounds.at(-1)!.end) {
      const round = roundAt(course, start);
      if (round === undefined) return rounds;
      rounds.push(round);
    }
  };

  test("follow each other to the end, and end where an item does, at most a grain behind a round", () => {
    fc.assert(
      fc.property(courses, (course) => {
        const rounds = roundsOf(course);
        expect(rowsOf(rounds)).toEqual(Array.from({ length: course.end }, (_, row) => `${row}`));
        for (const { end } of rounds.slice(0, -1)) {
          expect(end % course.grain).toBe(0);
          expect((end + course.offset) % course.round).toBeLessThan(course.grain);
        }
      }),
      { numRuns: 300 },
    );
  });

  const totalsOf = (course: Course, partsOf: readonly (readonly Part[])[]): number[] =>
    partsOf.map((parts) =>
      roundsOf(course).reduce(
        (sum, round) => sum + itemsOf(cutParts([round], parts, course.grain, round.start), course.grain),
        0,
      ),
    );

  test("are dealt so that parts do not drift apart", () => {
    fc.assert(
      fc.property(courses, counts, (course, count) => {
        const totals = totalsOf(
          course,
          eachPart(count).map((part) => [part]),
        );
        expect(spread(totals)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  test("are dealt so that parts of parts do not drift apart", () => {
    fc.assert(
      fc.property(courses, counts, counts, (course, outer, inner) => {
        const totals = totalsOf(
          course,
          eachPart(outer).flatMap((one) => eachPart(inner).map((other) => [one, other])),
        );
        expect(spread(totals)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
