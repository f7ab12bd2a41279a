import { createHash } from "node:crypto";
import { Gate } from "./access.ts";
import { jsonAnswer, redirectAnswer, type Answer } from "./answer.ts";
import { answerCommits, answerParquet, answerRefs } from "./api/refs.ts";
import { answerIndex, answerList, type ListedRepo } from "./api/repo-list.ts";
import { answerInfo } from "./api/repo-info.ts";
import { answerResolve } from "./api/resolve.ts";
import { answerPathsInfo, answerTree } from "./api/tree.ts";
import type { HubRequest } from "./hub-request.ts";
import type { HubSettings } from "./options.ts";
import { Refusal } from "./refusal.ts";
import { FileChangedError } from "./repos/content-hashes.ts";
import type { Repo } from "./repos/repo.ts";
import type { RepoStore } from "./repos/repo-store.ts";
import type { Snapshot } from "./repos/snapshot.ts";
import { replaceRepoId, type RepoType, type Route } from "./route.ts";
import type { SignedStore } from "./signed-store.ts";

type RepoRoute = Route & { readonly type: RepoType; readonly id: string };

/** Answers the requests to a Hub. */
export class HubApi {
  readonly #settings: HubSettings;
  readonly #store: RepoStore;
  readonly #signedStore: SignedStore;
  readonly #gate: Gate;

  constructor(settings: HubSettings, store: RepoStore, signedStore: SignedStore) {
    this.#settings = settings;
    this.#store = store;
    this.#signedStore = signedStore;
    this.#gate = new Gate(settings);
  }

  /** Answers one request; rejects with a {@link Refusal} where the answer is an error. */
  async answer(request: HubRequest): Promise<Answer> {
    checkMethod(request);
    const { route } = request;
    const { type, id } = route;
    if (type !== undefined && id !== undefined) return await this.#answerRepo({ ...route, type, id }, request);
    switch (route.kind) {
      case "malformed":
        throw new Refusal(400, "The path is not percent-encoded UTF-8");
      case "agent-harnesses":
        return jsonAnswer({ standardEnvVars: [], harnesses: {} });
      case "telemetry":
        return { status: 200, headers: {} };
      case "whoami":
        return this.#answerWhoAmI(request.token);
      case "list":
        return answerList(await this.#listed(type === undefined ? [] : [type], request.token), request);
      case "index":
        return answerIndex(await this.#listed(["datasets", "models", "spaces"], request.token), request);
      default:
        throw new Refusal(404, "Not found");
    }
  }

  /** The repos of these types that whoever asks may see. */
  async #listed(types: readonly RepoType[], token: string | undefined): Promise<ListedRepo[]> {
    const repos = (await Promise.all(types.map((type) => this.#store.list(type)))).flat();
    const listed = repos.map((repo) => ({ ...repo, access: this.#gate.accessOf(repo.type, repo.id) }));
    return listed.filter(
      ({ access }) => access.private !== true || (token !== undefined && access.readers?.includes(token)),
    );
  }

  #answerWhoAmI(token: string | undefined): Answer {
    if (token === undefined) throw new Refusal(401, "Invalid username or password.");
    if (!this.#gate.isKnown(token)) throw new Refusal(401, "Invalid credentials in Authorization header");
    const name = `user-${createHash("sha256").update(token).digest("hex").slice(0, 8)}`;
    const auth = { type: "access_token", accessToken: { displayName: "token", role: "read" } };
    return jsonAnswer({ type: "user", id: name, name, fullname: name, isPro: false, orgs: [], auth });
  }

  async #answerRepo(route: RepoRoute, request: HubRequest): Promise<Answer> {
    const renamed = this.#newId(route);
    if (renamed !== undefined) return redirectAnswer(307, replaceRepoId(request.url, route, renamed));
    const repo = await this.#store.find(route.type, route.id);
    this.#gate.check(route, request.token, repo !== undefined);
    if (repo === undefined) throw new Refusal(404, "Repository not found", { code: "RepoNotFound" });
    if (repo.id !== route.id) return redirectAnswer(307, replaceRepoId(request.url, route, repo.id));
    try {
      return await this.#answerAction(repo, request, true);
    } catch (error) {
      if (!(error instanceof FileChangedError)) throw error;
      // The folder changed since the commit was last looked at: look again.
      return await this.#answerAction(repo, request, false);
    }
  }

  #newId({ type, id }: RepoRoute): string | undefined {
    const { renames } = this.#settings;
    const key = id.toLowerCase();
    const renamed = renames.get(`${type}/${key}`) ?? (type === "datasets" ? renames.get(key) : undefined);
    return renamed?.replace(new RegExp(`^${type}/`), "");
  }

  async #answerAction(repo: Repo, request: HubRequest, trustCommit: boolean): Promise<Answer> {
    const { kind, type, id } = request.route;
    switch (kind) {
      case "refs":
        return await answerRefs(repo, request);
      case "parquet":
        return await answerParquet(repo, request);
      case "info":
        return answerInfo(repo, await findSnapshot(repo, request), this.#gate.accessOf(type!, id!), request);
      case "tree":
        return answerTree(await findSnapshot(repo, request), request, this.#settings.pageSizes);
      case "paths-info":
        return await answerPathsInfo(await findSnapshot(repo, request), request);
      case "commits":
        return answerCommits(await findSnapshot(repo, request));
      case "resolve":
      case "resolve-cache":
      case "raw": {
        const snapshot = await findSnapshot(repo, request, trustCommit);
        const { resolveCache } = this.#settings;
        return await answerResolve(request, { repo, snapshot, resolveCache, signedStore: this.#signedStore });
      }
      default:
        throw new Refusal(404, "Not found");
    }
  }
}

async function findSnapshot(repo: Repo, { route }: HubRequest, trustCommit = false): Promise<Snapshot> {
  const revision = route.revision ?? "main";
  const snapshot = await repo.snapshot(revision, { trustCommit });
  if (snapshot === undefined) throw new Refusal(404, `Invalid rev id: ${revision}`, { code: "RevisionNotFound" });
  return snapshot;
}

function checkMethod({ method, route }: HubRequest): void {
  const allowed = route.kind === "paths-info" ? ["POST"] : ["GET", "HEAD"];
  if (!allowed.includes(method)) {
    throw new Refusal(405, `${method} is not possible here`, { headers: { Allow: allowed.join(", ") } });
  }
}
