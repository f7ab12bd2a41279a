import { request } from "node:http";
import { startHubServer, type HubServer, type HubServerOptions } from "../../src/serve/index.ts";
import { type Files, makeFolder } from "../helpers/temporary-folder.ts";

/** A server over a temporary folder. */
export interface ServedFolder extends AsyncDisposable {
  readonly server: HubServer;
  readonly root: string;
  write(files: Files): Promise<void>;
  /** Asks the server, or the address given, without following redirects. */
  get(url: string, init?: RequestInit): Promise<Response>;
  /** The JSON at an address, taken for a `T`. */
  getJson<T = unknown>(url: string): Promise<T>;
}

/** Starts a server over a temporary folder with `files` in it. */
export async function serveFiles(files: Files, options: Partial<HubServerOptions> = {}): Promise<ServedFolder> {
  const folder = await makeFolder(files);
  const root = folder.path;
  const server = await startHubServer({ root, ...options });
  const get = (url: string, init?: RequestInit): Promise<Response> => {
    return fetch(new URL(url, server.url), { redirect: "manual", ...init });
  };
  return {
    server,
    root,
    write: folder.write,
    get,
    getJson: (url) => jsonOf(get(url)),
    async [Symbol.asyncDispose]() {
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Sends `target` as it is, which `fetch` would tidy up; resolves to the status. */
export async function getRaw(server: HubServer, target: string): Promise<number> {
  const { hostname, port } = new URL(server.url);
  return await new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end();
  });
}

/** The address that a redirect leads to. */
export async function locationOf(response: Response | Promise<Response>): Promise<string> {
  const location = (await response).headers.get("location");
  if (location === null) throw new Error(`status ${(await response).status} has no Location`);
  return location;
}

/** `length` bytes that differ from their neighbours. */
export function makeBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

/** The body of `response`. */
export async function bytesOf(response: Response | Promise<Response>): Promise<Uint8Array> {
  return new Uint8Array(await (await response).arrayBuffer());
}

/** The JSON in the body of `response`, taken for a `T`. */
export async function jsonOf<T>(response: Response | Promise<Response>): Promise<T> {
  const value: T = JSON.parse(await (await response).text());
  return value;
}
