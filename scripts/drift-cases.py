"""Writes test/stream/drift-cases.json: small Parquet files whose schemas differ, and the rows that Python `datasets` reads.

Usage: "$(sh scripts/python.sh)" scripts/drift-cases.py [file]
"""

import base64
import io
import json
import logging
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, Features, Image, Json, List, Value

from fixture_json import encode_table

TURN = {"role": "user", "content": "hi", "name": "n"}
STAMP = 1_700_000_000


def stamps(values, unit, zone=None):
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))


#: name: (files as columns by name, declared features or None)
CASES = {
    "other time units": ([{"t": stamps([STAMP * 10**9], "ns")}, {"t": stamps([STAMP * 10**6 + 1], "us")}, {"t": stamps([STAMP * 1000], "ms")}], None),
    "a coarser unit first": ([{"t": stamps([STAMP], "ms")}, {"t": stamps([STAMP * 1000], "us")}], None),
    "a time that the first unit cannot hold": ([{"t": stamps([STAMP], "ms")}, {"t": stamps([STAMP * 1000 + 1], "us")}], None),
    "a zone": ([{"t": stamps([STAMP], "us", "UTC")}, {"t": stamps([STAMP], "us")}], None),
    "a field less": ([{"s": [{"a": 1, "b": "x"}, None]}, {"s": [None, {"a": 2}]}], None),
    "a field more": ([{"s": [{"a": 1}]}, {"s": [{"a": 2, "b": "x"}]}], None),
    "fields in another order": ([{"s": [{"a": 1, "b": "x"}]}, {"s": [{"b": "y", "a": 2}]}], None),
    "chat turns with a field less": ([{"m": [[TURN], []]}, {"m": [[{"content": "yo", "role": "user"}], None]}], None),
    "a field less within lists within structs": ([{"s": [{"l": [[{"a": 1, "b": 2}]]}]}, {"s": [{"l": [[{"a": 3}], []]}, {"l": None}]}], None),
    "a column less": ([{"a": [1], "b": ["x"]}, {"a": [2]}], None),
    "a column more": ([{"a": [1]}, {"a": [2], "b": ["x"]}], None),
    "columns in another order": ([{"a": [1], "b": ["x"]}, {"b": ["y"], "a": [2]}], None),
    "nulls of another type": ([{"c": ["a"]}, {"c": pa.array([None, None], pa.int32())}, {"c": pa.array([None], pa.bool_())}], None),
    "nulls of no type": ([{"c": ["a"]}, {"c": pa.nulls(2)}], None),
    "nulls of no type within a struct": ([{"s": [{"a": "x", "b": [1]}]}, {"s": [{"a": None, "b": None}]}], None),
    "binary, then text": ([{"c": pa.array([b"a"])}, {"c": ["b", None]}], None),
    "text, then binary": ([{"c": ["a"]}, {"c": pa.array([b"b", "größer".encode(), None])}], None),
    "text, then binary that is none": ([{"c": ["a"]}, {"c": pa.array([b"\xff"])}], None),
    "float, then whole numbers": ([{"c": [1.5]}, {"c": [1, None, 2**53]}], None),
    "whole numbers, then floats": ([{"c": [1]}, {"c": [2.0, None]}], None),
    "whole numbers, then fractions": ([{"c": [1]}, {"c": [2.5]}], None),
    "numbers, then words": ([{"c": [1]}, {"c": ["x"]}], None),
    "numbers, then their digits": ([{"c": [1]}, {"c": ["2", None]}], None),
    "text, then numbers": ([{"c": ["a"]}, {"c": [1, None]}, {"c": [1.5]}, {"c": [True]}], None),
    "narrow, then wide": ([{"c": pa.array([1], pa.int8())}, {"c": pa.array([127], pa.int64())}], None),
    "narrow, then too wide": ([{"c": pa.array([1], pa.int8())}, {"c": pa.array([300], pa.int64())}], None),
    "decimals of another scale": ([{"c": pa.array([Decimal("1.5055")], pa.decimal128(8, 4))}, {"c": pa.array([Decimal("1.50")], pa.decimal128(7, 2))}], None),
    "lists, then numbers": ([{"c": [[1]]}, {"c": [1]}], None),
    "lists of other numbers": ([{"c": [[1.5]]}, {"c": [[1, None], None, []]}], None),
    "declared, a column that files lack": ([{"v": [1, 2]}], Features({"v": Value("int64"), "zz": Value("string"), "l": List({"a": Value("int8")})})),
    "declared, a column too many": ([{"v": [1], "w": [2]}], Features({"v": Value("int64")})),
    "declared, text over numbers": ([{"v": [1, None, -5], "f": [0.1, 1e20, -0.0], "b": [True, False, None]}], Features({"v": Value("string"), "f": Value("string"), "b": Value("string")})),
    "declared, order": ([{"a": [1], "b": ["x"]}], Features({"b": Value("string"), "a": Value("int64")})),
    "declared, widths": ([{"a": [1, 255], "b": [1.0, 2.0], "c": [0, 1]}], Features({"a": Value("uint8"), "b": Value("int32"), "c": Value("float32")})),
    "declared, too narrow": ([{"a": [1, 300]}], Features({"a": Value("int8")})),
    "declared, times from text": ([{"t": ["2020-01-01 12:30:00", None], "d": ["2020-01-01", None]}], Features({"t": Value("timestamp[us]"), "d": Value("date32")})),
    "declared, class labels": ([{"l": [0, 1, None]}, {"l": ["neg", "pos", None]}], Features({"l": ClassLabel(names=["neg", "pos"])})),
    "declared, labels within lists": ([{"l": [[0, 1], []]}], Features({"l": List(ClassLabel(names=["O", "B"]))})),
    "declared, images as paths and bytes": ([{"i": ["a.png", None]}, {"i": pa.array([b"\x89PNG", None])}, {"i": [{"path": "b.png", "bytes": b"x"}]}, {"i": [{"bytes": b"y"}]}], Features({"i": Image(decode=False)})),
    "declared, lists of a length": ([{"l": [[1, 2], None, [3, 4]]}], Features({"l": List(Value("int32"), length=2)})),
    "declared, lists of another length": ([{"l": [[1, 2], [3]]}], Features({"l": List(Value("int32"), length=2)})),
    "declared, large types": ([{"t": ["x"], "l": [[1]]}], Features({"t": Value("large_string"), "l": datasets.LargeList(Value("int64"))})),
    "declared, JSON": ([{"j": ['{"a":1,"b":[1,"x"]}', None, "[1,2]", '"text"', "1.5"]}], Features({"j": Json()})),
}  # fmt: skip


def parquet(columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="none", store_schema=False)
    return out.getvalue()


def read(paths, features):
    stream = datasets.load_dataset("parquet", data_files=paths, split="train", streaming=True, features=features)
    tables = [pa.table(table) for table in stream.with_format("arrow").iter(batch_size=100)]
    return encode_table(pa.concat_tables(tables))


def main(file):
    logging.disable(logging.ERROR)
    cases = []
    for name, (files, features) in CASES.items():
        written = [parquet(columns) for columns in files]
        with tempfile.TemporaryDirectory() as folder:
            paths = [str(Path(folder) / f"{index}.parquet") for index in range(len(written))]
            for path, data in zip(paths, written):
                Path(path).write_bytes(data)
            try:
                rows = read(paths, features)
            except Exception as error:  # whatever it is: the files do not go together
                rows, reason = None, f"{type(error).__name__}: {error}".splitlines()[0]
                print(f"{name}: {reason}"[:160])
        declared = None if features is None else features.to_dict()
        cases.append({"name": name, "files": [base64.b64encode(data).decode() for data in written], "features": declared, "rows": rows})
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    Path(file).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    default = Path(__file__).parent.parent / "test/stream/drift-cases.json"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
