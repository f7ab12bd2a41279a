import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { lastLines } from "./last-lines.ts";
import { REPO } from "./repo.ts";

const run = promisify(execFile);

/** A Python to measure with, or why there is none. */
export type FoundPython = { readonly python: string } | { readonly reason: string };

/**
 * Finds a Python that has the peers' packages: `wanted`, or the virtual environment that `scripts/python.sh` makes.
 * `none` wants none. Rejects with a `TypeError` if the wanted one lacks them.
 */
export async function findPython(wanted: string | undefined): Promise<FoundPython> {
  if (wanted === "none") return { reason: "none is wanted (--quick, or --python none)" };
  try {
    const python = absolute(wanted) ?? (await run("sh", [path.join(REPO, "scripts/python.sh")])).stdout.trim();
    await run(python, ["-c", "import datasets, duckdb, pyarrow"]);
    return { python };
  } catch (error) {
    const message = lastLines((error as { readonly stderr?: string }).stderr || String(error), 1);
    if (wanted !== undefined) {
      const expected = "Expected --python to be a Python with datasets, duckdb and pyarrow";
      throw new TypeError(`${expected}, got ${wanted}: ${message}`, { cause: error });
    }
    return { reason: `no Python with the packages of scripts/requirements.txt (${message})` };
  }
}

/** Measurements run in other folders. A bare name is one on the `PATH`. */
function absolute(python: string | undefined): string | undefined {
  return python?.includes("/") ? path.resolve(python) : python;
}
