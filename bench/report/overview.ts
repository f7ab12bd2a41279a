import { PEER_GROUPS } from "../peers.ts";
import { type CaseResult, groupOf, type PeerResult, speedRatio } from "../results.ts";
import { element, type Markup } from "./markup.ts";
import { shortNumber, times } from "./numbers.ts";

/** How fast each peer is on each case, as a table: MB/s of hfstream, and the others as multiples of that. */
export function drawOverview(cases: readonly CaseResult[]): Markup {
  const peers = (cases[0]?.results ?? []).map(({ peer }) => peer);
  const head = element("tr", {}, element("th", {}), ...cases.map(({ dataset }) => element("th", {}, dataset.name)));
  const rows = Object.entries(PEER_GROUPS).flatMap(([name, heading]) => {
    const members = peers.filter((peer) => groupOf(peer) === name);
    if (members.length === 0) return [];
    const title = element("th", { colspan: cases.length + 1, class: "group" }, heading);
    return [element("tr", {}, title), ...members.map(({ name: peer }) => drawPeer(peer, cases))];
  });
  return element("figure", {}, element("table", {}, head, ...rows));
}

function drawPeer(name: string, cases: readonly CaseResult[]): Markup {
  const found = cases.flatMap((one) =>
    one.results.filter(({ peer }) => peer.name === name).map((result) => ({ one, result })),
  );
  const peer = found[0]?.result.peer;
  const swatch = element("span", { class: "swatch", style: `background: var(--${peer?.product ?? "transfer"})` });
  return element(
    "tr",
    { class: peer?.product === "hfstream" ? "own" : undefined },
    element("th", {}, swatch, peer?.label ?? name),
    ...found.map(({ one, result }) => element("td", {}, describeSpeed(one, result))),
  );
}

function describeSpeed(found: CaseResult, result: PeerResult): string {
  if (result.summary === undefined) return "failed";
  if (result.peer.firstRowOnly === true) return "–";
  const ratio = speedRatio(found, result);
  if (ratio !== undefined && ratio !== 1) return times(ratio);
  return `${shortNumber(result.summary.megabytesPerSecond.median)} MB/s`;
}
