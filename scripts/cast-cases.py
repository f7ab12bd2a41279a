"""Writes test/stream/arrow/cast-cases.json: what pyarrow's safe cast makes of values of one type as another.

A value that does not come back as it was when the result is cast back is written as refused (null): nothing is rounded.
Texts are the exception: what they are read as, and written as, is what pyarrow says.

Usage: "$(sh scripts/python.sh)" scripts/cast-cases.py [file]
"""

import json
import math
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

NUMBERS = {
    "bool": (pa.bool_(), [True, False]),
    "int8": (pa.int8(), [0, 1, 2, -1, 127, -128]),
    "int32": (pa.int32(), [0, 1, 300, -1, 2**24 + 1, 2**31 - 1]),
    "int64": (pa.int64(), [0, 1, 2, -5, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]),
    "uint8": (pa.uint8(), [0, 1, 200, 255]),
    "uint64": (pa.uint64(), [0, 7, 2**53 + 2, 2**64 - 1]),
    "float16": (pa.float16(), [0.0, 1.5, -2.0, 65504.0, 0.0999755859375, math.inf]),
    "float32": (pa.float32(), [0.0, 1.0, 0.5, 16777216.0, 3.4e38, 1e10, 1e9, 3.1415927, 1e-7, math.nan, -math.inf]),
    "float64": (
        pa.float64(),
        [0.0, 1.0, -1.5, 0.1, 1e15, 1e14, 123456789.125, 1e-5, 1e-6, 1.5e-7, 1e300, 2.0**53, 2.0**63, math.nan, math.inf, -math.inf, 65504.0, 5e-324],
    ),
    "decimal128(10, 2)": (pa.decimal128(10, 2), [Decimal(v) for v in ("0.00", "1.50", "-0.05", "2.00", "12345678.91")]),
    "decimal128(38, 4)": (pa.decimal128(38, 4), [Decimal(v) for v in ("0.0000", "1.5000", "1.5055", "-7.0000")]),
    "decimal256(50, 2)": (pa.decimal256(50, 2), [Decimal("1.25"), Decimal("9" * 45 + ".01")]),
}
MICROS = [0, 1, -1, 1_700_000_000_123_456, 1_700_000_000_000_000, 86_400_000_000]
TEMPORAL = {
    "date32": (pa.date32(), [0, -1, 19_000]),
    "date64": (pa.date64(), [0, 86_400_000]),
    "timestamp[s]": (pa.timestamp("s"), [0, 1_700_000_000, -1]),
    "timestamp[ms]": (pa.timestamp("ms"), [0, 1_700_000_000_789, -1]),
    "timestamp[us]": (pa.timestamp("us"), MICROS + [253_402_221_600_000_000]),
    "timestamp[ns]": (pa.timestamp("ns"), [0, 1, 1_700_000_000_123_456_789, -1_000]),
    "timestamp[us, tz=UTC]": (pa.timestamp("us", "UTC"), MICROS),
    "time32[s]": (pa.time32("s"), [0, 86_399]),
    "time32[ms]": (pa.time32("ms"), [0, 3_600_000, 1]),
    "time64[us]": (pa.time64("us"), [0, 86_399_999_999]),
    "time64[ns]": (pa.time64("ns"), [0, 1, 1_000]),
    "duration[s]": (pa.duration("s"), [0, -5]),
    "duration[ns]": (pa.duration("ns"), [0, 1, 5_000_000_000]),
}
TEXTS = [
    "1", "-5", "+5", " 1", "007", "1.0", "1e3", "", "-0", "1_000", "9223372036854775807", "9223372036854775808", "300",
    "nan", "inf", "-inf", "Infinity", ".5", "5.", "0.1", "1e400", "true", "False", "TRUE", "yes", "1.5", "1.505", "-0.1",
    "2020-01-01", "2020-02-30", "2020-01-01T00:00:00", "2020-01-01 00:00:00.123", "2020-01-01T00:00:00Z", "2020-01-01 00:00",
    "2020-01-01T12:30:59.123456", "2020-01-01T00:00:00+01:00", "2020-01-01T00:00:00-0330", "20200101", "12:30:00", "12:30:00.5", "25:00:00",
    "größer", "abc",
]  # fmt: skip
BYTES = {
    "string": (pa.string(), TEXTS),
    "binary": (pa.binary(), [b"", b"abc", "größer".encode(), b"\xff"]),
    "fixed_size_binary[3]": (pa.binary(3), [b"abc", b"\xff\x00\x01"]),
}
TYPES = NUMBERS | TEMPORAL | BYTES


