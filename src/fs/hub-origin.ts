import { type FileOptions, getFile, getRepoInfo, listTree } from "../hub/api.ts";
import type { HubClient } from "../hub/client.ts";
import type { RangeReader } from "../hub/range-reader.ts";
import { repoPath, resolvePath, type RevisionRef } from "../hub/repo.ts";
import type { RepoInfo, TreeEntry } from "../hub/wire.ts";
import { RemoteSource } from "./byte-source.ts";
import { askListing, type ListingAnswer, type ListingOptions } from "./commit-listing.ts";
import type { RepoOrigin } from "./repo-origin.ts";
import type { ByteSource, DataFile, ReadOptions } from "./types.ts";

/** The oid of a large file is a sha256, that of a small one a sha1. */
const SHA256_DIGITS = 64;

/** The repos of a Hub, as it tells of them. */
export class HubOrigin implements RepoOrigin {
  readonly isRemote = true;
  readonly #client: HubClient;
  readonly #reader: RangeReader;

  constructor(client: HubClient, reader: RangeReader) {
    this.#client = client;
    this.#reader = reader;
  }

  async resolve(repo: RevisionRef, options: ReadOptions): Promise<RepoInfo> {
    return await getRepoInfo(this.#client, repo, options);
  }

  async list(repo: RevisionRef, options: ListingOptions): Promise<ListingAnswer> {
    return await askListing(this.#client, repo, options);
  }

  async listTree(at: RevisionRef, options: ReadOptions): Promise<TreeEntry[]> {
    return await listTree(this.#client, at, options);
  }

  async getFile(at: RevisionRef, path: string, options: FileOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await getFile(this.#client, at, path, options);
  }

  open(at: RevisionRef, { path, size, oid }: DataFile, onGone: () => Promise<void>): ByteSource {
    const name = `${repoPath(at)}/${path}`;
    const sha256 = oid.length === SHA256_DIGITS ? oid : undefined;
    const url = this.#client.url(resolvePath(at, path));
    return new RemoteSource(this.#reader, { url, name, size, sha256 }, { oid, onGone });
  }
}
