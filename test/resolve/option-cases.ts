import { csv, withCard, type WorkedCase } from "./worked-case.ts";

const tree = ["c.csv", "d/a.csv", "d/e/b.csv"];
const two = "configs:\n- {config_name: x, data_files: a.csv}\n- {config_name: y, data_files: b.csv}";

/** Files told by options and cards. */
export const optionCases: readonly WorkedCase[] = [
  {
    title: "47: dataFiles names a file",
    repo: ["a.csv", "b.csv"],
    options: { dataFiles: "a.csv" },
    expected: csv(["train", "a.csv"]),
  },
  {
    title: "47: or several",
    repo: ["a.csv", "b.csv"],
    options: { dataFiles: ["b.csv", "a.csv"] },
    expected: csv(["train", "b.csv", "a.csv"]),
  },
  {
    title: "48: or files by split, under any name",
    repo: ["a.csv", "b.csv"],
    options: { dataFiles: { tr: "a.csv", te: ["b.csv"] } },
    expected: csv(["tr", "a.csv"], ["te", "b.csv"]),
  },
  {
    title: "49: d/** is all below d",
    repo: tree,
    options: { dataFiles: "d/**" },
    expected: csv(["train", "d/a.csv", "d/e/b.csv"]),
  },
  {
    title: "49: **/*.csv is at any depth, the root included",
    repo: tree,
    options: { dataFiles: "**/*.csv" },
    expected: csv(["train", "c.csv", "d/a.csv", "d/e/b.csv"]),
  },
  { title: "49: *.csv is at the root", repo: tree, options: { dataFiles: "*.csv" }, expected: csv(["train", "c.csv"]) },
  { title: "49: d/* is in d itself", repo: tree, options: { dataFiles: "d/*" }, expected: csv(["train", "d/a.csv"]) },
  {
    title: "50: dataDir finds splits below a folder",
    repo: ["d/train.csv", "d/test.csv", "c.csv"],
    options: { dataDir: "d" },
    expected: csv(["train", "d/train.csv"], ["test", "d/test.csv"]),
  },
  {
    title: "51: an unknown dataDir has no data",
    repo: tree,
    options: { dataDir: "nope" },
    expected: { error: "NO_DATA_FILES", says: "nope/" },
  },
  {
    title: "52: a file that is missing is an error",
    repo: tree,
    options: { dataFiles: "nope.csv" },
    expected: { error: "ENTRY_NOT_FOUND", says: "nope.csv" },
  },
  {
    title: "52: and so is a pattern that nothing matches",
    repo: tree,
    options: { dataFiles: "nope*.csv" },
    expected: { error: "NO_DATA_FILES", says: "nope*.csv" },
  },
  {
    title: "53: a hidden file can be named",
    repo: [".h.csv", "a.csv"],
    options: { dataFiles: ".h.csv" },
    expected: csv(["train", ".h.csv"]),
  },
  {
    title: "53: and so can a special folder",
    repo: ["__x/a.csv"],
    options: { dataFiles: "__x/*" },
    expected: csv(["train", "__x/a.csv"]),
  },
  {
    title: "54: a file of no known format is no data file",
    repo: { "notes.org": "# A dataset", "a.csv": "" },
    options: { dataFiles: "notes.org" },
    expected: { error: "ENTRY_NOT_FOUND", says: "loadDataset('text'" },
  },
  {
    title: "54: an absolute path is not one of the repo",
    repo: ["a.csv"],
    options: { dataFiles: "/a.csv", listExternal: async () => await Promise.resolve([]) },
    expected: { error: "ENTRY_NOT_FOUND", says: "without a leading '/'" },
  },
  // Python finds neither of these two on the Hub.
  {
    title: "54: ./ is the root",
    repo: ["a.csv"],
    options: { dataFiles: "./a.csv" },
    expected: csv(["train", "a.csv"]),
  },
  {
    title: "54: d/.. is the root too",
    repo: tree,
    options: { dataFiles: "d/../d/a.csv" },
    expected: csv(["train", "d/a.csv"]),
  },
  {
    title: "54: what leaves the repo is refused",
    repo: tree,
    options: { dataFiles: "d/../../a.csv" },
    expected: { error: "INVALID_OPTION" },
  },
  {
    title: "55: a card names the files",
    repo: withCard("configs:\n- config_name: default\n  data_files: train.csv", ["train.csv", "test.csv"]),
    expected: { ...csv(["train", "train.csv"]), config: "default" },
  },
  {
    title: "56: of several configs one must be named",
    repo: withCard(two, ["a.csv", "b.csv"]),
    expected: { error: "CONFIG_REQUIRED", says: "'x', 'y'" },
  },
  ...["x", "y"].map((name) => ({
    title: `57: or be marked as the default, here ${name}`,
    repo: withCard(two.replace(`config_name: ${name}`, `config_name: ${name}, default: true`), ["a.csv", "b.csv"]),
    expected: { ...csv(["train", name === "x" ? "a.csv" : "b.csv"]), config: name },
  })),
  {
    title: "58: a config may be a folder",
    repo: withCard("configs:\n- {config_name: a, data_dir: a}\n- {config_name: b, data_dir: b}", [
      "a/train.csv",
      "b/test.csv",
      "b/train.csv",
    ]),
    options: { config: "b" },
    expected: { ...csv(["train", "b/train.csv"], ["test", "b/test.csv"]), config: "b" },
  },
  {
    title: "59: two defaults are none",
    repo: withCard(
      "configs:\n- {config_name: default, data_files: a.csv}\n- {config_name: y, data_files: b.csv, default: true}",
      ["a.csv", "b.csv"],
    ),
    expected: { error: "CONFIG_REQUIRED", says: "default, y" },
  },
  {
    // Python fails even then.
    title: "59: but a config can be named",
    repo: withCard(
      "configs:\n- {config_name: default, data_files: a.csv}\n- {config_name: y, data_files: b.csv, default: true}",
      ["a.csv", "b.csv"],
    ),
    options: { config: "y" },
    expected: { ...csv(["train", "b.csv"]), config: "y" },
  },
  {
    title: "60: a split's name in a card has no hyphen",
    repo: withCard("configs:\n- config_name: x\n  data_files:\n  - {split: my-split, path: a.csv}", ["a.csv"]),
    expected: { error: "CORRUPT_FILE", says: "README.md: `data_files` of config 'x'" },
  },
  {
    title: "60: data_files in a card are not a number",
    repo: withCard("configs:\n- {config_name: x, data_files: {a: b}}", ["a.csv"]),
    expected: { error: "CORRUPT_FILE", says: "`data_files` of config 'x'" },
  },
  {
    title: "61: each config in a card has a name",
    repo: withCard("configs:\n- {data_files: a.csv}", ["a.csv"]),
    expected: { error: "CORRUPT_FILE", says: "must have a `config_name`" },
  },
  {
    title: "61: configs in a card are a list",
    repo: withCard("configs: foo", ["a.csv"]),
    expected: { error: "CORRUPT_FILE", says: "must be a list" },
  },
  {
    title: "62: a path in a card that is missing is an error",
    repo: withCard("configs:\n- {config_name: x, data_files: nope.csv}", ["a.csv"]),
    expected: { error: "ENTRY_NOT_FOUND", says: "config 'x' in README.md" },
  },
  {
    title: "62: and so is a pattern in a card that nothing matches",
    repo: withCard("configs:\n- {config_name: x, data_files: 'nope*.csv'}", ["a.csv"]),
    expected: { error: "NO_DATA_FILES", says: "config 'x' in README.md" },
  },
  {
    // Python reads it twice.
    title: "63: a file that a card names twice is in the split once",
    repo: withCard("configs:\n- {config_name: x, data_files: [a.csv, a.csv]}", ["a.csv"]),
    expected: csv(["train", "a.csv"]),
  },
  {
    title: "63: a split named twice in a card is an error",
    repo: withCard(
      "configs:\n- config_name: x\n  data_files:\n  - {split: a, path: a.csv}\n  - {split: a, path: a.csv}",
      ["a.csv"],
    ),
    expected: { error: "CORRUPT_FILE", says: "split 'a' twice" },
  },
  {
    title: "64: dataFiles without a default config are a config of their own",
    repo: withCard(two, ["a.csv", "b.csv"]),
    options: { dataFiles: "b.csv" },
    expected: { ...csv(["train", "b.csv"]), config: "default" },
  },
  {
    title: "64: dataFiles replace those of the named config",
    repo: withCard(two, ["a.csv", "b.csv"]),
    options: { config: "y", dataFiles: "a.csv" },
    expected: { ...csv(["train", "a.csv"]), config: "y" },
  },
  {
    title: "65: dataFiles replace those of the default config",
    repo: withCard(two.replace("config_name: x", "config_name: x, default: true"), ["a.csv", "b.csv"]),
    options: { dataFiles: "b.csv" },
    expected: { ...csv(["train", "b.csv"]), config: "x" },
  },
  {
    title: "65: dataFiles replace those of the only config",
    repo: withCard("configs:\n- {config_name: x, data_files: a.csv}", ["a.csv", "b.csv"]),
    options: { dataFiles: "b.csv" },
    expected: { ...csv(["train", "b.csv"]), config: "x" },
  },
  {
    title: "66: dataDir replaces the files of the only config",
    repo: withCard("configs:\n- {config_name: x, data_files: b.csv}", ["b.csv", "d/a.csv"]),
    options: { dataDir: "d" },
    expected: { ...csv(["train", "d/a.csv"]), config: "x" },
  },
  {
    title: "67: ? is one character",
    repo: ["a.csv", "b.csv", "cc.csv"],
    options: { dataFiles: "?.csv" },
    expected: csv(["train", "a.csv", "b.csv"]),
  },
  {
    title: "67: [!b] is any but b",
    repo: ["a.csv", "b.csv"],
    options: { dataFiles: "[!b].csv" },
    expected: csv(["train", "a.csv"]),
  },
];
