/** The addresses of the two servers, as one client knows them. */
export interface Origins {
  /** Of the Hub. */
  readonly origin: string;
  /** Of the store of large files; undefined if there is none under this name. */
  readonly cdnOrigin: string | undefined;
}

/** What {@link findOrigins} needs to know of the servers. */
export interface OriginsOptions {
  /** The Hub's own idea of its address, for clients that do not say. */
  readonly hubUrl: string;
  readonly cdnPort: number;
  /** The name of the store, if one was set. */
  readonly cdnHost: string | undefined;
  /** Whether large files are redirected at all. */
  readonly redirect: boolean;
}

/**
 * Finds the origins from a `Host` header: a client reaches both servers by the name it used, which may be another than
 * this machine knows.
 */
export function findOrigins(header: string | undefined, options: OriginsOptions): Origins {
  const own = new URL(options.hubUrl).host;
  const host = header !== undefined && /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(header) ? header : own;
  const name = options.cdnHost ?? otherLoopback(host.replace(/:\d+$/, ""));
  const hasStore = options.redirect && name !== undefined;
  return { origin: `http://${host}`, cdnOrigin: hasStore ? `http://${name}:${options.cdnPort}` : undefined };
}

/**
 * Another name of this machine. The port alone does not make the store another server: Python's client takes a
 * redirect to the same host for one within the Hub, follows it where it should read the answer, and sends its token.
 */
function otherLoopback(name: string): string | undefined {
  if (/^127\.|^\[::1\]$/.test(name)) return "localhost";
  return /(^|\.)localhost$/i.test(name) ? "127.0.0.1" : undefined;
}
