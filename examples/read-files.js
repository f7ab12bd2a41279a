// Looks at the files of a dataset, and reads the last bytes of one by a range.
//   node examples/read-files.js [org/name]
import { HfFileSystem } from "hfstream";

const id = process.argv[2] ?? "hfstream/demo-vision";
const files = new HfFileSystem();
const found = await files.glob(`datasets/${id}/**/*.parquet`);
for (const { path, size } of found) console.log(`${size} ${path}`);
const [first] = found;
if (first !== undefined) {
  const [tail] = await files.readRanges(first.path, [{ offset: first.size - 4, length: 4 }]);
  console.log(`ends with ${new TextDecoder().decode(tail)}`);
}
