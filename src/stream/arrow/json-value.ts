/** What can begin or end a text within JSON, what begins with a backslash in one, and numbers, whole. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/g;

/** An integer of so many digits that a number may not hold it. */
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * Reads a JSON text. An integer that a number cannot hold exactly becomes what `ofLarge` makes of it. Throws `SyntaxError`
 * for a text that is no JSON.
 */
export function parseJson(text: string, ofLarge: (value: bigint) => unknown): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  JSON.parse(text); // for its errors, before anything is put in
  const mark = unusedMark(text);
  let isInText = false;
  const marked = text.replaceAll(TOKEN, (token) => {
    if (token === '"') isInText = !isInText;
    return !isInText && LONG_INTEGER.test(token) ? `"${mark}${token}"` : token;
  });
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(mark)) return value;
    const integer = BigInt(value.slice(mark.length));
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : ofLarge(integer);
  });
}

/** Letters that a text does not hold. */
function unusedMark(text: string): string {
  let mark = "integer:";
  while (text.includes(mark)) mark = `x${mark}`;
  return mark;
}
