#!/usr/bin/env bash
# Expected: W and w, a matrix and its element, or the true weight and the estimate, are two names. What happens:
# latex2sympy2_extended, with its settings as they come, writes the letters of a formula small: W - w is 0, and so are
# AB - ab and \Delta - \delta; in \frac{\partial L}{\partial W} the L becomes l, while W stays, so that W names
# another variable below the line than above it and the derivative of W^2 by W is 0. A transpose mark and a prime are
# dropped, and \log is the logarithm to base 10. With lowercase_symbols=False the names stay apart. Looked at:
# latex2sympy2_extended 1.11.0 with SymPy 1.14.0. It matters to who checks a written gradient against a known one: two
# different formulas come out equal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check \
    latex2sympy2_extended==1.11.0 sympy==1.14.0 antlr4-python3-runtime==4.13.2

"$python" - <<'END'
from importlib.metadata import version

import sympy
from latex2sympy2_extended import latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig

print("latex2sympy2_extended", version("latex2sympy2_extended"), "sympy", sympy.__version__)
apart = ConversionConfig(lowercase_symbols=False)
for text in ("W - w", "AB - ab", r"\Delta - \delta", r"\frac{\partial}{\partial W} W^2"):
    read, kept = latex2sympy(text), latex2sympy(text, conversion_config=apart)
    print(f"{text:32} -> {read} = {read.doit()};  lowercase_symbols=False: {kept.doit()}")
    assert read.doit() == 0, "the letters stay as they are now"
    assert kept.doit() != 0

w, x = sympy.symbols("w x")
for text, read in {"W^T x": w * x, "x' - x": sympy.Integer(0), r"\log 100": sympy.Integer(2)}.items():
    found = latex2sympy(text)
    print(f"{text:32} -> {found} = {found.doit()}")
    assert sympy.simplify(found.doit() - read) == 0, "it is read otherwise now"
END
