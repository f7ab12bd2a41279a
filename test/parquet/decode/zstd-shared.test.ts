import { expect, test } from "vitest";
import { ZSTDDecoder } from "zstddec";
import { Zstd } from "../../../src/parquet/decode/zstd.ts";
import { DamageError } from "../../../src/parquet/failures.ts";
import { lastBlock, makeFrame, rawBlock, repeatedBlock } from "./zstd-frames.ts";

test("Where somebody else in the thread has loaded the same package, zstd is decompressed nevertheless", async () => {
  await new ZSTDDecoder().init();
  const zstd = new Zstd();
  await zstd.load();
  const frame = makeFrame(rawBlock(Buffer.from("a")), lastBlock(repeatedBlock(98, 3)));
  expect(Buffer.from(zstd.decompress([frame], 4).bytes).toString()).toBe("abbb");
  for (const size of [3, 5]) expect(() => zstd.decompress([frame], size)).toThrow(DamageError);
  expect(zstd.spareBytes).toBe(0); // nothing of it is ours
});
