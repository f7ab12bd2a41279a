// Installs the packed package, bundles a program with the bundlers that users have, and runs what comes out; the program
// as it is on Bun and Deno, and by `require`.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { demoRoot, makeDemoDataset } from "../build/cli/demo-dataset.js";
import { startHubServer } from "../build/serve/index.js";

const TOOLS = [
  "bun@1.4.5",
  "deno@2.9.6",
  "esbuild@0.28.2",
  "next@16.4.6",
  "react@19",
  "react-dom@19",
  "vite@8.4.0",
  "webpack@5.113.0",
  "webpack-cli@7",
];

const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "hfstream-bundles-"));
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", FIXTURES: path.join(root, "test/fixtures") };

const inFolder = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
const npx = (...args) => inFolder("npx", ["--no-install", ...args]);
const write = (file, text) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};

/** Runs a program as its users would, beside this process, which serves its Hub; gives what it printed. */
async function run(command, args) {
  const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = [child.stdout.setEncoding("utf8").toArray(), child.stderr.setEncoding("utf8").toArray()];
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${(await err).join("")}`);
  return JSON.parse((await out).join(""));
}

function install() {
  const [{ filename }] = JSON.parse(
    inFolder("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root),
  );
  write("package.json", JSON.stringify({ name: "user", private: true, type: "module" }));
  inFolder("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `./${filename}`, ...TOOLS]);
  cpSync(path.join(root, "scripts/bundles"), folder, { recursive: true });
}

/** Each gives what the program prints. */
const WAYS = {
  esbuild: async (format) => {
    const file = `esbuild/out.${format === "esm" ? "mjs" : "cjs"}`;
    npx(
      "esbuild",
      "main.js",
      "--bundle",
      "--platform=node",
      `--format=${format}`,
      `--outfile=${file}`,
      "--log-level=warning",
    );
    return await run("node", [file]);
  },
  vite: async () => {
    write(
      "vite.config.js",
      `export default { ssr: { noExternal: true }, build: { ssr: "main.js", outDir: "vite" }, logLevel: "warn" };`,
    );
    npx("vite", "build");
    return await run("node", ["vite/main.js"]);
  },
  webpack: async () => {
    write(
      "webpack.config.cjs",
      `module.exports = { mode: "development", devtool: false, target: "node20", entry: "./main.js", output: { path: __dirname + "/webpack", filename: "[name].cjs" } };`,
    );
    npx("webpack", "--stats", "errors-warnings");
    return await run("node", ["webpack/main.cjs"]);
  },
  next: async () => {
    write("app/layout.js", "export default ({ children }) => <html><body>{children}</body></html>;");
    write(
      "app/api/rows/route.js",
      `import { read } from "../../../read.js";
       export const dynamic = "force-dynamic";
       export const GET = async () => Response.json(await read());`,
    );
    write("next.config.mjs", "export default { turbopack: { root: import.meta.dirname } };");
    npx("next", "build");
    return await askNext();
  },
  bun: async () => await run("npx", ["--no-install", "bun", "main.js"]),
  deno: async () => await run("npx", ["--no-install", "deno", "run", "--allow-all", "main.js"]),
  require: async () => await run("node", ["required.cjs"]),
};

/** Starts what Next.js built, and asks it once. */
async function askNext() {
  const port = await freePort();
  const next = path.join(folder, "node_modules/next/dist/bin/next");
  const child = spawn(process.execPath, [next, "start", "--port", String(port)], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    for await (const line of child.stdout.setEncoding("utf8")) if (line.includes("Ready")) break;
    const response = await fetch(`http://127.0.0.1:${port}/api/rows`);
    return await response.json();
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Which of them may do without threads; they say so once. */
const WITHOUT_THREADS = new Set(["esbuild", "vite", "webpack"]);

let server;
try {
  install();
  await makeDemoDataset(folder);
  cpSync(path.join(demoRoot(folder), "hfstream/demo-vision"), path.join(folder, "hub/org/demo"), { recursive: true });
  server = await startHubServer({ root: path.join(folder, "hub") });
  Object.assign(env, { HUB: server.url, CACHE: path.join(folder, "cache") });
  const expected = await run("node", ["main.js"]);
  if (expected.rows !== 1000 || expected.rare.length < 30 || expected.warnings.length > 0)
    throw new Error(`unbundled: ${JSON.stringify(expected).slice(0, 2000)}`);
  const cases = [
    ["esbuild", "esm"],
    ["esbuild", "cjs"],
    ["vite"],
    ["webpack"],
    ["next"],
    ["bun"],
    ["deno"],
    ["require"],
  ];
  for (const [name, ...args] of cases) {
    const { warnings, ...result } = await WAYS[name](...args);
    const { warnings: none, ...wanted } = expected;
    if (!isDeepStrictEqual(result, wanted)) throw new Error(`${name}: ${JSON.stringify(result).slice(0, 2000)}`);
    const allowed = WITHOUT_THREADS.has(name) ? ["HFSTREAM_NO_THREADS"] : none;
    if (warnings.some((code) => !allowed.includes(code))) throw new Error(`${name} warns: ${warnings.join(", ")}`);
    process.stdout.write(
      `${[name, ...args].join(" ")}: reads the same${warnings.length > 0 ? ", without threads" : ""}\n`,
    );
  }
} finally {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
}
