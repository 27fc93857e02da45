#!/usr/bin/env bash
# Expected: the derivative of a scalar by a 2x2 matrix is a 2x2 matrix, as SymPy gives it for a' tanh(W) b. What
# happens: for the trace of an elementwise function, as in trace(tanh(W)), the derivative comes out as the vector of
# the two diagonal slopes; the matrix with these on its diagonal would be right. A derivative of a plain trace, of
# trace(W'W) and of a bilinear form are right. Looked at: SymPy 1.14.0. It matters to who derives the gradient of a
# layer with its matrix symbols: the shape is what one came for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check sympy==1.14.0

"$python" - <<'END'
import sympy
from sympy import MatrixSymbol, Trace, diff, eye, tanh

print("sympy", sympy.__version__)
W, a, b = MatrixSymbol("W", 2, 2), MatrixSymbol("a", 2, 1), MatrixSymbol("b", 2, 1)


def by_elements(scalar):
    return sympy.Matrix(2, 2, lambda i, j: diff(scalar, W[i, j]))


def explicit(matrix):
    return matrix.as_explicit().doit()


elements = W.as_explicit()
right = {
    "trace(W)": (Trace(W), elements.trace()),
    "trace(W'W)": (Trace(W.T * W), (elements.T * elements).trace()),
    "a' tanh(W) b": (a.T * W.applyfunc(tanh) * b, (a.as_explicit().T * elements.applyfunc(tanh) * b.as_explicit())[0]),
}
for name, (formula, scalar) in right.items():
    derivative = formula.diff(W)
    print(f"{name:13} -> {derivative}, shape {derivative.shape}")
    assert sympy.simplify(explicit(derivative) - by_elements(scalar)) == sympy.zeros(2)

derivative = Trace(W.applyfunc(tanh)).diff(W)
true = by_elements(elements.applyfunc(tanh).trace())
print(f"trace(tanh(W)) -> {derivative}, shape {derivative.shape}")
print(f"  in elements {explicit(derivative)}, true {true.tolist()}")
assert derivative.shape == (2,), "the shape is another one now"
assert true == sympy.diag(1 - tanh(W[0, 0]) ** 2, 1 - tanh(W[1, 1]) ** 2)
assert list(explicit(derivative)) == [true[0, 0], true[1, 1]]
END
