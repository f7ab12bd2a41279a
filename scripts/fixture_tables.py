"""The tables that scripts/make-fixtures.py writes: every type, its extremes, and nulls at every level."""

import datetime
import decimal
from decimal import Decimal

import numpy as np
import pyarrow as pa

UTC = "UTC"
TEXTS = ["", "plain", "größer", "日本語", "🤗 emoji 👩‍🚀", "nul\x00inside", "a" * 300, None]


def column(type, values, **options):
    return pa.array(values, type, **options)


def primitives():
    columns = {"bool": column(pa.bool_(), [True, False, None, True, False, True, False, None])}
    for bits in (8, 16, 32, 64):
        top = 2 ** (bits - 1)
        columns[f"int{bits}"] = column(getattr(pa, f"int{bits}")(), [-top, top - 1, 0, -1, 1, None, 7, -7])
        columns[f"uint{bits}"] = column(getattr(pa, f"uint{bits}")(), [0, 2 * top - 1, top, 1, None, 2, 3, 4])
    nan, inf = float("nan"), float("inf")
    floats = {
        "float16": (pa.float16(), [np.float16(v) for v in (1.5, nan, inf, -inf, -0.0, 6e-8, 65504)] + [None]),
        "float32": (pa.float32(), [np.float32(0.1), nan, inf, -inf, -0.0, np.float32(1e-45), np.float32(3.4e38), None]),
        "float64": (pa.float64(), [0.1, nan, inf, -inf, -0.0, 5e-324, 1.7976931348623157e308, None]),
    }
    columns |= {name: column(type, values) for name, (type, values) in floats.items()}
    raw = [None if text is None else text.encode() + b"\xff\x00" for text in TEXTS]
    columns |= {
        "string": column(pa.string(), TEXTS),
        "large_string": column(pa.large_string(), TEXTS[::-1]),
        "string_view": column(pa.string_view(), TEXTS),
        "binary": column(pa.binary(), raw),
        "large_binary": column(pa.large_binary(), raw[::-1]),
        "binary_view": column(pa.binary_view(), raw),
        "fixed_binary": column(pa.binary(3), [b"abc", b"\x00\x01\x02", None, b"\xff\xff\xff", b"aaa", None, b"xyz", b"   "]),
        "null": pa.nulls(8),
        "dictionary": column(pa.string(), ["a", "b", None, "a", "c", "b", "a", None]).dictionary_encode(),
        "large_dictionary": column(pa.large_string(), ["x", None] * 4).dictionary_encode(),
    }
    return pa.table(columns)


def decimals():
    nines = lambda digits, scale: Decimal("9" * digits).scaleb(-scale)
    shapes = [("128", 9, 2), ("128", 18, 0), ("128", 19, 4), ("128", 38, 10), ("128", 38, 38), ("256", 76, 0), ("256", 76, 38)]
    columns = {}
    with decimal.localcontext(decimal.Context(prec=80)):
        for width, precision, scale in shapes:
            small = Decimal(1).scaleb(-scale)
            values = [nines(precision, scale), -nines(precision, scale), small, -small, Decimal(0), None]
            type = getattr(pa, f"decimal{width}")(precision, scale)
            columns[f"d{precision}_{scale}"] = column(type, values)
        columns["d32"] = column(pa.decimal32(5, 2), [Decimal("1.25"), Decimal("-999.99"), None, Decimal(0), Decimal("0.01"), None])
        columns["d64"] = column(pa.decimal64(15, 3), [Decimal("1.125"), Decimal("-99.999"), None, Decimal(0), Decimal("0.001"), None])
    return pa.table(columns)


