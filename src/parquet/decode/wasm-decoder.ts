// What decodes by WebAssembly, as one module: it is large, and loaded only for the types and codecs that need it.
export { decoderMemory } from "./decode.ts";
export { PartFiles } from "./part-files.ts";
export { decompressByWasm } from "./wasm-codec.ts";
