#!/bin/sh
# Makes the virtual environment .venv with what requirements.txt pins, unless it is there already, and prints the path
# of its Python. PYTHON names the interpreter to make it with.
set -eu
cd "$(dirname "$0")/.."
stamp=.venv/requirements.txt
if ! cmp -s scripts/requirements.txt "$stamp"; then
  "${PYTHON:-python3}" -m venv .venv >&2
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt >&2
  cp scripts/requirements.txt "$stamp"
fi
echo "$PWD/.venv/bin/python"
