"""Writes test/resolve/python-cases.json: what Python `datasets` makes of generated repos, slices and features.

Usage: "$(sh scripts/python.sh)" scripts/resolve-cases.py [seed [layouts [file]]]
       npx oxfmt test/resolve/python-cases.json

With another seed and file it makes other layouts, to compare more of them than are kept.
"""

import base64
import json
import posixpath
import random
import sys
import tempfile
from pathlib import Path

import datasets
import pyarrow as pa
from datasets import (
    Array2D, Array3D, Audio, ClassLabel, Features, Image, Json, LargeList, List, Translation,
    TranslationVariableLanguages, Value, Video,
)
from datasets.arrow_reader import ReadInstruction
from datasets.data_files import DataFilesDict, EmptyDatasetError, get_data_patterns, sanitize_patterns
from datasets.exceptions import DataFilesNotFoundError
from datasets.load import LocalDatasetModuleFactory, infer_module_for_data_files
from datasets.packaged_modules import (
    _ALL_ALLOWED_EXTENSIONS, _MODULE_TO_EXTENSIONS, _MODULE_TO_METADATA_EXTENSIONS, _MODULE_TO_METADATA_FILE_NAMES,
)

TARGET = Path(__file__).parent.parent / "test" / "resolve" / "python-cases.json"
WORDS = ["train", "training", "validation", "valid", "dev", "val", "test", "testing", "eval", "evaluation", "data",
         "a", "b", "x", "en", "contest", "developer", "Train", "retrain", "v1", "random", "sub", ".hid", "__pycache__"]
SEPARATORS = ["-", ".", "_", " ", "0", "1", "7", "", "+"]
EXTENSIONS = [".csv", ".csv", ".csv", ".json", ".jsonl", ".parquet", ".parquet", ".txt", ".csv.gz", ".foo", ".jpg",
              ".PNG", ".tsv", ".tar", ""]
NAMES = ["README.md.bak", "config.json", "dataset_infos.json", "metadata.csv", "metadata.jsonl", ".h.csv", "e[f].csv", "ü.csv"]
PATTERNS = ["**", "*", "*.csv", "**/*.csv", "*/*.csv", "data/*", "data/**", "data/**/*.csv", "**/train*", "**/*train*",
            "?.csv", "[!b].csv", "[a-x].csv", "**/[ab]*", "*/**", "**/data/**", "**/*.*", ".*", "**/.*", "__*/*", "t*/*",
            "sub/**/*.parquet", "**/test*/**", "*[0-9]*", "**/*[-_]*", "a.csv", "data/a.csv", "en/**", "{a,b}.csv"]


def word(rng):
    text = rng.choice(WORDS)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        text += rng.choice(SEPARATORS) + rng.choice(WORDS[:20])
    return text


def file_name(rng, extensions):
    kind = rng.random()
    if kind < 0.06:
        return rng.choice(NAMES)
    if kind < 0.2:
        total = rng.choice([1, 2])
        suffix = rng.choice(["", "", "-abc"])
        return f"{rng.choice(WORDS[:20])}-{rng.randrange(total):05d}-of-{total:05d}{suffix}{rng.choice(extensions)}"
    return word(rng) + rng.choice(["", "", "_0", "_1", "-2", ".v"]) + rng.choice(extensions)


def layout(rng):
    extensions = rng.sample(EXTENSIONS, rng.choice([1, 1, 2, 3]))
    folders = ["", rng.choice(["data", "data", "sub", word(rng)])]
    folders += [folders[1] + "/" + word(rng), word(rng)]
    paths = set()
    for _ in range(rng.choice([1, 2, 3, 4, 6, 9])):
        folder = rng.choice(folders)
        paths.add((folder + "/" if folder else "") + file_name(rng, extensions))
    return sorted(p for p in paths if not any(q.startswith(p + "/") for q in paths))


