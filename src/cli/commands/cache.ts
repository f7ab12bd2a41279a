import { stat } from "node:fs/promises";
import { DEFAULT_CACHE_BYTES } from "../../cache/size-limit.ts";
import { didYouMean, findNearNames } from "../../fs/near-names.ts";
import { readEnvironment } from "../../hub/env.ts";
import type { Command } from "../command.ts";
import { formatBytes } from "../output/format.ts";
import { usage } from "../parse.ts";
import { write } from "../write.ts";

const ACTIONS = ["ls", "verify", "prune", "clear"] as const;

export const cacheCommand: Command = {
  name: "cache",
  positionals: ["ACTION"],
  summary: "Looks after the cache on disk: lists, checks or removes what is in it.",
  details: [
    [
      "ACTION is one of",
      "  ls      what is kept of which repo, and when it was last used",
      "  verify  reads all of it, and names what is damaged; --fix removes that",
      "  prune   removes what was not used for longest, down to --max-size,",
      "          and what was not used for --days",
      "  clear   removes everything",
    ].join("\n"),
    "What a running process uses stays, unless --force. Nothing is lost: what is missing is fetched again. The cache " +
      `keeps itself below HFSTREAM_CACHE_MAX_SIZE (${formatBytes(DEFAULT_CACHE_BYTES)} if not set).`,
  ],
  examples: ["cache ls", "cache prune --max-size 20GB --days 30"],
  options: {
    "cache-dir": { type: "string", value: "DIR", help: "another cache than that of the environment" },
    "max-size": { type: "string", value: "SIZE", help: "for prune: how much may stay, such as 20GB" },
    days: { type: "string", value: "N", help: "for prune: remove what was not used for so long" },
    fix: { type: "boolean", help: "for verify: remove what is damaged" },
    force: { type: "boolean", help: "remove what is in use, too" },
    json: { type: "boolean", help: "as JSON" },
  },
  async run([given = ""], options, terminal) {
    const action = ACTIONS.find((name) => name === given);
    if (action === undefined) {
      const near = didYouMean(findNearNames(given, ACTIONS));
      throw usage(`'cache' takes ls, verify, prune or clear, got '${given}'${near}`, "cache");
    }
    const folder = options["cache-dir"];
    const root = typeof folder === "string" ? folder : readEnvironment().cacheDir;
    if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
      if (folder !== undefined) throw usage(`there is no folder ${root}.`, "cache");
      await write(terminal.stdout, `There is no cache at ${root} yet.\n`);
      return;
    }
    const { CACHE_ACTIONS } = await import("../cache-actions.ts");
    await CACHE_ACTIONS[action](root, options, terminal);
  },
};
