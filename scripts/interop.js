/**
 * Runs `interop.py` against the built server: `node scripts/interop.js [path of serve/index.js]`. PYTHON names a Python
 * that has what requirements.txt pins; left out, `python.sh` makes one.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { checkOffline } from "./interop-offline.js";

const here = import.meta.dirname;
const built = path.resolve(process.argv[2] ?? path.join(here, "../build/serve/index.js"));
const { startHubServer } = await import(pathToFileURL(built).href);
const python = process.env["PYTHON"] ?? execFileSync("sh", [path.join(here, "python.sh")], { encoding: "utf8" }).trim();
const script = path.join(here, "interop.py");

/** Small pages and thresholds bring out what large datasets would. */
const options = {
  pageSizes: { plain: 100, expanded: 2 },
  tokens: ["hf_reader", "hf_stranger"],
  access: {
    "org/gated": { gated: "auto", readers: ["hf_reader"] },
    "org/private": { private: true, readers: ["hf_reader"] },
    "org/disabled": { disabled: true },
  },
  renames: { "org/old-name": "org/plain" },
  onError: (error) => process.stderr.write(`${error.stack}\n`),
};

/** The ways in which the server can hand out files. */
const variants = {
  "small files at once": {},
  "small files by way of resolve-cache": { resolveCache: true },
  "large files by the Hub itself": { largeFiles: "direct" },
  "all files large": { lfsThreshold: 0 },
  "all files small": { lfsThreshold: Infinity, lfsExtensions: [] },
};

/** Gives the exit code, and what it printed if `stdout` is `pipe`. */
async function runPython(args, env, stdout = "inherit") {
  const child = spawn(python, [script, ...args], {
    stdio: ["ignore", stdout, "inherit"],
    env: { ...process.env, ...env },
  });
  const printed = child.stdout === null ? "" : text(child.stdout);
  const [code] = await once(child, "exit");
  return { code: code ?? 1, printed: await printed };
}

function clientOf(server, home) {
  return {
    HF_ENDPOINT: server.url,
    HF_HOME: home,
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    HF_DATASETS_DISABLE_PROGRESS_BARS: "1",
    HF_UPDATE_DOWNLOAD_COUNTS: "0",
    HF_HUB_DISABLE_IMPLICIT_TOKEN: "1",
    NO_PROXY: "*",
  };
}

async function checkVariant(root, variant, scratch) {
  const server = await startHubServer({ root, ...options, ...variant });
  try {
    const home = await mkdtemp(path.join(scratch, "home-"));
    return (await runPython(["check", server.url, root], clientOf(server, home))).code;
  } finally {
    await server.close();
  }
}

/** What Python downloads is then read without a server. */
async function checkPythonCache(root, scratch) {
  const home = await mkdtemp(path.join(scratch, "home-"));
  const server = await startHubServer({ root, ...options });
  const { code, printed } = await runPython(["download"], clientOf(server, home), "pipe");
  await server.close();
  if (code !== 0) return code;
  Object.assign(process.env, { HF_HOME: home, HF_ENDPOINT: server.url, HF_HUB_OFFLINE: "1" });
  return await checkOffline(path.join(path.dirname(built), "../index.js"), JSON.parse(printed));
}

const scratch = await mkdtemp(path.join(tmpdir(), "hfstream-interop-"));
try {
  const root = path.join(scratch, "repos");
  process.exitCode = (await runPython(["prepare", root], {})).code;
  if (process.exitCode === 0) {
    for (const [title, variant] of Object.entries(variants)) {
      process.stdout.write(`# ${title}\n`);
      process.exitCode = (await checkVariant(root, variant, scratch)) || process.exitCode;
    }
    process.stdout.write("# Python's cache, offline\n");
    process.exitCode = (await checkPythonCache(root, scratch)) || process.exitCode;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
