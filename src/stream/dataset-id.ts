import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { HfStreamError } from "../errors.ts";
import { formatHfPath, parseHfPath } from "../fs/hf-path.ts";
import { argument, type Message, option, say } from "../message.ts";
import { withoutQuery } from "../hub/redact.ts";
import { baseName, type FormatName, hasKnownExtension, isReadableFormat } from "../resolve/files/formats.ts";
import type { LoadDatasetOptions } from "./options.ts";

/** A dataset on the Hub, or a folder or file of it. */
export interface HubDatasetId {
  readonly kind: "hub";
  readonly id: string;
  readonly revision: string | undefined;
  /** A folder or a file; empty for all of it. */
  readonly path: string;
  /** Those of a page of the dataset viewer. */
  readonly config?: string | undefined;
  readonly split?: string | undefined;
}

/** What a dataset's name means. */
export type DatasetId =
  | HubDatasetId
  /** A local folder or file. */
  | { readonly kind: "local"; readonly path: string }
  | { readonly kind: "web"; readonly url: string }
  | { readonly kind: "format"; readonly format: FormatName };

/** Hosts of the Hub's pages: what is copied there means the same dataset at a mirror. */
const HUB_PAGES = ["https://huggingface.co", "https://www.huggingface.co", "https://hf.co"];
/** What may follow a dataset's name in the address of a page. */
const PAGES = "viewer|embed|tree|blob|resolve|raw|commits|commit|discussions|settings|blame|edit|sql-console|duplicate";
const PAGE = new RegExp(`^datasets/([^/]+(?:/(?!(?:${PAGES})(?:/|$))[^/]+)?)(?:/(.*))?$`);
const PLACE =
  /^(?:tree|blob|resolve|raw|commits?|blame|edit)\/(refs(?:\/|%2F)(?:convert|pr)(?:\/|%2F)[^/]+|[^/]+)(?:\/(.*))?$/i;
const VIEWER = /^(?:embed\/)?viewer(?:\/([^/]+)(?:\/([^/]+))?)?/;

/**
 * Tells what a dataset's name means, by its form alone: `org/name`, `hf://datasets/…`, a page of the Hub, a local path, an
 * address of a file, or a format. Throws `INVALID_OPTION` for what can be none of them.
 */
export function parseDatasetId(id: string, options: LoadDatasetOptions, endpoint: string): DatasetId {
  if (typeof id !== "string" || id === "")
    throw wrong(`expected a dataset such as 'org/name', a folder or a format, got ${inspect(id)}.`);
  const parsed = parse(id.trim(), options, endpoint);
  if (parsed.kind === "local" && options.revision !== undefined)
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${option("revision")} is for datasets on the Hub; ${id} is a local folder.`,
    );
  if (parsed.kind !== "hub") return parsed;
  const [named, asked] = [parsed.revision, options.revision];
  if (named !== undefined && asked !== undefined && named !== asked)
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${id} names revision ${named}, and ${option("revision")} is ${asked}: give one of them.`,
    );
  return parsed;
}

/** The shortest name that means the same; a web address without its query, in which there may be secrets. */
export function nameOf(parsed: DatasetId, id: string): string {
  if (parsed.kind === "web") return withoutQuery(parsed.url);
  if (parsed.kind !== "hub") return id;
  if (parsed.revision === undefined && parsed.path === "") return parsed.id;
  return `hf://${formatHfPath({ ...parsed, type: "dataset" })}`;
}

function parse(id: string, options: LoadDatasetOptions, endpoint: string): DatasetId {
  if (isReadableFormat(id)) {
    if (options.dataFiles !== undefined || options.dataDir !== undefined) return { kind: "format", format: id };
    throw new HfStreamError(
      "INVALID_OPTION",
      say`'${id}' is a format: say by ${option("dataFiles")} which files to read.`,
    );
  }
  if (/^file:\/\//i.test(id)) return { kind: "local", path: localPath(id) };
  if (path.isAbsolute(id) || id.startsWith(".")) return { kind: "local", path: path.resolve(id) };
  if (id.startsWith("hf://")) return parseHfId(id);
  const page = pageOf(id, endpoint);
  if (page !== undefined) return parsePage(page, id);
  if (/^https?:\/\//i.test(id)) {
    if (URL.canParse(id) && hasKnownExtension(baseName(id))) return { kind: "web", url: id };
    throw wrong(`${withoutQuery(id)} is neither a page of a dataset on the Hub nor the address of a data file.`);
  }
  if (id.startsWith("datasets/")) return parsePage(id, id);
  const [, name, revision] = /^([\w.-]+(?:\/[\w.-]+)?)@([\w./-]+)$/.exec(id) ?? [];
  if (name !== undefined && revision !== undefined)
    throw wrong(say`'${id}': a revision is given by ${option("revision")}, or as 'hf://datasets/${name}@${revision}'.`);
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || /--|\.\.|\.git$/.test(id) || id.length > 200)
    throw wrong(
      `'${id}' is not a dataset's name: expected org/name, hf://datasets/org/name, the address of its page, a folder or ` +
        "file (./data or /data), or a format.",
    );
  return { kind: "hub", id, revision: undefined, path: "" };
}

function localPath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw wrong(`${url} is not the address of a local file.`);
  }
}

function parseHfId(id: string): HubDatasetId {
  const parsed = parseHfPath(id);
  if (parsed.type !== "dataset") throw wrong(`${id} is a ${parsed.type}: datasets are at hf://datasets/org/name.`);
  return { kind: "hub", id: parsed.id, revision: parsed.revision, path: parsed.path };
}

/** The address of a page at the Hub, from behind the host; `undefined` for any other text. */
function pageOf(id: string, endpoint: string): string | undefined {
  const address = id.replace(/^(?:http:\/\/)?(?=(?:www\.)?(?:huggingface\.co|hf\.co)\/)/i, "https://");
  const base = [...HUB_PAGES, endpoint].find((host) => address.toLowerCase().startsWith(`${host.toLowerCase()}/`));
  return base === undefined ? undefined : address.slice(base.length + 1).replace(/[?#].*$/s, "");
}

function parsePage(page: string, id: string): HubDatasetId {
  const match = PAGE.exec(page.replace(/\/+$|\.git$/, "")); // `git clone` takes the address with `.git`
  if (match === null) throw wrong(`${id} is no dataset: those are at …/datasets/org/name.`);
  const [, name = "", rest = ""] = match;
  const [, config, split] = VIEWER.exec(rest)?.map((part) => part && decode(part, id)) ?? [];
  const [, revision, inside = ""] = PLACE.exec(rest)?.map((part) => part && decode(part, id)) ?? [];
  if (name.includes("@") || (rest !== "" && !new RegExp(`^(?:${PAGES})(?:/|$)`).test(rest)))
    return parseHfId(`hf://${page}`);
  return { kind: "hub", id: name, revision, path: inside === "README.md" ? "" : inside, config, split };
}

function decode(text: string, id: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`${id} is not well encoded.`);
  }
}

function wrong(what: string | Message): HfStreamError {
  return new HfStreamError("INVALID_OPTION", say`${argument("loadDataset(id)", "id")}: ${what}`);
}
