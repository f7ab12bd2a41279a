import type { IncomingHttpHeaders } from "node:http";
import type { Fault } from "./faults.ts";
import type { Origins } from "./origins.ts";
import type { Route } from "./route.ts";

/** A request as those who answer it see it. */
export interface HubRequest extends Origins {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Sent with `Authorization: Bearer`. */
  readonly token: string | undefined;
  readonly fault: Fault | undefined;
  /** Reads the body. */
  readText(): Promise<string>;
}
