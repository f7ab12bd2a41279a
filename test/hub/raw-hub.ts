import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HubClient, type HubClientOptions } from "../../src/hub/client.ts";
import { readEnvironment } from "../../src/hub/env.ts";

/** A server that answers as a test says, and what it was asked. */
export interface RawHub extends AsyncDisposable {
  readonly url: string;
  /** Paths with their queries. */
  readonly asked: readonly string[];
  /** A client of it, with a token. */
  client(options?: Partial<HubClientOptions>): HubClient;
}

/** The token that {@link RawHub.client} sends. */
export const TOKEN = "hf_secretsecret";

/** Starts a server on a port of its own. */
export async function serveRaw(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<RawHub> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    client: (options) => clientOf(url, options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client of the Hub at `endpoint`. */
export function clientOf(endpoint: string, options: Partial<HubClientOptions> = {}): HubClient {
  const environment = readEnvironment({});
  const rest = { offline: false, maxConnections: 4, maxOutageMs: 2000, dispatcher: undefined, environment };
  return new HubClient({ endpoint, token: TOKEN, ...rest, ...options });
}

export function sendJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}
