import { HfStreamError } from "../../errors.ts";
import { interfaceName, printInterface } from "../../resolve/features/features-typescript.ts";
import type { Command } from "../command.ts";
import { DATASET_OPTIONS, namedDataset } from "../dataset-options.ts";
import { showStatus } from "../status.ts";
import { write } from "../write.ts";

export const typesCommand: Command = {
  name: "types",
  positionals: ["ID…"],
  summary: "Prints the TypeScript interface of a dataset's rows.",
  details: [
    "ID is what 'head' takes. The types are those of the default options: 'int64' and 'temporal' of loadDataset change some.",
  ],
  examples: ["types HuggingFaceM4/FineVisionMax > row.ts", "types ./data --name Caption --no-null"],
  options: {
    name: { type: "string", value: "NAME", help: "the interface's name (default: the dataset's, and 'Row')" },
    "no-null": { type: "boolean", help: "leave '| null' out: files can tell nulls of any column, and often have none" },
    ...DATASET_OPTIONS,
  },
  async run(ids, options, terminal) {
    const { loadDataset } = await import("../../stream/load-dataset.ts");
    const { id, options: loading } = namedDataset(ids, options, terminal);
    const name =
      typeof options["name"] === "string"
        ? options["name"]
        : interfaceName(id === ids[0] ? id : (ids[0] ?? "").replace(/\.\w+$/, ""));
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name))
      throw new HfStreamError("INVALID_OPTION", `Expected --name to be a name that TypeScript takes, got '${name}'.`);
    const status = showStatus(terminal);
    let text: string;
    try {
      const { features } = await loadDataset(id, loading).info();
      text = printInterface(features, { name, hasNulls: options["no-null"] !== true });
    } finally {
      status.stop();
    }
    await write(terminal.stdout, text);
  },
};
