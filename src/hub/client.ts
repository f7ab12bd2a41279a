import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { type AbortOptions, delay } from "../async/abort.ts";
import { HfStreamError } from "../errors.ts";
import { type HubEnvironment, withoutSlash } from "./env.ts";
import { type BodySink, exchange, type HubResponse } from "./exchange.ts";
import type { Meter } from "./meter.ts";
import { type PauseBoard, rateBucket, retryAfter } from "./rate-limit.ts";
import { TransientError, withRetry } from "./retry.ts";
import { statusError } from "./status-error.ts";
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

export interface HubRequest extends AbortOptions {
  readonly method?: "GET" | "HEAD" | undefined;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What is asked for, in the user's words, for messages. */
  readonly subject: string;
  readonly meter?: Meter | undefined;
  /** Takes the body of a successful answer as it comes; it is collected if left out. */
  readonly sink?: BodySink | undefined;
}

/** Sockets that idle are kept this long: a training step may take longer than undici's 4 s. */
const KEEP_ALIVE_MS = 60_000;
/** No answer, or no byte, for this long is an outage. */
const SILENCE_MS = 30_000;
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
  readonly #pausedUntil = new Map<string, number>();

  constructor(options: HubClientOptions) {
    this.#options = options;
    this.endpoint = withoutSlash(options.endpoint);
    this.origin = new URL(this.endpoint).origin;
    this.maxOutageMs = options.maxOutageMs;
    this.#dispatcher = options.dispatcher ?? createAgent(options);
  }

  /** The address of `path` at the Hub. */
  url(path: string): URL {
    return new URL(this.endpoint + path);
  }

  /**
   * Sends one request and gives its answer, of whatever status below 400; redirects are answers too. Throws a
   * {@link TransientError}, the final {@link HfStreamError}, or what a sink throws: use it inside `withRetry`.
   */
  async send(request: HubRequest): Promise<HubResponse> {
    const { method = "GET", url, headers, subject, meter, signal } = request;
    if (this.#options.offline)
      throw new HfStreamError("OFFLINE", `${subject} is not in the cache, and HF_HUB_OFFLINE or \`offline\` is set.`);
    const quota = url.origin === this.origin ? `${url.host} ${rateBucket(url.pathname)}` : undefined;
    if (quota !== undefined) await this.#respectPause(quota, request);
    if (meter !== undefined) meter.requests += 1;
    const sent = {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...this.#headers(url), ...headers },
      headersTimeout: SILENCE_MS, // a dispatcher of the user's has limits of its own
      bodyTimeout: SILENCE_MS,
    };
    let answer: HubResponse;
    try {
      answer = await exchange(this.#dispatcher, sent, { ...request, releases: this.#options.dispatcher === undefined });
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof TransientError || error instanceof HfStreamError ? error : networkError(error, request);
    }
    const waitMs = retryAfter(answer.headers);
    if (quota !== undefined && waitMs !== undefined) this.#pause(quota, Date.now() + waitMs);
    if (answer.status < 400) return answer;
    throw this.#failure(request, answer);
  }

  /** As {@link send}, but follows redirects. The token goes along to the Hub's origin only. */
  async follow(request: HubRequest): Promise<HubResponse & { readonly url: URL }> {
    let url = request.url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await this.send({ ...request, url });
      const location = answer.headers.location;
      if (answer.status < 300 || location === undefined) return { ...answer, url };
      url = redirectTarget(location, url, request.subject);
    }
    throw new HfStreamError("HUB_UNAVAILABLE", `${request.subject}: more than ${MAX_REDIRECTS} redirects.`, {
      path: request.subject,
    });
  }

  /** Gets a small answer whole, retried. */
  async get(request: HubRequest): Promise<HubResponse & { readonly url: URL }> {
    return await this.retry(request, async () => {
      const answer = await this.follow(request);
      if (request.meter !== undefined) request.meter.bytesFetched += answer.body.length;
      return answer;
    });
  }

  /** Runs `attempt` under the one policy of retries. */
  async retry<T>(
    { signal, meter }: Pick<HubRequest, "signal" | "meter">,
    attempt: () => Promise<T>,
    progress?: () => number,
  ): Promise<T> {
    const { maxOutageMs } = this;
    return await withRetry(attempt, { maxOutageMs, meter, signal, ...(progress === undefined ? {} : { progress }) });
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

  #pause(quota: string, until: number): void {
    if (until < (this.#pausedUntil.get(quota) ?? 0)) return; // an older answer that came later
    this.#pausedUntil.set(quota, until);
    this.#options.pauses?.write(quota, until).catch(() => {}); // the others then find out for themselves
  }

  async #respectPause(quota: string, request: HubRequest): Promise<void> {
    const shared = (await this.#options.pauses?.read(quota)) ?? 0;
    const wait = Math.max(this.#pausedUntil.get(quota) ?? 0, shared) - Date.now();
    if (wait <= 0) return;
    if (wait > this.maxOutageMs) {
      const seconds = Math.ceil(wait / 1000);
      throw new HfStreamError(
        "RATE_LIMITED",
        `The Hub limits the rate of requests: ${request.subject} would have to wait ${seconds} s, longer than \`maxOutageMs\`.`,
        { path: request.subject, status: 429, retryAfterMs: wait },
      );
    }
    await delay(wait + Math.random() * 250, request);
  }

  #failure({ url, subject }: HubRequest, { status, headers, body }: HubResponse): Error {
    const text = new TextDecoder().decode(body);
    return statusError({ status, headers, text, url, subject, hasToken: this.#options.token !== undefined });
  }
}

/** The address that a redirect leads to. Throws `HUB_UNAVAILABLE` for one that cannot be read. */
export function redirectTarget(location: string, from: URL, subject: string): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from);
  const url = from.origin + from.pathname;
  throw new HfStreamError("HUB_UNAVAILABLE", `${subject}: ${from.host} redirects to what is no address.`, {
    path: subject,
    url,
  });
}

/** Says that the network failed under `request`; what time does not mend, such as a bad certificate, is final. */
export function networkError(cause: unknown, { url, subject }: Pick<HubRequest, "url" | "subject">): Error {
  const said = cause instanceof Error ? `${(cause as { code?: string }).code ?? cause.name}: ${cause.message}` : "";
  const final = new HfStreamError("HUB_UNAVAILABLE", `The connection to ${url.host} failed for ${subject}. ${said}`, {
    cause,
    path: subject,
    url: url.origin + url.pathname,
  });
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|^ERR_TLS|^UND_ERR_(INVALID|NOT_SUPPORTED)/.test(code) ? final : new TransientError(final);
}

function createAgent({ maxConnections, environment }: HubClientOptions): Dispatcher {
  const settings = {
    connections: maxConnections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    allowH2: false, // many parallel ranges are not faster over one HTTP/2 connection
  };
  return environment.proxy ? new EnvHttpProxyAgent(settings) : new Agent(settings);
}
