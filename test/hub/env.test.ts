import { homedir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { findToken, readEnvironment } from "../../src/hub/env.ts";
import { makeFolder } from "../helpers/temporary-folder.ts";

describe("readEnvironment", () => {
  test("has the defaults of huggingface_hub", () => {
    const home = path.join(homedir(), ".cache", "huggingface");
    expect(readEnvironment({})).toEqual({
      endpoint: "https://huggingface.co",
      home,
      cacheDir: path.join(home, "hfstream"),
      pythonCache: path.join(home, "hub"),
      offline: false,
      proxy: "",
      userAgentOrigin: undefined,
    });
  });

  test.each([
    [{ HF_ENDPOINT: "https://hub.example/base//" }, { endpoint: "https://hub.example/base" }],
    [{ HF_ENDPOINT: "" }, { endpoint: "https://huggingface.co" }],
    [{ HF_HOME: "/h" }, { home: "/h", cacheDir: "/h/hfstream" }],
    [{ HF_HOME: "~/h" }, { home: path.join(homedir(), "h") }],
    [{ XDG_CACHE_HOME: "/x" }, { home: "/x/huggingface" }],
    [{ XDG_CACHE_HOME: "/x", HF_HOME: "/h" }, { home: "/h" }],
    [
      { HFSTREAM_CACHE: "/c", HF_HOME: "/h" },
      { home: "/h", cacheDir: "/c" },
    ],
    [{ HF_HOME: "/h" }, { pythonCache: "/h/hub" }],
    [{ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old" }, { pythonCache: "/old" }],
    [
      { HUGGINGFACE_HUB_CACHE: "/old", HF_HUB_CACHE: "$SCRATCH/${JOB}/$ME", SCRATCH: "/s", JOB: "7" },
      { pythonCache: "/s/7/$ME" },
    ],
    [{ HF_HUB_OFFLINE: "yes" }, { offline: true }],
    [{ TRANSFORMERS_OFFLINE: "1" }, { offline: true }],
    [{ HF_HUB_OFFLINE: "0", TRANSFORMERS_OFFLINE: "1" }, { offline: false }],
    [{ https_proxy: "http://p:1" }, { proxy: expect.stringContaining("http://p:1") as string }],
    [{ HF_HUB_USER_AGENT_ORIGIN: "tests" }, { userAgentOrigin: "tests" }],
  ])("reads %j", (variables, expected) => {
    expect(readEnvironment(variables)).toMatchObject(expected);
  });
});

describe("findToken", () => {
  test("looks at HF_TOKEN, then HUGGING_FACE_HUB_TOKEN, then the file of a login", async () => {
    await using folder = await makeFolder({ token: "  hf_file\r\n", "other/token": "hf_other" });
    const HF_HOME = folder.path;
    const both = { HF_HOME, HF_TOKEN: "hf_new\n", HUGGING_FACE_HUB_TOKEN: "hf_old" };
    expect(findToken(both)).toBe("hf_new");
    expect(findToken({ ...both, HF_TOKEN: "" })).toBe("hf_old");
    expect(findToken({ HF_HOME, HF_TOKEN: " \t" })).toBe("hf_file");
    expect(findToken({ HF_HOME, HF_TOKEN_PATH: path.join(folder.path, "other", "token") })).toBe("hf_other");
    expect(findToken({ HF_HOME: path.join(folder.path, "none") })).toBeUndefined();
    expect(findToken({ ...both, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })).toBeUndefined();
  });
});
