import { type LeafColumn, PhysicalType } from "./footer/metadata.ts";
import { type ThriftField, ThriftType } from "./footer/thrift.ts";
import { writeThrift } from "./footer/thrift-writer.ts";

const DATA_PAGE_V2 = 3;
const PLAIN = 0;

/**
 * Makes a data page of `rows` rows that stands for pages nobody wants, so that the columns of a row group stay aligned
 * without fetching them: all nulls (or empty lists) where the column may be null, else zeros or empty strings. A page of
 * version 2, which may be uncompressed whatever the codec of its chunk (parquet.thrift, `DataPageHeaderV2`).
 */
export function makeFillerPage({ node, maxDefinitionLevel, maxRepetitionLevel }: LeafColumn, rows: number): Uint8Array {
  const isNull = maxDefinitionLevel > 0;
  const repetition = maxRepetitionLevel > 0 ? levelRun(rows, maxRepetitionLevel) : new Uint8Array();
  const definition = isNull ? levelRun(rows, maxDefinitionLevel) : new Uint8Array();
  const values = fillerBytes({ node, maxDefinitionLevel }, rows);
  const size = repetition.length + definition.length + values;
  const int = (value: number): ThriftField => ({ type: ThriftType.I32, value });
  const header = writeThrift(
    new Map([
      [1, int(DATA_PAGE_V2)],
      [2, int(size)],
      [3, int(size)],
      [
        8,
        {
          type: ThriftType.STRUCT,
          value: new Map<number, ThriftField>([
            [1, int(rows)],
            [2, int(isNull ? rows : 0)],
            [3, int(rows)],
            [4, int(PLAIN)],
            [5, int(definition.length)],
            [6, int(repetition.length)],
            [7, { type: ThriftType.FALSE, value: false }],
          ]),
        },
      ],
    ]),
  );
  const page = new Uint8Array(header.length + size);
  page.set(header);
  page.set(repetition, header.length);
  page.set(definition, header.length + repetition.length);
  return page;
}

/** `count` levels of 0 as one run (Encodings.md, RLE/bit-packing hybrid): its length doubled, then the value. */
function levelRun(count: number, maxLevel: number): Uint8Array {
  const bytes: number[] = [];
  let rest = count * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  const valueBytes = Math.ceil((32 - Math.clz32(maxLevel)) / 8);
  return Uint8Array.from([...bytes, ...new Uint8Array(valueBytes)]);
}

/** Bytes of the values of such a page: nothing, or plain-encoded zeros; of byte arrays, empty ones. */
export function fillerBytes(
  { node, maxDefinitionLevel }: Pick<LeafColumn, "node" | "maxDefinitionLevel">,
  rows: number,
): number {
  if (maxDefinitionLevel > 0) return 0;
  switch (node.physicalType) {
    case PhysicalType.BOOLEAN:
      return Math.ceil(rows / 8);
    case PhysicalType.INT64:
    case PhysicalType.DOUBLE:
      return rows * 8;
    case PhysicalType.INT96:
      return rows * 12;
    case PhysicalType.FIXED_LEN_BYTE_ARRAY:
      return rows * node.typeLength;
    default:
      return rows * 4;
  }
}
