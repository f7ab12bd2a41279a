import { csv, parquet, withCard, type WorkedCase } from "./worked-case.ts";

/** Formats told by extensions. */
export const formatCases: readonly WorkedCase[] = [
  {
    // Python overlooks `data_dir` when it infers the format from the first config, and fails.
    title: "33: data_files of a card start from its data_dir",
    repo: withCard("configs:\n- config_name: c\n  data_dir: a\n  data_files: x.csv", ["a/x.csv"]),
    expected: { ...csv(["train", "a/x.csv"]), config: "c" },
  },
  {
    title: "34: of equally many formats JSON goes before CSV",
    repo: ["a.csv", "b.json"],
    expected: { format: "json", splits: [["train", "b.json"]] },
  },
  {
    title: "35: the most frequent format wins",
    repo: ["a.csv", "b.csv", "c.parquet"],
    expected: csv(["train", "a.csv", "b.csv"]),
  },
  {
    title: "36: of equally many formats Parquet goes first",
    repo: ["a.arrow", "b.parquet", "c.csv", "d.json"],
    expected: parquet(["train", "b.parquet"]),
  },
  {
    title: "37: splits of different formats are an error that names them",
    repo: ["train.csv", "test.json"],
    expected: { error: "UNSUPPORTED_FORMAT", says: "train: csv, test: json" },
  },
  { title: "38: of a picture and a table the table wins", repo: ["1.jpg", "a.csv"], expected: csv(["train", "a.csv"]) },
  {
    title: "38: two pictures outweigh a table",
    repo: ["1.jpg", "2.jpg", "a.csv"],
    expected: { format: "imagefolder", splits: [["train", "1.jpg", "2.jpg"]] },
  },
  {
    title: "38: of a picture and a sound the sound wins",
    repo: ["1.jpg", "a.wav"],
    expected: { format: "audiofolder", splits: [["train", "a.wav"]] },
  },
  {
    title: "39: metadata of pictures stays with them",
    repo: ["train/1.png", "train/metadata.jsonl"],
    expected: { format: "imagefolder", splits: [["train", "train/1.png", "train/metadata.jsonl"]] },
  },
  {
    title: "39: but not from outside the split's folder",
    repo: ["metadata.csv", "train/1.jpg"],
    expected: { format: "imagefolder", splits: [["train", "train/1.jpg"]] },
  },
  {
    // Python takes foo for the default config, which does not exist, and fails.
    title: "40: a dataset_info under another name does not name a config",
    repo: withCard("dataset_info:\n  config_name: foo\n  features:\n  - {name: a, dtype: string}", ["a.csv"]),
    expected: { ...csv(["train", "a.csv"]), config: "default" },
  },
  {
    title: "41: a compressed tar is a WebDataset",
    repo: ["train.tar.gz"],
    expected: { format: "webdataset", splits: [["train", "train.tar.gz"]] },
  },
  {
    title: "41: tars without keywords are shards of train",
    repo: ["shard-000.tar", "shard-001.tar"],
    expected: { format: "webdataset", splits: [["train", "shard-000.tar", "shard-001.tar"]] },
  },
  {
    title: "41: tars may be of several splits",
    repo: ["train-000.tar", "val-000.tar"],
    expected: {
      format: "webdataset",
      splits: [
        ["train", "train-000.tar"],
        ["validation", "val-000.tar"],
      ],
    },
  },
  {
    title: "42: a compressed file is of the format inside",
    repo: ["train.jsonl.gz"],
    expected: { format: "json", splits: [["train", "train.jsonl.gz"]] },
  },
  { title: "42: also in a zip of one file", repo: ["a.csv.zip"], expected: csv(["train", "a.csv.zip"]) },
  {
    title: "42: of two extensions the better known wins",
    repo: ["train.pdf.csv"],
    expected: csv(["train", "train.pdf.csv"]),
  },
  {
    title: "43: evaluation logs leave out all else",
    repo: ["x.eval", "train.csv"],
    expected: { format: "eval", splits: [["logs", "x.eval"]] },
  },
  {
    title: "44: what save_to_disk wrote is read from its Arrow files",
    repo: ["state.json", "data-00000-of-00001.arrow", "dataset_info.json"],
    expected: { format: "arrow", splits: [["train", "data-00000-of-00001.arrow"]] },
  },
  {
    title: "45: metadata files alone are data",
    repo: ["metadata.jsonl"],
    expected: { format: "json", splits: [["train", "metadata.jsonl"]] },
  },
  {
    title: "45: also beside data of their format",
    repo: ["metadata.csv", "data.csv"],
    expected: csv(["train", "data.csv", "metadata.csv"]),
  },
  {
    // Python reads b.json as CSV, the format of the first config.
    title: "46: each config has the format of its own files",
    repo: withCard("configs:\n- {config_name: x, data_files: a.csv}\n- {config_name: y, data_files: b.json}", [
      "a.csv",
      "b.json",
    ]),
    options: { config: "y" },
    expected: { format: "json", splits: [["train", "b.json"]], config: "y" },
  },
];
