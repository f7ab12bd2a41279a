/// <reference lib="esnext.disposable" preserve="true" />
import { realpath, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { handleRequest, type ServedOrigin } from "./exchange.ts";
import { FaultList, type Fault } from "./faults.ts";
import { HubApi } from "./hub-api.ts";
import { findOrigins, type Origins } from "./origins.ts";
import { resolveHubOptions, type HubServerOptions, type HubSettings } from "./options.ts";
import { RateLimit } from "./rate-limit.ts";
import type { ServedRepo } from "./repos/list-repos.ts";
import { ContentHashes } from "./repos/content-hashes.ts";
import { RepoStore } from "./repos/repo-store.ts";
import type { IsLarge } from "./repos/snapshot.ts";
import { RequestLog, type RequestRecord } from "./request-log.ts";
import { SignedStore } from "./signed-store.ts";
import type { Traffic } from "./traffic.ts";

/** A running Hub. */
export interface HubServer extends AsyncDisposable {
  /** Where it is: what clients call the endpoint. */
  readonly url: string;
  /** The second server, to which downloads of large files are redirected. */
  readonly cdnUrl: string;
  /** The requests so far, also at `GET {url}/_log`; `DELETE` clears it. Pages of other sites may not read it. */
  readonly log: readonly RequestRecord[];
  clearLog(): void;
  /** What is served: datasets, then models and spaces, each with what its `main` holds. */
  repos(): Promise<readonly ServedRepo[]>;
  /** Makes requests go wrong; what is returned takes the fault back. */
  inject(fault: Fault): () => void;
  /** Replaces the traffic of the options, from the next request on. */
  setTraffic(traffic: Traffic): void;
  /** Breaks all connections off and frees everything. May be called again. */
  close(): Promise<void>;
}

/** Long enough that a client between two batches finds its connections open. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Serves a folder as a Hugging Face Hub: the API, and a store for large files on a port of its own. Clients use it by
 * `HF_ENDPOINT={url}`. The commit of a repo is a hash of its contents, so the first request for a repo reads all of
 * its files once.
 *
 * @throws TypeError if an option is wrong.
 */
export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const settings = resolveHubOptions(options);
  const root = await realpath(settings.root);
  if (!(await stat(root)).isDirectory()) throw new TypeError(`Expected \`root\` to be a folder, got ${settings.root}`);
  const hub = new LocalHub(settings, root);
  try {
    await hub.listen();
  } catch (error) {
    await hub.close();
    throw error;
  }
  return hub;
}

class LocalHub implements HubServer {
  readonly #settings: HubSettings;
  readonly #log: RequestLog;
  readonly #store: RepoStore;
  readonly #faults = new FaultList();
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #hub: Server;
  readonly #cdn: Server;
  #traffic: Traffic;
  #closing: Promise<void> | undefined;

  constructor(settings: HubSettings, root: string) {
    this.#settings = settings;
    this.#traffic = settings.traffic;
    this.#log = new RequestLog(settings.logLimit);
    const hashes = new ContentHashes(this.#stopped.signal);
    const signedStore = new SignedStore(settings.signedUrlTtlSeconds);
    this.#store = new RepoStore(root, { hashes, isLarge: largeBy(settings) });
    const api = new HubApi(settings, this.#store, signedStore);
    const shared = {
      log: this.#log,
      faults: this.#faults,
      traffic: () => this.#traffic,
      findOrigins: (host: string | undefined) => this.#findOrigins(host),
      onError: (error: unknown) => this.#report(error),
      onRequest: settings.onRequest,
    };
    const rateLimit = new RateLimit(settings.quotas);
    this.#hub = this.#serve({ ...shared, origin: "hub", answer: (request) => api.answer(request), rateLimit });
    this.#cdn = this.#serve({
      ...shared,
      origin: "cdn",
      answer: (request) => signedStore.answer(request),
      rateLimit: undefined,
    });
  }

  get url(): string {
    return urlOf(this.#settings.host, this.#hub);
  }

  get cdnUrl(): string {
    const { cdnOrigin } = this.#findOrigins(undefined);
    return cdnOrigin ?? urlOf(this.#settings.host, this.#cdn);
  }

  get log(): readonly RequestRecord[] {
    return this.#log.records;
  }

  clearLog(): void {
    this.#log.clear();
  }

  async repos(): Promise<readonly ServedRepo[]> {
    const types = ["datasets", "models", "spaces"] as const;
    return (await Promise.all(types.map((type) => this.#store.list(type)))).flat();
  }

  inject(fault: Fault): () => void {
    return this.#faults.inject(fault);
  }

  setTraffic(traffic: Traffic): void {
    this.#traffic = traffic;
  }

  async listen(): Promise<void> {
    const { host, port, cdnPort } = this.#settings;
    await listenOn(this.#hub, host, port);
    await listenOn(this.#cdn, host, cdnPort);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serve(served: ServedOrigin): Server {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (message, response) => {
      const running = handleRequest(message, response, served).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
    return server;
  }

  /** What breaks because the server is closing is no error. */
  #report(error: unknown): void {
    if (!this.#stopped.signal.aborted) this.#settings.onError?.(error);
  }

  #findOrigins(host: string | undefined): Origins {
    const { cdnHost, largeFiles } = this.#settings;
    return findOrigins(host, {
      hubUrl: this.url,
      cdnPort: portOf(this.#cdn),
      cdnHost,
      redirect: largeFiles === "redirect",
    });
  }

  async #close(): Promise<void> {
    this.#stopped.abort(new Error("the server was closed"));
    await Promise.all([closeServer(this.#hub), closeServer(this.#cdn)]);
    await Promise.allSettled(this.#running);
  }
}

function largeBy({ lfsThreshold, lfsExtensions }: HubSettings): IsLarge {
  return (file) => file.size >= lfsThreshold || lfsExtensions.has(path.extname(file.path).slice(1).toLowerCase());
}

async function listenOn(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** An address that stands for all of a machine's is reached by the local one. */
function urlOf(host: string, server: Server): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${portOf(server)}`;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
