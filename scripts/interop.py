"""Checks our Hub server with the clients that the Hub is made for: huggingface_hub, its HfFileSystem, and datasets.

    interop.py prepare FOLDER            writes the repos to serve
    interop.py check ENDPOINT FOLDER     asks for them at ENDPOINT (HF_ENDPOINT must say the same)
    interop.py download                  fills the cache of HF_HOME, and prints as JSON what is in it

The server must have what `scripts/interop.js` sets: tokens, access, renames and small pages.
"""

import datetime
import hashlib
import io
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

ROWS_PER_FILE = 500
MANY = 250
READER, STRANGER = "hf_reader", "hf_stranger"


# Preparing


def make_table(start):
    import pyarrow as pa
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), (start % 256, 0, 0)).save(buffer, format="PNG")
    ids = range(start, start + ROWS_PER_FILE)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "text": [f"row {i} \u00e4\U0001f917" if i % 7 else None for i in ids],
            "list": [list(range(i % 4)) for i in ids],
            "struct": [{"a": i / 3, "b": str(i)} for i in ids],
            "when": [datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=i) for i in ids],
            "image": [{"bytes": buffer.getvalue(), "path": None} for _ in ids],
        }
    )


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def prepare(folder):
    import pyarrow.parquet as pq

    plain = folder / "org" / "plain"
    write(plain / "README.md", "---\nlicense: mit\n---\n# plain\n")
    for shard in range(4):
        path = plain / "data" / f"train-{shard:05d}-of-00004.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(make_table(shard * ROWS_PER_FILE), path, row_group_size=120)
    pq.write_table(make_table(10_000), plain / "data" / "test-00000-of-00001.parquet")
    write(plain / "docs" / "a b#?.txt", "spaces and signs\n")
    write(plain / "docs" / "\u00fcml\u00e4ut.txt", "not ASCII\n")
    write(plain / "docs" / "big.txt", b"0123456789abcdef" * 200_000)
    for index in range(MANY):
        write(plain / "many" / f"{index:03d}.txt", f"{index}\n")

    for name in ["org/plain@v1", "org/plain@refs%2Fpr%2F1"]:
        write(folder / name / "data.jsonl", "".join(f'{{"n": {n}}}\n' for n in range(5)))
    converted = folder / "org" / "plain@refs%2Fconvert%2Fparquet" / "default" / "train"
    converted.mkdir(parents=True)
    pq.write_table(make_table(0), converted / "0000.parquet")

    for name, config in [("part", None), ("cards", "first"), ("cards", "second")]:
        for shard in range(4):
            path = folder / "org" / name / (config or "data") / f"train-{shard:05d}-of-00004.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(make_table(shard * ROWS_PER_FILE), path)
    cards = "".join(f"- config_name: {name}\n  data_files: {name}/train-0000[12]*\n" for name in ["first", "second"])
    write(folder / "org" / "cards" / "README.md", f"---\nconfigs:\n{cards}---\n")
    write(folder / "models" / "org" / "model" / "config.json", "{}\n")
    write(folder / "models" / "org" / "model" / "deep" / "weights.bin", b"0123456789abcdef" * 100_000)

    configs = "configs:\n- config_name: en\n  data_files: en/*.csv\n  default: true\n- config_name: fr\n  data_files: fr/*.csv\n"
    write(folder / "datasets" / "org" / "configs" / "README.md", f"---\n{configs}---\n")
    write(folder / "datasets" / "org" / "configs" / "en" / "a.csv", "word,n\nhello,1\nbye,2\n")
    write(folder / "datasets" / "org" / "configs" / "fr" / "a.csv", "word,n\nbonjour,1\n")
    for name in ["org/gated", "org/private", "org/disabled", "oneword"]:
        write(folder / name / "data.csv", "a\n1\n2\n")


# Checking


