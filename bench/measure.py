"""One measurement by a Python library, in a process of its own; `task.ts` says what comes in and what goes out.

The argument is the task as JSON; the last line printed is the measurement.
"""

import glob
import json
import os
import resource
import sys
import time

TIMER_SECONDS = 0.004


class Consumer:
    """Takes what a reader delivers and keeps the time, as `consumer.ts` does."""

    def __init__(self, task):
        self.seconds_per_row = task["consumeMsPerRow"] / 1000
        self.rows, self.waited, self.owed, self.first = 0, 0.0, 0.0, None
        self.started = time.perf_counter()

    def take(self, items, rows_of):
        if self.seconds_per_row > 0:
            return self.work(iter(items), rows_of)
        for item in items:
            if self.first is None:
                self.first = time.perf_counter()
            self.rows += rows_of(item)

    def work(self, items, rows_of):
        end = object()
        while True:
            asked = time.perf_counter()
            item = next(items, end)
            now = time.perf_counter()
            if self.first is not None:
                self.waited += now - asked
            if item is end:
                return
            if self.first is None:
                self.first = now
            self.rows += rows_of(item)
            self.spend(rows_of(item) * self.seconds_per_row)

    def spend(self, seconds):
        self.owed += seconds
        if self.owed >= TIMER_SECONDS:
            started = time.perf_counter()
            time.sleep(max(0.0, self.owed))
            self.owed -= time.perf_counter() - started

    def finish(self):
        ended = time.perf_counter()
        first = ended if self.first is None else self.first
        result = {"rows": self.rows, "seconds": ended - self.started, "firstRowMs": (first - self.started) * 1000}
        if self.seconds_per_row > 0:
            result["waitedShare"] = min(1.0, self.waited / max(ended - first, 1e-9))
        return result


# Readers: each loads its library and returns what reads, so that loading is not measured.


def datasets_with(options):
    import datasets

    def read(task, consumer):
        dataset = datasets.load_dataset(task["id"], split="train", streaming=True, **options)
        consumer.take(dataset, lambda row: 1)

    return read


def datasets_default():
    return datasets_with({})


def datasets_prefetch():
    """With the options that its documentation recommends for throughput: ranges read ahead, up to 128 MiB each."""
    import pyarrow
    import pyarrow.dataset

    cache_options = pyarrow.CacheOptions(prefetch_limit=1, range_size_limit=128 << 20)
    return datasets_with(
        {"fragment_scan_options": pyarrow.dataset.ParquetFragmentScanOptions(cache_options=cache_options)}
    )


def pyarrow_one_thread():
    import pyarrow
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)

    def row_groups(task):
        for path in local_files(task):
            with pyarrow.parquet.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group, use_threads=False)

    return lambda task, consumer: consumer.take(row_groups(task), lambda table: table.num_rows)


def pyarrow_threads():
    import pyarrow.dataset

    def read(task, consumer):
        batches = pyarrow.dataset.dataset(local_files(task), format="parquet").to_batches(use_threads=True)
        consumer.take(batches, lambda batch: batch.num_rows)

    return read


def duckdb_local():
    import duckdb

    def read(task, consumer):
        reader = duckdb.connect().read_parquet(local_files(task)).to_arrow_reader()
        consumer.take(reader, lambda batch: batch.num_rows)

    return read


READERS = {
    "datasets": datasets_default,
    "datasetsPrefetch": datasets_prefetch,
    "pyarrow": pyarrow_one_thread,
    "pyarrowThreads": pyarrow_threads,
    "duckdb": duckdb_local,
}


def local_files(task):
    return sorted(glob.glob(os.path.join(task["folder"], "data", "*.parquet")))


def cpu_seconds():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_rss():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main():
    task = json.loads(sys.argv[1])
    read = READERS[task["reader"]]()
    cpu_before = cpu_seconds()
    consumer = Consumer(task)
    read(task, consumer)
    result = {**consumer.finish(), "cpuSeconds": cpu_seconds() - cpu_before, "peakRssBytes": peak_rss()}
    print(json.dumps(result), flush=True)


main()
