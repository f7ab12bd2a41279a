import type { Dispatcher } from "./dispatcher.ts";
import type { AbortOptions } from "../async/abort.ts";
import { publishRequest, publishRetry, type RetryEvent } from "../diagnostics.ts";
import { HfStreamError } from "../errors.ts";
import { option, say } from "../message.ts";
import { agentOf } from "./agents.ts";
import type { Attempt } from "./attempt.ts";
import { CollectedBody, MAX_JSON_BYTES, MAX_TEXT_BYTES } from "./collected-body.ts";
import { type HubEnvironment, withoutSlash } from "./env.ts";
import { type BodySink, exchange, type HubResponse } from "./exchange.ts";
import { header } from "./header.ts";
import type { Meter } from "./meter.ts";
import { networkError } from "./network-error.ts";
import { OutageWarning } from "./outage.ts";
import { type Pause, QuotaPauses } from "./quota-pauses.ts";
import { type PauseBoard, rateBucket, retryAfter } from "./rate-limit.ts";
import { bareAddress } from "./redact.ts";
import { DOUBTFUL, TransientError, withRetry } from "./retry.ts";
import { requestIdIn, statusError } from "./status-error.ts";
import { VERSION } from "./version.ts";

export interface HubClientOptions {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly offline: boolean;
  readonly maxConnections: number;
  /** How long one read keeps trying without progress. */
  readonly maxOutageMs: number;
  readonly dispatcher: Dispatcher | undefined;
  /** What one process learns of rate limits, the others heed. */
  readonly pauses?: PauseBoard | undefined;
  readonly environment: Pick<HubEnvironment, "proxy" | "userAgentOrigin">;
}

/** What a request is for: a repo and its files, a page of a listing, a small file, where a large one is, its bytes. */
export type RequestKind = "info" | "tree" | "file" | "resolve" | "data";

export interface HubRequest extends AbortOptions {
  readonly method?: "GET" | "HEAD" | undefined;
  readonly kind: RequestKind;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What is asked for, in the user's words, for messages. */
  readonly subject: string;
  readonly meter?: Meter | undefined;
  /** Takes the body of a successful answer as it comes. */
  readonly sink?: BodySink | undefined;
  /** Whether a 404 is as good an answer as any. @default false */
  readonly mayBeMissing?: boolean | undefined;
}

/** An answer, and where it came from after redirects. */
export interface FoundResponse extends HubResponse {
  readonly url: URL;
}

const MAX_REDIRECTS = 10;

/**
 * The one way to a Hub: sends the token to its origin only, follows redirects by hand, obeys its rate limits, and says
 * what a failure means. Holds sockets that idle without keeping the process alive.
 */
export class HubClient {
  readonly endpoint: string;
  readonly origin: string;
  readonly maxOutageMs: number;
  readonly #options: HubClientOptions;
  readonly #dispatcher: Dispatcher;
  readonly #pauses: QuotaPauses;
  /** Origins that answered once, or that one of them named: they exist, and what fails there may pass. */
  readonly #known = new Set<string>();
  readonly #warning = new OutageWarning();

  constructor(options: HubClientOptions) {
    this.#options = options;
    this.endpoint = withoutSlash(options.endpoint);
    this.origin = new URL(this.endpoint).origin;
    this.maxOutageMs = options.maxOutageMs;
    const { proxy } = options.environment;
    this.#dispatcher = options.dispatcher ?? agentOf({ maxConnections: options.maxConnections, proxy });
    this.#pauses = new QuotaPauses(options.pauses, options.maxOutageMs);
  }

  /** The address of `path` at the Hub. */
  url(path: string): URL {
    return new URL(this.endpoint + path);
  }

  /**
   * Sends one request and gives its answer, of whatever status below 400; redirects are answers too. Throws a
   * {@link TransientError}, the final {@link HfStreamError}, or what a sink throws: use it inside {@link retry}.
   */
  async send(request: HubRequest, attempt: Attempt): Promise<HubResponse> {
    const { url, subject, meter } = request;
    if (this.#options.offline)
      throw new HfStreamError(
        "OFFLINE",
        say`${subject} is not in the cache, and HF_HUB_OFFLINE or ${option("offline")} is set.`,
      );
    const quota = url.origin === this.origin ? `${url.host} ${rateBucket(url.pathname)}` : undefined;
    const probed =
      quota === undefined
        ? undefined
        : await this.#pauses.respect(quota, subject, {
            signal: attempt.signal,
            onWait: (pause) => this.#tellPause(url, attempt.number, pause),
          });
    if (meter !== undefined) meter.requests += 1;
    let answer: HubResponse;
    try {
      answer = await this.#exchange(request, attempt);
    } finally {
      probed?.();
    }
    const waitMs = retryAfter(answer);
    if (quota !== undefined && waitMs !== undefined) this.#pauses.note(quota, waitMs);
    if (answer.status < 400) return answer;
    const text = new TextDecoder().decode(answer.body);
    throw statusError({ ...request, ...answer, text, token: this.#options.token });
  }

  /** As {@link send}, but follows redirects. The token goes along to the Hub's origin only. */
  async follow(request: HubRequest, attempt: Attempt): Promise<FoundResponse> {
    let { url } = request;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await this.send({ ...request, url }, attempt);
      if (answer.status < 300) return { ...answer, url };
      url = this.redirectTarget(answer, url, request.subject);
    }
    throw tooManyRedirects(request.subject);
  }

