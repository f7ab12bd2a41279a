import { csv, parquet, text, type WorkedCase } from "./worked-case.ts";

const shard = (split: string): string => `data/${split}-00000-of-00001.parquet`;

/** Splits told by the names of files and folders. */
export const detectionCases: readonly WorkedCase[] = [
  { title: "1: a single file is split train", repo: ["dataset.csv"], expected: csv(["train", "dataset.csv"]) },
  {
    title: "2: files named after splits are these splits",
    repo: ["train.csv", "test.csv"],
    expected: csv(["train", "train.csv"], ["test", "test.csv"]),
  },
  {
    title: "3: splits come as train, validation, test",
    repo: ["data/test.csv", "data/train.csv", "data/valid.csv"],
    expected: csv(["train", "data/train.csv"], ["validation", "data/valid.csv"], ["test", "data/test.csv"]),
  },
  {
    title: "4: numbered files of one split are joined",
    repo: ["train_0.csv", "train_1.csv", "test_0.csv"],
    expected: csv(["train", "train_0.csv", "train_1.csv"], ["test", "test_0.csv"]),
  },
  {
    title: "5: folders named after splits are these splits",
    repo: ["data/train/shard_0.csv", "data/train/shard_1.csv", "data/test/shard_0.csv"],
    expected: csv(["train", "data/train/shard_0.csv", "data/train/shard_1.csv"], ["test", "data/test/shard_0.csv"]),
  },
  {
    title: "6: shards in data/ may be of any split, the known ones first",
    repo: ["abc", "random", "test", "train", "validation"].map(shard),
    expected: parquet(
      ["train", shard("train")],
      ["validation", shard("validation")],
      ["test", shard("test")],
      ["abc", shard("abc")],
      ["random", shard("random")],
    ),
  },
  {
    title: "7: shards in data/ leave out all other files",
    repo: [shard("train"), "data/other.parquet", "extra.parquet"],
    expected: parquet(["train", shard("train")]),
  },
  {
    title: "8: a shard's name may go on after the numbers",
    repo: ["data/train-00000-of-00001-abcdef.parquet"],
    expected: parquet(["train", "data/train-00000-of-00001-abcdef.parquet"]),
  },
  {
    title: "9: shards elsewhere than in data/ are told by keywords",
    repo: ["sub/data/train-00000-of-00001.parquet", "sub/data/test-00000-of-00001.parquet"],
    expected: parquet(
      ["train", "sub/data/train-00000-of-00001.parquet"],
      ["test", "sub/data/test-00000-of-00001.parquet"],
    ),
  },
  {
    title: "10: a shard whose split has a hyphen is an error that says how to name it",
    repo: [shard("my-split")],
    expected: { error: "INVALID_PATH", says: "'data/my-split-*'" },
  },
  { title: "11: a split's name may have dots", repo: [shard("v1.0")], expected: parquet(["v1.0", shard("v1.0")]) },
  {
    title: "12: shards at the root are told by keywords",
    repo: ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "test-00000-of-00001.parquet"],
    expected: parquet(
      ["train", "train-00000-of-00002.parquet", "train-00001-of-00002.parquet"],
      ["test", "test-00000-of-00001.parquet"],
    ),
  },
  {
    // Python reads the rows of such a file twice.
    title: "13: a file that answers to two patterns of a split is in it once",
    repo: ["train_train_1.csv"],
    expected: csv(["train", "train_train_1.csv"]),
  },
  {
    title: "13: and so is a file of two keywords",
    repo: ["test_eval.csv"],
    expected: csv(["test", "test_eval.csv"]),
  },
  {
    title: "13: and so is a file in two folders of a split",
    repo: ["train/train_1/x.csv"],
    expected: csv(["train", "train/train_1/x.csv"]),
  },
  {
    title: "14: a file named after two splits is in both",
    repo: ["train_test.csv"],
    expected: csv(["train", "train_test.csv"], ["test", "train_test.csv"]),
  },
  {
    title: "14: and so is one in folders of two splits",
    repo: ["train/test/x.csv"],
    expected: csv(["train", "train/test/x.csv"], ["test", "train/test/x.csv"]),
  },
  {
    title: "15: a folder's name outweighs the file's",
    repo: ["test/train.txt"],
    expected: text(["test", "test/train.txt"]),
  },
  {
    title: "16: where a folder is a split, file names do not count",
    repo: ["train/a.txt", "test.txt"],
    expected: text(["train", "train/a.txt"]),
  },
  {
    title: "17: also not those of the same split",
    repo: ["train.csv", "train/extra.csv"],
    expected: csv(["train", "train/extra.csv"]),
  },
  {
    title: "18: file names count at any depth",
    repo: ["a/b/train.csv", "test.csv"],
    expected: csv(["train", "a/b/train.csv"], ["test", "test.csv"]),
  },
  {
    title: "19: where a file is named after a split, others are left out",
    repo: ["train.csv", "data.csv"],
    expected: csv(["train", "train.csv"]),
  },
  {
    title: "20: a keyword inside a word is none",
    repo: ["xtrain_1.csv", "test.csv"],
    expected: csv(["test", "test.csv"]),
  },
  { title: "21: without any keyword all is train", repo: ["mytrain.csv"], expected: csv(["train", "mytrain.csv"]) },
  {
    title: "21: developers_list is no dev split",
    repo: ["developers_list.txt"],
    expected: text(["train", "developers_list.txt"]),
  },
  {
    title: "21: contest and seqeval are no test splits",
    repo: ["contest.txt", "seqeval.txt"],
    expected: text(["train", "contest.txt", "seqeval.txt"]),
  },
  {
    title: "22: files of an unknown format that decide the splits are named in the error",
    repo: ["data/train-00000-of-00001.foo", "a.csv"],
    expected: { error: "NO_DATA_FILES", says: "data/train-00000-of-00001.foo" },
  },
  {
    title: "23: eval is test, dev is validation",
    repo: ["eval.txt", "dev.txt"],
    expected: text(["validation", "dev.txt"], ["test", "eval.txt"]),
  },
  {
    title: "24: folders of several configs are one config without a card",
    repo: ["cfg/train/0000.parquet", "cfg2/train/0000.parquet"],
    expected: parquet(["train", "cfg/train/0000.parquet", "cfg2/train/0000.parquet"]),
  },
  {
    title: "25: files of one split come in the order of its keywords",
    repo: ["train.csv", "valid.csv", "dev.csv", "val.csv"],
    expected: csv(["train", "train.csv"], ["validation", "valid.csv", "dev.csv", "val.csv"]),
  },
  {
    title: "26: keywords are lower case; files are sorted by code points",
    repo: ["Train.csv", "TEST.csv"],
    expected: csv(["train", "TEST.csv", "Train.csv"]),
  },
  {
    // Python knows extensions in lower case only and finds no data here.
    title: "27: an extension may be in upper case",
    repo: ["TRAIN.CSV"],
    expected: csv(["train", "TRAIN.CSV"]),
  },
  {
    title: "27: also where the name decides the split",
    repo: ["train.PARQUET", "a.csv"],
    expected: parquet(["train", "train.PARQUET"]),
  },
  ...["my.test.file.txt", "my test file.txt", "test00001.txt"].map((path) => ({
    title: `28: ${path} is of split test`,
    repo: [path],
    expected: text(["test", path]),
  })),
  {
    title: "29: digits separate words, in folders too",
    repo: ["2024-train/a.txt", "2023_test/b.txt"],
    expected: text(["train", "2024-train/a.txt"], ["test", "2023_test/b.txt"]),
  },
  ...["1train/x.csv", "train1/x.csv"].map((path) => ({
    title: `29: ${path} is of split train`,
    repo: [path],
    expected: csv(["train", path]),
  })),
  {
    title: "30: hidden files and special folders do not count",
    repo: [".hidden.csv", ".hid/train.csv", "__pycache__/x.csv", "ok.csv"],
    expected: csv(["train", "ok.csv"]),
  },
  { title: "31: config.json is not data", repo: ["config.json"], expected: { error: "NO_DATA_FILES" } },
  {
    title: "32: names may hold any character",
    repo: ["a#b.csv", "c?d.csv", "e[f].csv", "ü.csv"],
    expected: csv(["train", "a#b.csv", "c?d.csv", "e[f].csv", "ü.csv"]),
  },
];
