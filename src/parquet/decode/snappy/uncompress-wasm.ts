import { readFileSync } from "node:fs";

/** The bytes of the WebAssembly module that `assembly/uncompress.ts` becomes. In the package they stand in the code itself. */
export function uncompressWasm(): Uint8Array<ArrayBuffer> {
  return readFileSync(new URL("./uncompress.wasm", import.meta.url));
}
