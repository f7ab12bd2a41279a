import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Deck, dealTo } from "../../src/loader/tasks.ts";
import { type Piece, pieceRows } from "../../src/stream/order/piece.ts";

interface Dealt {
  readonly task: number;
  readonly piece: Piece;
}

/** Pieces one after the other, each with places where it can be cut. */
interface Line {
  readonly pieces: readonly Piece[];
  readonly seams: ReadonlyMap<Piece, readonly number[]>;
}

async function deal(line: Line, deck: Deck): Promise<{ readonly dealt: Dealt[]; readonly tasks: number }> {
  const dealt: Dealt[] = [];
  const tasks = new Map<Piece, number>();
  let count = -1;
  const placed = line.pieces.map((piece, index) => ({ piece, rest: line.pieces.slice(index + 1), next: null }));
  const seams = async function* (piece: Piece): AsyncGenerator<number> {
    yield* line.seams.get(piece) ?? [];
  };
  const events = {
    onTask: (piece: Piece, task: number) => void tasks.set(piece, task),
    onEnd: (all: number) => void (count = all),
  };
  for await (const { piece, placed: of } of dealTo(deck, events)(placed, seams)) {
    expect(line.pieces).toContain(of.piece);
    dealt.push({ piece, task: tasks.get(piece) ?? -1 });
  }
  return { dealt, tasks: count };
}

/** What all workers do, task by task. */
async function dealAll(line: Line, workers: number, rows: number): Promise<Dealt[]> {
  const all: Dealt[] = [];
  const counts = new Set<number>();
  for (let worker = 0; worker < workers; worker += 1) {
    const { dealt, tasks } = await deal(line, { worker, workers, rows });
    expect(dealt.every(({ task }) => task % workers === worker && task < tasks)).toBe(true);
    all.push(...dealt);
    counts.add(tasks);
  }
  expect(counts.size).toBe(1);
  return all.sort((a, b) => a.task - b.task);
}

/** The rows of pieces in order, each by its piece and place; with what is to be left out of the first batch. */
function rowsOf(pieces: readonly Piece[]): string[] {
  return pieces.flatMap(({ start, end, from, to, skip = 0 }) =>
    Array.from({ length: to - from }, (_, row) => `${start}-${end}@${from + row}${row === 0 ? `+${skip}` : "+0"}`),
  );
}

const line: fc.Arbitrary<Line> = fc
  .array(
    fc.record({
      rows: fc.integer({ min: 1, max: 60 }),
      from: fc.nat(20),
      skip: fc.nat(2),
      cuts: fc.array(fc.integer({ min: 1, max: 59 }), { maxLength: 8 }),
    }),
    { maxLength: 4 },
  )
  .map((list) => {
    let start = 0;
    const seams = new Map<Piece, readonly number[]>();
    for (const { rows, from, skip, cuts } of list) {
      const first = Math.min(from, rows - 1);
      const piece = { start, end: start + rows, from: first, to: rows, ...(skip > 0 ? { skip } : {}) };
      const places = [...new Set(cuts)].filter((cut) => cut > first && cut < rows).sort((a, b) => a - b);
      seams.set(piece, places);
      start += rows;
    }
    return { pieces: [...seams.keys()], seams };
  });

const workers = fc.integer({ min: 1, max: 9 });
const rows = fc.integer({ min: 1, max: 25 });

describe("the tasks of all workers", () => {
  test("are all rows, each once, in order", async () => {
    await fc.assert(
      fc.asyncProperty(line, workers, rows, async (whole, count, least) => {
        const dealt = await dealAll(whole, count, least);
        expect(rowsOf(dealt.map(({ piece }) => piece))).toEqual(rowsOf(whole.pieces));
        expect(dealt.map(({ task }) => task)).toEqual(dealt.map((_, index) => index));
      }),
      { numRuns: 300 },
    );
  });

  test("have so many rows at least, but for the last of a piece, and end where it can be cut", async () => {
    await fc.assert(
      fc.asyncProperty(line, rows, async (whole, least) => {
        for (const { piece } of await dealAll(whole, 3, least)) {
          const origin = whole.pieces.find(({ start }) => start === piece.start) as Piece;
          if (piece.to === origin.to) continue;
          expect(pieceRows(piece)).toBeGreaterThanOrEqual(least);
          expect(whole.seams.get(origin)).toContain(piece.to);
        }
      }),
    );
  });

  test("are the same, less what was done, for a worker that takes another's place", async () => {
    await fc.assert(
      fc.asyncProperty(line, workers, rows, fc.nat(), fc.nat(), async (whole, count, least, which, where) => {
        const worker = which % count;
        const { dealt } = await deal(whole, { worker, workers: count, rows: least });
        const begun = dealt[which % Math.max(1, dealt.length)];
        if (begun === undefined) return;
        const { piece, task } = begun;
        const at = piece.from + (where % (pieceRows(piece) + 1));
        const from = { task, row: { from: at, skip: 1 } };
        const rest = await deal(whole, { worker, workers: count, rows: least, from });
        const left = at < piece.to ? [{ task, piece: { ...piece, from: at, skip: 1 } }] : [];
        expect(rest.dealt.map(({ task: own, piece: of }) => [own, rowsOf([of])])).toEqual(
          [...left, ...dealt.filter((other) => other.task > task)].map((own) => [own.task, rowsOf([own.piece])]),
        );
      }),
      { numRuns: 300 },
    );
  });
});

test("a line without rows has no tasks", async () => {
  const empty = { pieces: [], seams: new Map() };
  expect(await deal(empty, { worker: 0, workers: 2, rows: 5 })).toEqual({ dealt: [], tasks: 0 });
});
