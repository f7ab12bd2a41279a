import { openRegular, type RegularFile } from "./open-regular.ts";

/** A use is noted this often at most: that is exact enough, and costs next to nothing. */
const NOTE_EVERY_MS = 5 * 60_000;

/** What was used so recently counts as in use: by whoever notes it every few minutes, in whatever process. */
export const IN_USE_MS: number = 12 * NOTE_EVERY_MS;

/** Notes that a file of the cache is used: its access time says when that was, since many disks do not keep it by themselves. */
export async function noteUse(file: string): Promise<void> {
  const opened = await openRegular(file).catch(() => undefined);
  if (opened === undefined) return;
  await noteUseOf(opened);
  await opened.handle.close();
}

/** The same of a file that is open. */
export async function noteUseOf({ handle, stats }: RegularFile): Promise<void> {
  if (Date.now() - stats.atimeMs < NOTE_EVERY_MS) return;
  await handle.utimes(new Date(), stats.mtime).catch(() => {}); // on a disk that is read-only nobody evicts it either
}

/** Notes again and again that a file is used, as long as `user` is not garbage. */
export function keepInUse(file: string, user: object): void {
  const alive = new WeakRef(user);
  const timer = setInterval(() => {
    if (alive.deref() === undefined) clearInterval(timer);
    else void noteUse(file);
  }, NOTE_EVERY_MS);
  timer.unref();
}