  /**
   * Gets a small answer whole, and gives what `read` makes of it. Retried, also where `read` throws a
   * {@link TransientError} since it makes no sense.
   */
  async get<T>(request: HubRequest, read: (body: Uint8Array<ArrayBuffer>, answer: FoundResponse) => T): Promise<T> {
    return await this.retry(request, async (attempt) => {
      const maxBytes = request.kind === "file" ? MAX_TEXT_BYTES : MAX_JSON_BYTES;
      const sink = new CollectedBody(request.subject, maxBytes);
      const answer = await this.follow({ ...request, sink }, attempt);
      const body = await sink.bytes();
      if (request.meter !== undefined) request.meter.bytesFetched += body.length;
      if (answer.status !== 200) throw doubtful(request.subject, `it was answered with ${answer.status}`);
      return read(body, answer);
    });
  }

  /** Asks for the head of an answer alone, retried. */
  async head(request: HubRequest): Promise<FoundResponse> {
    return await this.retry(request, async (attempt) => {
      const answer = await this.follow({ ...request, method: "HEAD" }, attempt);
      if (answer.status !== 200) throw doubtful(request.subject, `it was answered with ${answer.status}`);
      return answer;
    });
  }

  /** Runs `run` under the one policy of retries. */
  async retry<T>(
    { signal, meter }: Pick<HubRequest, "signal" | "meter">,
    run: (attempt: Attempt) => Promise<T>,
    progress?: () => number,
  ): Promise<T> {
    const onRetry = (event: RetryEvent): void => this.#warning.note(event);
    return await withRetry(run, { maxOutageMs: this.maxOutageMs, meter, signal, progress, onRetry });
  }

  /** The address that a redirect leads to. Throws `HUB_UNAVAILABLE` for one that cannot be read or followed. */
  redirectTarget({ status, headers }: HubResponse, from: URL, subject: string): URL {
    const location = header(headers, "location");
    if (location === undefined) throw doubtful(subject, `it was answered with ${status}`);
    const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (target !== undefined && /^https?:$/.test(target.protocol)) {
      this.#known.add(target.origin);
      return target;
    }
    throw new HfStreamError("HUB_UNAVAILABLE", `${subject}: ${from.host} redirects to what is no address.`, {
      path: subject,
      url: bareAddress(from),
    });
  }

  /** A pause is told as a retry is: nothing is asked, since it would be refused. */
  #tellPause(url: URL, attempt: number, { waitMs, waitedMs, leftMs }: Pause): void {
    const reason = `${url.host} limits the rate of requests`;
    const about = { url: bareAddress(url), host: url.host, status: 429, attempt, reason };
    const event: RetryEvent = { ...about, delayMs: waitMs, outageMs: waitedMs, leftMs };
    publishRetry(() => event);
    this.#warning.note(event);
  }

  async #exchange(request: HubRequest, attempt: Attempt): Promise<HubResponse> {
    const { method = "GET", url, headers, sink, signal } = request;
    const sent = {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...this.#headers(url), ...headers },
    };
    const releases = this.#options.dispatcher === undefined && !(sink instanceof CollectedBody);
    const begun = performance.now();
    let answer: HubResponse | undefined;
    try {
      answer = await exchange(this.#dispatcher, sent, { attempt, sink, releases });
      this.#known.add(url.origin);
      if (answer.status < 500 && answer.status !== 429) this.#warning.end();
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TransientError || error instanceof HfStreamError) throw error;
      const { token, dispatcher, environment } = this.#options;
      const isProxied = dispatcher === undefined && environment.proxy !== "";
      throw networkError(error, { ...request, token, isProxied, isKnown: this.#known.has(url.origin) });
    } finally {
      publishRequest(() => ({
        method,
        url: bareAddress(url),
        kind: request.kind,
        status: answer?.status,
        ms: performance.now() - begun,
        bytes: attempt.bytes,
        attempt: attempt.number,
        requestId: answer === undefined ? undefined : requestIdIn(answer.headers, this.#options.token),
      }));
    }
  }

  #headers(url: URL): Record<string, string> {
    const { token, environment } = this.#options;
    const origin = environment.userAgentOrigin === undefined ? "" : `; origin/${environment.userAgentOrigin}`;
    const headers: Record<string, string> = {
      "user-agent": `hfstream/${VERSION}; node/${process.versions.node}${origin}`,
      "accept-encoding": "identity", // an encoded range has the wrong length
    };
    if (token !== undefined && url.origin === this.origin) headers["authorization"] = `Bearer ${token}`;
    return headers;
  }
}

/** Says that an answer cannot be right: it is asked for again for a while. */
export function doubtful(subject: string, what: string): TransientError {
  const final = new HfStreamError("HUB_UNAVAILABLE", `${subject}: ${what}. Is this a Hub?`, { path: subject });
  return new TransientError(final, { patience: DOUBTFUL });
}

export function tooManyRedirects(subject: string): HfStreamError {
  return new HfStreamError("HUB_UNAVAILABLE", `${subject}: more than ${MAX_REDIRECTS} redirects.`, { path: subject });
}
