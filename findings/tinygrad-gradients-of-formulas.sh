#!/usr/bin/env bash
# Expected: the derivative of erf at 0 is 1.128, of asin and atan it is 1, and that of ELU is 1 for every positive x.
# What happens: tinygrad writes these functions as formulas of others and differentiates the formulas: erf, asin and
# atan have the sign of x as a factor, whose gradient is 0, so that exactly at 0 their gradients are 0 (at 1e-8 they
# are right). ELU, CELU and SELU contain exp(x) on a branch that is not taken, and from x = 89 on, where float32's exp
# is infinite, the gradient is NaN. All values are right. Looked at: tinygrad 0.14.0 with its Python device; the
# formulas are the same for every device. It matters because 0 is what a layer of zeros gives, and because one large
# activation makes all weights NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check tinygrad==0.14.0 numpy==2.4.6

"$python" - <<'END'
import os

os.environ["DEV"] = "PYTHON"
from importlib.metadata import version

import numpy as np
from tinygrad import Tensor

print("tinygrad", version("tinygrad"))


def gradient(function, value):
    x = Tensor([value])
    function(x).sum().backward()
    return x.grad.item()


true = {"erf": 2 / np.sqrt(np.pi), "asin": 1.0, "acos": -1.0, "atan": 1.0, "tanh": 1.0, "sin": 1.0}
for name, derivative in true.items():
    at_zero, beside = (gradient(getattr(Tensor, name), value) for value in (0.0, 1e-8))
    print(f"{name}: true {derivative:.4f}, at 0 {at_zero:.4f}, at 1e-8 {beside:.4f}")
    assert np.isclose(beside, derivative, atol=1e-4)
    assert at_zero == 0 if name not in ("tanh", "sin") else np.isclose(at_zero, 1), "it is another one now"

for name in ("elu", "celu", "selu", "softplus"):
    function = getattr(Tensor, name)
    values = [function(Tensor([x])).item() for x in (88.0, 89.0)]
    gradients = [gradient(function, x) for x in (88.0, 89.0)]
    print(f"{name}: values at 88 and 89 {np.round(values, 2)}, gradients {np.round(gradients, 4)}")
    assert np.isfinite(values).all() and np.isfinite(gradients[0])
    assert np.isnan(gradients[1]) == (name != "softplus"), "the gradient is finite now"
END
