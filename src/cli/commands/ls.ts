import type { FileInfo } from "../../fs/types.ts";
import { toJson } from "../../stream/json-row.ts";
import type { Command } from "../command.ts";
import { HUB_OPTIONS, isPattern } from "../dataset-options.ts";
import { locate, PATHS } from "../locate.ts";
import { countOf, formatBytes } from "../output/format.ts";
import { showStatus } from "../status.ts";
import { write } from "../write.ts";

export const lsCommand: Command = {
  name: "ls",
  positionals: ["PATH…"],
  summary: "Lists the files of a repo or folder, with their sizes.",
  details: [PATHS, "PATH may hold wildcards: org/name/**/*.parquet."],
  examples: ["ls HuggingFaceM4/FineVisionMax", "ls -R ./data", "ls 'org/name/**/*.parquet'"],
  options: {
    recursive: { type: "boolean", short: "R", help: "all files below, not only the next level" },
    json: { type: "boolean", help: "one JSON object a line" },
    ...HUB_OPTIONS,
  },
  async run(places, options, terminal) {
    const { stdout, signal } = terminal;
    const status = showStatus(terminal);
    const entries: FileInfo[] = [];
    try {
      for (const place of places) {
        const { files, target } = await locate(place, options);
        const found = isPattern(target)
          ? await files.glob(target, { signal })
          : await files.ls(target, { recursive: options["recursive"] === true, signal });
        entries.push(...found);
      }
    } finally {
      status.stop();
    }
    if (options["json"] === true) for (const entry of entries) await write(stdout, `${toJson(entry)}\n`);
    else await write(stdout, describeEntries(entries));
  },
};

function describeEntries(entries: readonly FileInfo[]): string {
  const sizes = entries.map(({ type, size }) => (type === "directory" ? "" : formatBytes(size)));
  const width = Math.max(0, ...sizes.map((size) => size.length));
  const lines = entries.map(
    ({ path, type }, index) => `${(sizes[index] ?? "").padStart(width)}  ${path}${type === "directory" ? "/" : ""}`,
  );
  const files = entries.filter(({ type }) => type === "file");
  const folders = entries.length - files.length;
  const all = [
    `${countOf(files.length, "file")}, ${formatBytes(files.reduce((sum, { size }) => sum + size, 0))}`,
    ...(folders === 0 ? [] : [countOf(folders, "folder")]),
  ];
  return [...lines, ...(lines.length === 0 ? [] : [""]), all.join("; "), ""].join("\n");
}
