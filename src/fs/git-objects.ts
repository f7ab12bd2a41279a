import { createHash } from "node:crypto";

/** What stands in a folder. Other than in git, the name of a folder ends with a slash. */
export interface GitFolder {
  readonly names: readonly string[];
  /** As many, in the same order. */
  readonly oids: readonly string[];
}

const OID_BYTES = 20;
const NOT_ASCII = /[^\0-\x7f]/;

/** The sha1 that git gives an object of this type and content. */
export function gitHash(type: "blob" | "tree", content: Uint8Array): string {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}

/** The sha1 that git gives a folder of these entries, whose files are ordinary ones: neither links nor executable. */
export function hashTree({ names, oids }: GitFolder): string {
  // Git too orders folders as if their names ended with a slash; names go by their bytes.
  const keys = names.some((name) => NOT_ASCII.test(name)) ? names.map(utf8) : names;
  const order = keys.map((_, index) => index).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
  const bytes = Buffer.from(order.map((index) => oids[index]).join(""), "hex").toString("latin1");
  const parts = order.map((index, place) => {
    const key = keys[index]!;
    const head = key.endsWith("/") ? `40000 ${key.slice(0, -1)}` : `100644 ${key}`;
    return `${head}\0${bytes.slice(place * OID_BYTES, (place + 1) * OID_BYTES)}`;
  });
  return gitHash("tree", Buffer.from(parts.join(""), "latin1"));
}

/**
 * What stands in the top folder of a repo with these files, whose blobs `blobIds` names. A folder's oid is made of all that
 * is below it, so that it differs from the one that git has as soon as one file is missing.
 */
export function topFolder(files: readonly { readonly path: string }[], blobIds: readonly string[]): GitFolder {
  const folders = new Map<string, { names: string[]; oids: string[] }>([["", { names: [], oids: [] }]]);
  const open = (path: string): { names: string[]; oids: string[] } => {
    let folder = folders.get(path);
    if (folder === undefined) {
      folder = { names: [], oids: [] };
      folders.set(path, folder);
      open(folderOf(path)); // it may hold nothing but this folder
    }
    return folder;
  };
  let [parent, folder] = ["", open("")];
  files.forEach(({ path }, index) => {
    // Long listings are mostly of neighbours.
    if (!path.startsWith(parent) || path.includes("/", parent.length)) {
      parent = folderOf(path);
      folder = open(parent);
    }
    folder.names.push(path.slice(parent.length));
    folder.oids.push(blobIds[index] ?? "");
  });
  // A folder's path is longer than that of the folder it is in, so its oid is known when that one's turn comes.
  for (const [path, below] of [...folders].sort(([a], [b]) => b.length - a.length)) {
    if (path === "") continue;
    const above = folderOf(path);
    open(above).names.push(path.slice(above.length));
    open(above).oids.push(hashTree(below));
  }
  return open("");
}

/** The folder that a file, or a folder whose path ends with a slash, is in: empty, or ending with a slash. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
}

/** The UTF-8 of `text`, one character for each byte: these are ordered as the bytes are. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}
