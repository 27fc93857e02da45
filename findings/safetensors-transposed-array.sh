#!/usr/bin/env bash
# Expected: safetensors' NumPy functions save the elements of an array, whatever the order in memory; the same
# package refuses a tensor of PyTorch that is not contiguous. What happens: since 0.8.0, `save` writes the
# memory of a transposed or Fortran-ordered array as it lies and calls it C order, so that W.T comes back with
# its own shape and the elements in the wrong places. 0.7.0 read the same array back right.
# Looked at: safetensors 0.7.0 and 0.8.0 with NumPy 2.4.6; reported upstream (issue 825).
# It matters since weights are transposed just here, between libraries that keep W as (in, out) and as (out, in).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"

for version in 0.7.0 0.8.0; do
  "$python" -m pip install --quiet --disable-pip-version-check safetensors==$version numpy==2.4.6
  "$python" - <<'END'
import numpy as np
import safetensors
from safetensors.numpy import load, save

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
read = load(save({"W.T": W.T}))["W.T"]
print(f"safetensors {safetensors.__version__}: saved {W.T.tolist()}  read {read.tolist()}")
assert np.array_equal(load(save({"W": W}))["W"], W)
assert read.shape == (3, 2)
if safetensors.__version__ == "0.7.0":
    assert np.array_equal(read, W.T)
else:
    assert np.array_equal(read, [[1, 2], [3, 4], [5, 6]]), "W.T comes back another way now"
END
done
