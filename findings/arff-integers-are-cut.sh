#!/usr/bin/env bash
# Expected: integer is one of three words of ARFF for one numeric type, as Weka's page of the format says, so that 1.5
# in such a column is 1.5 or an error. What happens: liac-arff cuts 1.5 to 1 and -1.5 to -1 without a word, SciPy
# reads 1.5. Between the two there are more: a sparse row is read by liac-arff alone, and a row with a value too many
# by SciPy alone, which drops it. A nan is written by liac-arff as a missing value and comes back as None. Looked at:
# liac-arff 2.5.0, SciPy 1.17.1. It matters to who reads a data set of OpenML: scikit-learn's reader for it builds on
# liac-arff's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check liac-arff==2.5.0 scipy==1.17.1 numpy==2.4.6

"$python" - <<'END'
import io

import arff
import scipy
from importlib.metadata import version
from scipy.io.arff import loadarff

print("liac-arff", version("liac-arff"), "scipy", scipy.__version__)
head = "@relation r\n@attribute x {}\n@attribute c {{yes,no}}\n@data\n"


def read(text):
    found = []
    for reader in (lambda: arff.loads(text)["data"], lambda: loadarff(io.StringIO(text))[0].tolist()):
        try:
            found.append([value[0] for value in reader()])
        except (arff.ArffException, ValueError) as error:
            found.append(type(error).__name__)
    return found


expected = {
    head.format("numeric") + "1.5,yes\n-1.5,no\n": ([1.5, -1.5], [1.5, -1.5]),
    head.format("integer") + "1.5,yes\n-1.5,no\n": ([1, -1], [1.5, -1.5]),
    head.format("numeric") + "{0 1.5, 1 no}\n": ([1.5], "ValueError"),
    head.format("numeric") + "1.5,yes,7\n": ("BadDataFormat", [1.5]),
}
for text, (liac, other) in expected.items():
    found = read(text)
    print(repr(text.split("@data\n")[1]), "of", text.split()[4], "-> liac-arff", found[0], " SciPy", found[1])
    assert found == [liac, other], "it is read otherwise now"
written = arff.dumps({"relation": "r", "attributes": [("x", "REAL")], "data": [[float("nan")], [float("inf")]]})
print("liac-arff writes nan and inf as", written.split("@DATA\n")[1].split(), "and reads", arff.loads(written)["data"])
assert arff.loads(written)["data"] == [[None], [float("inf")]]
END
