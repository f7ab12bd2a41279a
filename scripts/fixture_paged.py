"""A table whose columns fall into pages at different rows, for tests of the page index."""

import random
from decimal import Decimal

import pyarrow as pa

WORDS = ["alpha", "beta", "gamma", "delta", "größer", "日本", "🤗", "", "omega"]


def paged(rows=1200, seed=20):
    rng = random.Random(seed)
    some = lambda value, share=0.15: None if rng.random() < share else value
    text = lambda most: " ".join(rng.choice(WORDS) for _ in range(rng.randrange(most)))
    pixels = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    pair = pa.struct([pa.field("must", pa.int32(), nullable=False), pa.field("notes", pa.list_(pa.string()))])
    columns = [
        ("id", pa.int64(), False, lambda i: i),
        ("maybe", pa.int32(), True, lambda i: some(i * 3)),
        ("text", pa.string(), True, lambda i: some(text(24))),
        ("lang", pa.string(), False, lambda i: rng.choice(["de", "en", "fr"])),
        ("flag", pa.bool_(), False, lambda i: rng.random() < 0.5),
        ("hash", pa.binary(6), False, lambda i: rng.randbytes(6)),
        ("ratio", pa.float64(), True, lambda i: some(rng.random())),
        ("price", pa.decimal128(20, 3), True, lambda i: some(Decimal(rng.randrange(-10**9, 10**9)) / 1000)),
        ("tags", pa.list_(pa.string()), True, lambda i: some([some(rng.choice(WORDS)) for _ in range(rng.randrange(4))])),
        ("matrix", pa.list_(pa.list_(pa.int16())), True, lambda i: some([some([i, None][: rng.randrange(3)]) for _ in range(rng.randrange(3))])),
        # One leaf is large and has many pages, its sibling is small and has few.
        ("images", pa.list_(pixels), True, lambda i: some([some({"bytes": rng.randbytes(rng.randrange(150)), "path": some(f"{i}.png")}, 0.05) for _ in range(rng.randrange(3))])),
        ("image", pixels, True, lambda i: some({"bytes": rng.randbytes(rng.randrange(90)), "path": None})),
        ("pair", pair, True, lambda i: some({"must": i, "notes": some([text(4) for _ in range(rng.randrange(3))])})),
        ("required_pair", pair, False, lambda i: {"must": -i, "notes": some([])}),
        ("counts", pa.map_(pa.string(), pa.int32()), True, lambda i: some([(f"k{k}", some(k)) for k in range(rng.randrange(3))])),
        ("nothing", pa.string(), True, lambda i: None),
    ]
    schema = pa.schema([pa.field(name, type, nullable=nullable) for name, type, nullable, _ in columns])
    return pa.table([pa.array([make(i) for i in range(rows)], type) for _, type, _, make in columns], schema=schema)
