#!/usr/bin/env bash
# Expected: a learning rate read with tomlkit is a float (isinstance says so, and it equals 0.1), so float32
# weights times it stay float32 under NumPy 2, where Python's numbers have no say in the dtype.
# What happens: tomlkit returns a subclass of float that carries its text, and NumPy 2 lets only float itself
# give way; a subclass counts as float64. One hyperparameter from the file turns all it touches into float64,
# and integers from the file do so as well; tomllib's do not. Looked at: tomlkit 0.15.2 with NumPy 2.4.6 (with
# NumPy 1.26.4 the result was float32). It matters to runs that must agree bit by bit with another tool's float32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check tomlkit==0.15.2 numpy==2.4.6

"$python" - <<'END'
import tomllib
from importlib.metadata import version

import numpy as np
import tomlkit

print("tomlkit", version("tomlkit"), "numpy", np.__version__)
text = "rate = 0.1\nscale = 3\n"
weights = np.ones(2, np.float32)
styled, plain = tomlkit.parse(text), tomllib.loads(text)
for key in ("rate", "scale"):
    a, b = styled[key], plain[key]
    print(f"{key} = {a}: tomllib {type(b).__name__} -> {(weights * b).dtype},",
          f"tomlkit {type(a).__name__} -> {(weights * a).dtype}, unwrapped -> {(weights * a.unwrap()).dtype}")
    assert a == b and isinstance(a, type(b))
    assert (weights * b).dtype == (weights * a.unwrap()).dtype == np.float32
    assert (weights * a).dtype == np.float64, f"{key} gives way now"
END
