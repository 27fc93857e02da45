#!/usr/bin/env bash
# Expected: the largest of some numbers with a nan among them is nan, as NumPy has it. What happens: numexpr's
# reductions max and min pass over nan, while its sum, and its maximum(a, b) of two arrays, keep it:
# max(abs(gradient)) of a diverged step looks healthy. Only if there is nothing but nan the result is nan. Looked at:
# numexpr 2.14.2 with NumPy 2.4.6. It matters to who evaluates a condition on a gradient with it: the same text means
# something else than in NumPy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check numexpr==2.14.2 numpy==2.4.6

"$python" - <<'END'
import numexpr
import numpy as np

print("numexpr", numexpr.__version__, "numpy", np.__version__)
for gradient in ([1.0, np.nan, -2.0], [np.nan, 1.0, -2.0], [1.0, -2.0, np.nan], [1.0] * 100_000 + [np.nan]):
    gradient = np.array(gradient)
    texts = ("max(gradient)", "min(gradient)", "max(abs(gradient))")
    by_numexpr = {text: float(numexpr.evaluate(text)) for text in texts}
    print(f"{len(gradient)} numbers, one nan: numexpr {by_numexpr}, its sum {numexpr.evaluate('sum(gradient)')}")
    assert by_numexpr == {
        "max(gradient)": np.nanmax(gradient),
        "min(gradient)": np.nanmin(gradient),
        "max(abs(gradient))": np.nanmax(np.abs(gradient)),
    }, "nan is kept now"
    assert np.isnan(np.max(gradient)) and np.isnan(numexpr.evaluate("sum(gradient)"))
    assert np.isnan(numexpr.evaluate("maximum(gradient, 0)")).sum() == 1
nothing_else = np.full(2, np.nan)
print("nothing but nan:", numexpr.evaluate("max(nothing_else)"))
assert np.isnan(numexpr.evaluate("max(nothing_else)"))
END
