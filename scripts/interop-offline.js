/** Reads, without a network, what Python's clients keep in their cache: `interop.py download` says what that is. */
import { createHash } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Reads it by the package whose entry point is `entry`, and gives the number of things that are not as Python has them. */
export async function checkOffline(entry, { rows, files, missing }) {
  const { HfFileSystem, loadDataset } = await import(pathToFileURL(path.resolve(entry)).href);
  let failures = 0;
  const check = async (title, run) => {
    try {
      await run();
      process.stdout.write(`ok      ${title}\n`);
    } catch (error) {
      failures += 1;
      process.stdout.write(`FAILED  ${title}\n${error.stack}\n`);
    }
  };
  for (const { id, options, ids } of rows)
    await check(`rows of ${id} ${JSON.stringify(options)}`, async () => {
      const seen = [];
      for await (const row of loadDataset(id, { ...options, columns: ["id"] })) seen.push(row.id);
      same(seen, ids);
    });
  const fs = new HfFileSystem();
  for (const { root, sha256 } of files)
    await check(`files of ${root}`, async () => {
      const listed = new Set((await fs.find(root)).map((file) => file.path.slice(root.length + 1)));
      same(
        Object.keys(sha256).filter((name) => !listed.has(name)),
        [],
      );
      for (const [name, expected] of Object.entries(sha256)) {
        const bytes = await fs.cat(`${root}/${name}`);
        same(createHash("sha256").update(bytes).digest("hex"), expected);
      }
    });
  await check("what is missing", async () => {
    for (const asked of [
      () => fs.cat(missing.file),
      () => loadDataset("org/plain", { revision: missing.revision }).info(),
    ]) {
      const error = await asked().catch((thrown) => thrown);
      same(error.code, "OFFLINE");
      process.stdout.write(`        ${error.message}\n`);
    }
  });
  return failures;
}

function same(got, expected) {
  const [left, right] = [JSON.stringify(got), JSON.stringify(expected)];
  if (left !== right) throw new Error(`expected ${right?.slice(0, 200)}, got ${left?.slice(0, 200)}`);
}
