import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { defineConfig, type Plugin } from "vitest/config";

const root = import.meta.dirname;
const sources = path.join(root, "src") + path.sep;

/**
 * Sends the tests' imports of `src/x.ts` to the built `build/x.js`: worker threads load on every Node (20 cannot load
 * a `.ts` worker).
 */
const testWhatIsBuilt: Plugin = {
  name: "test-what-is-built",
  enforce: "pre",
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith(".")) return undefined;
    const target = path.resolve(path.dirname(importer), source);
    if (!target.startsWith(sources) || !target.endsWith(".ts")) return undefined;
    const built = path.join(root, "build", target.slice(sources.length, -3) + ".js");
    if (!existsSync(built)) throw new Error(`${built} is missing: run \`npm run build\` first`);
    return built;
  },
};

/** `--mode all` runs the slow tests too. */
export default defineConfig(({ mode }) => ({
  plugins: [testWhatIsBuilt],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: mode === "all" ? [] : ["test/**/*.slow.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: Math.max(2, availableParallelism() - 1), // of two cores too: much of it is waiting
    maxConcurrency: 24,
  },
}));
