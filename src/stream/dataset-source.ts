import path from "node:path";
import { inspect } from "node:util";
import { HfStreamError, isHfStreamError, messageOf } from "../errors.ts";
import { argument, option, say } from "../message.ts";
import { getRepoInfo } from "../hub/api.ts";
import { DataFileStore } from "../fs/data-file-store.ts";
import { parseHfPath } from "../fs/hf-path.ts";
import { DEFAULT_REVISION, HubStore } from "../fs/hub-store.ts";
import { folderState, listFolder, readLocalText } from "../fs/local-folder.ts";
import type { ByteSource, DataFile, ReadOptions } from "../fs/types.ts";
import { LocalSource } from "../fs/byte-source.ts";
import { README } from "../resolve/card/card.ts";
import { isExternalPattern } from "../resolve/files/pattern-paths.ts";
import { listConfigNames } from "../resolve/list-config-names.ts";
import { type FormatName, isReadableFormat } from "../resolve/files/formats.ts";
import { resolveConfig } from "../resolve/resolve-config.ts";
import type { DatasetRepo, ResolvedConfig, ResolveOptions } from "../resolve/types.ts";
import type { LoadDatasetOptions } from "./options.ts";

/** Where a dataset's files are listed and opened: a Hub repo at a commit, a local folder, or whole paths alone. */
interface DatasetHome {
  readonly repo: DatasetRepo;
  /** The commit; of a local folder, a hash of what it holds; `undefined` where only the files that are read tell. */
  readonly commit: string | undefined;
  open(file: DataFile): ByteSource;
}

/** Where the Hub keeps its conversion of a dataset to Parquet, if there is one. */
const CONVERTED = "refs/convert/parquet";

const ID = argument("loadDataset(id)", "id");

/** What an id of {@link parseDatasetId} names. */
type DatasetId =
  | { readonly kind: "hub"; readonly id: string; readonly revision: string | undefined; readonly folder: string }
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "format"; readonly format: FormatName };

/** A dataset that is resolved: what it consists of at one commit, and how to open its files. */
export interface ResolvedDataset {
  readonly id: string;
  readonly commit: string;
  readonly config: ResolvedConfig;
  open(file: DataFile): ByteSource;
}

/** A dataset by its name: knows how to resolve it, does nothing until asked. */
export class DatasetSource {
  readonly name: string;
  readonly hub: HubStore;
  readonly #id: DatasetId;
  readonly #options: LoadDatasetOptions;
  readonly #store: DataFileStore;

  /** Throws `INVALID_OPTION` for a name that can be none. */
  constructor(id: string, options: LoadDatasetOptions) {
    this.name = id;
    this.#options = options;
    this.#id = parseDatasetId(id, options);
    this.hub = new HubStore(options);
    this.#store = new DataFileStore(this.hub);
  }

