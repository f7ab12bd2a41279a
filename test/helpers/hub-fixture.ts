import { HfFileSystem, type HfFileSystemOptions } from "../../src/fs/hf-file-system.ts";
import { type HubServer, type HubServerOptions, type RequestRecord, startHubServer } from "../../src/serve/index.ts";
import { type Files, makeFolder } from "./temporary-folder.ts";

/** A Hub over temporary folders, and file systems that share a cache. */
export interface HubFixture extends AsyncDisposable {
  readonly server: HubServer;
  readonly cacheDir: string;
  /** Opens the Hub without a token. */
  open(options?: HfFileSystemOptions): HfFileSystem;
  write(files: Files): Promise<void>;
  /** The requests since the last call, of one origin if it is given. */
  takeLog(origin?: RequestRecord["origin"]): readonly RequestRecord[];
}

/** Serves `files`, as `datasets/org/name/file`, as a Hub. */
export async function serveHub(files: Files, options: Partial<HubServerOptions> = {}): Promise<HubFixture> {
  const served = await makeFolder(files);
  const cache = await makeFolder();
  const server = await startHubServer({ root: served.path, ...options });
  return {
    server,
    cacheDir: cache.path,
    write: served.write,
    open: (more) =>
      new HfFileSystem({ endpoint: server.url, token: false, cacheDir: cache.path, maxOutageMs: 20_000, ...more }),
    takeLog: (origin) => {
      const { log } = server;
      server.clearLog();
      return log.filter((record) => origin === undefined || record.origin === origin);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await served[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
    },
  };
}

/** `length` bytes that differ from their neighbours. */
export function makeBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

/** Whether two arrays hold the same bytes; quicker than an assertion on large ones. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** The error that `work` rejects with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}
