/** How many edits away a name still counts as a slip of the keyboard. */
const MAX_EDITS = 3;
/** Longer lists are not looked through: a hint is not worth a wait. */
const MAX_CANDIDATES = 20_000;

/** Finds up to three of `candidates` that `name` may have been meant to be, the likeliest first. */
export function findNearNames(name: string, candidates: readonly string[]): string[] {
  if (candidates.length > MAX_CANDIDATES) return [];
  const most = Math.min(MAX_EDITS, Math.ceil(name.length / 4));
  return candidates
    .map((candidate) => ({ candidate, edits: likeness(name, candidate, most) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `: did you mean a or b?`, or a full stop. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "." : `: did you mean ${names.join(" or ")}?`;
}

function likeness(name: string, candidate: string, most: number): number {
  if (name.toLowerCase() === candidate.toLowerCase()) return 0;
  return Math.abs(name.length - candidate.length) > most ? Infinity : countEdits(name, candidate);
}

/** The Levenshtein distance, two neighbours that changed places being one edit. */
function countEdits(from: string, to: string): number {
  let last: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwapped ? (last[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [last, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
