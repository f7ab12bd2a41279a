import type { Origin, RequestRecord } from "./request-log.ts";
import type { RouteKind } from "./route.ts";

/** Which requests a {@link Fault} strikes: those that agree with every member given. */
export interface FaultMatch {
  readonly origin?: Origin | undefined;
  readonly route?: RouteKind | readonly RouteKind[] | undefined;
  readonly method?: string | undefined;
  /** Found in the request's path or in its `org/name/file`. */
  readonly path?: string | RegExp | undefined;
}

/** Something that goes wrong, as plain data. Members may be combined where that makes sense. */
export interface Fault {
  /** Left out: every request. */
  readonly match?: FaultMatch | ((request: RequestRecord) => boolean) | undefined;
  /** How many requests are struck. @default 1 */
  readonly times?: number | undefined;
  /** How many matching requests go unharmed first. @default 0 */
  readonly skip?: number | undefined;
  /** Waits this long before anything else. */
  readonly latencyMs?: number | undefined;
  /** Breaks the connection before a byte is answered. */
  readonly reset?: boolean | undefined;
  /** Answers with this status instead of what was asked. */
  readonly status?: number | undefined;
  /** Added to the answer, or replacing its own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body that goes with `status`. @default a JSON error */
  readonly body?: string | undefined;
  /** A `Retry-After` header, in seconds. */
  readonly retryAfter?: number | undefined;
  /** Sends the right head and this many bytes, then breaks the connection. */
  readonly cutAfterBytes?: number | undefined;
  /** As {@link cutAfterBytes}, by a reset: what was sent may be lost too. */
  readonly resetAfterBytes?: number | undefined;
  /** Sends the right head and this many bytes, then nothing more; the connection stays open. */
  readonly stallAfterBytes?: number | undefined;
  /** Answers a range with 200 and the whole file. */
  readonly ignoreRange?: boolean | undefined;
  /** Answers 206 with the bytes, and the `Content-Range`, of the neighbouring range. */
  readonly wrongRange?: boolean | undefined;
  /** Leaves out this many bytes at the end; chunked, so that the message still ends well. */
  readonly shortBodyBytes?: number | undefined;
  /** Leaves out this many bytes at the end, and says so: lengths and range agree with what is sent. */
  readonly shorterByBytes?: number | undefined;
  /** Sends the body as slowly. */
  readonly bytesPerSecond?: number | undefined;
  /** Says another ETag than the file's. */
  readonly changeEtag?: boolean | undefined;
  /** Flips the bits of the body's byte at this place; everything else is right. */
  readonly corruptByteAt?: number | undefined;
}

interface ArmedFault {
  readonly fault: Fault;
  skip: number;
  times: number;
}

/** The faults that still wait for their requests, in the order they were injected. */
export class FaultList {
  #armed: ArmedFault[] = [];

  /** Arms `fault`; what is returned disarms it. */
  inject(fault: Fault): () => void {
    const armed: ArmedFault = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1 };
    this.#armed.push(armed);
    return () => this.#remove(armed);
  }

  /** Finds the fault that strikes `request`, and counts it. */
  take(request: RequestRecord): Fault | undefined {
    for (const armed of this.#armed) {
      if (!matches(armed.fault.match, request)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.times -= 1;
      if (armed.times <= 0) this.#remove(armed);
      return armed.fault;
    }
    return undefined;
  }

  #remove(armed: ArmedFault): void {
    this.#armed = this.#armed.filter((other) => other !== armed);
  }
}

function matches(match: Fault["match"], request: RequestRecord): boolean {
  if (match === undefined) return true;
  if (typeof match === "function") return match(request);
  const routes = match.route === undefined ? undefined : [match.route].flat();
  return (
    (match.origin === undefined || match.origin === request.origin) &&
    (routes === undefined || routes.includes(request.route)) &&
    (match.method === undefined || match.method.toUpperCase() === request.method) &&
    (match.path === undefined || matchesPath(match.path, request))
  );
}

function matchesPath(wanted: string | RegExp, { path, file }: RequestRecord): boolean {
  return [path, file ?? ""].some((text) =>
    // `search`, unlike `test`, does not keep its place in a global expression.
    typeof wanted === "string" ? text.includes(wanted) : text.search(wanted) !== -1,
  );
}
