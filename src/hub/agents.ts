import type { Dispatcher } from "./dispatcher.ts";
// By their files: the whole of undici takes 50 ms more to load.
import Agent from "undici/lib/dispatcher/agent.js";
import EnvHttpProxyAgent from "undici/lib/dispatcher/env-http-proxy-agent.js";

export interface AgentSettings {
  /** Sockets per origin. */
  readonly maxConnections: number;
  /** The proxies of the environment; empty for none. */
  readonly proxy: string;
}

/** Sockets that idle are kept this long: a training step may take longer than undici's 4 s. */
const KEEP_ALIVE_MS = 60_000;
/** Long enough for a SYN that was lost twice, short enough for two tries before a Hub counts as never reached. */
const CONNECT_MS = 5000;

/**
 * The agents of this process, by what they were made for: however many datasets are opened, they share their sockets.
 * None is ever closed: idle sockets close by themselves and keep no process alive.
 */
const agents = new Map<string, Dispatcher>();

/** The agent of these settings. */
export function agentOf({ maxConnections, proxy }: AgentSettings): Dispatcher {
  const key = `${maxConnections} ${proxy}`;
  let agent = agents.get(key);
  if (agent === undefined) {
    const options = {
      connections: maxConnections,
      connect: { timeout: CONNECT_MS },
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0, // an attempt knows itself when to end
      bodyTimeout: 0,
      allowH2: false, // many parallel ranges are not faster over one HTTP/2 connection
    };
    agent = proxy === "" ? new Agent(options) : new EnvHttpProxyAgent(options);
    agents.set(key, agent);
  }
  return agent;
}
