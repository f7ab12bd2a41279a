import type { RepoType } from "../route.ts";
import { FileChangedError } from "./content-hashes.ts";
import type { RepoStoreOptions } from "./repo-store.ts";
import { isSettled, scanFolder, type StoredFile } from "./scan-folder.ts";
import { takeSnapshot, type Snapshot } from "./snapshot.ts";

/** What a {@link Repo} is made of. */
export interface RepoParts extends RepoStoreOptions {
  readonly type: RepoType;
  /** Spelled as the folders are. */
  readonly id: string;
  /** By revision, the folder that holds its files, a real path. */
  readonly folders: ReadonlyMap<string, string>;
  /** Links must not lead out of it; a real path. */
  readonly root: string;
}

interface Scan {
  readonly files: readonly StoredFile[];
  readonly snapshot: Promise<Snapshot>;
  /** Whether all files were old enough that a later change must show in their times. */
  readonly settled: boolean;
  /** Until when, by `performance.now()`, it is not repeated. */
  readonly freshUntil: number;
}

/** A scan that takes longer than this is not repeated for every request. */
const SLOW_SCAN_MS = 50;

/** A slow scan is trusted for this many times as long as it took, and this long at least. */
const SLOW_SCAN_REST = 10;
const SLOW_SCAN_MIN_REST_MS = 5000;

/** One repo: its revisions, each a folder, and the commit that each folder's present content makes. */
export class Repo {
  readonly type: RepoType;
  readonly id: string;
  readonly #parts: RepoParts;
  readonly #scans = new Map<string, Scan>();
  readonly #scanning = new Map<string, Promise<Snapshot>>();

  constructor(parts: RepoParts) {
    this.type = parts.type;
    this.id = parts.id;
    this.#parts = parts;
  }

  get revisions(): string[] {
    return [...this.#parts.folders.keys()].sort();
  }

  /** Tells whether `other` is made of the same folders, so that what is known of this one holds for it. */
  sameFolders(other: Repo): boolean {
    const [mine, theirs] = [this.#parts.folders, other.#parts.folders];
    return other.id === this.id && mine.size === theirs.size && [...mine].every(([key, at]) => theirs.get(key) === at);
  }

  /**
   * The snapshot that `revision` names: a branch, tag, ref, commit or `HEAD`. Undefined if there is none. A commit that
   * was current a moment ago may be answered without looking at the folder again if `trustCommit` is set; its
   * files must then be checked one by one.
   */
  async snapshot(
    revision: string,
    { trustCommit = false }: { readonly trustCommit?: boolean | undefined } = {},
  ): Promise<Snapshot | undefined> {
    if (/^[0-9a-f]{40}$/.test(revision)) {
      const known = trustCommit ? await this.#knownCommit(revision) : undefined;
      return known ?? (await this.#currentCommit(revision));
    }
    const name = this.#revisionName(revision);
    return name === undefined ? undefined : await this.#current(name);
  }

  #revisionName(revision: string): string | undefined {
    const short = revision.replace(/^refs\/(heads|tags)\//, "");
    const names = revision === "HEAD" ? ["main"] : [revision, short, `refs/heads/${revision}`, `refs/tags/${revision}`];
    return names.find((name) => this.#parts.folders.has(name));
  }

  async #knownCommit(commit: string): Promise<Snapshot | undefined> {
    for (const scan of this.#scans.values()) {
      const snapshot = await scan.snapshot.catch(() => undefined);
      if (snapshot?.commit === commit) return snapshot;
    }
    return undefined;
  }

  async #currentCommit(commit: string): Promise<Snapshot | undefined> {
    for (const revision of this.revisions) {
      const snapshot = await this.#current(revision);
      if (snapshot.commit === commit) return snapshot;
    }
    return undefined;
  }

  /** One scan at a time per revision; who comes while one is under way may not see what was written before. */
  #current(revision: string): Promise<Snapshot> {
    const last = this.#scans.get(revision);
    if (last !== undefined && performance.now() < last.freshUntil) return last.snapshot;
    const running = this.#scanning.get(revision);
    if (running !== undefined) return running;
    const scanning = this.#scan(revision).finally(() => this.#scanning.delete(revision));
    this.#scanning.set(revision, scanning);
    return scanning;
  }

  async #scan(revision: string): Promise<Snapshot> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#scanOnce(revision);
      } catch (error) {
        if (!(error instanceof FileChangedError) || tries === 2) throw error;
      }
    }
  }

  async #scanOnce(revision: string): Promise<Snapshot> {
    const { folders, root, type, id } = this.#parts;
    const [time, begun] = [Date.now(), performance.now()];
    const files = await scanFolder(folders.get(revision)!, root);
    const ended = performance.now();
    const rest = Math.max((ended - begun) * SLOW_SCAN_REST, SLOW_SCAN_MIN_REST_MS);
    const freshUntil = ended - begun < SLOW_SCAN_MS ? 0 : ended + rest;
    const last = this.#scans.get(revision);
    const unchanged = last?.settled === true && sameFiles(last.files, files);
    const snapshot = unchanged ? last.snapshot : takeSnapshot(`${type}/${id}`, files, this.#parts);
    const settled = files.every((file) => isSettled(file, time));
    this.#scans.set(revision, { files, snapshot, settled, freshUntil });
    try {
      return await snapshot;
    } catch (error) {
      this.#scans.delete(revision);
      throw error;
    }
  }
}

function sameFiles(a: readonly StoredFile[], b: readonly StoredFile[]): boolean {
  return (
    a.length === b.length &&
    a.every((file, index) => {
      const other = b[index]!;
      return (
        file.path === other.path &&
        file.realPath === other.realPath &&
        file.size === other.size &&
        file.mtimeMs === other.mtimeMs &&
        file.inode === other.inode
      );
    })
  );
}
