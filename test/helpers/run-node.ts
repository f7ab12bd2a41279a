import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs a script with this Node and waits until the process ends by itself. */
export async function runNode(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }) as [Promise<string>, Promise<string>];
  const code = await new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  return { code, stdout: await stdout, stderr: await stderr, ms: performance.now() - started };
}

/** Streams a dataset in a process of its own; throws if that fails. */
export async function streamInChild(
  id: string,
  options: object,
): Promise<{ readonly count: number; readonly stats: Record<string, number> }> {
  const script = fileURLToPath(new URL("stream-child.js", import.meta.url));
  const { code, stdout, stderr } = await runNode(script, [id, JSON.stringify(options)]);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as { count: number; stats: Record<string, number> };
}
