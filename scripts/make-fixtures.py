"""Writes test/fixtures: Parquet files of every kind, what Python reads from them, and their checksums.

Usage: "$(sh scripts/python.sh)" scripts/make-fixtures.py [folder]
"""

import io
import json
import sys
from pathlib import Path

import datasets
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import fixture_paged
import fixture_tables as tables
from fixture_json import encode_table, write_checksums, write_json

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
VERSIONS = ["1.0", "2.0"]
SMALL_PAGES = {
    "write_page_index": True,
    "data_page_size": 700,
    "write_batch_size": 8,
    # A dictionary of values that are all different would be most of the column.
    "use_dictionary": ["lang", "tags.list.element", "image.path"],
}


class Fixtures:
    """Writes files and notes which rows they hold; files with the same rows share one JSON file."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {}

    def write(self, name, table, rows=None, **options):
        pq.write_table(table, self.folder / f"{name}.parquet", **options)
        self.note(name, rows)

    def note(self, name, rows=None):
        """Keeps what Python reads; it must be the same for all files that share it."""
        rows = rows or name
        expected = encode_table(pq.read_table(self.folder / f"{name}.parquet"))
        known = self.rows.setdefault(rows, (expected, []))
        assert json.dumps(known[0]) == json.dumps(expected), f"{name} does not hold the rows of {rows}"
        known[1].append(name)

    def finish(self):
        index = {}
        for rows, (expected, names) in self.rows.items():
            write_json(self.folder / f"{rows}.json", expected)
            index |= dict.fromkeys(names, rows)
        text = json.dumps(dict(sorted(index.items())), indent=2)
        (self.folder / "index.json").write_text(text + "\n")
        write_checksums(self.folder)


def write_types(fixtures):
    fixtures.write("primitives", tables.primitives())
    fixtures.write("primitives-plain", tables.primitives().drop_columns(["null"]), use_dictionary=False, data_page_version="2.0")
    fixtures.write("decimals", tables.decimals())
    fixtures.write("decimals-as-int", tables.decimals(), rows="decimals", store_decimal_as_integer=True)
    fixtures.write("temporal", tables.temporal())
    fixtures.write("nested", tables.nested())
    fixtures.write("nested-v2", tables.nested(), rows="nested", data_page_version="2.0", use_compliant_nested_type=False)
    fixtures.write("nulls", tables.nulls())
    fixtures.write("odd-names", tables.odd_names())
    stamps = tables.temporal().select(["ts_us", "ts_ns", "ts_ns_utc"])
    fixtures.write("int96", stamps.take([0, 1, 2, 3, 6]), use_deprecated_int96_timestamps=True)


def write_layouts(fixtures):
    mixed = tables.mixed()
    for codec in CODECS:
        for version in VERSIONS:
            name = f"codec-{codec}-v{version[0]}"
            fixtures.write(name, mixed, rows="mixed", compression=codec, data_page_version=version)
    fixtures.write("dictionary-off", mixed, rows="mixed", use_dictionary=False)
    fixtures.write("dictionary-full", mixed, rows="mixed", dictionary_pagesize_limit=64, write_batch_size=4)
    fixtures.write("no-arrow-schema", mixed, rows="mixed", store_schema=False)
    fixtures.write("no-statistics", mixed, rows="mixed", write_statistics=False, version="1.0", coerce_timestamps="us")
    fixtures.write("checksums", mixed, rows="mixed", write_page_checksum=True)
    deltas = {"id": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "lang": "DELTA_LENGTH_BYTE_ARRAY", "blob": "DELTA_LENGTH_BYTE_ARRAY", "hash": "DELTA_BYTE_ARRAY", "when": "DELTA_BINARY_PACKED", "tags.list.element": "DELTA_BYTE_ARRAY", "box.w": "DELTA_BINARY_PACKED"}
    fixtures.write("delta", mixed, rows="mixed", use_dictionary=False, column_encoding=deltas)
    split = ["id", "small", "score", "ratio", "hash", "when", "box.h"]
    fixtures.write("byte-stream-split", mixed, rows="mixed", use_dictionary=False, use_byte_stream_split=split, compression="zstd")
    fixtures.write("row-groups", mixed, rows="mixed", row_group_size=7)
    fixtures.write("row-groups-200", pa.table({"id": range(200), "text": [f"row {i}" for i in range(200)]}), row_group_size=1)
    fixtures.write("empty", mixed.slice(0, 0))
    with pq.ParquetWriter(fixtures.folder / "empty-row-groups.parquet", mixed.schema) as writer:
        for start, stop in [(0, 0), (0, 25), (25, 25), (25, 60), (60, 60)]:
            writer.write_table(mixed.slice(start, stop - start))
    fixtures.note("empty-row-groups", "mixed")
    blooms = {name: {"ndv": 60, "fpp": 0.01} for name in ["id", "small", "text", "blob", "hash", "when"]}
    fixtures.write("bloom", mixed, rows="mixed", bloom_filter_options=blooms, row_group_size=20)


def write_paged(fixtures):
    paged = fixture_paged.paged()
    fixtures.write("paged-v1", paged, rows="paged", compression="zstd", **SMALL_PAGES)
    fixtures.write("paged-v2", paged, rows="paged", data_page_version="2.0", row_group_size=700, **SMALL_PAGES)


def write_datasets(fixtures):
    """What `datasets` itself writes."""
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["no", "yes"]),
            "grid": datasets.Array2D(shape=(2, 3), dtype="int32"),
            "box": datasets.Sequence(datasets.Value("float32"), length=4),
            "words": datasets.Sequence(datasets.Value("string")),
            "turns": datasets.List({"role": datasets.Value("string"), "images": datasets.List(datasets.Image())}),
            "extra": datasets.Json(),
        }
    )
    png = lambda value: {"bytes": png_bytes(value), "path": None if value % 2 else f"{value}.png"}
    rows = [
        {
            "image": None if i == 3 else png(i),
            "label": i % 2,
            "grid": np.arange(6, dtype=np.int32).reshape(2, 3) * i,
            "box": [i, 0.5, -1, 2],
            "words": None if i == 4 else ["w"] * i,
            "turns": [{"role": "user", "images": [png(i)] * k} for k in range(i % 3)],
            "extra": None if i == 1 else {"a": i, "b": [None, "x"]},
        }
        for i in range(6)
    ]
    audio = [None if i == 2 else {"bytes": b"RIFF" + bytes(i), "path": f"{i}.wav"} for i in range(6)]
    made = datasets.Dataset.from_list(rows, features=features).add_column("audio", audio)
    made = made.cast_column("audio", datasets.Audio(sampling_rate=16_000))
    made.to_parquet(fixtures.folder / "datasets.parquet")
    fixtures.note("datasets")


def png_bytes(value):
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), (value * 40, 0, 0)).save(buffer, format="PNG")
    return buffer.getvalue()


def write_duckdb(fixtures):
    """Another writer, with habits of its own: it writes bloom filters where it writes dictionaries."""
    mixed = tables.mixed().drop_columns(["hash"])
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("mixed", mixed)
    path = fixtures.folder / "duckdb.parquet"
    connection.execute(f"COPY (FROM mixed) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, PARQUET_VERSION v1)")
    fixtures.note("duckdb")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "test" / "fixtures")
    folder.mkdir(parents=True, exist_ok=True)
    fixtures = Fixtures(folder)
    for write in (write_types, write_layouts, write_paged, write_datasets, write_duckdb):
        write(fixtures)
    fixtures.finish()


if __name__ == "__main__":
    main()
