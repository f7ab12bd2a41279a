/** An `ArrayBuffer` of Node 22 or later, whose memory can be given back before the garbage collector comes. */
type Transferable = ArrayBufferLike & { transfer?(length: number): ArrayBuffer };

/**
 * Gives the memory of a view back at once: nobody may use it any more. Hundreds of megabytes a second that wait for the
 * garbage collector make it come often, and new memory must first be cleared by the system. Does nothing for a view that
 * does not fill its buffer to the end, or less than half of it: that belongs to others too, such as Node's pool.
 */
export function releaseMemory({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
  const isLast = byteOffset + byteLength === buffer.byteLength;
  if (isLast && byteLength * 2 > buffer.byteLength) (buffer as Transferable).transfer?.(0);
}

/** Memory of that many bytes, whatever they hold: it is not cleared. */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  const { buffer } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer); // the `slice` of a Buffer does not copy
}
