import { type Data, type DataType, type Field, RecordBatch, type Schema, Table, tableToIPC } from "apache-arrow";

type Arrow = typeof import("apache-arrow");

/**
 * Gives the batches as those of the copy of apache-arrow that users import. The package's own copy is bundled, for speed;
 * types of another copy would fail where a user's code asks for `instanceof Utf8`. No values are copied.
 */
export async function* toUserBatches(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  const arrow = await import("apache-arrow");
  const translate = arrow.RecordBatch === RecordBatch ? (batch: RecordBatch) => batch : batchTranslator(arrow);
  for await (const batch of batches) yield translate(batch);
}

/** Makes batches of the classes of `arrow`, which share the memory of those they are made of. */
export function batchTranslator(arrow: Arrow): (batch: RecordBatch) => RecordBatch {
  const schemas = new WeakMap<Schema, Schema>();
  return ({ schema, data }) => {
    let target = schemas.get(schema);
    if (target === undefined) {
      target = arrow.tableFromIPC(tableToIPC(new Table(schema, []))).schema;
      keepNames(target.fields, schema.fields);
      schemas.set(schema, target);
    }
    return new arrow.RecordBatch(target, translateData(arrow, data, new arrow.Struct(target.fields)));
  };
}

/** Empty names come back as `null`. */
function keepNames(fields: readonly Field[], originals: readonly Field[]): void {
  for (const [index, field] of fields.entries()) {
    const { name, type } = originals[index] as Field;
    Object.assign(field, { name });
    keepNames(field.type.children ?? [], type.children ?? []);
  }
}

function translateData<T extends DataType>(arrow: Arrow, data: Data, type: T): Data<T> {
  const fields: readonly Field[] = type.children;
  const children = data.children.map((child, index) => translateData(arrow, child, fields[index]!.type));
  const { dictionary } = type as { readonly dictionary?: DataType };
  const words = dictionary && data.dictionary?.data.map((part: Data) => translateData(arrow, part, dictionary));
  const buffers = [data.valueOffsets, data.values, data.nullBitmap, data.typeIds] as Data<T>["buffers"];
  return new arrow.Data(
    type,
    data.offset,
    data.length,
    data.nullCount,
    buffers,
    children,
    words && new arrow.Vector(words),
  );
}