  /** Finds commit, config, splits and files: one round trip, none when the cache knows. */
  async resolve(options: ReadOptions): Promise<ResolvedDataset> {
    const home = await this.#home(options);
    const config = await resolveConfig(home.repo, this.#resolveOptions(options));
    const commit = home.commit ?? folderState(config.splits.flatMap(({ files }) => files));
    return { id: home.repo.id, commit, config, open: (file) => home.open(file) };
  }

  /** Whether a commit that was resolved is still there: rewriting history removes them. Asks the Hub. */
  async hasCommit({ id, commit }: ResolvedDataset, { signal, meter }: ReadOptions): Promise<boolean> {
    if (this.#id.kind !== "hub") return true;
    try {
      await getRepoInfo(this.hub.client, { type: "dataset", id, revision: commit }, { signal, meter });
      return true;
    } catch (error) {
      if (isHfStreamError(error, "REVISION_NOT_FOUND", "DATASET_NOT_FOUND", "ENTRY_NOT_FOUND")) return false;
      throw error;
    }
  }

  /** An error with the advice to read the Hub's conversion to Parquet, where it is of a format and there is one. */
  async adviseConversion(error: unknown, { signal, meter }: ReadOptions): Promise<unknown> {
    const isUnread = isHfStreamError(error, "UNSUPPORTED_FORMAT");
    if (!isUnread || this.#id.kind !== "hub" || this.#options.revision === CONVERTED) return error;
    const named = { type: "dataset", id: this.#id.id, revision: CONVERTED } as const;
    try {
      await getRepoInfo(this.hub.client, named, { signal, meter });
    } catch {
      return error; // there is none, or no way to know
    }
    const advice = say`${messageOf(error)} The Hub's conversion can be read: ${option("revision", CONVERTED)}.`;
    return new HfStreamError("UNSUPPORTED_FORMAT", advice, error);
  }

  /** Lists the configs, in the order of the dataset card. */
  async configNames(options: ReadOptions): Promise<string[]> {
    const home = await this.#home(options);
    try {
      return await listConfigNames(home.repo, this.#resolveOptions(options));
    } catch (error) {
      throw await this.adviseConversion(error, options);
    }
  }

  #resolveOptions({ signal, meter }: ReadOptions): ResolveOptions {
    const { config, dataFiles, dataDir, features } = this.#options;
    const folder = this.#id.kind === "hub" && this.#id.folder !== "" ? this.#id.folder : undefined;
    return {
      config,
      dataFiles,
      dataDir: folder === undefined ? dataDir : path.posix.join(folder, dataDir ?? ""),
      features,
      signal,
      listExternal: (pattern, listing) => this.#store.list(pattern, { meter, ...listing }),
      ...(this.#id.kind === "format" ? { format: this.#id.format } : {}),
    };
  }

  async #home(options: ReadOptions): Promise<DatasetHome> {
    switch (this.#id.kind) {
      case "hub":
        return await this.#hubHome(
          this.#id.id,
          this.#options.revision ?? this.#id.revision ?? DEFAULT_REVISION,
          options,
        );
      case "folder":
        return await this.#folderHome(this.#id.folder, options);
      case "format": {
        const repo: DatasetRepo = { id: this.#id.format, files: [], readText: async () => "" };
        return { repo, commit: undefined, open: (file) => this.#store.open(file) };
      }
    }
  }

  async #hubHome(asked: string, revision: string, options: ReadOptions): Promise<DatasetHome> {
    const named = { type: "dataset", id: asked, revision } as const;
    const { id, commit, files } = await this.hub.listRevision(named, { ...options, alongside: README });
    const at = { type: "dataset", id, revision: commit } as const;
    const repo: DatasetRepo = {
      id,
      files,
      readText: (file, reading) => this.hub.readText(at, file, { meter: options.meter, ...reading }),
    };
    const open = (file: DataFile): ByteSource =>
      isExternalPattern(file.path) ? this.#store.open(file) : this.hub.open(at, file);
    return { repo, commit, open };
  }

  async #folderHome(folder: string, options: ReadOptions): Promise<DatasetHome> {
    const files = await listFolder(folder, options);
    const repo: DatasetRepo = {
      id: folder,
      files,
      readText: (file, reading) => readLocalText(path.join(folder, file), reading),
    };
    const open = (file: DataFile): ByteSource =>
      isExternalPattern(file.path) ? this.#store.open(file) : new LocalSource(path.join(folder, file.path), file.size);
    return { repo, commit: folderState(files), open };
  }
}

/** Tells what a dataset's name means, by its form alone. */
function parseDatasetId(id: string, options: LoadDatasetOptions): DatasetId {
  if (typeof id !== "string" || id === "") {
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${ID}: expected a dataset such as 'org/name', a folder or a format, got ${inspect(id)}.`,
    );
  }
  if (isReadableFormat(id) && (options.dataFiles !== undefined || options.dataDir !== undefined)) {
    return { kind: "format", format: id };
  }
  if (isReadableFormat(id))
    throw new HfStreamError(
      "INVALID_OPTION",
      say`'${id}' is a format: say by ${option("dataFiles")} which files to read.`,
    );
  if (path.isAbsolute(id) || id.startsWith(".")) {
    if (options.revision !== undefined)
      throw new HfStreamError(
        "INVALID_OPTION",
        say`${option("revision")} is for datasets on the Hub; ${id} is a local folder.`,
      );
    return { kind: "folder", folder: path.resolve(id) };
  }
  if (id.startsWith("hf://")) return parseHfId(id, options);
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || /--|\.\.|\.git$/.test(id) || id.length > 200) {
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${ID}: '${id}' is not a dataset's name: expected org/name, hf://datasets/org/name, a folder (./data or /data), or a format.`,
    );
  }
  return { kind: "hub", id, revision: undefined, folder: "" };
}

function parseHfId(id: string, options: LoadDatasetOptions): DatasetId {
  const parsed = parseHfPath(id);
  if (parsed.type !== "dataset")
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${ID}: ${id} is a ${parsed.type}: datasets are at hf://datasets/org/name.`,
    );
  if (parsed.revision !== undefined && options.revision !== undefined && parsed.revision !== options.revision) {
    throw new HfStreamError(
      "INVALID_OPTION",
      say`${id} names revision ${parsed.revision}, and ${option("revision")} is ${options.revision}: give one of them.`,
    );
  }
  return { kind: "hub", id: parsed.id, revision: parsed.revision, folder: parsed.path };
}
