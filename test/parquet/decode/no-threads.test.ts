import { cp, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../helpers/temporary-folder.ts";
import { runNode } from "../../helpers/run-node.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

test("where the files of threads are missing, rows come all the same, with one warning", async () => {
  await using folder = await makeFolder();
  const dist = path.join(folder.path, "dist");
  await cp(path.join(ROOT, "dist"), dist, { recursive: true, filter: (file) => !file.includes("-worker.js") });
  await symlink(path.join(ROOT, "node_modules"), path.join(folder.path, "node_modules"));
  const program = `
    import { DataLoader, loadDataset } from "./dist/index.js";
    const warnings = [];
    process.on("warning", ({ code }) => warnings.push(code));
    const ids = [];
    for (const file of ["paged-v1", "nested"]) {
      const dataset = loadDataset("parquet", { dataFiles: \`${ROOT}/test/fixtures/\${file}.parquet\` });
      let [direct, loaded] = [0, 0];
      for await (const row of dataset) direct += 1;
      for await (const [row] of new DataLoader(dataset, { workers: 2, collate: (rows) => rows })) loaded += 1;
      ids.push(direct, loaded);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ ids, warnings }));
  `;
  await writeFile(path.join(folder.path, "read.mjs"), program);
  const { stdout } = await runNode(path.join(folder.path, "read.mjs"), []);
  const { ids, warnings } = JSON.parse(stdout) as { ids: number[]; warnings: string[] };
  expect(warnings).toEqual(["HFSTREAM_NO_THREADS"]);
  expect(ids[0]).toBeGreaterThan(100);
  expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
});
