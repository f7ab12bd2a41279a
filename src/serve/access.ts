import type { RepoType, Route } from "./route.ts";
import { Refusal } from "./refusal.ts";

/** Who may see a repo. */
export interface RepoAccess {
  /** Hidden from everybody but `readers`. */
  readonly private?: boolean | undefined;
  /** Shown to everybody, its files only to `readers`. */
  readonly gated?: "auto" | "manual" | undefined;
  /** Shown to nobody. */
  readonly disabled?: boolean | undefined;
  /** Tokens that may read it. */
  readonly readers?: readonly string[] | undefined;
}

/** What {@link Gate} needs of the server's settings. */
export interface GateOptions {
  readonly tokens: ReadonlySet<string> | undefined;
  readonly access: ReadonlyMap<string, RepoAccess>;
  readonly bareUnauthorized: boolean;
}

const INVALID_TOKEN = "Invalid credentials in Authorization header";
const DISABLED = "Access to this resource is disabled.";
const FILE_ROUTES: ReadonlySet<string> = new Set(["resolve", "resolve-cache", "raw", "commits", "parquet"]);

/** Decides who sees what, and refuses the others as the Hub does. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** The access of a repo, that of an open one if none was set. */
  accessOf(type: RepoType, id: string): RepoAccess {
    const key = id.toLowerCase();
    const { access } = this.#options;
    return access.get(`${type}/${key}`) ?? (type === "datasets" ? access.get(key) : undefined) ?? {};
  }

  /** Tells whether the token exists. */
  isKnown(token: string): boolean {
    const { tokens, access } = this.#options;
    if (tokens === undefined || tokens.has(token)) return true;
    return [...access.values()].some(({ readers }) => readers?.includes(token));
  }

  /** Throws the {@link Refusal} that is due, if one is. `exists` tells whether there is such a repo at all. */
  check(
    route: Route & { readonly type: RepoType; readonly id: string },
    token: string | undefined,
    exists: boolean,
  ): void {
    const access = this.accessOf(route.type, route.id);
    const isReader = token !== undefined && access.readers?.includes(token) === true;
    const isFile = FILE_ROUTES.has(route.kind);
    if (token !== undefined && !this.isKnown(token)) {
      const gated = exists && isFile && access.gated !== undefined;
      throw gated ? gatedRefusal(route.id, 401) : new Refusal(401, INVALID_TOKEN);
    }
    if (!exists || (access.private === true && !isReader)) throw this.#missing(token);
    if (access.disabled === true) throw new Refusal(403, DISABLED);
    if (access.gated !== undefined && isFile && !isReader) {
      throw gatedRefusal(route.id, token === undefined ? 401 : 403);
    }
  }

  /** A missing repo and a hidden one look the same. */
  #missing(token: string | undefined): Refusal {
    if (token !== undefined) return new Refusal(404, "Repository not found", { code: "RepoNotFound" });
    const code = this.#options.bareUnauthorized ? undefined : "RepoNotFound";
    return new Refusal(401, "Invalid username or password.", { code });
  }
}

function gatedRefusal(id: string, status: 401 | 403): Refusal {
  const message =
    status === 401
      ? `Access to dataset ${id} is restricted. You must have access to it and be authenticated to access it. Please log in.`
      : `Access to dataset ${id} is restricted and you are not in the authorized list. Visit the repo's page to ask for access.`;
  return new Refusal(status, message, { code: "GatedRepo" });
}
