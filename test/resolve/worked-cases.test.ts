import { describe, expect, test } from "vitest";
import { isHfStreamError } from "../../src/errors.ts";
import { readCard } from "../../src/resolve/card/card.ts";
import { chooseConfig } from "../../src/resolve/choose-config.ts";
import { findConfigFiles } from "../../src/resolve/config-files.ts";
import { isReadableFormat } from "../../src/resolve/files/formats.ts";
import { resolveConfig } from "../../src/resolve/resolve-config.ts";
import { detectionCases } from "./detection-cases.ts";
import { fakeRepo } from "./fake-repo.ts";
import { formatCases } from "./format-cases.ts";
import { optionCases } from "./option-cases.ts";
import type { SplitRow, WorkedCase } from "./worked-case.ts";

interface Split {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

const rows = (splits: readonly Split[]): SplitRow[] =>
  splits.map(({ name, files }) => [name, ...files.map((file) => file.path)]);

/** Resolves a case; of formats that cannot be read, the steps before that is found out tell the splits. */
const resolve = async ({ repo: content, options = {} }: WorkedCase) => {
  const repo = fakeRepo(content);
  try {
    const { name, format, splits } = await resolveConfig(repo, options);
    return { config: name, format, splits: rows(splits) };
  } catch (error) {
    if (!isHfStreamError(error)) throw error;
    if (error.code !== "UNSUPPORTED_FORMAT" || !error.message.includes(", which cannot be read.")) {
      return { error: error.code, says: error.message };
    }
    const card = await readCard(repo);
    const config = chooseConfig(card, options, repo.id);
    const { format, splits } = await findConfigFiles(repo, card.configs.get(config), options);
    return { config, format: isReadableFormat(format) ? `${format}, yet refused` : format, splits: rows(splits) };
  }
};

const expectation = ({ expected }: WorkedCase): object =>
  "error" in expected ? { error: expected.error, says: expect.stringContaining(expected.says ?? "") } : expected;

describe("splits told by names", () => {
  test.each(detectionCases)("$title", async (workedCase) => {
    expect(await resolve(workedCase)).toMatchObject(expectation(workedCase));
  });
});

describe("formats told by extensions", () => {
  test.each(formatCases)("$title", async (workedCase) => {
    expect(await resolve(workedCase)).toMatchObject(expectation(workedCase));
  });
});

describe("files told by options and cards", () => {
  test.each(optionCases)("$title", async (workedCase) => {
    expect(await resolve(workedCase)).toMatchObject(expectation(workedCase));
  });
});
