// Packs the package, installs it in an empty folder and uses it there from JavaScript and from TypeScript.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "hfstream-install-"));
process.env["HFSTREAM_CACHE"] ??= path.join(folder, "cache");
const run = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });

/** The README names it. */
const OLDEST_TYPESCRIPT = "typescript@5.7.2";

const script = `
import { DataLoader, loadDataset, isHfStreamError } from "hfstream";
import { startHubServer } from "hfstream/serve";
const server = await startHubServer({ root: "hub" });
let rows = 0;
for await (const row of loadDataset("org/demo", { endpoint: server.url, cacheDir: "cache" })) rows += Object.keys(row).length > 0 ? 1 : 0;
try { await loadDataset("org/none", { endpoint: server.url, cacheDir: "cache" }).info(); } catch (error) {
  if (!isHfStreamError(error, "DATASET_NOT_FOUND")) throw error;
}
const shuffled = loadDataset("org/demo", { endpoint: server.url, cacheDir: "cache" }).shuffle({ seed: 1 });
for await (const batch of new DataLoader(shuffled, { batchSize: 100, workers: 1 })) rows += Object.values(batch)[0].length;
await server.close();
if (rows !== 2000) throw new Error(\`\${rows} rows\`);
`;
const typed = `
import { DataLoader, loadDataset, type DatasetState, type RowIterator } from "hfstream";
import { startHubServer, type HubServer } from "hfstream/serve";
export async function first(server: HubServer): Promise<string | undefined> {
  const rows: RowIterator<{ readonly text: string }> = loadDataset<{ readonly text: string }>("org/demo", { endpoint: server.url }).rows();
  for await (const { text } of rows) return text;
  return undefined;
}
export async function firstBatch(server: HubServer, state: DatasetState): Promise<readonly string[] | undefined> {
  const dataset = loadDataset<{ readonly text: string }>("org/demo", { endpoint: server.url }).shuffle().resume(state);
  for await (const { text } of new DataLoader(dataset, { batchSize: 2 })) return text;
  for await (const texts of new DataLoader(dataset, { collate: (rows) => rows.map(({ text }) => text) })) return texts;
  return undefined;
}
import { Agent } from "undici";
import { ProxyAgent } from "undici8";
export const agents = [new Agent(), new ProxyAgent("http://localhost:1")].map((dispatcher) => loadDataset("org/demo", { dispatcher }));
export const start: () => Promise<HubServer> = async () => await startHubServer({ root: "." });
`;

try {
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], root));
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const types = ["@types/node@20", "undici@7", "undici8@npm:undici@8"];
  run("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--force",
    `./${filename}`,
    "typescript@7.0.2",
    ...types,
  ]);
  run("npx", ["hfstream", "demo"]);
  run("npx", ["hfstream", "--help"]);
  const demo = path.join(process.env["HFSTREAM_CACHE"], "demo", "v1", "hfstream", "demo-vision");
  run("mkdir", ["-p", "hub/org"]);
  run("cp", ["-r", demo, "hub/org/demo"]);
  writeFileSync(path.join(folder, "use.mjs"), script);
  run("node", ["use.mjs"]);
  writeFileSync(path.join(folder, "use.ts"), typed);
  const flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node"];
  run("npx", ["tsc", ...flags, "use.ts"]);
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--force", OLDEST_TYPESCRIPT]);
  run("npx", [
    "tsc",
    ...flags.map((flag) => (flag === "es2023" ? "es2022" : flag)),
    "--lib",
    "es2023,esnext.disposable",
    "use.ts",
  ]);
  run("npx", ["hfstream", "demo", "--run", "node_modules/hfstream/examples/stream-rows.js"]);
  process.stdout.write("the package installs and works\n");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
