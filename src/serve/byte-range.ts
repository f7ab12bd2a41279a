import type { ByteRange } from "../fs/types.ts";

/** Bytes of a file as a `Range` header asks for them; `unsatisfiable` if it holds none of them. */
export type RequestedRange = ByteRange | "unsatisfiable";

/**
 * Reads a `Range` header for a file of `size` bytes. Undefined stands for the whole file: no header, one that is not
 * understood, or several ranges at once, all of which RFC 9110 (14.2) lets a server ignore.
 */
export function parseRange(header: string | undefined, size: number): RequestedRange | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? undefined : lastBytes(Number(last), size);
  const offset = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < offset) return undefined;
  return offset >= size ? "unsatisfiable" : { offset, length: end - offset };
}

function lastBytes(count: number, size: number): RequestedRange {
  const length = Math.min(count, size);
  return length === 0 ? "unsatisfiable" : { offset: size - length, length };
}

/** Writes the `Content-Range` of `range`, or that of a 416. */
export function formatContentRange(range: RequestedRange, size: number): string {
  if (range === "unsatisfiable") return `bytes */${size}`;
  return `bytes ${range.offset}-${range.offset + range.length - 1}/${size}`;
}
