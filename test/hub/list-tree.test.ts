import { describe, expect, test } from "vitest";
import { listTree } from "../../src/hub/api.ts";
import { HubClient } from "../../src/hub/client.ts";
import { readEnvironment } from "../../src/hub/env.ts";
import { rejection, serveHub } from "../helpers/hub-fixture.ts";

const REPO = { type: "dataset", id: "org/data", revision: "main" } as const;
const clientOf = (endpoint: string, token?: string): HubClient => {
  const environment = readEnvironment({});
  const rest = { offline: false, maxConnections: 4, maxOutageMs: 10_000, dispatcher: undefined, environment };
  return new HubClient({ endpoint, token, ...rest });
};

describe("listTree", () => {
  test("goes through all pages, and a page that fails is asked again without loss or repetition", async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `d${index % 3}/${index}.txt`);
    await using hub = await serveHub(Object.fromEntries(names.map((name) => [`datasets/org/data/${name}`, ""])));
    hub.server.inject({ match: { route: "tree" }, skip: 1, status: 500 });
    const entries = await listTree(clientOf(hub.server.url), REPO);
    const files = entries.filter(({ type }) => type === "file").map(({ path }) => path);
    expect(files.sort()).toEqual(names.sort());
    expect(entries.filter(({ type }) => type === "directory")).toHaveLength(3);
    expect(hub.takeLog().map(({ status }) => status)).toEqual([200, 500, 200, 200]);
  });

  test("asks a mirror for the next page, though it hands on the address of the Hub behind it", async () => {
    await using hub = await serveHub({ "datasets/org/data/a.txt": "" });
    await using other = await serveHub({ "datasets/org/data/a.txt": "" });
    const link = `<${other.server.url}/api/datasets/org/data/tree/main>; rel="next"`;
    hub.server.inject({ match: { route: "tree" }, headers: { Link: link } });
    await listTree(clientOf(hub.server.url, "hf_secret"), REPO);
    expect(hub.takeLog().map(({ route }) => route)).toEqual(["tree", "tree"]);
    expect(other.takeLog()).toEqual([]);
  });

  test.concurrent("an answer that is no listing is an error that asks whether this is a Hub", async () => {
    await using hub = await serveHub({ "datasets/org/data/a.txt": "" });
    const bodies = ["<html>", "{}", '[{"name":"x"}]', "", '[{"path":"a.txt","si', "null"];
    const answers = bodies.map(async (body, index) => {
      const repo = { ...REPO, revision: `v${index}` };
      hub.server.inject({ match: { route: "tree", path: `/v${index}` }, status: 200, body, times: Infinity });
      return await rejection(listTree(clientOf(hub.server.url), repo));
    });
    for (const error of await Promise.all(answers)) {
      expect(error).toMatchObject({
        code: "HUB_UNAVAILABLE",
        message: expect.stringMatching(/Is this a Hub\?.*gave up after \d tries/) as string,
      });
    }
  });
});
