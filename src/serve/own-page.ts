import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

/**
 * Tells whether a request comes from no page of another site: browsers say where a page is from (`Origin`,
 * `Sec-Fetch-Site`), and a page whose name was made to lead here (DNS rebinding) says that name as `Host`.
 */
export function isOwnPage({ host = "", origin, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (origin !== undefined && origin !== `http://${host}`) return false;
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const name = host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || name === hostname().toLowerCase();
}
