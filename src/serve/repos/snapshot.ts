import { createHash } from "node:crypto";
import { gitHash, hashTree } from "../../fs/git-objects.ts";
import { lfsPointer, type ContentHashes } from "./content-hashes.ts";
import type { StoredFile } from "./scan-folder.ts";

/** A large file's content, as the listings of the Hub name it. */
export interface LfsInfo {
  /** sha256 of the content. */
  readonly oid: string;
  /** In bytes. */
  readonly size: number;
  readonly pointerSize: number;
}

/** A file of a commit. */
export interface RepoFile extends StoredFile {
  /** The git blob sha1: of the content, or of the pointer of a large file. */
  readonly oid: string;
  readonly lfs: LfsInfo | undefined;
}

/** A folder of a commit. */
export interface RepoFolder {
  readonly path: string;
  /** The git tree sha1. */
  readonly oid: string;
  readonly folders: readonly RepoFolder[];
  readonly files: readonly RepoFile[];
}

/** All there is at one commit. */
export interface Snapshot {
  /** 40 hex digits that depend on the repo's id and on every path and content, and on nothing else. */
  readonly commit: string;
  /** When its youngest file was written, in milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly root: RepoFolder;
  readonly files: ReadonlyMap<string, RepoFile>;
  readonly folders: ReadonlyMap<string, RepoFolder>;
}

/** Tells large files from small ones. */
export type IsLarge = (file: StoredFile) => boolean;

/** Hashes what has no hash yet among `files`, which are those of `repo`, and makes a commit of them. */
export async function takeSnapshot(
  repo: string,
  files: readonly StoredFile[],
  { hashes, isLarge }: { readonly hashes: ContentHashes; readonly isLarge: IsLarge },
): Promise<Snapshot> {
  const repoFiles = await Promise.all(files.map((file) => describeFile(file, hashes, isLarge(file))));
  const folders = new Map<string, RepoFolder>();
  const root = buildFolder("", groupByFolder(repoFiles), folders);
  return {
    commit: createHash("sha1").update(`commit of ${repo}\0${root.oid}`).digest("hex"),
    mtimeMs: repoFiles.reduce((latest, file) => Math.max(latest, file.mtimeMs), 0),
    root,
    files: new Map(repoFiles.map((file) => [file.path, file])),
    folders,
  };
}

async function describeFile(file: StoredFile, hashes: ContentHashes, large: boolean): Promise<RepoFile> {
  if (!large) return { ...file, oid: await hashes.hash(file, "blob"), lfs: undefined };
  const oid = await hashes.hash(file, "sha256");
  const pointer = Buffer.from(lfsPointer(oid, file.size));
  return { ...file, oid: gitHash("blob", pointer), lfs: { oid, size: file.size, pointerSize: pointer.length } };
}

interface FolderDraft {
  readonly folders: Set<string>;
  readonly files: RepoFile[];
}

function groupByFolder(files: readonly RepoFile[]): Map<string, FolderDraft> {
  const drafts = new Map<string, FolderDraft>([["", { folders: new Set(), files: [] }]]);
  for (const file of files) {
    draftOf(parentOf(file.path), drafts).files.push(file);
  }
  return drafts;
}

function draftOf(path: string, drafts: Map<string, FolderDraft>): FolderDraft {
  const known = drafts.get(path);
  if (known !== undefined) return known;
  const draft: FolderDraft = { folders: new Set(), files: [] };
  drafts.set(path, draft);
  draftOf(parentOf(path), drafts).folders.add(path);
  return draft;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function buildFolder(
  path: string,
  drafts: ReadonlyMap<string, FolderDraft>,
  built: Map<string, RepoFolder>,
): RepoFolder {
  const draft = drafts.get(path)!;
  const folders = [...draft.folders].map((child) => buildFolder(child, drafts, built));
  const names = [...folders.map((child) => `${nameOf(child.path)}/`), ...draft.files.map((file) => nameOf(file.path))];
  const oids = [...folders, ...draft.files].map((entry) => entry.oid);
  const folder: RepoFolder = { path, oid: hashTree({ names, oids }), folders, files: draft.files };
  built.set(path, folder);
  return folder;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
