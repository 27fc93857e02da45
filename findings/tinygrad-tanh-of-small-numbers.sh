#!/usr/bin/env bash
# Expected: near 0 the tanh of x is x, to the seven digits that float32 has. What happens: tinygrad computes tanh as 2
# sigmoid(2x) - 1, where small values drown in the 1: tanh(0.001) has four right digits, tanh(1e-6) is off by 7 %, and
# tanh(1e-8) is 0. In the same way softplus(-20) and logsigmoid(20), 2e-9, are 0, and sinh(1e-8) and asinh(1e-8) too.
# The gradients are right, so a finite difference with a small step disagrees with a gradient that is correct. Looked
# at: tinygrad 0.14.0 with its Python device, against NumPy 2.4.6 in float32; the formulas are the same for every
# device. It matters to gradient checks of recurrent cells, and to losses near their end.
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

print("tinygrad", version("tinygrad"), "numpy", np.__version__)
for x in (1e-3, 1e-6, 1e-8):
    theirs, true = Tensor([x]).tanh().item(), np.tanh(np.float32(x))
    slope = Tensor([x])
    slope.tanh().sum().backward()
    off = abs(theirs / true - 1)
    print(f"tanh({x:g}): tinygrad {theirs:.9g}, NumPy {true:.9g}, off by {off:.1e}; slope {slope.grad.item():.6f}")
    assert np.isclose(slope.grad.item(), 1, atol=1e-5)
    assert off > {1e-3: 1e-5, 1e-6: 0.01, 1e-8: 0.9}[x], "tanh is exact now"

small = {
    "softplus": (-20.0, np.log1p(np.exp(np.float32(-20)))),
    "logsigmoid": (20.0, -np.log1p(np.exp(np.float32(-20)))),
    "sinh": (1e-8, np.sinh(np.float32(1e-8))),
    "asinh": (1e-8, np.arcsinh(np.float32(1e-8))),
}
for name, (x, true) in small.items():
    value = getattr(Tensor([x]), name)().item()
    print(f"{name}({x:g}): tinygrad {value:g}, true {true:g}")
    assert true != 0 and value == 0, "it is no longer lost"
h = 1e-8
difference = (Tensor([h]).tanh().item() - Tensor([-h]).tanh().item()) / (2 * h)
print("central difference of tanh at 0 with a step of 1e-8:", difference, " true 1")
assert difference == 0
END
