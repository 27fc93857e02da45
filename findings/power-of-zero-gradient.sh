#!/usr/bin/env bash
# Expected: x ** 0 is the constant 1 (NumPy and Python say so at x = 0 too), so its derivative is 0 everywhere, and
# that of x ** 1.0 is 1. What happens at x = 0: exponent times x to the exponent minus 1 is 0 times infinity. JAX
# returns NaN for the float exponent 0.0 and 0 for the integer 0, so that x ** jnp.arange(3.0), the powers of a
# polynomial fit, has NaN where the data have a 0; micrograd raises ZeroDivisionError for its whole backward pass;
# algopy has NaN for x ** 2.0, where x ** 2 is fine. Looked at: JAX 0.10.2, micrograd 0.1.0, algopy 0.7.2.
# It matters to polynomial lessons and to checks that start from x = 0: the value is right, the gradient is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 micrograd==0.1.0 algopy==0.7.2 numpy==2.4.6

"$python" - <<'END'
import warnings
from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
from algopy import UTPM
from micrograd.engine import Value

print(*(f"{name} {version(name)}" for name in ("jax", "micrograd", "algopy", "numpy")))
by_float = float(jax.grad(lambda x: x**0.0)(0.0))
by_integer = float(jax.grad(lambda x: x**0)(0.0))
powers = jax.grad(lambda x: jnp.sum(x ** jnp.arange(3.0)))
print("JAX at 0: (x ** 0.0)'", by_float, " (x ** 0)'", by_integer, " sum of x ** [0, 1, 2]", float(powers(0.0)))
assert np.isnan(by_float) and by_integer == 0, "the exponents 0.0 and 0 agree now"
assert np.isnan(powers(0.0)) and float(powers(1.0)) == 3

x = Value(0.0)
y = x**0 + x
print("micrograd at 0: value", y.data, end=" ")
try:
    y.backward()
except ZeroDivisionError as error:
    print("gradient ZeroDivisionError:", error)
else:
    raise AssertionError("micrograd has a gradient now")


def by_algopy(f):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(UTPM.extract_jacobian(f(UTPM.init_jacobian(np.zeros(1))[0]))[0])


float_square, square = by_algopy(lambda x: x**2.0), by_algopy(lambda x: x**2)
print("algopy at 0: (x ** 2.0)'", float_square, " (x ** 2)'", square)
assert np.isnan(float_square) and square == 0, "the exponents 2.0 and 2 agree now"
END
