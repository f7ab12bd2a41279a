import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Contents by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder that is removed when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  write(files: Files): Promise<void>;
}

/** Makes a temporary folder with `files` in it. */
export async function makeFolder(files: Files = {}): Promise<TemporaryFolder> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), "hfstream-test-")));
  const write = async (more: Files): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      const file = path.join(root, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  };
  await write(files);
  // What was aborted may be giving back its lock just now.
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  return { path: root, write, [Symbol.asyncDispose]: remove };
}
