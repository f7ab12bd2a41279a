import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { DataFileStore } from "../../src/fs/data-file-store.ts";
import { HubStore } from "../../src/fs/hub-store.ts";
import { loadDataset } from "../../src/index.ts";
import { rejection, serveHub } from "../helpers/hub-fixture.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

const FIXTURES = path.join(import.meta.dirname, "../fixtures");
const OURS = "primitives-plain.parquet"; // 8 rows
const OTHERS = "row-groups-200.parquet"; // 200 rows

describe("a folder is named by the letter", () => {
  test.each(["a*b", "[x]", "x?y", "[0-9]/[!a]"])("%s", async (name) => {
    await using folder = await makeFolder();
    const place = path.join(folder.path, name);
    const decoys = ["aXb", "x", "xzy", "1/b"].map((other) => path.join(folder.path, other));
    for (const [to, file] of [[place, OURS], ...decoys.map((decoy) => [decoy, OTHERS])] as [string, string][]) {
      await mkdir(to, { recursive: true });
      await copyFile(path.join(FIXTURES, file), path.join(to, "0.parquet"));
    }
    const rows = [
      loadDataset("parquet", { dataDir: place }),
      loadDataset("parquet", { dataDir: place, dataFiles: "0.parquet" }),
      loadDataset("parquet", { dataDir: place, dataFiles: "*.parquet" }),
      loadDataset("parquet", { dataFiles: path.join(place, "0.parquet") }),
      loadDataset(place),
    ].map((dataset) => dataset.numRows());
    expect(await Promise.all(rows)).toEqual([8, 8, 8, 8, 8]);
  });
});

describe("a web address of the Hub", () => {
  test("means what it has encoded by the letter, and what it has bare as a pattern", async () => {
    const names = ["a[1].csv", "a1.csv", "b*.csv", "bb.csv", "c?.csv", "cc.csv"];
    await using hub = await serveHub(Object.fromEntries(names.map((name) => [`datasets/org/data/d/${name}`, "x"])));
    const options = { endpoint: hub.server.url, token: false, cacheDir: hub.cacheDir } as const;
    const store = new DataFileStore(new HubStore(options));
    const found = async (end: string): Promise<string[]> =>
      (await store.list(`${hub.server.url}/datasets/org/data/resolve/main/d/${end}`)).map((file) =>
        file.path.slice(file.path.lastIndexOf("/") + 1),
      );
    expect(await found("a%5B1%5D.csv")).toEqual(["a[1].csv"]);
    expect(await found("b%2A.csv")).toEqual(["b*.csv"]);
    expect(await found("c%3F.csv")).toEqual(["c?.csv"]);
    expect(await found("b*.csv")).toEqual(["b*.csv", "bb.csv"]);
    expect(await found("a[1].csv")).toEqual(["a1.csv"]);
    expect(await rejection(found("%E0%A4%A"))).toMatchObject({ code: "INVALID_PATH" });
  });

  test("with a signature shows it in no error and no name", async () => {
    await using hub = await serveHub({ "datasets/org/data/a.txt": "x" });
    const store = new DataFileStore(new HubStore({ endpoint: hub.server.url, token: false, cacheDir: hub.cacheDir }));
    const address = `${hub.server.url}/nowhere.parquet?X-Amz-Signature=secret`;
    const error = await rejection(store.list(address));
    expect(error).toMatchObject({ code: "ENTRY_NOT_FOUND", path: `${hub.server.url}/nowhere.parquet` });
    expect(String(error)).not.toContain("secret");
    expect(store.open({ path: address, size: 1, oid: "" }).path).not.toContain("secret");
    expect(await rejection(store.list("http://[/x.parquet?secret"))).toMatchObject({ code: "INVALID_PATH" });
    expect(await rejection(store.list("file://host/x%00"))).toMatchObject({ code: "INVALID_PATH" });
  });
});
