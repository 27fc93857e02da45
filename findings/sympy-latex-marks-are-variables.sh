#!/usr/bin/env bash
# Expected: a reader of LaTeX formulas reads the marks of machine learning, or refuses them. What happens: SymPy's
# reader takes \hat, \mathbf and \odot for variables, so that \hat{y} - y is hat*y - y; a superscript (i) of a sample
# or T of a transpose is a power; 3.5e-3 is 3.5 times e minus 3; 1{,}000 is 1, with the rest dropped; and \max(0, x)
# is an unknown function named max, whose derivative is not the step that Max gives. Its other backend, lark, gives no
# formula but a tree of three readings for \tanh(x), one of them tan times h of x, and a pair for \frac{dL}{dW}.
# Looked at: SymPy 1.14.0 with antlr4-python3-runtime 4.11.1 and lark 1.3.1. It matters to who reads a formula from a
# paper into a tool: most of it is read without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check \
    sympy==1.14.0 antlr4-python3-runtime==4.11.1 lark==1.3.1

"$python" - <<'END'
import warnings
from importlib.metadata import version

import sympy
from sympy.parsing.latex import parse_latex

warnings.simplefilter("ignore")
print("sympy", sympy.__version__, "antlr4", version("antlr4-python3-runtime"), "lark", version("lark"))
x, y, W, i, T, e, hat, mathbf, odot, w = sympy.symbols("x y W i T e hat mathbf odot w")
readings = {
    r"\hat{y} - y": hat * y - y,
    r"\mathbf{w} - w": mathbf * w - w,
    r"W \odot x": W * odot * x,
    r"x^{(i)}": x**i,
    r"W^T x": W**T * x,
    r"3.5e-3": 3.5 * e - 3,
    r"1{,}000": sympy.Integer(1),
}
for text, expected in readings.items():
    formula = parse_latex(text)
    print(f"{text:15} -> {formula}")
    assert sympy.expand(formula - expected) == 0, "it is read otherwise now"

relu = parse_latex(r"\max(0, x)")
print(r"\max(0, x)      ->", relu, " slope", relu.diff(x), " the slope of Max", sympy.Max(0, x).diff(x))
assert not relu.has(sympy.Max) and relu.diff(x).has(sympy.Derivative)

for text in (r"\tanh(x)", r"\frac{dL}{dW}"):
    read = parse_latex(text, backend="lark")
    print(f"lark: {text:9} ->", " ".join(str(read).split()))
    assert not isinstance(read, sympy.Basic), "it is a formula now"
END
