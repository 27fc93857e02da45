#!/usr/bin/env bash
# Expected: a CSV file with one nan among its losses is read as floats, one of which is nan. What happens: pyarrow
# reads the words nan and NaN as missing values, also from a file that it wrote itself, so that the mean of a diverged
# run is that of its good steps and no nan is left to find; beside whole numbers the column is even one of integers,
# and a column of nothing else has no type. inf is read as a number. nan is read as one, too, once it is taken from
# the list of words for nothing. Looked at: pyarrow 26.0.1. It matters for training logs, where the nan is exactly the
# row one looks for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1

"$python" - <<'END'
import io

import pyarrow
import pyarrow.compute
import pyarrow.csv

print("pyarrow", pyarrow.__version__)


def loss(text, **options):
    return pyarrow.csv.read_csv(io.BytesIO(text), **options)["loss"]


written = io.BytesIO()
pyarrow.csv.write_csv(pyarrow.table({"loss": [0.5, float("nan"), 1.5]}), written)
types = {written.getvalue(): "double", b"loss\n0.5\nnan\n1.5\n": "double", b"loss\n1\nNaN\n3\n": "int64"}
for text, name in types.items():
    column = loss(text)
    mean = pyarrow.compute.mean(column).as_py()
    print(text, "->", column.type, column.to_pylist(), "mean", mean)
    assert column.null_count == 1 and column.to_pylist()[1] is None and mean == mean, "nan is a number now"
    assert str(column.type) == name
only = loss(b"loss\nnan\nnan\n")
print(b"loss\nnan\nnan\n", "->", only.type, only.to_pylist())
assert str(only.type) == "null"
assert loss(b"loss\n0.5\ninf\n").to_pylist() == [0.5, float("inf")]

words = pyarrow.csv.ConvertOptions().null_values
told = pyarrow.csv.ConvertOptions(null_values=[word for word in words if "nan" not in word.lower()])
column = loss(b"loss\n0.5\nnan\n1.5\n", convert_options=told)
print("with nan off its list of", len(words), "words ->", column.type, column.to_pylist())
assert str(column.to_pylist()) == "[0.5, nan, 1.5]"
END
