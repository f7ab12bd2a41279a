import type { Command } from "../command.ts";

export const demoCommand: Command = {
  name: "demo",
  positionals: [],
  summary: "Streams a small dataset of images and texts from a Hub on this machine.",
  details: [
    "The dataset is made in the cache; nothing is fetched from the network. --run runs a script against that Hub instead, such " +
      "as the examples of this package.",
  ],
  examples: ["demo", "demo --run node_modules/hfstream/examples/stream-rows.js"],
  options: {
    run: { type: "string", value: "FILE", help: "a script, run by Node with HF_ENDPOINT and an empty cache" },
  },
  async run(_, options, terminal) {
    const { runDemo } = await import("../run-demo.ts");
    await runDemo(terminal, typeof options["run"] === "string" ? options["run"] : undefined);
  },
};
