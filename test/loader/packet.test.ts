import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Packer, sizeOfRow } from "../../src/loader/packet.ts";

const { port1, port2 } = new MessageChannel();
afterAll(() => port1.close());

/** Sends rows as worker threads do. */
function sent(rows: readonly unknown[]): readonly unknown[] {
  const packer = new Packer();
  for (const row of rows) packer.add(row);
  const packed = packer.done();
  port1.postMessage(packed.rows, [...packed.transfer]);
  return (receiveMessageOnPort(port2) as { message: unknown[] }).message;
}

const bytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, index) => index * 31);

test("values come as they were", () => {
  const row = {
    number: -0,
    nan: Number.NaN,
    text: "añ💧",
    none: null,
    missing: undefined,
    flag: true,
    big: 2n ** 70n,
    date: new Date(86_400_000),
    list: [[1, null], [], [{ nested: [new Date(0), 3n] }]],
    map: new Map([["key", new Set([1])]]),
  };
  expect(sent([row])).toStrictEqual([row]);
});

test.each([
  new Int8Array([-1, 2]),
  new Uint8Array([1, 2, 3]),
  new Uint8ClampedArray([255]),
  new Int16Array([-2]),
  new Uint16Array([65535, 1]),
  new Int32Array([-5, 6]),
  new Uint32Array([7]),
  new Float32Array([0.5, -0, Number.NaN]),
  new Float64Array([Math.PI]),
  new BigInt64Array([-1n, 2n ** 62n]),
  new BigUint64Array([2n ** 63n]),
  new Uint8Array(),
  new Float64Array(),
])("typed arrays come as they were: %o", (view) => {
  const [row] = sent([{ first: new Uint8Array([9]), view, deep: [{ view }] }]) as [Record<string, unknown>];
  expect(row["view"]).toStrictEqual(view);
  expect(row["deep"]).toStrictEqual([{ view }]);
  expect(Object.getPrototypeOf(row["view"])).toBe(Object.getPrototypeOf(view));
});

test("a DataView comes as it was", () => {
  const [row] = sent([{ pad: bytes(3), view: new DataView(bytes(20).buffer, 3, 5) }]) as [{ view: DataView }];
  expect(row.view).toBeInstanceOf(DataView);
  expect(new Uint8Array(row.view.buffer, row.view.byteOffset, row.view.byteLength)).toEqual(bytes(20).slice(3, 8));
});

test("what extends a typed array comes as that array", () => {
  class Vector extends Float32Array {
    constructor() {
      super(2);
      this.set([1, 2]);
    }
  }
  const [row] = sent([{ vector: new Vector(), buffer: Buffer.from("abc") }]) as [Record<string, unknown>];
  expect(row["vector"]).toStrictEqual(new Float32Array([1, 2]));
  expect(row["buffer"]).toStrictEqual(new Uint8Array([97, 98, 99]));
});

test("of a view only its own bytes are sent", () => {
  const large = new Float64Array(1_000_000).fill(3);
  const packer = new Packer();
  packer.add({ view: large.subarray(10, 12) });
  expect(packer.done().transfer.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(2000);
  expect(sent([{ view: large.subarray(10, 12) }])).toEqual([{ view: new Float64Array([3, 3]) }]);
});

test("what is sent is not taken away from who has it, and is what it was when it was added", () => {
  const kept = new Float32Array([1]);
  const packer = new Packer();
  packer.add({ kept });
  kept[0] = 2;
  packer.add({ kept });
  const { rows, transfer } = packer.done();
  port1.postMessage(rows, [...transfer]);
  kept[0] = 3;
  expect(kept).toEqual(new Float32Array([3]));
  expect(receiveMessageOnPort(port2)?.message).toEqual([
    { kept: new Float32Array([1]) },
    { kept: new Float32Array([2]) },
  ]);
});

test("views of shared memory go on sharing it", () => {
  const view = new Uint8Array(new SharedArrayBuffer(4));
  const [row] = sent([{ view }]) as [{ view: Uint8Array }];
  row.view[0] = 7;
  expect(view[0]).toBe(7);
});

test("a row without typed arrays is not copied", () => {
  const row = { text: "a", list: [{ deep: 1 }] };
  const packer = new Packer();
  packer.add(row);
  expect(packer.done()).toEqual({ rows: [row], transfer: [] });
  expect(packer.done().rows[0]).toBe(row);
});

test("any name is good for a column", () => {
  const row = JSON.parse('{"__proto__":[1],"constructor":"x","toString":2,"":3}') as object;
  Object.defineProperty(row, "view", { value: bytes(4), enumerable: true });
  expect(JSON.stringify(sent([row]))).toBe(JSON.stringify([row]));
});

const view = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.float32Array({ maxLength: 9, noNaN: true }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.int16Array({ maxLength: 3000 }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.constant(null), fc.date({ noInvalidDate: true })),
    view,
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

test("any rows come as structured cloning gives them", () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), value, { noNullPrototype: true }), { maxLength: 12 }), (rows) => {
      expect(sent(rows)).toStrictEqual(structuredClone(rows));
    }),
    { numRuns: 300 },
  );
});

class Own {
  readonly view: Uint8Array;
  constructor(length: number) {
    this.view = new Uint8Array(length);
  }
}

test("the size of a row is about that of what it holds", () => {
  const mega = 1024 * 1024;
  for (const row of [
    { text: "x".repeat(mega / 2) },
    { view: new Uint8Array(mega) },
    { deep: [[{ view: new Float64Array(mega / 8) }]] },
    { buffer: new ArrayBuffer(mega) },
    { map: new Map([["key", new Uint8Array(mega)]]) },
    { list: Array.from({ length: mega / 8 }, () => 1) },
    { own: new Own(mega) },
  ]) {
    expect(sizeOfRow(row)).toBeGreaterThan(0.9 * mega);
    expect(sizeOfRow(row)).toBeLessThan(1.3 * mega);
  }
  expect(sizeOfRow({ shared: new Uint8Array(new SharedArrayBuffer(mega)) })).toBeLessThan(100);
  expect(sizeOfRow({ a: 1, b: null, c: undefined, d: new Date() })).toBeLessThan(100);
});
