import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Answer, FileBody } from "./answer.ts";
import type { Fault } from "./faults.ts";
import type { OpenRecord } from "./request-log.ts";
import { allocate, releaseMemory } from "../memory.ts";
import { Pacer } from "./traffic.ts";

/** Where an answer goes. */
export interface SendTarget {
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  readonly fault: Fault | undefined;
  readonly bytesPerSecond: number | undefined;
  /** Aborts when the connection is gone. */
  readonly signal: AbortSignal;
}

/** Large enough that system calls cost little, small enough to stay in a cache. */
const CHUNK_BYTES = 512 * 1024;

/** Sends `answer`, spoiled as the fault says, and closes its file. Rejects when the client goes away. */
export async function sendAnswer(answer: Answer, target: SendTarget): Promise<void> {
  const { response, fault } = target;
  try {
    const length = Math.max(0, bodyLength(answer) - (fault?.shorterByBytes ?? 0));
    const isEmpty = response.req.method === "HEAD" || length === 0;
    sendHead(answer, target, length);
    if (isEmpty && !isBroken(fault)) {
      response.end();
      return;
    }
    const end = isEmpty ? 0 : spoiledLength(length, fault);
    if (typeof answer.body === "string") await sendText(answer.body, end, target);
    else if (answer.body !== undefined) await sendFile(answer.body, end, target);
    await finish(target);
  } finally {
    if (typeof answer.body === "object") await answer.body.handle.close();
  }
}

function bodyLength({ body }: Answer): number {
  if (body === undefined) return 0;
  return typeof body === "string" ? Buffer.byteLength(body) : body.range.length;
}

function sendHead({ status, headers, body }: Answer, { response, record, fault }: SendTarget, length: number): void {
  const hasLength = status === 304 || headers["Content-Length"] !== undefined;
  const all: Record<string, string> = {
    ...headers,
    ...(hasLength ? {} : { "Content-Length": String(length) }),
    ...(fault?.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) }),
    ...fault?.headers,
  };
  if (fault?.shortBodyBytes !== undefined && body !== undefined) delete all["Content-Length"];
  if (fault?.shorterByBytes !== undefined) makeShorter(all, fault.shorterByBytes);
  if (fault?.changeEtag === true) {
    for (const name of ["ETag", "X-Linked-Etag"]) all[name] = otherEtag(all[name]);
  }
  record.status = status;
  response.writeHead(status, all);
}

function makeShorter(headers: Record<string, string>, bytes: number): void {
  const { "Content-Length": length, "Content-Range": range } = headers;
  if (length !== undefined) headers["Content-Length"] = String(Math.max(0, Number(length) - bytes));
  if (range !== undefined)
    headers["Content-Range"] = range.replace(/-(\d+)/, (_, end: string) => `-${Math.max(0, Number(end) - bytes)}`);
}

/** Whether the connection does not outlive the answer. */
function isBroken({ cutAfterBytes, resetAfterBytes, stallAfterBytes }: Fault = {}): boolean {
  return (cutAfterBytes ?? resetAfterBytes ?? stallAfterBytes) !== undefined;
}

function otherEtag(etag = '"0"'): string {
  return etag.replace(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
}

function spoiledLength(length: number, fault: Fault | undefined): number {
  const ends = [fault?.cutAfterBytes, fault?.resetAfterBytes, fault?.stallAfterBytes];
  const cut = Math.min(...ends.map((end) => end ?? length));
  return Math.max(0, Math.min(cut, length - (fault?.shortBodyBytes ?? 0)));
}

async function finish({ response, fault, signal }: SendTarget): Promise<void> {
  if (!isBroken(fault)) {
    response.end();
    return;
  }
  response.flushHeaders();
  if (fault?.stallAfterBytes === undefined) {
    // What was written must be on its way, or the client would not see it.
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true }); // a socket that is gone may never call back
      if (signal.aborted || response.socket === null) resolve();
      else response.socket.write("", () => resolve());
    });
    if (fault?.resetAfterBytes === undefined) response.destroy();
    else response.socket?.resetAndDestroy();
  } else if (!signal.aborted) {
    await once(signal, "abort");
  }
}

async function sendText(text: string, end: number, target: SendTarget): Promise<void> {
  const bytes = Buffer.from(text);
  spoilByte(bytes, 0, target.fault);
  const pacer = pacerOf(target);
  const chunkBytes = Math.max(1, pacer?.chunkBytes ?? end);
  for (let sent = 0; sent < end; sent += chunkBytes) {
    const chunk = bytes.subarray(sent, Math.min(end, sent + chunkBytes));
    await write(chunk, target);
    await pacer?.pass(chunk.length, target.signal);
  }
}

/** Holds the answer to a rate: that of its fault, or of the traffic. */
function pacerOf({ fault, bytesPerSecond }: SendTarget): Pacer | undefined {
  const rate = fault?.bytesPerSecond ?? bytesPerSecond;
  return rate === undefined ? undefined : new Pacer(rate);
}

/** Reads one chunk while the one before it is on its way, in two buffers by turns. */
async function sendFile({ handle, range }: FileBody, end: number, target: SendTarget): Promise<void> {
  const { fault, signal } = target;
  const pacer = pacerOf(target);
  const chunkBytes = Math.min(pacer?.chunkBytes ?? CHUNK_BYTES, CHUNK_BYTES, end);
  const buffers = end > chunkBytes ? [allocate(chunkBytes), allocate(chunkBytes)] : [allocate(end)];
  let writing: Promise<void> = Promise.resolve();
  let sent = 0;
  for (let turn = 0; sent < end; turn += 1) {
    const buffer = buffers[turn % buffers.length]!;
    const length = Math.min(chunkBytes, end - sent);
    const { bytesRead } = await handle.read(buffer, 0, length, range.offset + sent);
    await writing;
    if (bytesRead === 0) throw new Error("the file became shorter while it was sent");
    const chunk = buffer.subarray(0, bytesRead);
    spoilByte(chunk, sent, fault);
    writing = write(chunk, target);
    writing.catch(() => undefined);
    sent += bytesRead;
    await pacer?.pass(bytesRead, signal);
  }
  await writing;
  for (const buffer of buffers) releaseMemory(buffer); // not when that failed: the system may still read them
}

function spoilByte(chunk: Uint8Array, start: number, fault: Fault | undefined): void {
  const at = (fault?.corruptByteAt ?? -1) - start;
  if (at >= 0 && at < chunk.length) chunk[at] = ~chunk[at]! & 0xff;
}

/** Settles when the bytes left this process, so that their buffer can be used again. */
async function write(bytes: Uint8Array, { response, record, signal }: SendTarget): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(new Error("the connection was closed"));
    signal.addEventListener("abort", onAbort, { once: true });
    record.bytesSent += bytes.length;
    response.write(bytes, (error) => {
      signal.removeEventListener("abort", onAbort);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
