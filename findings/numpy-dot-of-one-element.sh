#!/usr/bin/env bash
# Expected: `dot`, `inner`, `vdot` and `@` of two vectors are one sum of products, to the last bit.
# What happens: of one element each, `dot` and `inner` return the product as it is, the others add it to 0: for
# a product of -0.0 the first two have -0.0, `vdot`, `@`, `einsum` and `sum(a * b)` have 0.0, and what divides
# by it has -inf or inf. From two elements on all agree. Looked at: NumPy 2.4.6.
# It matters where two ways of writing one gradient are compared bit for bit, with a feature or a sample alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6

"$python" - <<'END'
import numpy as np

ways = {
    "dot": np.dot, "inner": np.inner, "vdot": np.vdot, "matmul": np.matmul,
    "einsum": lambda a, b: np.einsum("i,i->", a, b), "sum": lambda a, b: np.sum(a * b),
}
signs = {}
for length in (1, 2, 3):
    zeros, ones = np.full(length, -0.0), np.ones(length)
    signs[length] = {name: bool(np.signbit(way(zeros, ones))) for name, way in ways.items()}
    print("numpy", np.__version__, "length", length, {name: "-0.0" if s else "0.0" for name, s in signs[length].items()})
assert signs[1]["dot"] and signs[1]["inner"], "dot of one element is 0.0 now"
assert not any(signs[1][name] for name in ("vdot", "matmul", "einsum", "sum")), "others have -0.0 now"
assert not any(signs[2].values()) and not any(signs[3].values())
END
