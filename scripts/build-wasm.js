// Compiles the AssemblyScript sources to the folder that compiled sources are in: the first argument.
import { mkdirSync } from "node:fs";
import path from "node:path";
import asc from "assemblyscript/asc";

const root = path.join(import.meta.dirname, "..");
const folder = "parquet/decode/snappy";
const target = path.resolve(root, process.argv[2] ?? "dist", folder);
mkdirSync(target, { recursive: true });
const { error, stderr } = await asc.main([
  path.join(root, "src", folder, "assembly/uncompress.ts"),
  "--outFile=" + path.join(target, "uncompress.wasm"),
  "--runtime=stub",
  "--noAssert",
  "--optimizeLevel=3",
  "--enable=simd,bulk-memory",
]);
if (error !== null) {
  process.stderr.write(`${stderr.toString()}\n`);
  throw error;
}
