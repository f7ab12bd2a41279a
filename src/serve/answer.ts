import type { FileHandle } from "node:fs/promises";
import type { ByteRange } from "../fs/types.ts";
import type { Refusal } from "./refusal.ts";

/** A part of an open file. Whoever sends it closes the handle. */
export interface FileBody {
  readonly handle: FileHandle;
  readonly range: ByteRange;
}

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out for an answer without a body, and for a HEAD. */
  readonly body?: string | FileBody | undefined;
}

/** Answers 200 with JSON. */
export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return jsonTextAnswer(toJson(value), headers);
}

/** As {@link jsonAnswer}, of JSON that is written already. */
export function jsonTextAnswer(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { "Content-Type": "application/json; charset=utf-8", ...headers }, body };
}

/** Answers with a redirect; `location` is relative to the Hub or absolute. */
export function redirectAnswer(
  status: 302 | 307,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = `Redirecting to ${location.split("?")[0]}`;
  return { status, headers: { ...headers, "Content-Type": "text/plain; charset=utf-8", Location: location }, body };
}

/** Answers as `refusal` says: in the headers that clients look at, and in a JSON body. */
export function refusalAnswer({ status, message, code, headers }: Refusal): Answer {
  return {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      ...(code === undefined ? {} : { "X-Error-Code": code }),
      // Header values are ASCII; a message may name any file.
      "X-Error-Message": message.replace(/[^\x20-\x7e]/g, "?"),
      ...headers,
    },
    body: toJson({ error: message }),
  };
}

function toJson(value: unknown): string {
  return JSON.stringify(value);
}
