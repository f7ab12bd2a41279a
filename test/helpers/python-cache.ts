import { createHash } from "node:crypto";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";

/** How a cache of Python is laid out. */
export interface PythonRepo {
  /** `datasets--org--name`. */
  readonly folder: string;
  readonly commit: string;
  /** Revisions that stand for the commit. */
  readonly refs?: readonly string[];
  /** What was downloaded. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Beside `files`, all that the commit has: `snapshot_download` was told of them. */
  readonly listed?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Small files are named by their git sha1. @default 1000 */
  readonly largeFrom?: number;
  /** `blobs`: links to files; `shared`: links to links into the store of all repos; `copies`: no links, as on Windows. */
  readonly as?: "blobs" | "shared" | "copies";
}

/** Writes what `huggingface_hub` 2.4 would have written to its cache at `root`. */
export async function writePythonRepo(root: string, repo: PythonRepo): Promise<void> {
  const { folder, commit, refs = ["main"], files, listed, largeFrom = 1000, as = "blobs" } = repo;
  const home = path.join(root, folder);
  for (const revision of refs) await write(path.join(home, "refs", revision), commit);
  for (const [name, bytes] of Object.entries(files)) {
    const target = path.join(home, "snapshots", commit, name);
    if (as === "copies") {
      await write(target, bytes);
      continue;
    }
    const blob = path.join(home, "blobs", etagOf(bytes, largeFrom));
    await write(blob, bytes);
    if (as === "shared" && bytes.length >= largeFrom) await share(root, blob, sha256(Buffer.from(name)));
    await link(path.relative(path.dirname(target), blob), target);
  }
  if (listed === undefined) return;
  const tree = Object.entries({ ...listed, ...files }).map(([name, bytes]) => {
    const sha = { lfs_sha256: sha256(bytes), lfs_size: bytes.length };
    return [name, { size: bytes.length, blob_id: sha1(bytes), ...(bytes.length >= largeFrom ? sha : {}) }] as const;
  });
  const kept = { format_version: 1, files: Object.fromEntries(tree) };
  await write(path.join(home, "trees", `${commit}.json`), JSON.stringify(kept, null, 1));
}

async function share(root: string, blob: string, xetHash: string): Promise<void> {
  const payload = path.join(root, "blobs", xetHash.slice(0, 2), xetHash);
  await write(path.join(root, "blobs", ".huggingface-shared-blobs"), "1\n");
  await mkdir(path.dirname(payload), { recursive: true });
  await rename(blob, payload);
  await link(path.relative(path.dirname(blob), payload), blob);
  await write(`${payload}.refs`, `${path.relative(root, blob)}\n`);
}

function etagOf(bytes: Uint8Array, largeFrom: number): string {
  return bytes.length >= largeFrom ? sha256(bytes) : sha1(bytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function link(target: string, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await symlink(target, file);
}
