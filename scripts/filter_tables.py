"""The tables whose rows scripts/filter-cases.py filters: sorted and unsorted columns of every plain type, with nulls."""

import random
from decimal import Decimal

import pyarrow as pa

WORDS = ["", "a", "Z", "abc", "abd", "zz", "é", "größe", "日本", "🤗", "～", "\u00ff\u00ff", "same"]


def make(rows, seed, nulls, payload=0):
    rng = random.Random(seed)

    def maybe(value):
        return None if rng.random() < nulls else value

    def some(values):
        return [maybe(value) for value in values]

    ids = range(rows)
    floats = [rng.choice([0.5, -0.0, 0.0, 1.5, float("nan"), float("inf"), -2.25, rng.uniform(-9, 9)]) for _ in ids]
    columns = {
        "id": pa.array(ids, pa.int64()),
        # Sorted, so that pages and row groups can be ruled out.
        "rising": pa.array(some(i // 3 for i in ids), pa.int32()),
        "rising_text": pa.array(some(f"k{i:05d}" for i in ids), pa.string()),
        "rising_float": pa.array(some(i / 4 for i in ids), pa.float64()),
        "rising_us": pa.array(some(1_600_000_000_000_000 + i * 1_234_567 for i in ids), pa.timestamp("us")),
        "flag": pa.array(some(rng.random() < 0.3 for _ in ids), pa.bool_()),
        "f32": pa.array(some(floats), pa.float32()),
        "f64": pa.array(some(reversed(floats)), pa.float64()),
        "text": pa.array(some(rng.choice(WORDS) for _ in ids), pa.string()),
        "bin": pa.array(some(rng.choice([b"", b"\x00", b"\x00\xff", b"\xff", b"ab"]) for _ in ids), pa.binary()),
        "fixed": pa.array(some(bytes([rng.randrange(3), rng.randrange(256)]) for _ in ids), pa.binary(2)),
        "price": pa.array(some(Decimal(rng.randrange(-500, 500)) / 100 for _ in ids), pa.decimal128(9, 2)),
        "day": pa.array(some(rng.randrange(-40, 40) for _ in ids), pa.date32()),
        "ms": pa.array(some(rng.randrange(-5000, 5000) for _ in ids), pa.timestamp("ms")),
        "us": pa.array(some(rng.randrange(-4, 4) * 1000 + rng.choice([0, 0, 1, 999]) for _ in ids), pa.timestamp("us", "UTC")),
        "ns": pa.array(some(rng.randrange(-4, 4) * 10**6 + rng.choice([0, 0, 1]) for _ in ids), pa.timestamp("ns")),
        "nothing": pa.nulls(rows, pa.int32()),
        # What makes pages worth leaving out.
        "payload": pa.array([rng.randbytes(payload) for _ in ids], pa.binary()),
    }
    for bits in (8, 16, 32, 64):
        top = 2 ** (bits - 1)
        near = [-top, top - 1, 0, 1, -1]
        columns[f"i{bits}"] = pa.array(some(rng.choice([*near, rng.randrange(-50, 50)]) for _ in ids), f"int{bits}")
        far = [0, 1, 2 * top - 1, top, top - 1]
        columns[f"u{bits}"] = pa.array(some(rng.choice([*far, rng.randrange(100)]) for _ in ids), f"uint{bits}")
    return pa.table(columns)
