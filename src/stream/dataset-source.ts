import path from "node:path";
import { HfStreamError, isHfStreamError, messageOf } from "../errors.ts";
import { option, say } from "../message.ts";
import { getRepoInfo } from "../hub/api.ts";
import { DataFileStore } from "../fs/data-file-store.ts";
import { escapeGlob } from "../fs/glob.ts";
import { DEFAULT_REVISION, HubStore } from "../fs/hub-store.ts";
import { folderState, listFolder, localFile, readLocalText } from "../fs/local-folder.ts";
import type { ByteSource, DataFile, ReadOptions } from "../fs/types.ts";
import { LocalSource } from "../fs/byte-source.ts";
import { README } from "../resolve/card/card.ts";
import { isExternalPattern } from "../resolve/files/pattern-paths.ts";
import { listConfigNames } from "../resolve/list-config-names.ts";
import { resolveConfig } from "../resolve/resolve-config.ts";
import type { DatasetRepo, ResolvedConfig, ResolveOptions } from "../resolve/types.ts";
import { type DatasetId, type HubDatasetId, nameOf, parseDatasetId } from "./dataset-id.ts";
import type { LoadDatasetOptions } from "./options.ts";

/** Where a dataset's files are listed and opened: a Hub repo at a commit, a local folder, or whole paths alone. */
interface DatasetHome {
  readonly repo: DatasetRepo;
  /** The commit; of a local folder, a hash of what it holds; `undefined` where only the files that are read tell. */
  readonly commit: string | undefined;
  /** The one file that is meant, as a pattern; `undefined`: whatever belongs to the dataset. */
  readonly file: string | undefined;
  open(file: DataFile): ByteSource;
}

/** Where the Hub keeps its conversion of a dataset to Parquet, if there is one. */
const CONVERTED = "refs/convert/parquet";

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
  /** The split that the name means, if it does. */
  readonly split: string | undefined;
  readonly #id: DatasetId;
  readonly #options: LoadDatasetOptions;
  readonly #store: DataFileStore;

  /** Throws `INVALID_OPTION` for a name that can be none. */
  constructor(id: string, options: LoadDatasetOptions) {
    this.hub = new HubStore(options);
    this.#id = parseDatasetId(id, options, this.hub.client.endpoint);
    this.name = nameOf(this.#id, id);
    this.split = this.#id.kind === "hub" ? this.#id.split : undefined;
    this.#options = options;
    this.#store = new DataFileStore(this.hub);
  }

  /** Finds commit, config, splits and files: one round trip, none when the cache knows. */
  async resolve(options: ReadOptions): Promise<ResolvedDataset> {
    const home = await this.#home(options);
    const config = await resolveConfig(home.repo, this.#resolveOptions(home, options));
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
      return await listConfigNames(home.repo, this.#resolveOptions(home, options));
    } catch (error) {
      throw await this.adviseConversion(error, options);
    }
  }

  #resolveOptions({ file }: DatasetHome, { signal, meter }: ReadOptions): ResolveOptions {
    const { config, dataDir, features } = this.#options;
    let { dataFiles } = this.#options;
    if (file !== undefined) {
      if (dataFiles !== undefined || dataDir !== undefined)
        throw new HfStreamError(
          "INVALID_OPTION",
          say`${this.name} is a file: leave out ${option("dataFiles")} and ${option("dataDir")}.`,
        );
      dataFiles = file;
    }
    const hub = this.#id.kind === "hub" ? this.#id : undefined;
    const folder = hub === undefined || hub.path === "" || file !== undefined ? undefined : hub.path;
    return {
      config: config ?? hub?.config,
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
        return await this.#hubHome(this.#id, options);
      case "local":
        return await this.#localHome(this.#id.path, options);
      case "web":
        return this.#filesHome(this.name, this.#id.url);
      case "format":
        return this.#filesHome(this.#id.format);
    }
  }

  /** Files that nothing belongs to; `file`: only this one. */
  #filesHome(id: string, file?: string): DatasetHome {
    const repo: DatasetRepo = { id, files: [], readText: async () => "" };
    return { repo, commit: undefined, file, open: (each) => this.#store.open(each) };
  }

  async #hubHome(asked: HubDatasetId, options: ReadOptions): Promise<DatasetHome> {
    const revision = this.#options.revision ?? asked.revision ?? DEFAULT_REVISION;
    const named = { type: "dataset", id: asked.id, revision } as const;
    const { id, commit, files } = await this.hub.listRevision(named, { ...options, alongside: README });
    const at = { type: "dataset", id, revision: commit } as const;
    const repo: DatasetRepo = {
      id,
      files,
      readText: (file, reading) => this.hub.readText(at, file, { meter: options.meter, ...reading }),
    };
    const open = (file: DataFile): ByteSource =>
      isExternalPattern(file.path) ? this.#store.open(file) : this.hub.open(at, file);
    const isFile = asked.path !== "" && files.some((each) => each.path === asked.path);
    const file = isFile ? escapeGlob(asked.path) : undefined;
    return { repo, commit, file, open };
  }

  async #localHome(folder: string, options: ReadOptions): Promise<DatasetHome> {
    if ((await localFile(folder, folder)) !== undefined) return this.#filesHome(this.name, escapeGlob(folder));
    const files = await listFolder(folder, options);
    const repo: DatasetRepo = {
      id: folder,
      files,
      readText: (file, reading) => readLocalText(path.join(folder, file), reading),
    };
    const open = (file: DataFile): ByteSource =>
      isExternalPattern(file.path) ? this.#store.open(file) : new LocalSource(path.join(folder, file.path), file.size);
    return { repo, commit: folderState(files), file: undefined, open };
  }
}