def temporal():
    # Seconds: the epoch, before it, far from it.
    seconds = [0, 1, -1, 1_700_000_000, -2_208_988_800, 253_402_300_799, None]
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
    columns = {"date32": column(pa.date32(), [0, 1, -1, 19_000, -25_567, 2_932_896, None])}
    columns["date64"] = columns["date32"].cast(pa.date64())
    for unit, scale in per_second.items():
        # Nanoseconds reach no farther than 2262.
        values = [None if s is None or abs(s) > 9e9 else s * scale for s in seconds]
        fine = [None if v is None else v + (1 if scale > 1 and index % 2 else 0) for index, v in enumerate(values)]
        columns[f"ts_{unit}"] = column(pa.timestamp(unit), values)
        columns[f"ts_{unit}_utc"] = column(pa.timestamp(unit, UTC), fine)
        columns[f"ts_{unit}_zone"] = column(pa.timestamp(unit, "Asia/Kolkata"), fine)
        columns[f"duration_{unit}"] = column(pa.duration(unit), fine)
    day = 86_399
    columns["time_s"] = column(pa.time32("s"), [0, 1, day, None, 3600, 60, None])
    columns["time_ms"] = column(pa.time32("ms"), [0, 1, day * 1000 + 999, None, 3600, 60, None])
    columns["time_us"] = column(pa.time64("us"), [0, 1, day * 10**6 + 999_999, None, 3600, 60, None])
    columns["time_ns"] = column(pa.time64("ns"), [0, 1, day * 10**9 + 999_999_999, None, 3600, 60, None])
    return pa.table(columns)


def nested():
    item = pa.struct([("x", pa.int32()), ("y", pa.string())])
    deep = pa.struct([("inner", pa.struct([("leaf", pa.int64()), ("tags", pa.list_(pa.string()))])), ("flag", pa.bool_())])
    items = [{"x": 1, "y": "one"}, None, {"x": None, "y": None}, {"x": 4, "y": ""}]
    ints = [[1, 2, 3], None, [], [None], [None, None], [4, None, 5]]
    return pa.table(
        {
            "list": column(pa.list_(pa.int64()), ints),
            "large_list": column(pa.large_list(pa.string()), [["a", "ü"], None, [], [None], ["", None], ["🤗"]]),
            "list_view": column(pa.list_view(pa.int8()), ints),
            "fixed_list": column(pa.list_(pa.float32(), 2), [[1, 2], None, [None, 3], [0.5, -0.5], [None, None], [7, 8]]),
            "list_of_list": column(pa.list_(pa.list_(pa.int16())), [[[1], [], None], None, [], [[None]], [None], [[2, 3], [4]]]),
            "list_of_struct": column(pa.list_(item), [items[:2], None, [], [None], items[2:], [items[0]]]),
            "struct": column(item, [*items, None, items[0]]),
            "struct_in_struct": column(
                deep,
                [
                    {"inner": {"leaf": 1, "tags": ["a"]}, "flag": True},
                    None,
                    {"inner": None, "flag": None},
                    {"inner": {"leaf": None, "tags": None}, "flag": False},
                    {"inner": {"leaf": 2**62, "tags": []}, "flag": True},
                    {"inner": {"leaf": -1, "tags": [None, ""]}, "flag": None},
                ],
            ),
            "map": column(pa.map_(pa.string(), pa.int32()), [[("a", 1), ("b", None)], None, [], [("", 0)], [("a", 1), ("a", 2)], [("é", 9)]]),
            "map_of_list": column(pa.map_(pa.int64(), pa.list_(pa.string())), [[(1, ["x"])], None, [], [(2, None)], [(3, [])], [(4, [None])]]),
            "list_of_map": column(pa.list_(pa.map_(pa.string(), pa.bool_())), [[[("k", True)]], None, [], [None], [[]], [[("k", None)], []]]),
            "list_of_null": column(pa.list_(pa.null()), [[None], None, [], [None, None], [], None]),
            "list_of_date": column(pa.list_(pa.date32()), [[0], None, [], [None], [19_000, -1], [1]]),
            "list_of_decimal": column(pa.list_(pa.decimal128(10, 3)), [[Decimal("1.5")], None, [], [None], [Decimal("-0.001")], [Decimal(0)]]),
            "list_of_dictionary": column(pa.list_(pa.dictionary(pa.int32(), pa.string())), [["a", "b"], None, [], [None], ["b"], ["a"]]),
        }
    )


