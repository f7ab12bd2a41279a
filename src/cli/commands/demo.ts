import type { Command } from "../command.ts";

export const demoCommand: Command = {
  name: "demo",
  positionals: [],
  summary: "Streams a small dataset of images and texts from a Hub on this machine.",
  details: ["The dataset is made in the cache; nothing is fetched from the network."],
  examples: ["demo"],
  options: {},
  async run(_, __, terminal) {
    const { runDemo } = await import("../run-demo.ts");
    await runDemo(terminal);
  },
};
