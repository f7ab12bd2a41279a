import type { DatasetState, IterableDataset } from "../../src/index.ts";

/** All rows of a dataset. */
export async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Rows read, and the state behind them as it comes out of JSON. */
export interface Begun<Row> {
  readonly rows: Row[];
  readonly state: DatasetState;
}

/** Reads `count` rows, or as many as there are. */
export async function readSome<Row extends object>(dataset: IterableDataset<Row>, count: number): Promise<Begun<Row>> {
  await using iterator = dataset.rows();
  const rows: Row[] = [];
  while (rows.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    rows.push(next.value);
  }
  return { rows, state: JSON.parse(JSON.stringify(iterator.state())) as DatasetState };
}
