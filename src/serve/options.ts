import type { RepoAccess } from "./access.ts";
import type { Quotas } from "./rate-limit.ts";
import type { RequestRecord } from "./request-log.ts";
import type { Traffic } from "./traffic.ts";

/** How a Hub server serves a folder. */
export interface HubServerOptions {
  /**
   * The folder. `<root>/org/name/` and `<root>/datasets/org/name/` are datasets, `<root>/models/org/name/` and
   * `<root>/spaces/org/name/` the other types; `<root>/name/` with a file directly in it is a dataset with a one-word name. They hold
   * what `main` has. `org/name@v1/` beside it is the revision `v1`; the revision is percent-encoded, as in
   * `name@refs%2Fconvert%2Fparquet/`. Folders may change while they are served; where looking
   * through one takes long, as with many thousand files, changes show after some seconds.
   */
  readonly root: string;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Of the Hub; 0 takes a free one. @default 0 */
  readonly port?: number | undefined;
  /** Of the store that large files are redirected to; 0 takes a free one. @default 0 */
  readonly cdnPort?: number | undefined;
  /**
   * The name by which clients reach that store. It must not be the Hub's: Python's client would take the redirect for
   * one within the Hub. @default `localhost` for clients that say 127.0.0.1, and the other way round; for others
   * there is no store and the Hub sends large files itself
   */
  readonly cdnHost?: string | undefined;
  /** `direct`: the Hub sends large files itself, and one port is enough. @default "redirect" */
  readonly largeFiles?: "redirect" | "direct" | undefined;
  /** Files of this many bytes or more are large: redirected to the store. @default 1 MiB */
  readonly lfsThreshold?: number | undefined;
  /** Files with these extensions are large whatever their size. @default those of a new dataset repo on the Hub */
  readonly lfsExtensions?: readonly string[] | undefined;
  /** How long the address of a large file can be used, in seconds. @default 3600 */
  readonly signedUrlTtlSeconds?: number | undefined;
  /** Whether small files are answered by way of a redirect to `/api/resolve-cache/`, as huggingface.co does. @default false */
  readonly resolveCache?: boolean | undefined;
  /** Entries of one page of a listing, and of one with `expand=true`. @default { plain: 1000, expanded: 50 } */
  readonly pageSizes?: { readonly plain?: number | undefined; readonly expanded?: number | undefined } | undefined;
  /** Tokens that exist. Left out: any token does. */
  readonly tokens?: readonly string[] | undefined;
  /** What is not open to everybody, by repo id; of a model or a space with its type, as `models/org/name`. */
  readonly access?: Readonly<Record<string, RepoAccess>> | undefined;
  /** Old ids that redirect to new ones. */
  readonly renames?: Readonly<Record<string, string>> | undefined;
  /**
   * Leaves `X-Error-Code` out of the 401 that hides a repo from an anonymous client, as huggingface.co does. The Python
   * client understands such an answer only over https. @default false
   */
  readonly bareUnauthorized?: boolean | undefined;
  /** Requests answered per client and window before a 429. Left out: never refused. */
  readonly quotas?: Quotas | undefined;
  /** How slow the servers pretend to be. @default not at all */
  readonly traffic?: Traffic | undefined;
  /** Requests the log keeps, the newest. 0: none. @default 100 000 */
  readonly logLimit?: number | undefined;
  /** Told of each request when its answer is over or broken off. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined;
  /** Told of what went wrong inside and was answered with a 500 or a broken connection. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** {@link HubServerOptions} with the defaults filled in. */
export interface HubSettings {
  readonly root: string;
  readonly host: string;
  readonly port: number;
  readonly cdnPort: number;
  readonly cdnHost: string | undefined;
  readonly largeFiles: "redirect" | "direct";
  readonly lfsThreshold: number;
  readonly lfsExtensions: ReadonlySet<string>;
  readonly signedUrlTtlSeconds: number;
  readonly resolveCache: boolean;
  readonly pageSizes: { readonly plain: number; readonly expanded: number };
  readonly tokens: ReadonlySet<string> | undefined;
  readonly access: ReadonlyMap<string, RepoAccess>;
  readonly renames: ReadonlyMap<string, string>;
  readonly bareUnauthorized: boolean;
  readonly quotas: Quotas;
  readonly traffic: Traffic;
  readonly logLimit: number;
  readonly onRequest: ((record: RequestRecord) => void) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
}

/** What `.gitattributes` of a new dataset repo on the Hub keeps out of git. */
const LARGE_EXTENSIONS: readonly string[] = (
  "7z arrow avro bin bz2 ckpt ftz gz h5 joblib lz4 mds mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl pt " +
  "pth rar safetensors tar tflite tgz wasm xz zip zst pcm sam raw aac flac mp3 ogg wav bmp gif png tiff jpg jpeg webp " +
  "mp4 webm"
).split(" ");

const KNOWN: ReadonlySet<string> = new Set([
  "root",
  "host",
  "port",
  "cdnPort",
  "cdnHost",
  "largeFiles",
  "lfsThreshold",
  "lfsExtensions",
  "signedUrlTtlSeconds",
  "resolveCache",
  "pageSizes",
  "tokens",
  "access",
  "renames",
  "bareUnauthorized",
  "quotas",
  "traffic",
  "logLimit",
  "onRequest",
  "onError",
]);

/** Checks `options` and fills in the defaults. Throws a `TypeError` that names what is wrong. */
export function resolveHubOptions(options: HubServerOptions): HubSettings {
  checkOptions(options);
  const extensions = options.lfsExtensions ?? LARGE_EXTENSIONS;
  const { plain = 1000, expanded = 50 } = options.pageSizes ?? {};
  return {
    root: options.root,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    cdnPort: options.cdnPort ?? 0,
    cdnHost: options.cdnHost,
    largeFiles: options.largeFiles ?? "redirect",
    lfsThreshold: options.lfsThreshold ?? 1024 * 1024,
    lfsExtensions: new Set(extensions.map((extension) => extension.replace(/^\./, "").toLowerCase())),
    signedUrlTtlSeconds: options.signedUrlTtlSeconds ?? 3600,
    resolveCache: options.resolveCache ?? false,
    pageSizes: { plain, expanded },
    tokens: options.tokens === undefined ? undefined : new Set(options.tokens),
    access: lowerCaseKeys(options.access),
    renames: lowerCaseKeys(options.renames),
    bareUnauthorized: options.bareUnauthorized ?? false,
    quotas: options.quotas ?? {},
    traffic: options.traffic ?? {},
    logLimit: options.logLimit ?? 100_000,
    onRequest: options.onRequest,
    onError: options.onError,
  };
}

function checkOptions(options: HubServerOptions): void {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw new TypeError(`Unknown option \`${name}\`; known are ${[...KNOWN].join(", ")}`);
  }
  const root: unknown = options.root;
  if (typeof root !== "string" || root === "") {
    throw new TypeError(`Expected \`root\` to be the path of a folder, got ${JSON.stringify(root)}`);
  }
  const { port, cdnPort, lfsThreshold, signedUrlTtlSeconds, logLimit } = options;
  const counts = { port, cdnPort, lfsThreshold, signedUrlTtlSeconds, logLimit };
  for (const [name, value] of Object.entries(counts)) {
    if (value !== undefined && !(value >= 0)) {
      throw new TypeError(`Expected \`${name}\` to be a number from 0 on, got ${String(value)}`);
    }
  }
  for (const [name, value] of Object.entries(options.pageSizes ?? {})) {
    if (value !== undefined && !(value >= 1)) {
      throw new TypeError(`Expected \`pageSizes.${name}\` to be a number from 1 on, got ${String(value)}`);
    }
  }
}

function lowerCaseKeys<T>(record: Readonly<Record<string, T>> = {}): ReadonlyMap<string, T> {
  return new Map(Object.entries(record).map(([key, value]) => [key.toLowerCase(), value]));
}
