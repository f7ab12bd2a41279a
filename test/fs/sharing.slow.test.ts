import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { DiskCache } from "../../src/cache/disk-cache.ts";
import { pauseBoard } from "../../src/fs/pause-board.ts";
import { QuotaPauses } from "../../src/hub/quota-pauses.ts";
import { rejection, serveHub } from "../helpers/hub-fixture.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const OPENS = 2000;

test(`${OPENS} opened Hubs share their sockets, leave none behind, and let the process end`, async () => {
  await using hub = await serveHub({ "datasets/org/data/a.txt": "text" });
  const module = new URL("../../dist/index.js", import.meta.url).href;
  const script = `
    import { readdirSync } from "node:fs";
    import { HfFileSystem } from ${JSON.stringify(module)};
    const options = { endpoint: ${JSON.stringify(hub.server.url)}, cacheDir: ${JSON.stringify(hub.cacheDir)}, token: false };
    const count = () => readdirSync("/proc/self/fd").length;
    await new HfFileSystem(options).cat("datasets/org/data/a.txt");
    const before = count();
    for (let open = 0; open < ${OPENS}; open += 1) await new HfFileSystem(options).cat("datasets/org/data/a.txt");
    process.stdout.write(String(count() - before));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
  expect(Number(stdout)).toBeLessThan(20);
}, 90_000);

test("a pause that another process wrote is believed for five minutes at most", async () => {
  await using folder = await makeFolder();
  const board = pauseBoard(new DiskCache(folder.path));
  await board.write("hub api", Date.now() + 86_400_000);
  const error = await rejection(new QuotaPauses(board, 60_000).respect("hub api", "x", {}));
  expect(error).toMatchObject({ code: "RATE_LIMITED" });
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(300_000);
  await board.write("hub pages", Number.NaN);
  expect(await new QuotaPauses(board, 60_000).respect("hub pages", "x", {})).toBeUndefined();
});

test("what a server asks for is written for five minutes at most", async () => {
  await using folder = await makeFolder();
  const board = pauseBoard(new DiskCache(folder.path));
  new QuotaPauses(board, 60_000).note("hub api", 1e15);
  await expect.poll(() => board.read("hub api")).toBeGreaterThan(Date.now());
  expect(await board.read("hub api")).toBeLessThanOrEqual(Date.now() + 300_000);
});

test("after a pause one asks first; the others wait on if it is refused", async () => {
  await using folder = await makeFolder();
  const board = pauseBoard(new DiskCache(folder.path));
  await board.write("hub api", Date.now() + 300);
  const waiting = [1, 2, 3].map(() => new QuotaPauses(board, 60_000).respect("hub api", "x", {}));
  const probe = await Promise.race(waiting);
  expect(probe).toBeTypeOf("function");
  await board.write("hub api", Date.now() + 3000); // it was refused
  let others = 0;
  for (const wait of waiting) void wait.then(() => (others += 1));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(others).toBe(1); // the probe alone
  probe?.();
  for (const release of await Promise.all(waiting)) if (release !== probe) release?.();
});
