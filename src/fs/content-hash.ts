import { createHash, type Hash } from "node:crypto";

/** The oid of a large file is a sha256, that of a small one a git blob sha1. */
const SHA256 = /^[0-9a-f]{64}$/;
const SHA1 = /^[0-9a-f]{40}$/;

/** Begins to hash content of `size` bytes the way that `oid` was made; `undefined` for an oid that is no hash of content. */
export function startHash(oid: string | undefined, size: number): Hash | undefined {
  if (oid === undefined) return undefined;
  if (SHA256.test(oid)) return createHash("sha256");
  return SHA1.test(oid) ? createHash("sha1").update(`blob ${size}\0`) : undefined;
}

/** Whether `bytes` are the content that `oid` names; true where it is no hash of content. */
export function hasOid(bytes: Uint8Array, oid: string): boolean {
  const hash = startHash(oid, bytes.length);
  return hash === undefined || hash.update(bytes).digest("hex") === oid;
}