def make(root, paths):
    for path in paths:
        target = Path(root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("")


def relative(root, data_files):
    return [[str(split), [posixpath.normpath(f[len(root) + 1:]) for f in files]] for split, files in data_files.items()]


def resolve(root, patterns):
    """The first pass of LocalDatasetModuleFactory.get_module."""
    try:
        found = get_data_patterns(root) if patterns is None else sanitize_patterns(patterns)
        files = DataFilesDict.from_patterns(found, base_path=root, allowed_extensions=_ALL_ALLOWED_EXTENSIONS)
        # Python fails where only some splits have files of a known format; the cases tell what the others are
        dropped = [str(split) for split in files if not files[split]] if any(files.values()) else []
        if dropped:
            files = DataFilesDict({split: of_split for split, of_split in files.items() if of_split})
        module, options = infer_module_for_data_files(files)
        files = files.filter(
            extensions=_MODULE_TO_EXTENSIONS[module] + _MODULE_TO_METADATA_EXTENSIONS[module],
            file_names=_MODULE_TO_METADATA_FILE_NAMES[module],
        )
        resolved = {"format": module, "options": options, "splits": relative(root, files)}
        return {**resolved, "dropped": dropped} if dropped else resolved
    except (EmptyDatasetError, DataFilesNotFoundError) as error:
        return {"error": "NO_DATA_FILES", "reason": type(error).__name__}
    except FileNotFoundError:
        return {"error": "ENTRY_NOT_FOUND"}
    except ValueError as error:
        text = str(error)
        return {"error": "UNSUPPORTED_FORMAT" if "same data file format" in text else "INVALID_PATH"}


def layouts(rng, count):
    cases = []
    while len(cases) < count:
        paths = layout(rng)
        with tempfile.TemporaryDirectory() as root:
            make(root, paths)
            patterns = None if len(cases) < count * 0.7 else rng.sample(PATTERNS, rng.choice([1, 1, 2]))
            cases.append({"files": paths, **({"dataFiles": patterns} if patterns else {}), "expected": resolve(root, patterns)})
    return cases


def card(rng):
    configs = []
    for name in rng.sample(["en", "fr", "default", "v1.0", "all"], rng.choice([1, 2, 3])):
        config = {"config_name": name}
        kind = rng.random()
        if kind < 0.3:
            config["data_files"] = rng.choice(["a/*.csv", "**/*.csv", "a/x.csv", ["b/*", "a/*"]])
        elif kind < 0.7:
            config["data_files"] = [
                {"split": split, "path": rng.choice(["a/*", "b/**", ["a/x.csv", "b/*.csv"], "**/x.csv"])}
                for split in rng.sample(["test", "train", "dev", "v1.0"], rng.choice([1, 2, 3]))
            ]
        else:
            config["data_dir"] = rng.choice(["a", "b", "a/", "./b"])
        if rng.random() < 0.3:
            config["default"] = True
        configs.append(config)
    return configs


def cards(rng):
    """Repos whose card declares configs; all files are CSV, because Python takes every format from the first config."""
    paths = ["a/test.csv", "a/train_1.csv", "a/x.csv", "b/dev/1.csv", "b/train/0.csv", "b/x.csv"]
    cases = []
    while len(cases) < 60:
        configs = card(rng)
        with tempfile.TemporaryDirectory() as root:
            make(root, paths)
            readme = "---\n" + json.dumps({"configs": configs}) + "\n---\n"
            Path(root, "README.md").write_text(readme)
            try:
                parameters = LocalDatasetModuleFactory(root).get_module().builder_configs_parameters
            except ValueError as error:
                cases.append({"configs": configs, "expected": {"error": str(error)[:35]}})
                continue
            resolved = []
            for config in parameters.builder_configs:
                config._resolve_data_files(base_path=root, download_config=datasets.DownloadConfig())
                resolved.append([config.name, relative(root, config.data_files)])
            cases.append({"configs": configs, "expected": {"default": parameters.default_config_name, "configs": resolved}})
    return {"files": paths, "cases": cases}


def slices(rng):
    cases = []
    for _ in range(400):
        rows = rng.choice([0, 1, 2, 3, 5, 7, 10, 50, 99, 150, 999, 1000, 12345, rng.randrange(10**7), rng.randrange(10**12)])
        percent = rng.random() < 0.7
        limit = 100 if percent else max(rows * 2, 1)
        bounds = [rng.choice(["", str(rng.randint(-limit, limit)) + ("%" if percent else "")]) for _ in range(2)]
        spec = f"train[{bounds[0]}:{bounds[1]}]"
        if percent and "%" in spec and rows >= 100 and rng.random() < 0.2:
            spec += "(pct1_dropremainder)"
        [absolute] = ReadInstruction.from_spec(spec).to_absolute({"train": rows})
        cases.append([spec, rows, absolute.from_, max(absolute.from_, absolute.to)])
    return cases


def features():
    dtypes = ["null", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
              "float64", "float", "double", "date32", "date64", "time32[s]", "time32[ms]", "time64[us]", "time64[ns]",
              "timestamp[s]", "timestamp[us, tz=UTC]", "timestamp[ns,tz=+02:00]", "timestamp[ms, tz=America/New_York]",
              "duration[ms]", "decimal128(10, 2)", "decimal256(50,-3)", "binary", "large_binary", "binary_view", "string",
              "large_string", "string_view"]
    all_of_them = {
        "values": Features({f"c{i}": Value(dtype) for i, dtype in enumerate(dtypes)}),
        "label": Features({"label": ClassLabel(names=["neg", "pos"]), "many": ClassLabel(num_classes=12)}),
        "lists": Features({"a": List(Value("int32")), "b": List(Value("int32"), length=3), "c": LargeList(Value("string")),
                           "d": List(List(Value("bool"))), "e": List({"x": Value("int64"), "y": ClassLabel(names=["n"])})}),
        "structs": Features({"s": {"a": Value("int64"), "b": {"c": List(Value("string"))}}}),
        "media": Features({"i": Image(), "j": Image(mode="RGB", decode=False), "a": Audio(), "b": Audio(sampling_rate=16000),
                           "v": Video(), "w": List(Image())}),
        "arrays": Features({"a": Array2D(shape=(2, 3), dtype="float32"), "b": Array3D(shape=(None, 3, 4), dtype="int64")}),
        "other": Features({"j": Json(), "t": Translation(languages=["fr", "en"]), "k": List(Json()),
                           "u": TranslationVariableLanguages(languages=["fr", "en", "de"])}),
    }
    return [
        {"name": name, "json": f.to_dict(), "yaml": f._to_yaml_list(), "arrow": arrow(pa.schema(f.type)), "metadata": metadata(f)}
        for name, f in all_of_them.items()
    ]


def metadata(f):
    """The text that `datasets` puts into the metadata of a schema."""
    return f.arrow_schema.metadata[b"huggingface"].decode()


def arrow(schema):
    """The schema as an IPC stream in base64, and the features that `datasets` reads from its types alone."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema).close()
    return {"ipc": base64.b64encode(sink.getvalue().to_pybytes()).decode(), "features": Features.from_arrow_schema(schema).to_dict()}


def main(seed="5", count="320", target=TARGET):
    rng = random.Random(int(seed))
    Path(target).write_text(json.dumps({
        "datasets": datasets.__version__,
        "layouts": layouts(rng, int(count)),
        "cards": cards(rng),
        "slices": slices(rng),
        "features": features(),
    }, ensure_ascii=False))


main(*sys.argv[1:])
