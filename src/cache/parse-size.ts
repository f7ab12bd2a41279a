const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Reads a number of bytes such as `500MB`, `1.5GiB` or `1000000`; `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  const [match, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*$/i.exec(text) ?? [];
  return match === undefined ? undefined : Math.floor(Number(number) * (FACTORS[unit.toLowerCase()] as number));
}
