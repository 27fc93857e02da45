#!/usr/bin/env bash
# Expected: a TOML parser that accepts a value returns it, and a writer that accepts a number writes a number.
# What happens: `toml`, still widely installed, reads -0.0 as 0.0, without a word (and refuses 0e0, valid too); and
# dumps() writes a NumPy number as a string, under NumPy 2 even with its Python spelling, so that an array of
# weights becomes a list of strings such as "np.float64(0.5)".
# Looked at: toml 0.10.2 (the last release) with NumPy 2.4.6 against Python's tomllib.
# It matters for gradients kept in TOML: the sign of zero decides 1/x, atan2 and copysign, and the numbers are gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check toml==0.10.2 numpy==2.4.6

"$python" - <<'END'
import math
import tomllib
from importlib.metadata import version

import numpy as np
import toml

print("toml", version("toml"), "numpy", np.__version__)
ours, theirs = tomllib.loads("x = -0.0")["x"], toml.loads("x = -0.0")["x"]
print("x = -0.0  tomllib", ours, " toml", theirs)
assert math.copysign(1, ours) == -1 and math.copysign(1, theirs) == 1, "toml keeps the sign now"

assert tomllib.loads("x = 0e0")["x"] == 0.0
try:
    toml.loads("x = 0e0")
except toml.TomlDecodeError as error:
    print("x = 0e0   tomllib 0.0  toml:", error)
else:
    raise AssertionError("toml reads 0e0 now")

written = toml.dumps({"rate": np.float64(0.1), "weights": np.array([0.5, -0.25])})
print(written, end="")
back = tomllib.loads(written)
assert back == {"rate": "np.float64(0.1)", "weights": ["np.float64(0.5)", "np.float64(-0.25)"]}, "it writes numbers now"
END
