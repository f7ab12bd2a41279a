import type { FileOptions } from "../hub/api.ts";
import type { RevisionRef } from "../hub/repo.ts";
import type { RepoInfo, TreeEntry } from "../hub/wire.ts";
import type { ListingAnswer, ListingOptions } from "./commit-listing.ts";
import type { ByteSource, DataFile, ReadOptions } from "./types.ts";

/**
 * What answers for repos where the shared cache has no answer of its own: the Hub, or, offline, whatever else of it is on
 * this machine.
 */
export interface RepoOrigin {
  /** Whether an answer takes a round trip, so that a commit and its files are better asked for at once. */
  readonly isRemote: boolean;
  /** Finds the commit of a revision. */
  resolve(repo: RevisionRef, options: ReadOptions): Promise<RepoInfo>;
  /** Finds the commit of a revision, and its files; of the file `alongside` the content, if that costs no round trip. */
  list(repo: RevisionRef, options: ListingOptions): Promise<ListingAnswer>;
  /** Lists the files and folders of a commit. */
  listTree(at: RevisionRef, options: ReadOptions): Promise<TreeEntry[]>;
  /** Gets a small file whole. */
  getFile(at: RevisionRef, path: string, options: FileOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens a file of a commit: nothing is read until the first range is. `onGone` is told that the commit is no longer there. */
  open(at: RevisionRef, file: DataFile, onGone: () => Promise<void>): ByteSource;
}
