import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** What the environment says, by the variables and rules of Python's `huggingface_hub`. */
export interface HubEnvironment {
  /** `HF_ENDPOINT`, without a slash at its end. */
  readonly endpoint: string;
  /** `HF_HOME`, else `$XDG_CACHE_HOME/huggingface`, else `~/.cache/huggingface`. */
  readonly home: string;
  /** `HFSTREAM_CACHE`, else `<home>/hfstream`. */
  readonly cacheDir: string;
  /** Where Python keeps what it downloads: `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`, else `<home>/hub`. */
  readonly pythonCache: string;
  /** `HFSTREAM_CACHE_MAX_SIZE`, such as `20GB`. */
  readonly cacheMaxSize: string | undefined;
  /** `HF_HUB_OFFLINE`, else `TRANSFORMERS_OFFLINE`. */
  readonly offline: boolean;
  /** What the variables of HTTP proxies say; empty where none is set. */
  readonly proxy: string;
  /** The text that `HF_HUB_USER_AGENT_ORIGIN` adds to the user agent. */
  readonly userAgentOrigin: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = "https://huggingface.co";

/** Reads the environment, each time anew. */
export function readEnvironment(env: Variables = process.env): HubEnvironment {
  const folder = (name: string): string | undefined => expand(env[name], env);
  const root =
    folder("HF_HOME") ?? path.join(folder("XDG_CACHE_HOME") ?? path.join(homedir(), ".cache"), "huggingface");
  return {
    endpoint: withoutSlash(env["HF_ENDPOINT"] || DEFAULT_ENDPOINT),
    home: root,
    cacheDir: folder("HFSTREAM_CACHE") ?? path.join(root, "hfstream"),
    pythonCache: folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") ?? path.join(root, "hub"),
    cacheMaxSize: env["HFSTREAM_CACHE_MAX_SIZE"] || undefined,
    offline: isTrue(env["HF_HUB_OFFLINE"] || env["TRANSFORMERS_OFFLINE"]),
    proxy: proxiesOf(env),
    // Anything else could not be sent in a header.
    userAgentOrigin: env["HF_HUB_USER_AGENT_ORIGIN"]?.replaceAll(/[^\x20-\x7e]/g, "").trim() || undefined,
  };
}

/** The environment of this process, for those who read variables that are not the Hub's. */
export function processVariables(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * Finds the token as `huggingface_hub` does: `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, then the file `HF_TOKEN_PATH`
 * (`<home>/token` by default); none where `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set.
 */
export function findToken(env: Variables = process.env): string | undefined {
  if (isTrue(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return undefined;
  const given = cleanToken(env["HF_TOKEN"]) ?? cleanToken(env["HUGGING_FACE_HUB_TOKEN"]);
  if (given !== undefined) return given;
  try {
    return cleanToken(
      readFileSync(expand(env["HF_TOKEN_PATH"], env) ?? path.join(readEnvironment(env).home, "token"), "utf8"),
    );
  } catch {
    return undefined;
  }
}

/** `url` without slashes at its end. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function proxiesOf(env: Variables): string {
  const proxies = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map((name) => env[name] ?? "");
  return proxies.some(Boolean) ? [...proxies, env["no_proxy"] ?? env["NO_PROXY"] ?? ""].join(" ") : "";
}

function cleanToken(token: string | undefined): string | undefined {
  return token?.replaceAll(/[\r\n]/g, "").trim() || undefined;
}

/** A folder whose name may begin with `~` and hold `$NAME` or `${NAME}`, as Python expands them. */
function expand(folder: string | undefined, env: Variables): string | undefined {
  if (!folder) return undefined;
  const named = folder
    .replace(/^~(?=$|[/\\])/, homedir())
    .replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (all, bare: string, braced: string) => env[bare ?? braced] ?? all);
  return path.resolve(named);
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}
