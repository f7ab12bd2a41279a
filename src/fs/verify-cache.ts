import { readEntry } from "../cache/entry.ts";
import { type CachedFile, listCache } from "../cache/inventory.ts";
import { LAYOUT_VERSION } from "../cache/layout.ts";
import { hasNamedHash } from "./download.ts";

/** What a look at a cached file found. */
export interface VerifiedFile extends CachedFile {
  /** `unknown`: of another version of this package, or without a hash to check it by. */
  readonly verdict: "good" | "damaged" | "unknown";
}

/** Reads every file of a cache, and checks it by its own checksum, or by the hash that names it. */
export async function* verifyCache(root: string): AsyncGenerator<VerifiedFile> {
  for await (const file of listCache(root)) yield { ...file, verdict: await verdictOf(file) };
}

async function verdictOf({ file, key, kind }: CachedFile): Promise<VerifiedFile["verdict"]> {
  if (kind === "leftover") return "damaged";
  if (key[0] !== LAYOUT_VERSION) return "unknown";
  if (kind === "entry") return (await readEntry(file)) === undefined ? "damaged" : "good";
  const isGood = await hasNamedHash(file, key.at(-1) ?? "").catch(() => false);
  if (isGood === undefined) return "unknown";
  return isGood ? "good" : "damaged";
}
