import { asyncBufferFromUrl, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { listFiles, type Reader } from "./reader.ts";

/** Objects, one row group after the other. */
export const objects: Reader = async (task, consumer) => {
  const files = await listFiles(task);
  await consumer.take(readRowGroups(files), (list) => list.length);
};

async function* readRowGroups(files: Awaited<ReturnType<typeof listFiles>>): AsyncGenerator<unknown[]> {
  for (const { url, size } of files) {
    const file = await asyncBufferFromUrl({ url, byteLength: size });
    const metadata = await parquetMetadataAsync(file);
    let rowStart = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rowEnd = rowStart + Number(count);
      // Without `utf8: false` bytes would be made into text.
      yield await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, utf8: false });
      rowStart = rowEnd;
    }
  }
}
