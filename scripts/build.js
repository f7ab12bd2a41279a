// Builds the package to `dist/`, and its modules one by one to `build/`, which tests and scripts import.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildPackage } from "./build/package.js";
import { compileSnappy } from "./build/snappy-wasm.js";

const root = path.join(import.meta.dirname, "..");
const modules = path.join(root, "build");
const snappy = await compileSnappy();

rmSync(modules, { recursive: true, force: true });
execFileSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
writeFileSync(path.join(modules, "parquet/decode/snappy/uncompress.wasm"), snappy);
await buildPackage({ modules, snappy });
