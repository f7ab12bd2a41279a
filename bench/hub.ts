import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import type { RequestRecord, Traffic } from "../src/serve/index.ts";

/** What a Hub was asked. */
export interface Asked {
  readonly requests: number;
  /** Of bodies, handed to sockets. */
  readonly bytes: number;
}

/** A Hub in a process of its own, so that serving and reading do not share a thread. */
export interface BenchHub {
  readonly endpoint: string;
  /** Counts what was asked since the last time, or since the Hub was started. */
  takeAsked(): Promise<Asked>;
  close(): void;
}

/** Serves `root`, as slowly as `traffic` says. */
export async function startBenchHub(root: string, traffic: Traffic): Promise<BenchHub> {
  const program = fileURLToPath(new URL("./hub-process.js", import.meta.url));
  const server = spawn(process.execPath, [program, JSON.stringify({ root, traffic, logLimit: 1_000_000 })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [address] = (await Promise.race([once(server.stdout, "data"), failed(server)])) as [Buffer];
  const endpoint = address.toString().trim();
  const log = `${endpoint}/_log`;
  return {
    endpoint,
    async takeAsked() {
      const { body } = await request(log);
      const records = (await body.json()) as RequestRecord[];
      await (await request(log, { method: "DELETE" })).body.dump();
      return { requests: records.length, bytes: records.reduce((sum, { bytesSent }) => sum + bytesSent, 0) };
    },
    close: () => server.stdin.end(),
  };
}

async function failed(server: ReturnType<typeof spawn>): Promise<never> {
  const [code] = (await once(server, "exit")) as [number | null];
  throw new Error(`The Hub ended before it said its address (exit code ${code ?? "none"})`);
}
