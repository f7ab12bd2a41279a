import type { HubClient } from "./client.ts";
import { notThis } from "./wire.ts";

/** Longer than any header that Node takes. */
const MAX_LINK_LENGTH = 16_384;

/**
 * Reads the next page's address from a `Link` header (RFC 8288). A mirror may hand on the address of the Hub behind it: the
 * next page is asked of the mirror too. Throws `HUB_UNAVAILABLE` for what is no address of a listing.
 */
export function nextPage(link: string | undefined, current: URL, client: HubClient): URL | undefined {
  const target = nextTarget((link ?? "").slice(0, MAX_LINK_LENGTH));
  if (target === undefined) return undefined;
  const next = URL.canParse(target, current.href) ? new URL(target, current) : undefined;
  if (next === undefined || !/^https?:$/.test(next.protocol) || !/\/api\/.*\/tree\//.test(next.pathname))
    throw notThis(current, "a usable address of the next page");
  return next.origin === client.origin ? next : client.url(next.pathname + next.search);
}

/** The target of the link whose relation is `next`. Links are cut at `<`, which no address holds. */
function nextTarget(link: string): string | undefined {
  for (const part of link.split("<").slice(1)) {
    const end = part.indexOf(">");
    if (end >= 0 && /;\s{0,9}rel\s{0,9}=\s{0,9}"?next\b/i.test(part.slice(end + 1))) return part.slice(0, end);
  }
  return undefined;
}