def nulls():
    """Columns of nulls alone, columns that may be null and are not, and columns that may not."""
    texts = ["a", "b", "c"]
    item = pa.struct([pa.field("must", pa.int32(), nullable=False), pa.field("may", pa.string())])
    fields = [
        ("all_null_int", pa.int32(), True, [None] * 3),
        ("all_null_string", pa.string(), True, [None] * 3),
        ("all_null_list", pa.list_(pa.int64()), True, [None] * 3),
        ("all_null_struct", item, True, [None] * 3),
        ("no_null", pa.string(), True, texts),
        ("required_bool", pa.bool_(), False, [True, False, True]),
        ("required_int64", pa.int64(), False, [1, 2, -(2**60)]),
        ("required_double", pa.float64(), False, [0.5, -0.5, 1e300]),
        ("required_string", pa.string(), False, texts),
        ("required_fixed", pa.binary(2), False, [b"ab", b"cd", b"ef"]),
        ("required_list", pa.list_(pa.field("element", pa.int32(), nullable=False)), False, [[1], [], [2, 3]]),
        ("list_of_required", pa.list_(pa.field("element", pa.string(), nullable=False)), True, [["x"], None, []]),
        ("required_struct", item, False, [{"must": n, "may": t} for n, t in enumerate([None, "q", ""])]),
        ("optional_struct", item, True, [{"must": 5, "may": None}, None, {"must": 6, "may": "z"}]),
        ("list_of_struct", pa.list_(pa.field("element", item, nullable=False)), True, [[{"must": 1, "may": None}], [], None]),
    ]
    schema = pa.schema([pa.field(name, type, nullable=nullable) for name, type, nullable, _ in fields])
    return pa.table([column(type, values) for _, type, _, values in fields], schema=schema)


def odd_names():
    names = ["__proto__", "constructor", "toString", "", "a.b", "0", "hasOwnProperty", "a b\n\"quoted\" \\ `${x}`", "日本", "list"]
    columns = [column(pa.int32(), [index, None, -index]) for index in range(len(names) - 1)]
    inner = pa.struct([("__proto__", pa.string()), ("", pa.int32()), ("x.y", pa.list_(pa.int32()))])
    columns.append(column(inner, [{"__proto__": "p", "": 1, "x.y": [1]}, None, {"__proto__": None, "": None, "x.y": None}]))
    return pa.Table.from_arrays(columns, names=names)


def mixed(rows=60):
    """A few columns of each kind, for codecs and encodings."""
    ids = range(rows)
    start = datetime.datetime(2024, 2, 28, 23, 59, 59, 999_000)
    return pa.table(
        {
            "id": column(pa.int64(), [(i - 30) * 2**40 for i in ids]),
            "small": column(pa.int32(), [None if i % 5 == 0 else i * i for i in ids]),
            "score": column(pa.float64(), [i / 7 for i in ids]),
            "ratio": column(pa.float32(), [None if i % 11 == 3 else np.float32(i / 3) for i in ids]),
            "text": column(pa.string(), [None if i % 7 == 2 else f"row {i} é🤗 " + "xyz" * (i % 9) for i in ids]),
            "lang": column(pa.string(), [["de", "en", "fr"][i % 3] for i in ids]),
            "blob": column(pa.binary(), [bytes([i, 255 - i]) * (i % 6) for i in ids]),
            "hash": column(pa.binary(4), [(i * 2654435761 % 2**32).to_bytes(4, "big") for i in ids]),
            "when": column(pa.timestamp("us"), [start + datetime.timedelta(milliseconds=997 * i) for i in ids]),
            "flag": column(pa.bool_(), [i % 3 == 0 for i in ids]),
            "price": column(pa.decimal128(12, 2), [None if i % 13 == 5 else Decimal(i * i - 500) / 100 for i in ids]),
            "tags": column(pa.list_(pa.string()), [None if i % 8 == 1 else [f"t{k}" for k in range(i % 4)] for i in ids]),
            "box": column(pa.struct([("w", pa.int16()), ("h", pa.float64())]), [None if i % 9 == 4 else {"w": i, "h": i / 2} for i in ids]),
        }
    )
