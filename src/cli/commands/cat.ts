import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HfStreamError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { HUB_OPTIONS, text } from "../dataset-options.ts";
import { locate, PATHS } from "../locate.ts";
import { showStatus } from "../status.ts";

export const catCommand: Command = {
  name: "cat",
  positionals: ["PATH"],
  summary: "Writes a file, or a range of it, to the output.",
  details: [PATHS],
  examples: ["cat HuggingFaceM4/FineVisionMax/README.md", "cat org/name/data.jsonl --range 0:1000"],
  options: {
    range: { type: "string", value: "START:END", help: "bytes from START to before END; either may be left out" },
    ...HUB_OPTIONS,
  },
  async run([place = ""], options, terminal) {
    const { stdout, signal } = terminal;
    const range = /^(\d*):(\d*)$/.exec(text(options["range"]) ?? ":");
    if (range === null) {
      throw new HfStreamError("INVALID_OPTION", `Expected --range to be START:END, got '${String(options["range"])}'.`);
    }
    const [start, end] = [range[1], range[2]].map((bound) => (bound ? Number(bound) : undefined));
    const { files, target } = await locate(place, options);
    const status = showStatus(terminal, { streams: true });
    try {
      const { size } = await files.info(target, { signal });
      const total = Math.max(0, Math.min(end ?? size, size) - (start ?? 0));
      let done = 0;
      status.progress({ stage: "reading", done, total, unit: "bytes" });
      const count = new Transform({
        transform(chunk: Buffer, _, next) {
          done += chunk.length;
          status.progress({ stage: "reading", done, total, unit: "bytes" });
          next(null, chunk);
        },
      });
      await pipeline(files.createReadStream(target, { start, end, signal }), count, stdout, { end: false, signal });
    } finally {
      status.stop();
    }
  },
};
