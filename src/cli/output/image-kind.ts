/** `PNG 96×64, 12.3 kB` of an image of a common kind, by its first bytes; `undefined` if it is none. */
export function describeImage(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kB = `${(bytes.length / 1000).toFixed(1)} kB`;
  const described = (kind: string, size: readonly [number, number] | undefined): string =>
    size === undefined ? `${kind} ${kB}` : `${kind} ${size[0]}×${size[1]}, ${kB}`;
  if (bytes.length < 24) return undefined;
  if (view.getUint32(0) === 0x89504e47) return described("PNG", [view.getUint32(16), view.getUint32(20)]);
  if (view.getUint32(0) === 0x47494638) return described("GIF", [view.getUint16(6, true), view.getUint16(8, true)]);
  if (view.getUint16(0) === 0xffd8) return described("JPEG", jpegSize(view));
  if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return described("WebP", undefined);
  return undefined;
}

/** Finds the frame header, markers C0 to CF but for C4, C8 and CC (ITU-T T.81, B.1.1.3). */
function jpegSize(view: DataView): [number, number] | undefined {
  for (let at = 2; at + 9 < view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
