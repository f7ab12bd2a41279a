// Makes datasets in a process of its own, which takes the memory that this needs along with it when it ends. Its
// argument is a `DataOrder` as JSON; it prints the `BenchDataset`s as JSON.
import { growthStudies } from "../growth/studies.ts";
import { benchCases } from "./cases.ts";
import { type BenchDataset, type DataOrder, makeDataset } from "./dataset.ts";

const { root, section, scale, quick, names } = JSON.parse(process.argv[2] ?? "{}") as DataOrder;
const cases =
  section === "growth"
    ? growthStudies(quick).flatMap(({ points }) => points.map(({ bench }) => bench))
    : benchCases(scale);
const datasets: BenchDataset[] = [];
for (const name of names) {
  const bench = cases.find((one) => one.name === name);
  if (bench === undefined) throw new TypeError(`Expected a dataset among ${cases.map((one) => one.name).join(", ")}`);
  datasets.push(await makeDataset(root, bench));
}
process.stdout.write(JSON.stringify(datasets));
