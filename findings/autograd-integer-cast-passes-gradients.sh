#!/usr/bin/env bash
# Expected: x.astype(int) is a staircase like floor and round, so its gradient is 0 almost everywhere, or the
# tracer refuses. What happens: autograd's rule for astype casts the incoming gradient back and passes it on
# unchanged, as if the cast were the identity: a straight-through estimator nobody asked for. For positive x,
# `floor(x)` and `x.astype(int)` are the same numbers with gradients 0 and 1. Looked at: autograd 1.9.1 with
# NumPy 2.4.6. It matters where a loss counts, bins or quantizes: training seems to work, and no finite
# difference will ever agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6

"$python" - <<'END'
import warnings
from importlib.metadata import version

import autograd.numpy as anp
import numpy as np
from autograd import grad

print("autograd", version("autograd"), "numpy", np.__version__)
warnings.filterwarnings("ignore", "Output seems independent of input")  # said of floor, rightly
x = np.array([0.3, 1.6, 2.5])
weight = np.array([1.0, 10.0, 100.0])
ways = {
    "floor(x)": lambda v: anp.sum(weight * anp.floor(v)),
    "x.astype(int)": lambda v: anp.sum(weight * v.astype(int)),
}
found = {}
for name, f in ways.items():
    found[name] = grad(f)(x)
    print(f"{name:14} value {f(x):6.1f}  gradient {found[name]}")
assert ways["floor(x)"](x) == ways["x.astype(int)"](x)
assert np.array_equal(found["floor(x)"], [0, 0, 0])
assert np.array_equal(found["x.astype(int)"], weight), "the cast has another gradient now"
END
