import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { DatasetState } from "../../src/index.ts";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { runNode } from "../helpers/run-node.ts";

const CHILD = fileURLToPath(new URL("../helpers/resume-child.js", import.meta.url));

interface Request {
  readonly states?: readonly DatasetState[];
  readonly part?: { readonly worldSize: number; readonly rank: number };
  readonly take?: number;
}

interface Answer {
  readonly ids: number[];
  readonly state: DatasetState;
}

/** Reads in a process of its own, which knows nothing but the state. */
async function readIn(hub: TestHub, request: Request): Promise<Answer> {
  const { code, stdout, stderr } = await runNode(CHILD, [
    "org/numbers",
    JSON.stringify({ ...hub.options, decodeThreads: 0 }),
    JSON.stringify(request),
  ]);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

function ranks(worldSize: number): { worldSize: number; rank: number }[] {
  return Array.from({ length: worldSize }, (_, rank) => ({ worldSize, rank }));
}

/** The rows that the pipeline of the child leaves of 300. */
const kept = Array.from({ length: 300 }, (_, id) => id).filter((id) => id % 3 !== 0 && id !== 5 && id !== 50);

test("a run that is interrupted twice goes on in new processes as if it had not been", async () => {
  await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 100, rowsPerGroup: 20 });
  const whole = await readIn(hub, {});
  expect([...whole.ids].sort((a, b) => a - b)).toEqual(kept);
  const first = await readIn(hub, { take: 71 });
  const second = await readIn(hub, { states: [first.state], take: 30 });
  const third = await readIn(hub, { states: [second.state] });
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual(whole.ids);
  expect((await readIn(hub, { states: [third.state] })).ids).toEqual([]);
});

test("three processes go on as two, and these as five, and each row comes once", async () => {
  await using hub = await hubWithNumbers({ files: 3, rowsPerFile: 100, rowsPerGroup: 20 });
  const seen: number[] = [];
  let states: DatasetState[] = [];
  for (const worldSize of [3, 2, 5]) {
    const isLast = worldSize === 5;
    const answers = await Promise.all(
      ranks(worldSize).map(
        async (part) => await readIn(hub, { part, states, ...(isLast ? {} : { take: 11 + 7 * part.rank }) }),
      ),
    );
    seen.push(...answers.flatMap(({ ids }) => ids));
    states = answers.map(({ state }) => state);
  }
  expect(seen.sort((a, b) => a - b)).toEqual(kept);
});
