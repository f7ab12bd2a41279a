import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { writeNumbers } from "../helpers/numbers-dataset.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";
import { runInProcess } from "./run-in-process.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** What `serve` says until `isEnough`, and after it was asked over HTTP. */
async function serve(args: readonly string[], ask: (url: string) => Promise<unknown>): Promise<string> {
  const child = spawn(process.execPath, [MAIN, "serve", ...args, "--port", "0"]);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!/npx hfstream head \S+\n/.test(said)) await once(child.stdout, "data");
  await ask(/Serving at (http:\S+?),? /.exec(said)?.[1] ?? "");
  child.kill("SIGINT");
  await once(child, "close");
  return said;
}

test("serve says what it found, where it listens and, on demand, what is asked", async () => {
  await using folder = await makeFolder();
  await writeNumbers(path.join(folder.path, "org", "numbers"), { files: 2 });
  const said = await serve([folder.path, "--log"], async (url) => await (await fetch(`${url}/api/datasets`)).text());
  expect(said).toMatch(
    /^Found 1 repo in \S+, 9\.\d kB:\n\nrepo +files +size\n─+ {2}─+ {2}─+\norg\/numbers +2 {2}9\.\d kB\n/,
  );
  expect(said).toMatch(/Serving at http:\/\/127\.0\.0\.1:\d+, .*for this machine alone/);
  expect(said).toMatch(/HF_ENDPOINT=http:\/\/127\.0\.0\.1:\d+ npx hfstream head org\/numbers\n/);
  expect(said).toMatch(/\n\d\d:\d\d:\d\d\.\d{3} 200 GET \/api\/datasets \d+ B \d+ ms\n/);
});

test("serve says who can reach it, and that it found nothing", async () => {
  await using folder = await makeFolder();
  const said = await serve([folder.path, "--host", "0.0.0.0"], async () => await Promise.resolve());
  expect(said).toContain(`Found no repos in ${folder.path}: a dataset is a folder ${folder.path}/org/name.`);
  expect(said).toMatch(/listening on 0\.0\.0\.0: whoever reaches this machine can read all of it/);
});

test.each<[string[], RegExp]>([
  [["/no/such/folder"], /There is no folder \/no\/such\/folder/],
  [[".", "--port", "70000"], /--port to be from 0 to 65535, got 70000/],
  [[".", "--port", "http"], /--port to be a whole number, got 'http'/],
  [[".", "--port", "0", "--host", "192.0.2.1"], /192\.0\.2\.1 is no address of this machine/],
])("serve %j says why it does not start", async (args, message) => {
  const { code, stderr } = await runInProcess(["serve", ...args], {}, 80);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});
