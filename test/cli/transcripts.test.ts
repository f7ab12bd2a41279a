import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { runInProcess } from "./run-in-process.ts";

const FIXTURES = path.join(import.meta.dirname, "..", "fixtures");

/** What people type, right and wrong. */
const LINES: readonly (readonly string[])[] = [
  [],
  ["help", "head"],
  ["ls", "--help"],
  ["cache", "--help"],
  ["head", "org/numbers"],
  ["head", "org/numbers", "-n", "3", "--where", "half >= 10.5 and id < 23"],
  ["head", "org/numbers", "--skip", "97", "--format", "csv"],
  ["head", "org/numbers", "--columns", "text,half", "--format", "markdown", "-n", "2"],
  ["head", "org/numbers", "--sample", "3", "--seed", "1"],
  ["head", "org/types"],
  ["head", "org/types", "--record", "-n", "1", "--skip", "1"],
  ["head", "org/types", "--json", "-n", "1", "--columns", "int64,uint64,float16,binary,string"],
  ["head", "org/times", "-n", "2"],
  ["head", "hf://datasets/org/numbers/data/*.parquet", "-n", "1"],
  ["info", "org/numbers"],
  ["info", "org/languages"],
  ["info", "org/parts"],
  ["types", "org/numbers"],
  ["help", "types"],
  ["ls", "org/numbers"],
  ["ls", "org/numbers/**/*.parquet"],
  ["hed", "org/numbers"],
  ["help", "haed"],
  ["org/numbers"],
  ["head"],
  ["head", "org/numbers", "--colums", "id"],
  ["head", "org/numbers", "--rows"],
  ["head", "org/numbers", "--columns", "idd"],
  ["head", "org/numbers", "-s", "tran"],
  ["head", "org/languages"],
  ["head", "org/languages", "-c", "fre"],
  ["head", "org/parts"],
  ["head", "org/absent"],
  ["head", "org/numbers", "-r", "v2"],
  ["head", "org/tables"],
  ["head", "org/numbers", "--where", "half >= much"],
  ["head", "org/numbers", "--where", "text = 'row 1"],
  ["head", "org/numbers", "--format", "cvs"],
  ["head", "parquet"],
  ["head", "spaces/org/name"],
  ["head", "hf://datasets/org/numbers/nope/*.parquet"],
  ["head", "org/numbers", "--data-files", "nope.parquet"],
  ["head", "org/numbers", "--columns", ","],
  ["head", "org/numbers", "-s", "train[10%"],
  ["head", "org/numbers", "--endpoint", "localhost"],
  ["head", "org/absent", "--offline"],
  ["ls", "org/numbers/dato"],
  ["cache", "prun"],
  ["info", "org/numbers", "--timeout", "soon"],
];

test.each([80, 160])("what the command line says at %i columns", async (columns) => {
  await using hub = await hubWithSamples();
  const transcript: string[] = [];
  for (const line of LINES) transcript.push(await say(hub, line, columns));
  await expect(transcript.join("\n")).toMatchFileSnapshot(`transcripts/${columns}.txt`);
});

async function say(hub: TestHub, line: readonly string[], columns: number): Promise<string> {
  const { endpoint, cacheDir } = hub.options;
  const { code, stdout, stderr } = await runInProcess(
    line,
    { HF_ENDPOINT: endpoint, HFSTREAM_CACHE: cacheDir, HF_HUB_CACHE: path.join(cacheDir, "hub") },
    columns,
  );
  const typed = ["hfstream", ...line].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`));
  const said = (stdout + stderr)
    .replaceAll(endpoint, "http://hub")
    .replaceAll(cacheDir, "/cache")
    .replaceAll(new URL(endpoint).host, "hub")
    .replaceAll(/\b[0-9a-f]{40}\b/g, "<commit>");
  return `$ ${typed.join(" ")}\n${said}${code === 0 ? "" : `[exit code ${code}]\n`}`;
}

/** The numbers; configs without a default; splits without train; a format that is not read; all kinds of columns. */
async function hubWithSamples(): Promise<TestHub> {
  const hub = await hubWithNumbers({ files: 1 });
  const at = (id: string): string => path.join(hub.root, "org", id);
  await writeNumbers(at("languages"), { files: 1 });
  const configs = ["en", "fr"].map((name) => `- config_name: ${name}\n  data_files: data/train-*`);
  await writeFile(path.join(at("languages"), "README.md"), `---\nconfigs:\n${configs.join("\n")}\n---\n`);
  for (const split of ["test", "dev"]) await writeNumbers(at("parts"), { files: 1, split });
  await mkdir(at("tables"));
  await writeFile(path.join(at("tables"), "a.csv"), "a\n1\n");
  for (const [id, fixture] of [
    ["types", "primitives"],
    ["times", "temporal"],
  ] as const) {
    await mkdir(at(id));
    await copyFile(path.join(FIXTURES, `${fixture}.parquet`), path.join(at(id), "data.parquet"));
  }
  return hub;
}
