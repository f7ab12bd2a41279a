import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { vi } from "vitest";
import { runCommandLine } from "../../src/cli/run.ts";

/** What a command line said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as if the output were a pipe, or a terminal where `isInteractive`. */
export async function runInProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  columns: number,
  isInteractive: boolean = false,
): Promise<Said> {
  for (const [name, value] of Object.entries({ HF_TOKEN: "", ...env })) vi.stubEnv(name, value);
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: isInteractive, columns })];
  const said = [text(stdout), text(stderr)] as const;
  const { signal } = new AbortController();
  const code = await runCommandLine(args, { stdout, stderr, columns, isInteractive, isShown: false, signal });
  stdout.end();
  stderr.end();
  vi.unstubAllEnvs();
  return { code, stdout: await said[0], stderr: await said[1] };
}
