#!/usr/bin/env bash
# Expected: whatever a function returns, the gradient of a scalar has the shape of its argument.
# What happens: with `keepdims=True`, autograd's rule for `linalg.norm` along an axis still adds an axis to
# the incoming gradient; for a (2, 3) array the result is (2, 2, 3), the whole array over each row's norm in
# turn. Nothing complains, and `W - rate * gradient` broadcasts to three axes. The maximum norm's gradient
# is NaN with no tie in sight. Looked at: autograd 1.9.1 with NumPy 2.4.6.
# It matters to everyone who normalizes rows (weight normalization, cosine similarity) and compares gradients.
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
x = np.array([[3.0, 4.0, 0.0], [5.0, 0.0, 12.0]])
kept = grad(lambda v: anp.sum(anp.linalg.norm(v, axis=1, keepdims=True)))(x)
dropped = grad(lambda v: anp.sum(anp.linalg.norm(v, axis=1)))(x)
true = x / np.linalg.norm(x, axis=1, keepdims=True)
print("argument", x.shape, " gradient without keepdims", dropped.shape, " with keepdims", kept.shape)
print("gradient with keepdims:\n", kept.round(4), "\ntrue gradient:\n", true.round(4))
assert np.allclose(dropped, true)
assert kept.shape == (2, 2, 3), "the shape is another now"

with warnings.catch_warnings():
    warnings.simplefilter("ignore", RuntimeWarning)
    greatest = grad(lambda v: anp.linalg.norm(v, np.inf))(np.array([1.0, -5.0, 2.0]))
print("gradient of the maximum norm at [1, -5, 2]:", greatest, " true: [0, -1, 0]")
assert np.isnan(greatest).any(), "the maximum norm has a gradient now"
END
