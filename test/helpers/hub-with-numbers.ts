import path from "node:path";
import { type HubServer, type HubServerOptions, startHubServer } from "../../src/serve/index.ts";
import { type NumbersOptions, writeNumbers } from "./numbers-dataset.ts";
import { makeFolder } from "./temporary-folder.ts";

/** A Hub with the dataset `org/numbers`, and a cache folder of its own. */
export interface TestHub extends AsyncDisposable {
  readonly server: HubServer;
  /** What the server serves. */
  readonly root: string;
  /** Options that lead to this Hub. */
  readonly options: { readonly endpoint: string; readonly cacheDir: string; readonly token: false };
  /** How many requests there were, by what was asked. */
  requests(): Record<string, number>;
}

/** Starts a Hub whose dataset `org/numbers` has the rows of `writeNumbers`. */
export async function hubWithNumbers(
  numbers: NumbersOptions = {},
  options: Partial<HubServerOptions> = {},
): Promise<TestHub> {
  const folder = await makeFolder();
  const root = path.join(folder.path, "hub");
  await writeNumbers(path.join(root, "org", "numbers"), numbers);
  const server = await startHubServer({ root, ...options });
  return {
    server,
    root,
    options: { endpoint: server.url, cacheDir: path.join(folder.path, "cache"), token: false },
    requests: () => {
      const counts: Record<string, number> = {};
      for (const { route } of server.log) counts[route] = (counts[route] ?? 0) + 1;
      return counts;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
