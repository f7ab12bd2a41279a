import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository, seen from the compiled benchmark in `dist-bench/bench`. */
export const REPO: string = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));
