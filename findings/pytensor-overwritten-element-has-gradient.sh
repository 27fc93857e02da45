#!/usr/bin/env bash
# Expected: v[0] and v[1] are both written to element 0; the second write wins, so the loss depends on v[1]
# alone and v[0] has the gradient 0. What happens: pytensor's set_subtensor computes the right value, but its
# gradient goes to every writer, also the one that was overwritten. And squaring the result as y * y or as
# y ** 2 gives different gradients, [5, 5] and [4, 4], for the same loss of 4; true is [0, 4].
# Looked at: pytensor 3.0.7 with NumPy 2.4.6.
# It matters wherever rows are written by an index that can repeat (embeddings, replay buffers, segments).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pytensor==3.0.7 numpy==2.4.6

"$python" - <<'END'
import os
import sys

os.environ["PYTENSOR_FLAGS"] = f"cxx=,mode=FAST_COMPILE,base_compiledir={sys.prefix}/compiled"
import numpy as np
import pytensor
import pytensor.tensor as pt

print("pytensor", pytensor.__version__, "numpy", np.__version__)
v = pt.dvector("v")
at = np.array([1.0, 2.0])
y = pt.zeros(2)[[0, 0]].set(v)
losses = {"sum(y)": y.sum(), "sum(y * y)": (y * y).sum(), "sum(y ** 2)": (y**2).sum()}
true = {"sum(y)": [0, 1], "sum(y * y)": [0, 4], "sum(y ** 2)": [0, 4]}
seen = {"sum(y)": [1, 1], "sum(y * y)": [5, 5], "sum(y ** 2)": [4, 4]}
print("y =", pytensor.function([v], y)(at))
assert np.array_equal(pytensor.function([v], y)(at), [2, 0])
for name, loss in losses.items():
    f = pytensor.function([v], loss)
    gradient = pytensor.function([v], pytensor.grad(loss, v))(at)
    differences = [(f(at + step) - f(at - step)) / 2e-6 for step in 1e-6 * np.eye(2)]
    print(f"{name:12} value {f(at)}  pytensor {gradient}  differences {np.round(differences, 4)}")
    assert np.allclose(differences, true[name], atol=1e-4)
    assert np.array_equal(gradient, seen[name]), f"the gradient of {name} is another now"
END
