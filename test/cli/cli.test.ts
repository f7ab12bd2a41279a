import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hubWithNumbers, type TestHub } from "../helpers/hub-with-numbers.ts";
import { type Ended, runNode } from "../helpers/run-node.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

async function hfstream(hub: TestHub, ...args: readonly string[]): Promise<Ended> {
  const { endpoint, cacheDir } = hub.options;
  return await runNode(MAIN, args, { HF_ENDPOINT: endpoint, HFSTREAM_CACHE: cacheDir, HF_TOKEN: "" });
}

test("head prints a table of the first rows, nothing on stderr where it is no terminal", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { code, stdout, stderr } = await hfstream(hub, "head", "org/numbers", "-n", "3");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([
    "   id  text       half",
    "int32  string  float64",
    "─────  ──────  ───────",
    "    0  row 0         0",
    "    1  row 1       0.5",
    "    2  row 2         1",
    "",
    "3 of 100 rows",
    "",
  ]);
});

test("head prints JSON lines, of the columns asked for", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { stdout } = await hfstream(
    hub,
    "head",
    "org/numbers",
    "--json",
    "-n",
    "2",
    "--columns",
    "half,id",
    "-s",
    "train[50:]",
  );
  expect(stdout).toBe('{"half":25,"id":50}\n{"half":25.5,"id":51}\n');
});

test("info tells configs, splits, rows and features", async () => {
  await using hub = await hubWithNumbers({ files: 2 });
  const { code, stdout } = await hfstream(hub, "info", "org/numbers", "--scan");
  expect(code).toBe(0);
  expect(stdout).toMatch(/dataset {3}org\/numbers\ncommit {4}[0-9a-f]{40}\nconfig {4}default\n/);
  expect(stdout).toMatch(/train +200 +2 /);
  expect(stdout).toMatch(/id +int32\ntext +string\nhalf +float64\n/);
  const { stdout: json } = await hfstream(hub, "info", "org/numbers", "--json");
  expect(JSON.parse(json)).toMatchObject({ id: "org/numbers", splits: ["train"], configs: ["default"] });
});

test("ls lists files with sizes, cat writes their bytes or a range of them", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  await writeFile(path.join(hub.root, "org/numbers/README.md"), "# Numbers\nfrom 0\n");
  const { stdout: listed } = await hfstream(hub, "ls", "org/numbers");
  expect(listed.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/17 B {2}\S*README\.md$/),
    expect.stringMatching(/\S*data\/$/),
    "",
    "1 file, 17 B; 1 folder",
  ]);
  const { stdout: all } = await hfstream(hub, "ls", "-R", "datasets/org/numbers");
  expect(all).toContain("data/train-00000-of-00001.parquet");
  expect((await hfstream(hub, "cat", "org/numbers/README.md")).stdout).toBe("# Numbers\nfrom 0\n");
  expect((await hfstream(hub, "cat", "org/numbers/README.md", "--range", "2:9")).stdout).toBe("Numbers");
});

test("each failure is one line on stderr and exit code 1", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const failures: [string[], RegExp][] = [
    [["head", "org/absent"], /org\/absent does not exist/],
    [["head", "org/numbers", "-n", "many"], /--rows.*whole number.*many/],
    [["head", "org/numbers", "--colour"], /--colour.*--help/],
    [["head"], /'head' takes ID, got nothing/],
    [["tail", "org/numbers"], /no command 'tail'/],
    [["head", "org/numbers", "--split", "test"], /no split 'test'.*'train'/],
    [["cat", "org/numbers/none.txt"], /none\.txt/],
    [["cat", "org/numbers/data"], /folder|directory/],
    [["ls", "org/numbers/none"], /none/],
  ];
  const ended = await Promise.all(failures.map(([args]) => hfstream(hub, ...args)));
  for (const [index, { code, stderr, stdout }] of ended.entries()) {
    const [args, message] = failures[index] ?? [[], /^$/];
    expect(code, args.join(" ")).toBe(1);
    expect(stdout, args.join(" ")).toBe("");
    expect(stderr, args.join(" ")).toMatch(/^hfstream: .*\n$/);
    expect(stderr, args.join(" ")).toMatch(message);
  }
});

test("the version is that of the package, also as the Hub is told it", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect((await hfstream(hub, "--version")).stdout).toBe(`${version}\n`);
  await hfstream(hub, "info", "org/numbers");
  expect(hub.server.log[0]?.userAgent).toMatch(new RegExp(`^hfstream/${version.replaceAll(".", "\\.")}; node/`));
});

test("help is there for the program and for each command", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { stdout, code } = await hfstream(hub, "--help");
  expect(code).toBe(0);
  const commands = [...(stdout.split("Examples")[0] ?? "").matchAll(/^ {2}(\w+)/gm)].map((match) => match[1] ?? "");
  expect(commands).toEqual(["head", "info", "types", "ls", "cat", "serve", "cache", "demo"]);
  const helps = await Promise.all(commands.map((command) => hfstream(hub, command, "--help")));
  for (const [index, help] of helps.entries()) {
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(new RegExp(`^Usage: hfstream ${commands[index]}`));
    expect(help.stdout).toMatch(new RegExp(`^Examples?:\n  hfstream ${commands[index]}`, "m"));
    expect((await hfstream(hub, "help", commands[index] ?? "")).stdout).toBe(help.stdout);
  }
});

test("the demo makes its dataset, streams it and ends", async () => {
  await using hub = await hubWithNumbers({ files: 1 });
  const { code, stdout, stderr } = await hfstream(hub, "demo");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/images {2}List\(Image\)/);
  expect(stdout).toMatch(/PNG 96×96/);
  expect(stdout).toMatch(/1 000 rows in .* rows\/s/);
  expect(stdout).toMatch(/requests: 0 to the Hub's API/);
});
