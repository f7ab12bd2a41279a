// Reads what is not as it should be: mutated Parquet files, hostile answers of a Hub, mutated cards. `--kind parquet|hub|cards`
// (all), `--count N` (of each), `--seed N`. A seed repeats a run. Ends with a line of JSON a
// kind, and with 1 if something crashed, hung, cost too much or had no code.
import { parseArgs } from "node:util";
import { fuzzCards } from "./fuzz/cards.js";
import { fuzzHub } from "./fuzz/hub.js";
import { fuzzParquet } from "./fuzz/parquet.js";

const KINDS = { parquet: fuzzParquet, hub: fuzzHub, cards: fuzzCards };

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: Object.keys(KINDS).join(",") },
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
for (const kind of values.kind.split(",")) {
  const began = Date.now();
  const found = await KINDS[kind]({ seed, count, log: (line) => console.error(line) });
  console.log(JSON.stringify({ kind, seed, seconds: Math.round((Date.now() - began) / 1000), ...found }));
  const bad = ["crashes", "uncoded", "hangs", "silent", "heavy"].filter((name) => found[name] > 0);
  if (bad.length > 0) process.exitCode = 1;
}
