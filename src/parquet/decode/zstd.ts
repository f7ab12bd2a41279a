import type { ZSTDDecoder } from "zstddec";
import { releaseMemory } from "../../memory.ts";
import { DamageError, TooLargeError } from "../failures.ts";
import { bytesIn, joined, putTogether } from "./byte-pieces.ts";
import type { Decompressed } from "./decompress.ts";
import { PageMemories, type PageMemory } from "./page-memories.ts";

/** What is used of libzstd, as `zstddec` compiles it (zstd.h); a pointer is 0 where there is no memory. */
interface Libzstd extends PageMemory {
  malloc(size: number): number;
  free(pointer: number): void;
  /** Writes `[target, target + capacity)` at most. Tells the bytes written, or an error. */
  ZSTD_decompress(target: number, capacity: number, source: number, length: number): number;
  ZSTD_isError(result: number): number;
}

/** The decoder's memory grows to 2 GiB at most, of which it needs some itself. */
const MAX_BYTES = 2 ** 31 - 2 ** 24;

interface Loaded {
  readonly decoder: ZSTDDecoder;
  /** `undefined` where somebody else in this thread loaded the package first. */
  readonly module: WebAssembly.Module | undefined;
}

/** Once per thread: the package compiles its module once, whoever asks. */
let loading: Promise<Loaded> | undefined;

async function load(): Promise<Loaded> {
  const { ZSTDDecoder: Decoder } = await import("zstddec");
  const decoder = new Decoder();
  const init = decoder._init.bind(decoder);
  let module: WebAssembly.Module | undefined;
  decoder._init = (source) => {
    ({ module } = source);
    init(source);
  };
  await decoder.init();
  return { decoder, module };
}

/**
 * Decompresses zstd (RFC 8878) where Node cannot, by libzstd in WebAssembly. The package's own `decode` gives each page
 * in new memory, which takes longer than to decompress it: here they are read where libzstd writes them.
 */
export class Zstd {
  #loaded: Loaded | undefined;
  #memories: PageMemories<Decompressor> | undefined;

  /** Bytes that are kept for use again. */
  get spareBytes(): number {
    return this.#memories?.spareBytes ?? 0;
  }

  /** Loads the decoder, before anything is decompressed. */
  async load(): Promise<void> {
    this.#loaded ??= await (loading ??= load());
    const { module } = this.#loaded;
    if (module !== undefined) this.#memories ??= new PageMemories(() => new Decompressor(module));
  }

  /** Decompresses bytes, of any number of frames, that become `size`. Throws a {@link DamageError} where they are damaged. */
  decompress(pieces: readonly Uint8Array[], size: number): Decompressed {
    if (size === 0) return { bytes: new Uint8Array() };
    const bytes = bytesIn(pieces) + size;
    if (bytes > MAX_BYTES) throw new TooLargeError(`zstd of ${bytes} bytes is more than its decoder holds`);
    if (this.#memories !== undefined)
      return this.#memories.use(bytes, (decompressor) => decompressor.run(pieces, size));
    const made = this.#loaded?.decoder.decode(joined(pieces), size);
    if (made?.length !== size) throw damaged();
    return { bytes: made, free: () => releaseMemory(made) };
  }
}

/** An instance of libzstd, with one place in its memory for input and output. */
class Decompressor implements PageMemory {
  readonly memory: WebAssembly.Memory;
  readonly #libzstd: Libzstd;
  #place = 0;
  #bytes = 0;

  constructor(module: WebAssembly.Module) {
    const env = { emscripten_notify_memory_growth: () => {} };
    this.#libzstd = new WebAssembly.Instance(module, { env }).exports as Libzstd;
    this.memory = this.#libzstd.memory;
  }

  /** What pieces become, in its memory. */
  run(pieces: readonly Uint8Array[], size: number): Uint8Array {
    const length = bytesIn(pieces);
    const target = this.#placeOf(size + length);
    const source = target + size;
    putTogether(pieces, new Uint8Array(this.memory.buffer), source);
    const result = this.#libzstd.ZSTD_decompress(target, size, source, length);
    if (this.#libzstd.ZSTD_isError(result) !== 0 || result !== size) throw damaged();
    return new Uint8Array(this.memory.buffer, target, size); // it may have grown meanwhile
  }

  #placeOf(bytes: number): number {
    if (bytes <= this.#bytes) return this.#place;
    this.#libzstd.free(this.#place);
    [this.#place, this.#bytes] = [0, 0];
    this.#place = this.#libzstd.malloc(bytes);
    if (this.#place === 0) throw new TooLargeError(`there is no memory for ${bytes} bytes of zstd`);
    this.#bytes = bytes;
    return this.#place;
  }
}

function damaged(): DamageError {
  return new DamageError("damaged zstd, or of another size than its page says");
}
