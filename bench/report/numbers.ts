const LARGE: readonly (readonly [size: number, suffix: string])[] = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Three digits and a suffix: `7.25`, `118`, `45.2k`, `1.30M`. */
export function shortNumber(value: number): string {
  const [size, suffix] = LARGE.find(([limit]) => value >= limit * 0.9995) ?? [1, ""];
  const scaled = value / size;
  if (suffix === "" && Number.isInteger(value)) return `${value}`;
  return `${scaled.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(scaled * 1.0005, 1)))))}${suffix}`;
}

/** `18 ms`, `2.41 s`. */
export function shortTime(ms: number): string {
  return ms < 999.5 ? `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${shortNumber(ms / 1000)} s`;
}

/** `71 MB`, `1.24 GB`. */
export function shortBytes(bytes: number): string {
  return bytes < 999.5e6 ? `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB` : `${shortNumber(bytes / 1e9)} GB`;
}

/** `8.9 %`, `65 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** `1.00×`, `0.42×`, `12.1×`. */
export function times(ratio: number): string {
  return `${shortNumber(Number.isInteger(ratio) ? ratio + 1e-9 : ratio)}×`;
}
