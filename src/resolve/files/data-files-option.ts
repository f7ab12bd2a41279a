import { HfStreamError } from "../../errors.ts";
import { argument, say } from "../../message.ts";
import type { SplitPatterns } from "./data-files.ts";
import { isSplitName } from "../split-spec.ts";
import type { DataFilesOption } from "../types.ts";

const FILES = argument("dataFiles", "dataFiles");

/**
 * Brings the option `dataFiles` to patterns by split (`sanitize_patterns`): without split names all is `train`.
 * Undefined where it is left out. Throws `INVALID_OPTION`.
 */
export function parseDataFilesOption(option: DataFilesOption | undefined): SplitPatterns | undefined {
  if (option === undefined) return undefined;
  if (typeof option === "string" || isList(option)) return new Map([["train", parsePatterns(option, option)]]);
  const entries = typeof option === "object" && option !== null ? Object.entries(option) : [];
  if (entries.length === 0) throw invalid(option);
  return new Map(
    entries.map(([split, patterns]) => {
      if (!isSplitName(split)) {
        throw new HfStreamError(
          "INVALID_OPTION",
          say`${FILES}: expected split names of letters, digits, '_' and '.', got '${split}'.`,
        );
      }
      return [split, parsePatterns(patterns, option)];
    }),
  );
}

function parsePatterns(patterns: string | readonly string[], option: DataFilesOption): readonly string[] {
  const list = typeof patterns === "string" ? [patterns] : patterns;
  if (!isList(list) || list.length === 0) throw invalid(option);
  if (!list.every((pattern) => typeof pattern === "string" && pattern !== "")) throw invalid(option);
  return list;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

function invalid(given: unknown): HfStreamError {
  return new HfStreamError(
    "INVALID_OPTION",
    say`${FILES}: expected a pattern, a list of patterns, or these by split name, got ${JSON.stringify(given)}.`,
  );
}
