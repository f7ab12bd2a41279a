import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { jsonAnswer, refusalAnswer, type Answer } from "./answer.ts";
import type { Fault, FaultList } from "./faults.ts";
import type { HubRequest } from "./hub-request.ts";
import type { Origins } from "./origins.ts";
import type { RateLimit } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";
import type { OpenRecord, Origin, RequestLog, RequestRecord } from "./request-log.ts";
import { parseRoute, type Route } from "./route.ts";
import { isOwnPage } from "./own-page.ts";
import { sendAnswer } from "./send-answer.ts";
import { signedFileName } from "./signed-store.ts";
import { waitLatency, type Traffic } from "./traffic.ts";

/** One of the two servers, as its requests need it. */
export interface ServedOrigin {
  readonly origin: Origin;
  /** Answers a request; may throw a {@link Refusal}. */
  readonly answer: (request: HubRequest) => Promise<Answer>;
  /** Counts requests; left out where nobody counts. */
  readonly rateLimit: RateLimit | undefined;
  readonly log: RequestLog;
  readonly faults: FaultList;
  readonly traffic: () => Traffic;
  /** The addresses that belong to a `Host` header. */
  readonly findOrigins: (host: string | undefined) => Origins;
  /** Told of each request when its answer is over. */
  readonly onRequest: ((record: RequestRecord) => void) | undefined;
  /** Told of what was answered with 500. */
  readonly onError: (error: unknown) => void;
}

/** A body larger than this is not a list of paths. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Answers one request from its head to the last byte. Never rejects. */
export async function handleRequest(
  message: IncomingMessage,
  response: ServerResponse,
  served: ServedOrigin,
): Promise<void> {
  const url = (message.url ?? "/").replace(/^https?:\/\/[^/]*/i, "");
  const route: Route = served.origin === "cdn" ? { kind: "cdn", path: "" } : parseRoute(url.split("?")[0]!);
  const record = openRecord(message, { served, route, url });
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("the connection was closed")));
  const begun = performance.now();
  try {
    const exchange = { message, response, record, signal: gone.signal };
    if (route.kind === "log") await sendLog(served.log, exchange);
    else await exchangeMessages({ served, route, url }, exchange);
  } catch (error) {
    if (!gone.signal.aborted) served.onError(error);
    response.destroy();
  } finally {
    record.durationMs = performance.now() - begun;
    if (route.kind !== "log") served.onRequest?.(record);
  }
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  /** Aborts when the connection is gone. */
  readonly signal: AbortSignal;
}

async function exchangeMessages(parts: RequestParts, exchange: Exchange): Promise<void> {
  const { served } = parts;
  const { message, record, signal } = exchange;
  served.log.add(record);
  const fault = served.faults.take(record);
  await waitLatency({ latencyMs: fault?.latencyMs }, signal);
  await waitLatency(served.traffic(), signal);
  if (fault?.reset === true) {
    message.socket.resetAndDestroy();
    return;
  }
  const request = readRequest(message, { ...parts, fault });
  const answer = await answerRequest(request, served, message.socket.remoteAddress);
  const { bytesPerSecond } = served.traffic();
  await sendAnswer(answer, { ...exchange, fault, bytesPerSecond });
}

/** The log is no part of the Hub: reading it is neither logged nor counted, and no fault strikes it. */
async function sendLog(log: RequestLog, exchange: Exchange): Promise<void> {
  await sendAnswer(answerLog(log, exchange.message), { ...exchange, fault: undefined, bytesPerSecond: undefined });
}

function answerLog(log: RequestLog, { method, headers }: IncomingMessage): Answer {
  if (!isOwnPage(headers)) return refusalAnswer(new Refusal(403, "The log is not for other sites"));
  if (method !== "DELETE") return jsonAnswer(log.records);
  log.clear();
  return { status: 204, headers: {} };
}

interface RequestParts {
  readonly served: ServedOrigin;
  readonly route: Route;
  /** Path and query. */
  readonly url: string;
}

function openRecord(message: IncomingMessage, { served, route, url }: RequestParts): OpenRecord {
  const { origin } = served;
  const [path = "", ...rest] = url.split("?");
  const query = rest.join("?");
  const named = route.id === undefined || route.path === "" ? undefined : `${route.id}/${route.path}`;
  return {
    time: Date.now(),
    origin,
    method: message.method ?? "GET",
    route: route.kind,
    path,
    query: query === "" || origin === "cdn" ? "" : `?${query}`,
    file: origin === "cdn" ? signedFileName(new URLSearchParams(query)) : named,
    range: message.headers.range,
    hasAuthorization: message.headers.authorization !== undefined,
    userAgent: message.headers["user-agent"],
    status: 0,
    bytesSent: 0,
    durationMs: undefined,
  };
}

function readRequest(
  message: IncomingMessage,
  { served, route, url, fault }: RequestParts & { readonly fault: Fault | undefined },
): HubRequest {
  const { headers, method = "GET" } = message;
  let text: Promise<string> | undefined;
  return {
    method,
    url,
    route,
    query: new URLSearchParams(url.split("?").slice(1).join("?")),
    headers,
    ...served.findOrigins(headers.host),
    token: headers.authorization?.replace(/^Bearer\s+/i, ""),
    fault,
    readText: () => (text ??= readBody(message)),
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, "The body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function answerRequest(request: HubRequest, served: ServedOrigin, address = "nobody"): Promise<Answer> {
  const { fault, route, token, url } = request;
  const limit = served.rateLimit?.count(token === undefined ? address : hashToken(token), route.kind, url);
  const common = { "X-Request-Id": `Root=${randomUUID()}`, ...limit?.headers };
  let answer: Answer;
  if (fault?.status !== undefined) answer = faultAnswer(fault, fault.status);
  else if (limit?.exceeded === true) answer = TOO_MANY;
  else answer = await answerOrRefuse(request, served);
  return { ...answer, headers: { ...common, ...answer.headers } };
}

async function answerOrRefuse(request: HubRequest, served: ServedOrigin): Promise<Answer> {
  try {
    return await served.answer(request);
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error);
    served.onError(error);
    return refusalAnswer(new Refusal(500, "Internal error"));
  }
}

/** As the Hub says it: a page for people, and no `Retry-After`. */
const TOO_MANY: Answer = {
  status: 429,
  headers: { "Content-Type": "text/html; charset=utf-8" },
  body: "<!DOCTYPE html><html><body><h1>429</h1><p>We had to rate limit you.</p></body></html>",
};

function faultAnswer(fault: Fault, status: number): Answer {
  if (fault.body !== undefined) return { status, headers: {}, body: fault.body };
  return { ...jsonAnswer({ error: `Injected fault ${status}` }), status };
}

/** Tokens are not kept longer than their request. */
function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
