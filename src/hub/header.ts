import type { IncomingHttpHeaders } from "node:http";

/** A header by its lower-case name: the first one, where a server sends several. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
