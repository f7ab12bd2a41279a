import { pipeline } from "node:stream/promises";
import { HfFileSystem } from "../fs/hf-file-system.ts";
import { LocalFileSystem } from "../fs/local-file-system.ts";
import path from "node:path";
import type { Command, OptionValues } from "./command.ts";
import { HUB_OPTIONS, hubOptions, text } from "./dataset-options.ts";
import { HfStreamError } from "../errors.ts";
import { formatBytes, toJson } from "./format.ts";

const PATHS = "PATH is [datasets/]org/name[@revision][/path], spaces/…, models/…, or local (./ or /).";

export const lsCommand: Command = {
  name: "ls",
  positionals: ["PATH"],
  summary: "Lists the files of a repo or folder, with their sizes.",
  details: PATHS,
  options: {
    recursive: { type: "boolean", short: "R", help: "all files below, not only the next level" },
    json: { type: "boolean", help: "one JSON object a line" },
    ...HUB_OPTIONS,
  },
  async run([place = ""], options, { stdout, signal }) {
    const { files, target } = locate(place, options);
    const entries = await files.ls(target, { recursive: options["recursive"] === true, signal });
    const sizes = entries.map(({ type, size }) => (type === "directory" ? "" : formatBytes(size)));
    const width = Math.max(0, ...sizes.map((size) => size.length));
    for (const [index, entry] of entries.entries()) {
      const line = `${(sizes[index] ?? "").padStart(width)}  ${entry.path}${entry.type === "directory" ? "/" : ""}`;
      stdout.write(`${options["json"] === true ? toJson(entry) : line}\n`);
    }
  },
};

export const catCommand: Command = {
  name: "cat",
  positionals: ["PATH"],
  summary: "Writes a file, or a range of it, to the output.",
  details: PATHS,
  options: {
    range: { type: "string", value: "START:END", help: "bytes from START to before END; either may be left out" },
    ...HUB_OPTIONS,
  },
  async run([place = ""], options, { stdout, signal }) {
    const range = /^(\d*):(\d*)$/.exec(text(options["range"]) ?? ":");
    if (range === null) {
      throw new HfStreamError("INVALID_OPTION", `Expected --range to be START:END, got '${String(options["range"])}'.`);
    }
    const [start, end] = [range[1], range[2]].map((bound) => (bound ? Number(bound) : undefined));
    const { files, target } = locate(place, options);
    await pipeline(files.createReadStream(target, { start, end, signal }), stdout, { end: false, signal });
  },
};

/** Where a path is. A repo without a prefix is a dataset here, as for the other commands. */
function locate(place: string, options: OptionValues): { files: HfFileSystem | LocalFileSystem; target: string } {
  if (place.startsWith(".") || path.isAbsolute(place)) return { files: new LocalFileSystem(), target: place };
  const { maxOutageMs, ...hub } = hubOptions(options);
  const bare = place.replace(/^hf:\/\//, "");
  const target = /^(datasets|spaces|models)\//.test(bare) ? bare : `datasets/${bare}`;
  return { files: new HfFileSystem({ ...hub, maxOutageMs }), target };
}
