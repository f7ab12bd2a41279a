// The WebAssembly module that uncompresses snappy, compiled from its AssemblyScript source.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import asc from "assemblyscript/asc";

const SOURCE = path.join(import.meta.dirname, "../../src/parquet/decode/snappy/assembly/uncompress.ts");

/** Compiles it and gives its bytes. */
export async function compileSnappy() {
  const folder = mkdtempSync(path.join(tmpdir(), "hfstream-wasm-"));
  try {
    const target = path.join(folder, "uncompress.wasm");
    const flags = ["--runtime=stub", "--noAssert", "--optimizeLevel=3", "--enable=simd,bulk-memory"];
    const { error, stderr } = await asc.main([SOURCE, `--outFile=${target}`, ...flags]);
    if (error !== null) throw new Error(stderr.toString(), { cause: error });
    return readFileSync(target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
