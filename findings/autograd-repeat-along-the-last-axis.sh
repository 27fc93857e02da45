#!/usr/bin/env bash
# Expected: `repeat(x, n, axis=-1)` is `repeat(x, n, axis=x.ndim - 1)`, and so is its gradient.
# What happens: the value is right, but the rule of the gradient splits axis -1 of the incoming gradient as if
# the axis that it adds stood in front: for n copies along axis -1 other elements' gradients are added up. The
# shape is right and nothing complains. Of a plain number, `repeat(x, n)` cannot be differentiated at all.
# Looked at: autograd 1.9.1 with NumPy 2.4.6.
# It matters to everyone who upsamples by repeating and compares gradients with autograd's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6

"$python" - <<'END'
from importlib.metadata import version

import autograd.numpy as anp
import numpy as np
from autograd import grad

print("autograd", version("autograd"), "numpy", np.__version__)
weights = np.array([1.0, 2.0, 3.0, 10.0, 20.0, 30.0])  # of the copies: three of each element
last = grad(lambda v: anp.sum(weights * anp.repeat(v, 3, axis=-1)))(np.array([5.0, 7.0]))
first = grad(lambda v: anp.sum(weights * anp.repeat(v, 3, axis=0)))(np.array([5.0, 7.0]))
print("gradient along axis -1:", last, " along axis 0, the same axis:", first, " true: [ 6. 60.]")
assert np.allclose(first, [6.0, 60.0])
assert not np.allclose(last, first), "axis -1 is right now"

try:
    print("gradient of repeat(number, 2):", grad(lambda v: anp.sum(anp.repeat(v, 2)))(1.5))
except TypeError as error:
    print("gradient of repeat(number, 2):", error)
else:
    raise SystemExit("a number can be repeated now")
END
