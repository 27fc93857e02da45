#!/usr/bin/env bash
# Expected: mygrad is a drop-in for NumPy, so a float32 tensor times the Python number 0.5 stays float32, as it
# does for NumPy arrays (NumPy 2's rule for Python numbers, and NumPy 1's for scalars). What happens: mygrad
# first makes the number a float64 array of no dimensions, which under NumPy 2's promotion is a full partner:
# the rest of the forward pass runs in float64, while the gradient is cast back to the float32 of its tensor, so
# that nothing shows. Looked at: mygrad 2.5.0 with NumPy 2.4.6.
# It matters when float32 gradients of two tools are compared bit by bit: one of them was not computed in float32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check mygrad==2.5.0 numpy==2.4.6

"$python" - <<'END'
from importlib.metadata import version

import mygrad
import numpy as np

print("mygrad", version("mygrad"), "numpy", np.__version__)
data = np.array([0.1, 0.2, 0.3], np.float32)
x = mygrad.tensor(data)
loss = (0.1 * x * x).sum()
loss.backward()
with_float32 = (np.float32(0.1) * data * data).sum()
print("NumPy:  0.1 * x * x is", (0.1 * data * data).dtype, " sum", repr(with_float32))
print("mygrad: 0.1 * x * x is", (0.1 * mygrad.tensor(data)).dtype, " sum", repr(loss.data))
print("gradient", x.grad.dtype)
assert (0.1 * data).dtype == np.float32
assert (0.1 * mygrad.tensor(data)).dtype == np.float64, "the tensor stays float32 now"
assert loss.data.dtype == np.float64 and x.grad.dtype == np.float32
assert float(loss.data) != float(with_float32)
END
