import { Agent, request } from "undici";
import { listFiles, type Reader } from "./reader.ts";

const RANGE_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 16;

/** The same files, thrown away as they come: what the link and the server allow. */
export const ranges: Reader = async (task, consumer) => {
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const parts: { readonly url: string; readonly range: string }[] = [];
  for (const { url, size } of await listFiles(task)) {
    const { headers, body } = await request(url, { method: "HEAD", dispatcher });
    await body.dump();
    const location = String(headers["location"] ?? url);
    for (let start = 0; start < size; start += RANGE_BYTES) {
      parts.push({ url: location, range: `bytes=${start}-${Math.min(size, start + RANGE_BYTES) - 1}` });
    }
  }
  const queue = parts.values();
  const work = async (): Promise<void> => {
    for (const { url, range } of queue) {
      const { body } = await request(url, { headers: { range }, dispatcher });
      body.on("data", () => consumer.markFirst());
      await new Promise((resolve, reject) => body.on("end", resolve).on("error", reject));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  await dispatcher.close();
};
