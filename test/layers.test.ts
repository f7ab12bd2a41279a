import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const SRC = path.join(import.meta.dirname, "..", "src");

/** What is open to all. */
const OPEN: ReadonlySet<string> = new Set([
  "diagnostics.ts",
  "errors.ts",
  "memory.ts",
  "message.ts",
  "redact.ts",
  "warning.ts",
]);

/** Whom the files of a folder may import, besides their own folder. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  async: [],
  hub: ["async"],
  cache: ["async"],
  fs: ["async", "hub", "cache"],
  resolve: ["async", "fs"],
  parquet: ["async", "fs", "resolve", "formats"],
  formats: ["async", "fs", "resolve", "parquet"],
  stream: ["async", "hub", "cache", "fs", "resolve", "parquet", "formats"],
  loader: ["async", "hub", "fs", "resolve", "stream", "formats", "parquet"],
  serve: ["async", "fs"],
  cli: ["async", "hub", "cache", "fs", "resolve", "parquet", "stream", "serve"],
};

/** Packages that have one door, and the file that is it. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  "parquet-wasm": ["parquet/decode/decode.ts", "cli/demo-dataset.ts"],
  "proper-lockfile": ["cache/lock.ts"],
  "undici/lib/dispatcher/agent.js": ["hub/agents.ts"],
  "undici/lib/dispatcher/env-http-proxy-agent.js": ["hub/agents.ts"],
  undici: [],
  yaml: ["resolve/card/card-yaml.ts"],
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file: file.split(path.sep).join("/"), text: readFileSync(path.join(SRC, file), "utf8") }));

/** What a file imports at run time or as a type, with whether it is the latter alone. */
function importsOf(text: string): { readonly from: string; readonly isType: boolean }[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/gm,
  );
  return [...statements].map((match) => ({ from: match[2] ?? match[3] ?? "", isType: match[1] !== undefined }));
}

test("imports point down the layers", () => {
  const upward = files.flatMap(({ file, text }) => {
    const [folder = ""] = file.split("/");
    if (file === "index.ts" || OPEN.has(file)) return [];
    return importsOf(text)
      .filter(({ from }) => from.startsWith("."))
      .map(({ from }) => path.posix.join(path.posix.dirname(file), from))
      .filter((target) => !OPEN.has(target) && !target.startsWith(`${folder}/`))
      .filter((target) => !(LAYERS[folder] ?? []).includes(target.split("/")[0] ?? ""))
      .map((target) => `${file} imports ${target}`);
  });
  expect(upward).toEqual([]);
});

test("each folder stands in the list of layers", () => {
  const folders = new Set(files.map(({ file }) => file.split("/")[0]).filter((name) => !name?.endsWith(".ts")));
  expect(folders).toEqual(new Set(Object.keys(LAYERS)));
});

test("packages that have one door are imported there only", () => {
  for (const [name, doors] of Object.entries(DOORS)) {
    const importers = files
      .filter(({ text }) => importsOf(text).some(({ from, isType }) => from === name && !isType))
      .map(({ file }) => file);
    expect(
      importers.filter((file) => !doors.includes(file)),
      name,
    ).toEqual([]);
  }
  const environment = files.filter(({ text }) => text.includes("process.env")).map(({ file }) => file);
  expect(environment).toEqual(["hub/env.ts"]);
});
