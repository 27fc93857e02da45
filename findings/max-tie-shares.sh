#!/usr/bin/env bash
# Expected: where several elements share the maximum, libraries may split the gradient as they like, but the
# shares sum to 1, so that adding a constant to all elements raises the maximum by that constant.
# What happens: pytensor's max gives every tied element the whole gradient (sum 2 for two, 3 for three);
# mygrad's maximum(x, x), which equals x, has the gradient 0, since at a tie neither side gets any, though its
# max() along an axis gives it all to the first. autograd splits evenly. Looked at: pytensor 3.0.7, mygrad 2.5.0,
# autograd 1.9.1. It matters with relu outputs and pooled images, where ties at 0 are the rule, not the exception.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pytensor==3.0.7 mygrad==2.5.0 autograd==1.9.1 numpy==2.4.6

"$python" - <<'END'
import os
import sys

os.environ["PYTENSOR_FLAGS"] = f"cxx=,mode=FAST_COMPILE,base_compiledir={sys.prefix}/compiled"
import autograd.numpy as anp
import mygrad
import numpy as np
import pytensor
import pytensor.tensor as pt
from autograd import grad
from importlib.metadata import version

print(*(f"{name} {version(name)}" for name in ("pytensor", "mygrad", "autograd", "numpy")))
x = np.array([1.0, 2.0, 2.0])

v = pt.dvector("v")
by_pytensor = pytensor.function([v], pytensor.grad(pt.max(v), v))
t = mygrad.tensor(x)
t.max().backward()
twice = mygrad.tensor(x)
mygrad.maximum(twice, twice).sum().backward()
found = {
    "pytensor max": by_pytensor(x),
    "autograd max": grad(anp.max)(x),
    "mygrad   max": t.grad,
    "mygrad   maximum(x, x)": twice.grad,
    "autograd maximum(x, x)": grad(lambda a: anp.sum(anp.maximum(a, a)))(x),
}
for name, gradient in found.items():
    print(f"{name:22} at {x}: {gradient}  sum {gradient.sum()}")
three = by_pytensor(np.array([3.0, 3.0, 3.0]))
print(f"pytensor max at [3. 3. 3.]: {three}  sum {three.sum()}")
assert np.array_equal(found["pytensor max"], [0, 1, 1]) and three.sum() == 3, "pytensor shares now"
assert np.array_equal(found["mygrad   maximum(x, x)"], [0, 0, 0]), "mygrad's maximum(x, x) has a gradient now"
assert np.array_equal(found["mygrad   max"], [0, 1, 0])
assert np.array_equal(found["autograd max"], [0, 0.5, 0.5])
assert np.array_equal(found["autograd maximum(x, x)"], [1, 1, 1])
END
