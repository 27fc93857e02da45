#!/usr/bin/env bash
# Expected: a CSV reader that infers floats from inf, -inf and NaN also does so from nan, the spelling that Python
# and NumPy print. What happens: polars knows NaN and inf as floats, but nan only as text: one lower-case nan
# turns the whole column into strings, also a column of losses that starts with 1500 numbers when the reader is
# told to look at all rows. A file of numpy.savetxt with a diverged loss has a String column; polars' own file
# does not. Looked at: polars 2.1.0 with NumPy 2.4.6.
# It matters for training logs, where the nan is exactly the row one looks for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check polars==2.1.0 numpy==2.4.6

"$python" - <<'END'
import io

import numpy as np
import polars as pl

print("polars", pl.__version__, "numpy", np.__version__)
losses = np.array([1.5, 0.75, np.nan, np.inf])
text = io.StringIO()
np.savetxt(text, losses, fmt="%g", header="loss", comments="")
by_numpy = pl.read_csv(io.BytesIO(text.getvalue().encode()))
by_polars = pl.read_csv(io.BytesIO(pl.DataFrame({"loss": losses}).write_csv().encode()))
print("numpy.savetxt ", repr(text.getvalue()), "->", by_numpy["loss"].dtype, by_numpy["loss"].to_list())
print("polars itself ->", by_polars["loss"].dtype, by_polars["loss"].to_list())
assert by_polars["loss"].dtype == pl.Float64
assert by_numpy["loss"].dtype == pl.String, "nan is a float now"
for word, dtype in {"NaN": pl.Float64, "inf": pl.Float64, "-inf": pl.Float64, "nan": pl.String}.items():
    column = pl.read_csv(io.BytesIO(f"loss\n0.5\n{word}\n".encode()))["loss"]
    print(f"{word:5} -> {column.dtype}")
    assert column.dtype == dtype

long = "loss\n" + "0.5\n" * 1500 + "nan\n"
whole = pl.read_csv(io.BytesIO(long.encode()), infer_schema_length=None)["loss"]
print("1500 numbers and a nan ->", whole.dtype)
assert whole.dtype == pl.String
told = pl.read_csv(io.BytesIO(long.encode()), schema_overrides={"loss": pl.Float64})["loss"]
print("told that it is Float64 ->", told.dtype, told[-1])
assert told.dtype == pl.Float64 and told.is_nan().any()
END
