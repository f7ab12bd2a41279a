// Bundles the package: one file an entry point in `dist/`, with source maps; the types stand beside, module by module.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";
import { esmExternalRequirePlugin } from "rolldown/plugins";
import { noticesOf } from "./notices.js";

const root = path.join(import.meta.dirname, "../..");
const dist = path.join(root, "dist");
const require = createRequire(import.meta.url);

/** What the code takes of parquet-wasm: anything else is left out, above all what would look for a file beside it. */
const PARQUET_WASM_NAMES = [
  "Compression",
  "readParquet",
  "Table",
  "wasmMemory",
  "writeParquet",
  "WriterPropertiesBuilder",
];

/** Code with the bytes of a file in itself: no bundler has to find a file. */
const embedded = (bytes) => `Buffer.from("${bytes.toString("base64")}", "base64")`;

/** `parquet-wasm` with its WebAssembly inside, which the package's own readers wait for: a file of its own, loaded late. */
function parquetWasm() {
  const id = "\0parquet-wasm";
  const wasm = readFileSync(require.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm"));
  const glue = JSON.stringify(require.resolve("parquet-wasm/esm/parquet_wasm.js"));
  const code = `
    import { brotliDecompressSync } from "node:zlib";
    import { initSync } from ${glue};
    initSync({ module: brotliDecompressSync(${embedded(brotliCompressSync(wasm))}) });
    export { ${PARQUET_WASM_NAMES.join(", ")} } from ${glue};`;
  return {
    name: "parquet-wasm",
    resolveId: (source) => (source === "parquet-wasm" || source === id ? id : undefined),
    load: (source) => (source === id ? code : undefined),
  };
}

/** In threads, and in what the main thread loads, it is the same file. */
const sharedParquetWasm = {
  name: "shared-parquet-wasm",
  resolveId: (source) => (source === "parquet-wasm" ? { id: "./parquet-wasm.js", external: true } : undefined),
};

/**
 * `apache-arrow` costs 80 ms where it is loaded file by file, and most of it is not needed for rows: what is imported
 * statically is bundled. `import("apache-arrow")`, for the batches that users get, is the user's own.
 */
const ownArrow = {
  name: "own-arrow",
  resolveId: {
    order: "pre",
    handler: (source, _importer, { kind }) =>
      source === "apache-arrow" && kind === "dynamic-import" ? { id: source, external: true } : undefined,
  },
};

/** undici asks for it by `require` where a cache is kept in it, which is not bundled. */
const noSqlite = {
  name: "no-sqlite",
  resolveId: (source) => (source === "node:sqlite" ? "\0no-sqlite" : undefined),
  load: (id) => (id === "\0no-sqlite" ? "export default undefined;" : undefined),
};

function embeddedSnappy(wasm) {
  const file = path.join(root, "src/parquet/decode/snappy/uncompress-wasm.ts");
  return {
    name: "embedded-snappy",
    load: (id) => (id === file ? `export const uncompressWasm = () => ${embedded(wasm)};` : undefined),
  };
}

/** What stays outside: an optional peer. All else that is imported statically is bundled. */
const EXTERNAL = ["sharp"];

async function bundle(input, plugins, { input: inputOptions = {}, output: outputOptions = {} } = {}) {
  const build = await rolldown({
    input,
    platform: "node",
    external: EXTERNAL,
    // CommonJS packages ask for Node's modules by `require`, which other bundlers cannot take over.
    plugins: [
      ...plugins,
      esmExternalRequirePlugin({ external: builtinModules.flatMap((name) => [name, `node:${name}`]) }),
    ],
    resolve: { conditionNames: ["node", "import", "default"] },
    tsconfig: false,
    ...inputOptions,
  });
  const { output } = await build.write({
    dir: dist,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    ...outputOptions,
  });
  return output;
}

/** Bundles `dist/`, with the bytes of the snappy module; the types are those of the compiled `modules`. */
export async function buildPackage({ modules, snappy }) {
  rmSync(dist, { recursive: true, force: true });
  const source = (file) => path.join(root, "src", file);
  const plugins = [sharedParquetWasm, ownArrow, noSqlite, embeddedSnappy(snappy)];
  const main = {
    index: source("index.ts"),
    serve: source("serve/index.ts"),
    cli: source("cli/bin.ts"),
    "loader-worker": source("loader/loader-worker.ts"),
  };
  const outputs = [
    // Bundlers that copy a thread's file take no others with it.
    await bundle({ "decode-worker": source("parquet/decode/decode-worker.ts") }, plugins, {
      input: { preserveEntrySignatures: "allow-extension" },
    }),
    // What the library loads at once is one file, whatever the command line loads late of it.
    await bundle(main, plugins, {
      output: { codeSplitting: { groups: [{ name: "hfstream", test: (id) => id === main.index }] } },
    }),
    await bundle({ "parquet-wasm": "\0parquet-wasm" }, [parquetWasm()]),
  ];
  writeFileSync(path.join(dist, "NOTICES.txt"), noticesOf(outputs.flat()));
  cpSync(modules, path.join(dist, "types"), {
    recursive: true,
    filter: (file) => !path.extname(file) || file.endsWith(".d.ts"),
  });
}
