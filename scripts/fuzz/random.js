/** Numbers that depend on `seed` and `index` alone (mulberry32). */
export function randomOf(seed, index) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { next, below, pick: (list) => list[below(list.length)], chance: (part) => next() < part };
}

const deep = (levels, leaf) => {
  let value = leaf;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values that are seldom meant. */
export const ODD_VALUES = [
  null, true, false, 0, -1, 0.5, -0.5, 1e308, 2 ** 53, 2 ** 53 - 1, 2 ** 40, 1e15, Number.MIN_VALUE, "", " ", "0", "NaN", "..", "../..",
  "/etc/passwd", "a/../../b", "C:\\x", "hf://datasets/o/n/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "\0", "a\0b", "\ud800",
  "\udfff.parquet", "%", "%zz", "%2e%2e", "?x=1#y", "__proto__", "constructor", "x".repeat(5000), "é".repeat(300), "[1]", "*", "**/a*b**c", [], {},
  [[]], [null], { __proto__: null, toString: 1 }, deep(50, 1), deep(500, 1), "a".repeat(40), "0".repeat(64), "README.md", "\u202e.parquet",
]; // prettier-ignore

/** `value` with one or some of its parts replaced, removed, doubled or added. */
export function mutateValue(random, value) {
  const copy = structuredClone(value);
  const root = { root: copy };
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) mutateOnce(random, root);
  return root.root;
}

function mutateOnce(random, root) {
  let holder = root;
  let key = "root";
  while (typeof holder[key] === "object" && holder[key] !== null && random.chance(0.85)) {
    const keys = Object.keys(holder[key]);
    if (keys.length === 0) break;
    holder = holder[key];
    key = random.pick(keys);
  }
  const action = random.below(5);
  if (action === 0 && holder !== root) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (action === 1 && Array.isArray(holder)) holder.push(structuredClone(holder[key]));
  else if (action === 2 && typeof holder[key] === "string")
    holder[key] += random.pick(["", "/", "\0", "..", "x", "\ud800"]);
  else if (action === 3 && typeof holder[key] === "number") holder[key] = random.pick([-1, 0.1, 1, 2]) * holder[key];
  else holder[key] = structuredClone(random.pick(ODD_VALUES));
}
