import { stat } from "node:fs/promises";
import { compileGlob, hasMagic } from "./glob.ts";
import { HfStreamError } from "../errors.ts";
import { header } from "../hub/header.ts";
import { bareAddress, withoutQuery } from "../hub/redact.ts";
import { LocalSource } from "./byte-source.ts";
import { formatHfPath, hfPatternOfWebAddress, parseHfPath } from "./hf-path.ts";
import { DEFAULT_REVISION, type HubStore } from "./hub-store.ts";
import { listFolder, localFile } from "./local-folder.ts";
import { localPath, localPattern } from "./local-path.ts";
import type { ByteSource, DataFile, ReadOptions } from "./types.ts";

/** Finds and opens data files by whole paths, wherever they are: `hf://…`, `http(s)://…`, local. */
export class DataFileStore {
  readonly #hub: HubStore;

  constructor(hub: HubStore) {
    this.#hub = hub;
  }

  /** Lists the files that a path or pattern names, sorted. Files on the Hub are named at their commit. */
  async list(pattern: string, options: ReadOptions = {}): Promise<DataFile[]> {
    const onHub = this.#hubPattern(pattern);
    if (onHub !== undefined) return await this.#listHub(onHub, options);
    if (/^https?:\/\//.test(pattern)) return [await this.#webFile(pattern, options)];
    return await listLocal(pattern, options);
  }

  /** Opens what {@link list} gave. */
  open(file: DataFile): ByteSource {
    if (file.path.startsWith("hf://")) {
      const { revision = DEFAULT_REVISION, path: name, ...repo } = parseHfPath(file.path);
      return this.#hub.open({ ...repo, revision }, { ...file, path: name });
    }
    if (/^https?:\/\//.test(file.path)) {
      const url = webAddress(file.path);
      return this.#hub.openUrl(url, { name: bareAddress(url), size: file.size });
    }
    return new LocalSource(file.path, file.size);
  }

  /** `hf://` paths, and the Hub's own web addresses of files. */
  #hubPattern(pattern: string): string | undefined {
    if (pattern.startsWith("hf://")) return pattern;
    return hfPatternOfWebAddress(pattern, this.#hub.client.endpoint);
  }

  async #listHub(pattern: string, options: ReadOptions): Promise<DataFile[]> {
    const { revision = DEFAULT_REVISION, path: inside, ...repo } = parseHfPath(pattern);
    const { id, commit, files } = await this.#hub.listRevision({ ...repo, revision }, options);
    const glob = compileGlob(inside);
    return files
      .filter((file) => glob.matches(file.path))
      .map((file) => ({
        ...file,
        path: `hf://${formatHfPath({ type: repo.type, id, revision: commit, path: file.path })}`,
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async #webFile(address: string, options: ReadOptions): Promise<DataFile> {
    const url = webAddress(address);
    const name = bareAddress(url);
    const { headers } = await this.#hub.client.head({ ...options, kind: "resolve", url, subject: name });
    const size = Number(header(headers, "x-linked-size") ?? header(headers, "content-length") ?? NaN);
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new HfStreamError("HUB_UNAVAILABLE", `${name}: the server does not tell its size.`, { path: name });
    }
    return { path: address, size, oid: `${header(headers, "etag") ?? ""} ${size} ${name}` };
  }
}

function webAddress(address: string): URL {
  if (URL.canParse(address)) return new URL(address);
  const shown = withoutQuery(address);
  throw new HfStreamError("INVALID_PATH", `${shown} is no web address.`, { path: shown });
}

async function listLocal(text: string, options: ReadOptions): Promise<DataFile[]> {
  const place = localPath(text);
  const exact = await localFile(place, place);
  if (exact !== undefined) return [exact];
  if (!hasMagic(text)) return [];
  const glob = compileGlob(localPattern(text));
  if (!(await stat(glob.prefix).catch(() => undefined))?.isDirectory()) return [];
  const files = await listFolder(glob.prefix, options);
  return files.map((file) => ({ ...file, path: glob.prefix + file.path })).filter((file) => glob.matches(file.path));
}
