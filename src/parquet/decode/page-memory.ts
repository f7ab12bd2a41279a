/** Memory of pages that were read, for the next ones: it is faster than new memory, which the system first has to clear. */
const spare: ArrayBufferLike[] = [];
const MAX_SPARE_BYTES = 64 * 1024 * 1024;
const MAX_SPARE_BUFFERS = 16;

/** Bytes that are kept. */
export function pageMemoryBytes(): number {
  return spare.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Gives that many bytes, whatever they hold. */
export function takePageMemory(size: number): Uint8Array {
  const found = spare.findIndex(({ byteLength }) => byteLength >= size && byteLength <= 2 * size);
  const [buffer = new ArrayBuffer(size)] = found < 0 ? [] : spare.splice(found, 1);
  return new Uint8Array(buffer, 0, size);
}

/** Takes memory back that nobody reads any more. */
export function givePageMemory({ buffer }: Uint8Array): void {
  spare.unshift(buffer);
  while (spare.length > MAX_SPARE_BUFFERS || (spare.length > 1 && pageMemoryBytes() > MAX_SPARE_BYTES)) spare.pop();
}
