"""Writes test/fixtures/filters: Parquet files, random filters, and the rows that pyarrow's `filters` give.

Usage: "$(sh scripts/python.sh)" scripts/filter-cases.py [seed [cases [folder]]]

With another seed and folder it makes other filters, to compare more of them than are kept.
"""

import datetime
import json
import math
import random
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fixture_json import write_checksums
from filter_tables import WORDS, make

OPERATORS = ["=", "==", "!=", "<", "<=", ">", ">=", "in", "not in"]
PAGES = {"write_page_index": True, "max_rows_per_page": 50, "write_batch_size": 10}
EPOCH = datetime.datetime(1970, 1, 1)


def write_tables(folder):
    full, sparse = make(900, 1, 0.12, payload=160), make(400, 2, 0.6)
    blooms = {name: {"ndv": 100, "fpp": 0.01} for name in full.column_names if name not in ("flag", "nothing", "payload")}
    pq.write_table(full, folder / "full.parquet", row_group_size=450, use_dictionary=False, compression="zstd", **PAGES)
    pq.write_table(sparse, folder / "sparse.parquet", row_group_size=100, data_page_version="2.0", bloom_filter_options=blooms)
    as_int = full.select(["id", "price", "f32", "text", "rising", "i64", "day", "ns"])
    pq.write_table(as_int, folder / "as-int.parquet", row_group_size=150, store_decimal_as_integer=True, **PAGES)
    return {name: pq.read_table(folder / f"{name}.parquet") for name in ("full", "sparse", "as-int")}


def literal(rng, column, value):
    """A literal near a value of the column: itself, another, a little off, of another type."""
    type = column.type
    if value is None or rng.random() < 0.05:
        return None
    if pa.types.is_boolean(type):
        return rng.random() < 0.5
    if pa.types.is_integer(type):
        return rng.choice([value, value, value, rng.randrange(-60, 60), value + 0.5 if abs(value) < 2**40 else value])
    if pa.types.is_floating(type):
        return rng.choice([value, value, 0, 1, -0.0, float("nan"), float("inf"), 0.25, value + 1e-9])
    if pa.types.is_string(type):
        return rng.choice([value, value, rng.choice(WORDS), value + "x", value[:2]])
    if pa.types.is_decimal(type):
        return rng.choice([value, value, Decimal("0.005"), Decimal("1.5"), rng.randrange(-5, 5)])
    if pa.types.is_timestamp(type) or pa.types.is_date(type):
        return value
    return rng.choice([value, value, b"\xff\xff"[: rng.randrange(3)]])


def instant(scalar):
    """A timestamp or date as (milliseconds, whether they are exact)."""
    if pa.types.is_date(scalar.type):
        return scalar.value * 86_400_000, True
    scale = {"s": 1 / 1000, "ms": 1, "us": 1000, "ns": 10**6}[scalar.type.unit]
    return int(scalar.value // scale), scalar.value % scale == 0


def pick(rng, table, name):
    """A literal for Python, and its JSON; instants are whole milliseconds, as a Date holds them."""
    column = table.column(name)
    scalar = column[rng.randrange(len(column))]
    type = column.type
    if pa.types.is_timestamp(type) or pa.types.is_date(type):
        if not scalar.is_valid:
            return None, None
        ms = instant(scalar)[0]
        if pa.types.is_date(type):
            return scalar.as_py(), {"$date": ms}
        moment = EPOCH + datetime.timedelta(milliseconds=ms)
        return (moment.replace(tzinfo=datetime.timezone.utc) if type.tz else moment), {"$date": ms}
    value = literal(rng, column, scalar.as_py())
    return value, to_json(value)


def to_json(value):
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, Decimal):
        return {"$decimal": format(value, "f")}
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value) or value == 0):
        return {"$float": str(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"$int": str(value)}
    return value


def comparison(rng, table):
    name = rng.choice([column for column in table.column_names if column not in ("id", "payload")])
    operator = rng.choice(OPERATORS)
    if operator in ("in", "not in"):
        picked = [pick(rng, table, name) for _ in range(rng.randrange(4))]
        return (name, operator, [value for value, _ in picked]), [name, operator, [form for _, form in picked]]
    value, form = pick(rng, table, name)
    return (name, operator, value), [name, operator, form]


def make_filters(rng, table):
    shape = [rng.choice([1, 1, 2, 3]) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    both = [[comparison(rng, table) for _ in range(length)] for length in shape]
    python = [[python for python, _ in all] for all in both]
    forms = [[form for _, form in all] for all in both]
    return (python[0], forms[0]) if len(both) == 1 else (python, forms)


def answer(path, filters):
    try:
        return pq.read_table(path, columns=["id"], filters=filters).column("id").to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, TypeError, ValueError, OverflowError) as error:
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0][:120]}


# Literals that pyarrow does not compare with the column, and neither do we.
MISMATCHES = [
    ["rising", "==", "1"],
    ["rising", "<", True],
    ["flag", "==", 1],
    ["text", "==", 1],
    ["text", "<", 0.5],
    ["price", "<", True],
    ["day", "==", 0],
    ["ms", "<", "1970-01-01"],
    ["f64", "==", "nan"],
    ["bin", "==", 1],
    ["no such column", "==", 1],
]


def runs(ids):
    """Ids as [first, count], to keep the file small."""
    if isinstance(ids, dict):
        return ids
    found = []
    for value in ids:
        if found and sum(found[-1]) == value:
            found[-1][1] += 1
        else:
            found.append([value, 1])
    return found


def main():
    default = ["26", "420", Path(__file__).parent.parent / "test" / "fixtures" / "filters"]
    given = sys.argv[1:]
    seed, count, folder = [*given, *default[len(given) :]]
    seed, count, folder = int(seed), int(count), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = write_tables(folder)
    rng = random.Random(seed)
    cases = []
    for _ in range(count):
        file = rng.choice(list(tables))
        python, forms = make_filters(rng, tables[file])
        cases.append({"file": file, "filters": forms, "ids": runs(answer(folder / f"{file}.parquet", python))})
    for filter in MISMATCHES:
        found = answer(folder / "full.parquet", [tuple(filter)])
        assert isinstance(found, dict), filter
        cases.append({"file": "full", "filters": [filter], "ids": found, "mismatch": True})
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    write_checksums(folder)


if __name__ == "__main__":
    main()
