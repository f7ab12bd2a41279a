import { readFile } from "node:fs/promises";
import { hostname } from "node:os";

/** Names this process, for others on this machine. */
export function describeOwner(): string {
  return `${process.pid} ${hostname()}`;
}

/** Whether the process that {@link describeOwner} named still runs; `undefined` where it cannot be told from here. */
export async function isOwnerAlive(owner: string): Promise<boolean | undefined> {
  const [, pid, host] = /^(\d{1,10}) (.+)$/.exec(owner) ?? [];
  if (pid === undefined || host !== hostname()) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  // `pid (name) state …`, as Linux has it: one that is stopped, or not yet buried, does nothing for its lock.
  const status = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return !/^[TtZX]/.test(status.slice(status.lastIndexOf(")") + 2));
}
