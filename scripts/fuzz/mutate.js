// Damages a Parquet file as a seed says.
import { readThrift, ThriftType } from "../../build/parquet/footer/thrift.js";
import { writeThrift } from "../../build/parquet/footer/thrift-writer.js";

const INTERESTING = [
  0,
  1,
  -1,
  2,
  7,
  8,
  127,
  128,
  255,
  1000,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 40,
];

/** Picks a file and damages it; tells how, and what it was. */
export function mutate(seed, files) {
  const random = generator(seed);
  const { name, bytes: before } = files[random(files.length)];
  const { what, change } = KINDS[random(KINDS.length)];
  return { name, what, before, bytes: change(before.slice(), random) };
}

/** Whole numbers below a bound (mulberry32). */
function generator(seed) {
  let state = (seed * 0x9e3779b1) >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

const KINDS = [
  { what: "flipped bits", change: (bytes, random) => flip(bytes, random, 0, bytes.length) },
  { what: "flipped bits in pages", change: (bytes, random) => flip(bytes, random, 4, footerStart(bytes)) },
  {
    what: "flipped bits in the footer",
    change: (bytes, random) => flip(bytes, random, footerStart(bytes), bytes.length),
  },
  { what: "a run of bytes", change: overwrite },
  { what: "cut short", change: (bytes, random) => bytes.slice(0, random(bytes.length)) },
  { what: "spliced", change: splice },
  { what: "numbers of the footer", change: (bytes, random) => editFooter(bytes, random) },
  { what: "numbers of a page header", change: editPageHeader },
];

function flip(bytes, random, start, end) {
  for (let left = 1 + random(6); left > 0; left -= 1) bytes[start + random(end - start)] ^= 1 << random(8);
  return bytes;
}

function overwrite(bytes, random) {
  const start = random(bytes.length);
  return bytes.fill([0, 0xff, 0x80, random(256)][random(4)], start, start + 1 + random(200));
}

/** Puts a stretch of the file somewhere else, with or without what is there, so that the footer stays where it is. */
function splice(bytes, random) {
  const [source, target, length] = [random(bytes.length), random(bytes.length), 1 + random(300)];
  return bytes.copyWithin(target, source, Math.min(bytes.length, source + length));
}

function footerStart(bytes) {
  return bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
}

function editFooter(bytes, random) {
  const start = footerStart(bytes);
  const footer = writeThrift(edited(readThrift(bytes, start).struct, random));
  const whole = new Uint8Array(start + footer.length + 8);
  whole.set(bytes.subarray(0, start));
  whole.set(footer, start);
  new DataView(whole.buffer).setUint32(start + footer.length, footer.length, true);
  whole.set(bytes.subarray(-4), whole.length - 4);
  return whole;
}

/** Changes numbers of a header in place: of the same length, so that nothing behind it moves. */
function editPageHeader(bytes, random) {
  const starts = pageHeaders(bytes);
  const at = starts[random(starts.length)];
  if (at === undefined) return bytes;
  const { struct, end } = readThrift(bytes, at);
  for (let tries = 0; tries < 20; tries += 1) {
    const header = writeThrift(edited(struct, random));
    if (header.length === end - at) bytes.set(header, at);
  }
  return bytes;
}

/** Where pages begin, by the footer. */
function pageHeaders(bytes) {
  const groups = readThrift(bytes, footerStart(bytes)).struct.get(4)?.value.values ?? [];
  return groups.flatMap((group) => group.get(1).value.values.flatMap((chunk) => pagesOf(bytes, chunk)));
}

function pagesOf(bytes, chunk) {
  const metadata = chunk.get(3).value;
  const [data, dictionary, length] = [9, 11, 7].map((id) => Number(metadata.get(id)?.value ?? 0));
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const starts = [];
  if (Number(metadata.get(5).value) === 0) return starts; // of an empty row group, its places tell nothing
  for (let at = start; at < start + length;) {
    const { struct, end } = readThrift(bytes, at);
    starts.push(at);
    at = end + Number(struct.get(3).value);
  }
  return starts;
}

/** A copy of a struct with one number in it changed, at any depth. */
function edited(struct, random) {
  const places = [];
  collect(struct, places);
  const place = places[random(places.length)];
  return place === undefined ? struct : replaced(struct, place, numberFrom(random));
}

function numberFrom(random) {
  return random(2) === 0 ? INTERESTING[random(INTERESTING.length)] : random(2 ** 31) >> random(31);
}

function collect(value, places) {
  if (value instanceof Map) {
    for (const field of value.values()) {
      if ([ThriftType.I32, ThriftType.I64].includes(field.type)) places.push(field);
      else collect(field.value, places);
    }
  } else if (Array.isArray(value?.values)) for (const item of value.values) collect(item, places);
}

function replaced(value, place, number) {
  if (value instanceof Map)
    return new Map(
      [...value].map(([id, field]) => [
        id,
        field === place ? { ...field, value: number } : { ...field, value: replaced(field.value, place, number) },
      ]),
    );
  if (!Array.isArray(value?.values)) return value;
  return { ...value, values: value.values.map((item) => replaced(item, place, number)) };
}

/** Whether files differ, and only where pages have their bodies. */
export function differsInBodiesOnly(before, after) {
  if (before.length !== after.length) return false;
  const bodies = pageHeaders(before).map((at) => {
    const { struct, end } = readThrift(before, at);
    return { start: end, end: end + Number(struct.get(3).value) };
  });
  const isInBody = (at) => bodies.some(({ start, end }) => at >= start && at < end);
  let differs = false;
  for (let at = 0; at < before.length; at += 1) {
    if (before[at] === after[at]) continue;
    differs = true;
    if (!isInBody(at)) return false;
  }
  return differs;
}
