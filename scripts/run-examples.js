// Runs every example against an embedded Hub that has the demo's dataset.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { demoRoot, makeDemoDataset } from "../build/cli/demo-dataset.js";
import { startHubServer } from "../build/serve/index.js";

const folder = mkdtempSync(path.join(tmpdir(), "hfstream-examples-"));
const examples = path.join(import.meta.dirname, "../examples");
await makeDemoDataset(folder);
const server = await startHubServer({ root: demoRoot(folder) });
try {
  for (const name of readdirSync(examples).filter((file) => file.endsWith(".js") && !file.endsWith("-dataset.js"))) {
    process.stdout.write(`${name}\n`);
    const env = { ...process.env, HF_ENDPOINT: server.url, HFSTREAM_CACHE: path.join(folder, "cache") };
    const child = spawn(process.execPath, [path.join(examples, name)], {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`${name} ended with exit code ${code}`);
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