def encode(scalar):
    """A value as the tests' leaves: bigints {i}, floats {f}, bytes {b}, texts and booleans as they are."""
    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_boolean(kind) or pa.types.is_string(kind):
        return scalar.as_py()
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return {"b": scalar.as_py().hex()}
    if pa.types.is_floating(kind):
        return {"f": repr(float(scalar.as_py()))}
    if pa.types.is_decimal(kind):
        return {"i": str(int(scalar.as_py().scaleb(kind.scale, context=WIDE)))}
    return {"i": str(raw(scalar))}


def raw(scalar):
    if pa.types.is_integer(scalar.type):
        return scalar.as_py()
    wide = pa.int32() if scalar.type.bit_width == 32 else pa.int64()
    return pa.array([scalar], scalar.type).view(wide)[0].as_py()


def cast(array, kind):
    try:
        return array.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def cast_exactly(array, kind):
    result = cast(array, kind)
    if result is None or pa.types.is_string(array.type):
        return result
    back = cast(result, array.type)
    if pa.types.is_string(kind):
        return result
    return result if back is not None and encode(back[0]) == encode(array[0]) else None


def as_array(kind, value):
    if pa.types.is_temporal(kind):
        return pa.array([value], pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)
    return pa.array([value], kind)


def is_left_out(source, target):
    """Where pyarrow refuses by the types alone what can be cast value by value, or has no such cast and we have."""
    decimals = pa.types.is_decimal
    whole = pa.types.is_integer(source) or pa.types.is_boolean(source)
    if decimals(target) and (whole or pa.types.is_floating(source)):
        return True
    if decimals(source) and target == pa.float32():
        return True  # pyarrow computes in single precision, and misses the nearest one
    if pa.types.is_string(source) and (target == pa.float16() or pa.types.is_time(target)):
        return True  # it rounds to infinity, or has no such cast
    numeric = lambda kind: pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if pa.types.is_temporal(source) and numeric(target) or pa.types.is_temporal(target) and numeric(source):
        return True  # raw integers: of any width, if they fit
    if pa.types.is_temporal(source) and pa.types.is_temporal(target):
        # Of a day: times of day are no instants, whatever pyarrow makes of them.
        return source.id != target.id and not {source.id, target.id} <= INSTANTS
    return pa.types.is_boolean(target) and decimals(source) or pa.types.is_boolean(source) and pa.types.is_temporal(target)


INSTANTS = {pa.timestamp("s").id, pa.date32().id, pa.date64().id}


def main(file):
    cases = []
    for source, (kind, values) in TYPES.items():
        for target, (other, _) in TYPES.items():
            if source == target or is_left_out(kind, other):
                continue
            found = []
            for value in values:
                array = as_array(kind, value)
                result = cast_exactly(array, other)
                found.append([encode(array[0]), None if result is None else encode(result[0])])
            cases.append([source, target, found])
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    Path(file).write_text(f"[\n{lines}\n]\n")
    print(f"{sum(len(found) for *_, found in cases)} casts of {len(cases)} pairs of types")


if __name__ == "__main__":
    import decimal

    WIDE = decimal.Context(prec=80)
    default = Path(__file__).parent.parent / "test/stream/arrow/cast-cases.json"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
