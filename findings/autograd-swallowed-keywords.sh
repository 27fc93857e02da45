#!/usr/bin/env bash
# Expected: the gradient of a masked reduction is 0 where the mask is False, or the tracer says that it
# knows no rule for the keyword. What happens: autograd hands `where=` and NumPy 2's `correction=` on to
# NumPy, so the value is right, but its gradient rules take any keyword and drop it: masked elements get a
# gradient, a masked mean divides by the wrong count, and `correction=1` differs from its synonym `ddof=1`.
# No warning. Looked at: autograd 1.9.1 with NumPy 2.4.6.
# It matters because autograd is what hand-written gradients are checked against; here the check is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6

"$python" - <<'END'
import autograd.numpy as anp
import numpy as np
from autograd import grad
from importlib.metadata import version

print("autograd", version("autograd"), "numpy", np.__version__)
x = np.array([1.0, 2.0, 4.0])
kept = np.array([True, False, True])


def central(f):
    """Central differences of f at x, one element at a time."""
    steps = 1e-6 * np.eye(x.size)
    return np.array([(f(x + step) - f(x - step)) / 2e-6 for step in steps])


cases = {
    "sum(x, where=kept)": (lambda v: anp.sum(v, where=kept), [1, 1, 1], [1, 0, 1]),
    "mean(x, where=kept)": (lambda v: anp.mean(v, where=kept), [1 / 3] * 3, [0.5, 0, 0.5]),
    "prod(x, where=kept)": (lambda v: anp.prod(v, where=kept), [4, 2, 1], [4, 0, 1]),
    "var(x, correction=1)": (lambda v: anp.var(v, correction=1), None, None),
}
for name, (f, seen, true) in cases.items():
    got, wanted = grad(f)(x), central(f)
    print(f"{name:22} value {f(x):.4f}  autograd {got.round(4)}  differences {wanted.round(4)}")
    assert not np.allclose(got, wanted, atol=1e-4), f"{name} is right now"
    if seen is not None:
        assert np.allclose(got, seen) and np.allclose(wanted, true, atol=1e-6)

ddof = grad(lambda v: anp.var(v, ddof=1))(x)
print(f"{'var(x, ddof=1)':22} autograd {ddof.round(4)}")
assert np.allclose(ddof, central(lambda v: anp.var(v, ddof=1)), atol=1e-6)
END
