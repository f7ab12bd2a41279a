import type { FileSystem } from "../../src/fs/file-system.ts";
import { makeBytes } from "../helpers/hub-fixture.ts";
import type { Files } from "../helpers/temporary-folder.ts";

/** A file system with files in it. */
export interface Opened extends AsyncDisposable {
  readonly fs: FileSystem;
  /** The folder that holds the files: what paths begin with. */
  readonly root: string;
}

/** More than a block of a stream. */
export const BIG: Uint8Array<ArrayBuffer> = makeBytes(3_000_000);
/** What {@link Opened} holds. */
export const FILES: Files = {
  "a.txt": "alpha\n",
  "empty.txt": "",
  "data/big.bin": BIG,
  "data/lines.txt": "one\r\ntwo\n\nthrée 😀\nlast",
  "data/deep/er/x.csv": "x,y\n1,2\n",
  "data/odd [1] %20#?.txt": "odd",
  "data-2/y.csv": "y",
};