def local_rows(folder, split="train"):
    import pyarrow.parquet as pq

    files = sorted((folder / "org" / "plain" / "data").glob(f"{split}-*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def raises(kind, run):
    try:
        run()
    except Exception as error:
        # The class itself: GatedRepoError is a RepositoryNotFoundError, too.
        assert type(error) is kind, f"expected {kind.__name__}, got {type(error).__name__}: {error}"
        return error
    raise AssertionError(f"expected {kind.__name__}, nothing was raised")


def check_load_dataset(folder):
    from datasets import load_dataset

    expected = local_rows(folder)
    rows = list(load_dataset("org/plain", split="train", streaming=True))
    assert len(rows) == len(expected) == 4 * ROWS_PER_FILE
    assert rows == expected
    splits = load_dataset("org/plain", streaming=True)
    assert sorted(splits) == ["test", "train"], splits
    assert list(splits["test"]) == local_rows(folder, "test")
    assert list(load_dataset("org/plain", split="train")) == expected, "downloaded, not streamed"


def check_load_dataset_variants(_folder):
    from datasets import load_dataset

    v1 = load_dataset("org/plain", revision="v1", split="train", streaming=True)
    assert [row["n"] for row in v1] == list(range(5))
    pr = load_dataset("org/plain", revision="refs/pr/1", split="train", streaming=True)
    assert [row["n"] for row in pr] == list(range(5))
    converted = load_dataset("org/plain", revision="refs/convert/parquet", split="train", streaming=True)
    assert len(list(converted)) == ROWS_PER_FILE
    assert [row["word"] for row in load_dataset("org/configs", split="train", streaming=True)] == ["hello", "bye"]
    assert [row["word"] for row in load_dataset("org/configs", "fr", split="train", streaming=True)] == ["bonjour"]
    old = load_dataset("org/old-name", split="test", streaming=True)
    assert next(iter(old))["id"] == 10_000
    gated = load_dataset("org/gated", split="train", streaming=True, token=READER)
    assert [row["a"] for row in gated] == [1, 2]


def check_load_dataset_errors(_folder):
    from datasets import load_dataset
    from datasets.exceptions import DatasetNotFoundError

    def load(name, **options):
        return lambda: load_dataset(name, streaming=True, **options)

    assert "doesn't exist" in str(raises(DatasetNotFoundError, load("org/missing")))
    assert "gated" in str(raises(DatasetNotFoundError, load("org/gated")))
    assert "ask for access" in str(raises(DatasetNotFoundError, load("org/gated", token=STRANGER)))
    assert "Revision" in str(raises(DatasetNotFoundError, load("org/plain", revision="nowhere")))


def check_file_system(folder):
    from huggingface_hub import HfFileSystem

    fs = HfFileSystem()
    plain = folder / "org" / "plain"
    root = "datasets/org/plain"
    names = [Path(entry["name"]).name for entry in fs.ls(root)]
    assert sorted(names) == ["README.md", "data", "docs", "many"], names
    local = sorted(str(path.relative_to(plain)) for path in plain.rglob("*") if path.is_file())
    assert [name.removeprefix(f"{root}/") for name in fs.find(root)] == local
    assert len(fs.glob(f"{root}/many/1*.txt")) == 100
    assert fs.glob(f"hf://{root}/data/test-*.parquet") == [f"{root}/data/test-00000-of-00001.parquet"]
    assert fs.glob(f"{root}@refs%2Fconvert%2Fparquet/**/*.parquet"), "a ref"
    assert fs.isdir(f"{root}/data") and fs.isfile(f"{root}/README.md") and not fs.exists(f"{root}/nothing")
    info = fs.info(f"{root}/docs/big.txt")
    assert info["size"] == 3_200_000
    if info["lfs"] is not None:
        assert info["lfs"]["sha256"] == hashlib.sha256((plain / "docs" / "big.txt").read_bytes()).hexdigest()
    for name in ["docs/a b#?.txt", "docs/\u00fcml\u00e4ut.txt", "docs/big.txt", "data/test-00000-of-00001.parquet"]:
        content = (plain / name).read_bytes()
        assert fs.cat_file(f"{root}/{name}") == content, name
        with fs.open(f"{root}/{name}") as file:
            assert file.size == len(content)
            for start, length in [(3, 5), (len(content) - 4, 4), (0, 1)]:
                file.seek(start)
                assert file.read(length) == content[start : start + length], (name, start)
    ranges = fs.cat_ranges([f"{root}/docs/big.txt"] * 3, [0, 1_000_000, 3_199_990], [10, 1_000_010, 3_200_000])
    big = (plain / "docs" / "big.txt").read_bytes()
    assert ranges == [big[:10], big[1_000_000:1_000_010], big[-10:]]
    raises(FileNotFoundError, lambda: fs.ls(f"{root}/nothing"))
    raises(FileNotFoundError, lambda: fs.open("datasets/org/missing/file"))


def check_downloads(folder):
    from huggingface_hub import hf_hub_download, snapshot_download

    plain = folder / "org" / "plain"
    for name in ["README.md", "docs/a b#?.txt", "docs/big.txt"]:
        path = Path(hf_hub_download("org/plain", name, repo_type="dataset"))
        assert path.read_bytes() == (plain / name).read_bytes(), name
        assert path.parts[-2 - name.count("/")].isalnum(), "lies under its commit"
    snapshot = Path(snapshot_download("org/plain", repo_type="dataset"))
    served = {str(path.relative_to(plain)): path for path in plain.rglob("*") if path.is_file()}
    downloaded = {str(path.relative_to(snapshot)): path for path in snapshot.rglob("*") if path.is_file()}
    assert sorted(served) == sorted(downloaded)
    assert all(path.read_bytes() == downloaded[name].read_bytes() for name, path in served.items())
    with tempfile.TemporaryDirectory() as target:
        snapshot_download("org/plain", repo_type="dataset", local_dir=target, allow_patterns="data/*")
        assert len(list(Path(target, "data").glob("*.parquet"))) == 5


def check_api(folder):
    from huggingface_hub import HfApi

    api = HfApi()
    plain = folder / "org" / "plain"
    info = api.dataset_info("org/plain", files_metadata=True)
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
    assert len(info.sha) == 40 and len(sizes) == 5 + 1 + 3 + MANY
    assert sizes["docs/big.txt"] == 3_200_000
    assert api.dataset_info("org/plain", revision=info.sha).sha == info.sha
    assert api.dataset_info("ORG/Plain").id == "org/plain", "whatever the case"
    assert api.dataset_info("org/plain", expand=["sha"]).sha == info.sha
    tree = list(api.list_repo_tree("org/plain", repo_type="dataset", recursive=True))
    assert len(tree) == 3 + len(sizes), "over several pages"
    assert len({entry.path for entry in tree}) == len(tree)
    docs = {entry.path: entry for entry in api.list_repo_tree("org/plain", "docs", repo_type="dataset", expand=True)}
    content = (plain / "docs" / "a b#?.txt").read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    if docs["docs/a b#?.txt"].lfs is None:
        assert docs["docs/a b#?.txt"].blob_id == blob
    assert docs["docs/big.txt"].last_commit.oid == info.sha
    found = api.get_paths_info("org/plain", ["docs", "README.md", "nothing"], repo_type="dataset", expand=True)
    assert sorted(entry.path for entry in found) == ["README.md", "docs"]
    refs = api.list_repo_refs("org/plain", repo_type="dataset", include_pull_requests=True)
    assert [ref.name for ref in refs.branches] == ["main", "v1"]
    assert [ref.name for ref in refs.converts] == ["parquet"] and [ref.name for ref in refs.pull_requests] == ["1"]
    assert [commit.commit_id for commit in api.list_repo_commits("org/plain", repo_type="dataset")] == [info.sha]
    assert api.file_exists("org/plain", "README.md", repo_type="dataset")
    assert not api.file_exists("org/plain", "nothing", repo_type="dataset")
    assert [file for file in api.list_repo_files("oneword", repo_type="dataset")] == ["data.csv"]
    assert api.whoami(token=READER)["type"] == "user"


def check_errors(_folder):
    from huggingface_hub import HfApi, errors, hf_hub_download

    api = HfApi()
    raises(errors.RepositoryNotFoundError, lambda: api.dataset_info("org/missing"))
    raises(errors.RepositoryNotFoundError, lambda: api.dataset_info("org/missing", token=STRANGER))
    raises(errors.RepositoryNotFoundError, lambda: api.dataset_info("org/private"))
    raises(errors.RepositoryNotFoundError, lambda: api.dataset_info("org/private", token=STRANGER))
    assert api.dataset_info("org/private", token=READER).private
    raises(errors.DisabledRepoError, lambda: api.dataset_info("org/disabled"))
    raises(errors.RevisionNotFoundError, lambda: api.dataset_info("org/plain", revision="nowhere"))
    raises(errors.RevisionNotFoundError, lambda: api.dataset_info("org/plain", revision="0" * 40))

    def download(repo, name="data.csv", **options):
        return lambda: hf_hub_download(repo, name, repo_type="dataset", **options)

    assert api.dataset_info("org/gated").gated == "auto"
    raises(errors.GatedRepoError, download("org/gated"))
    raises(errors.GatedRepoError, download("org/gated", token=STRANGER))
    assert Path(download("org/gated", token=READER)()).read_text() == "a\n1\n2\n"
    raises(errors.RemoteEntryNotFoundError, download("org/plain", "nothing.txt"))
    raises(errors.RevisionNotFoundError, download("org/plain", "README.md", revision="nowhere"))
    missing = api.list_repo_tree("org/plain", "nothing", repo_type="dataset")
    raises(errors.RemoteEntryNotFoundError, lambda: list(missing))
    invalid = raises(errors.HfHubHTTPError, lambda: api.dataset_info("org/plain", token="hf_unknown"))
    assert "Invalid credentials" in str(invalid)


CHECKS = [
    check_api,
    check_errors,
    check_file_system,
    check_downloads,
    check_load_dataset,
    check_load_dataset_variants,
    check_load_dataset_errors,
]


def check(endpoint, folder):
    assert os.environ.get("HF_ENDPOINT") == endpoint, f"HF_ENDPOINT must be {endpoint}"
    failed = 0
    for run in CHECKS:
        try:
            run(folder)
            print(f"ok      {run.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {run.__name__}\n{traceback.format_exc()}", flush=True)
    return 1 if failed else 0


# Downloading


def share_blobs(folder):
    """Moves large blobs to the store of all repos, as a download by Xet ends. The server has no Xet."""
    from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

    cache = Path(os.environ["HF_HOME"]) / "hub"
    for blob in (cache / folder / "blobs").iterdir():
        if len(blob.name) == 64:
            xet_hash = hashlib.sha256(b"xet" + blob.name.encode()).hexdigest()
            size = blob.stat().st_size
            publish_blob_to_shared_store(blob_path=str(blob), xet_hash=xet_hash, cache_dir=cache, expected_size=size)
            assert blob.is_symlink(), blob


def ids_in(paths):
    import pyarrow.parquet as pq

    return [row for path in sorted(paths) for row in pq.read_table(path)["id"].to_pylist()]


def download():
    import datasets
    from huggingface_hub import hf_hub_download, snapshot_download

    def digests(snapshot):
        files = (path for path in Path(snapshot).rglob("*") if path.is_file())
        return {str(f.relative_to(snapshot)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}

    whole = snapshot_download("org/plain", repo_type="dataset", ignore_patterns="many/*")
    share_blobs("datasets--org--plain")
    converted = "refs/convert/parquet"
    one = hf_hub_download("org/plain", "default/train/0000.parquet", repo_type="dataset", revision=converted)
    tagged = snapshot_download("org/plain", repo_type="dataset", revision="v1")
    part = hf_hub_download("org/part", "data/train-00001-of-00004.parquet", repo_type="dataset")
    loaded = datasets.load_dataset("org/cards", "second", split="train")
    model = snapshot_download("org/model")
    commit = Path(whole).name
    train = ids_in(Path(whole).glob("data/train-*"))
    rows = [
        {"id": "org/plain", "options": {}, "ids": train},
        {"id": "org/plain", "options": {"split": "test"}, "ids": ids_in(Path(whole).glob("data/test-*"))},
        {"id": "org/plain", "options": {"revision": commit, "streaming": False}, "ids": train},
        {"id": "org/plain", "options": {"revision": converted}, "ids": ids_in([one])},
        {"id": "org/part", "options": {}, "ids": ids_in([part])},
        {"id": "org/cards", "options": {"config": "second"}, "ids": list(loaded["id"])},
    ]
    files = [
        {"root": "datasets/org/plain", "sha256": digests(whole)},
        {"root": "datasets/org/plain@v1", "sha256": digests(tagged)},
        {"root": "org/model", "sha256": digests(model)},
    ]
    shared = sum(path.is_file() for path in (Path(os.environ["HF_HOME"]) / "hub" / "blobs").glob("*/*"))
    assert shared > 0
    missing = {"revision": "v9", "file": "datasets/org/plain/many/007.txt"}
    print(json.dumps({"rows": rows, "files": files, "missing": missing}))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "prepare":
        prepare(Path(arguments[0]))
    elif command == "download":
        download()
    elif command == "check":
        sys.exit(check(arguments[0], Path(arguments[1])))
    else:
        sys.exit(__doc__)
