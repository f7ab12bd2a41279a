// Many processes that start together on one cold cache: the Hub must see one resolution. `--processes N`, 256 by default.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, setPriority, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { demoRoot, makeDemoDataset } from "../build/cli/demo-dataset.js";
import { startHubServer } from "../build/serve/index.js";

const CHILD = `
  import { loadDataset } from ${JSON.stringify(new URL("../build/index.js", import.meta.url).href)};
  const { id, startAt, ...options } = JSON.parse(process.argv[1]);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, startAt - Date.now())));
  const { commit, files } = await loadDataset(id, { ...options, decodeThreads: 0 }).info();
  process.stdout.write(commit + " " + files.length);`;
/** For so many processes to be started before the first of them reads. */
const START_MS_EACH = 60;

const { values } = parseArgs({ options: { processes: { type: "string", default: "256" } } });
const processes = Number(values.processes);
const folder = await mkdtemp(path.join(tmpdir(), "hfstream-stampede-"));
await makeDemoDataset(folder);
const server = await startHubServer({ root: demoRoot(folder) });
try {
  const startAt = Date.now() + 2000 + processes * START_MS_EACH;
  const options = {
    id: "hfstream/demo-vision",
    endpoint: server.url,
    cacheDir: path.join(folder, "cache"),
    token: false,
    startAt,
  };
  const children = Array.from({ length: processes }, () => runChild(options));
  const results = await Promise.all(children);
  const failed = results.filter(({ code }) => code !== 0);
  const answers = new Set(results.filter(({ code }) => code === 0).map(({ output }) => output));
  const requests = {};
  for (const { route } of server.log) requests[route] = (requests[route] ?? 0) + 1;
  const seconds = (Date.now() - startAt) / 1000;
  console.log(JSON.stringify({ processes, failures: failed.length, answers: answers.size, requests, seconds }));
  for (const { output } of failed.slice(0, 3)) console.error(output);
  if (failed.length > 0 || answers.size !== 1 || requests.info !== 1 || requests.tree !== 1) process.exitCode = 1;
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

function runChild(options) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", CHILD, JSON.stringify(options)]);
    setPriority(child.pid, constants.priority.PRIORITY_LOW); // the Hub shares the machine, and must answer
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ code, output }));
  });
}
