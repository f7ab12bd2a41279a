import { tableFromIPC } from "apache-arrow";
import { ParquetFile, type RecordBatch } from "parquet-wasm";
import { listFiles, type Reader } from "./reader.ts";

/** Objects by `toJSON`, which leaves nested values as they are in Arrow. */
export const objects: Reader = async (task, consumer) => {
  const files = await listFiles(task);
  await consumer.take(readBatches(files.map(({ url }) => url)), (list) => list.length);
};

async function* readBatches(urls: readonly string[]): AsyncGenerator<unknown[]> {
  for (const url of urls) {
    const file = await ParquetFile.fromUrl(url);
    const stream = (await file.stream()) as ReadableStream<RecordBatch>;
    for await (const batch of stream) {
      yield tableFromIPC(batch.intoIPCStream())
        .toArray()
        .map((row: { toJSON(): unknown }) => row.toJSON());
    }
    file.free();
  }
}
