import { HfStreamError } from "../errors.ts";
import type { DatasetRepo } from "./types.ts";

/**
 * Throws `UNSUPPORTED_FORMAT` for a dataset made by a Python script, `{name}.py` at its root. As in Python `datasets`,
 * also where there are data files beside it: they need not be what the script would yield.
 */
export function refuseScript(repo: DatasetRepo): void {
  const script = `${nameOf(repo.id)}.py`;
  if (!repo.files.some((file) => file.path === script)) return;
  throw new HfStreamError(
    "UNSUPPORTED_FORMAT",
    `Dataset ${repo.id} is made by a script: dataset scripts are not supported, but found ${script}.`,
    { path: script },
  );
}

/** The last part of an id: `name` of `org/name`, of `hf://datasets/org/name@revision/folder`, of `./folder/name/`. */
function nameOf(id: string): string {
  const onHub = /^hf:\/\/datasets\/[^/]+\/([^/@]+)/.exec(id);
  if (onHub !== null) return onHub[1]!;
  const parts = id.split(/[/\\]/).filter((part) => part !== "");
  return parts.at(-1) ?? "";
}
