#!/usr/bin/env bash
# Expected: X + b, with X of CasADi and b a one-dimensional NumPy array, adds b to every row of X, as in NumPy,
# or is refused. What happens: CasADi reads a one-dimensional array as a column and repeats it across, so that b
# runs down the rows: for a square X the layer X @ W + b gets the bias of the row in place of the column's,
# with a result of the same shape. The gradient of b is then summed over the wrong axis too. Also b + X, with the
# NumPy array first. Looked at: CasADi 3.8.2 with NumPy 2.4.6.
# It matters to who checks a layer's gradients against CasADi: with n = 2 samples and 2 units all shapes agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check casadi==3.8.2 numpy==2.4.6

"$python" - <<'END'
import casadi
import numpy as np

print("casadi", casadi.__version__, "numpy", np.__version__)
X, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0])
numpy, dm = X + b, (casadi.DM(X) + b).full()
print("NumPy X + b", numpy.tolist(), " CasADi X + b", dm.tolist(), " b + X", (b + casadi.DM(X)).full().tolist())
assert np.array_equal(dm, X + b[:, None]), "CasADi broadcasts otherwise now"
assert np.array_equal((b + casadi.DM(X)).full(), dm) and not np.array_equal(dm, numpy)

bias = casadi.SX.sym("b", 2)
weight = np.array([[1.0, 10.0], [100.0, 1000.0]])
loss = casadi.sum1(casadi.sum2(weight * (casadi.SX(X) + bias)))
gradient = casadi.Function("gradient", [bias], [casadi.gradient(loss, bias)])(b).full().ravel()
print("gradient of sum(weight * (X + b)) by b: CasADi", gradient, " NumPy's broadcasting", weight.sum(axis=0))
assert np.array_equal(gradient, weight.sum(axis=1)) and not np.array_equal(gradient, weight.sum(axis=0))
try:
    casadi.DM(np.ones((3, 2))) + b
except RuntimeError as error:
    print("only a shape that does not fit tells:", str(error).split(":", 2)[-1].strip())
else:
    raise AssertionError("a 3x2 matrix plus a vector of 2 is allowed now")
END
