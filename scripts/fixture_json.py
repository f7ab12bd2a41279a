"""Arrow tables as JSON without loss, in the form that test/parquet/fixture.ts reads.

What JSON has no type for is an object with one key: {"$int": "12"} for 64-bit integers, dates, times, timestamps and
durations in the column's own unit, {"$bytes": base64}, {"$float": "NaN"}. Decimals are strings, maps lists of pairs.
"""

import base64
import hashlib
import json
import math

import pyarrow as pa
import pyarrow.types as pat

WIDE = (pat.is_int64, pat.is_uint64, pat.is_duration, pat.is_date, pat.is_timestamp, pat.is_time)
LISTS = (pat.is_list, pat.is_large_list, pat.is_fixed_size_list, pat.is_list_view)
BYTES = (pat.is_binary, pat.is_large_binary, pat.is_fixed_size_binary, pat.is_binary_view)


def is_any(checks, type):
    return any(check(type) for check in checks)


def encode(scalar):
    type = scalar.type
    if isinstance(type, pa.BaseExtensionType):
        return encode(scalar.value) if scalar.is_valid else None
    if not scalar.is_valid or pat.is_null(type):
        return None
    if pat.is_dictionary(type):
        return scalar.as_py()
    if is_any(WIDE, type):
        return {"$int": str(scalar.value if hasattr(scalar, "value") else scalar.as_py())}
    if is_any(BYTES, type):
        return {"$bytes": base64.b64encode(scalar.as_py()).decode()}
    if pat.is_floating(type):
        return encode_float(float(scalar.as_py()))
    if pat.is_decimal(type):
        return format(scalar.as_py(), "f")
    if pat.is_map(type):
        return [[encode(entry["key"]), encode(entry["value"])] for entry in scalar.values]
    if is_any(LISTS, type):
        return [encode(item) for item in scalar.values]
    if pat.is_struct(type):
        return {field.name: encode(scalar[index]) for index, field in enumerate(type)}
    return scalar.as_py()


def encode_float(value):
    if math.isnan(value):
        return {"$float": "NaN"}
    if math.isinf(value):
        return {"$float": "Infinity" if value > 0 else "-Infinity"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"$float": "-0"}
    return value


def encode_table(table):
    """The columns' names, and the rows as lists of values in their order."""
    columns = [[encode(scalar) for scalar in column] for column in table.columns]
    return {"columns": table.column_names, "rows": [list(row) for row in zip(*columns)]}


def write_json(path, value):
    """Compact, with each row on a line of its own."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for row in value["rows"])
    columns = json.dumps(value["columns"], ensure_ascii=False)
    path.write_text(f'{{"columns":{columns},"rows":[\n{rows}\n]}}\n', encoding="utf-8")


def write_checksums(folder):
    """As `sha256sum` writes them."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".parquet", ".json"))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "checksums.txt").write_text("".join(sums))
