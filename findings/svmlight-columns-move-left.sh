#!/usr/bin/env bash
# Expected: a matrix written by dump_svmlight_file comes back from load_svmlight_file. What happens: the writer counts
# columns from 0 and does not write zeros; the reader takes a file as counted from 0 only if some row names column 0.
# When the first column is all zero, as a dead unit's or a border pixel's is, the reader counts from 1 and all columns
# move one to the left: the shape is narrower, and weights trained on the original meet the wrong features. Zeros at
# the end are lost as well. With zero_based=True and n_features given to the reader the matrix is the same. Looked at:
# scikit-learn 1.9.1 with NumPy 2.4.6. It matters for image data, where the corner pixel is empty in every sample.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6

"$python" - <<'END'
import io

import numpy as np
import sklearn
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

print("scikit-learn", sklearn.__version__, "numpy", np.__version__)
label = [0, 1]


def read_again(X, **options):
    file = io.BytesIO()
    dump_svmlight_file(np.array(X), label, file)
    file.seek(0)
    return load_svmlight_file(file, **options)[0].toarray().tolist()


full = [[7.0, 1.5, 2.0], [0.0, 3.0, 4.0]]
first_empty = [[0.0, 1.5, 2.0], [0.0, 3.0, 4.0]]
last_empty = [[7.0, 1.5, 0.0], [0.0, 3.0, 0.0]]
for X in (full, first_empty, last_empty):
    print(X, "->", read_again(X), " zero_based=True, n_features=3 ->", read_again(X, zero_based=True, n_features=3))
    assert read_again(X, zero_based=True, n_features=3) == X
assert read_again(full) == full
assert read_again(first_empty) == [[1.5, 2.0], [3.0, 4.0]], "the columns stay in their place now"
assert read_again(last_empty) == [[7.0, 1.5], [0.0, 3.0]]
END
