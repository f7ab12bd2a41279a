import { HfStreamError } from "../errors.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What {@link decodeLines} is about. */
export interface DecodeLinesOptions {
  /** What is read, for messages. */
  readonly path: string;
  /** Told before each line how many bytes it took, its end included. */
  readonly onLine: (bytes: number) => void;
}

/**
 * Cuts chunks of UTF-8 into lines that end with `\n` or `\r\n`; the last one may do without. Lines are decoded one by
 * one, so a character may lie across chunks. A byte order mark stays, as in Python. Throws `CORRUPT_FILE` for invalid UTF-8.
 */
export async function* decodeLines(
  chunks: AsyncIterable<Uint8Array>,
  { path, onLine }: DecodeLinesOptions,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (line: Uint8Array): string => {
    onLine(line.length);
    try {
      return decoder.decode(withoutEnd(line));
    } catch (cause) {
      throw new HfStreamError("CORRUPT_FILE", `${path}: a line is not valid UTF-8.`, { path, cause });
    }
  };
  let begun: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const part = chunk.subarray(start, end + 1);
      const line = begun.length === 0 ? part : Buffer.concat([...begun, part]);
      begun = [];
      start = end + 1;
      yield decode(line);
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield decode(Buffer.concat(begun));
}

function withoutEnd(line: Uint8Array): Uint8Array {
  if (line.at(-1) !== LINE_FEED) return line;
  return line.subarray(0, line.at(-2) === CARRIAGE_RETURN ? -2 : -1);
}
