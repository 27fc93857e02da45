#!/usr/bin/env bash
# Expected: np.sum inside a compiled function is as good as NumPy's; sum and mean are on numba's list of supported
# NumPy functions. What happens: numba adds the elements up one after another in the array's own dtype, where
# NumPy adds in pairs; the mean of a million float32 losses of 0.1 comes out 1 % too large, and np.mean is off
# likewise. Looked at: numba 0.65.1 with NumPy 2.4.6; open upstream since 2018 (issue 2855).
# It matters as 1 % of a loss is far more than any tolerance under which two implementations are called equal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check numba==0.65.1 numpy==2.4.6

"$python" - <<'END'
import math

import numba
import numpy as np

print("numba", numba.__version__, "numpy", np.__version__)


@numba.njit
def total(x):
    return np.sum(x)


@numba.njit
def mean(x):
    return np.mean(x)


losses = np.full(1_000_000, 0.1, np.float32)
exact = math.fsum(losses.tolist())
for name, value, true in (
    ("NumPy sum ", np.sum(losses), exact),
    ("numba sum ", total(losses), exact),
    ("NumPy mean", np.mean(losses), exact / losses.size),
    ("numba mean", mean(losses), exact / losses.size),
):
    print(f"{name} {float(value):.6f}  exact {true:.6f}  off by {float(value) / true - 1:+.1e}")
assert abs(np.sum(losses) / exact - 1) < 1e-6
assert abs(total(losses) / exact - 1) > 5e-3, "numba's sum is accurate now"
assert abs(mean(losses) * losses.size / exact - 1) > 5e-3, "numba's mean is accurate now"
END
