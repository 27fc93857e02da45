#!/usr/bin/env bash
# Expected: `np.sum(a[:, :n])`, the sum of a part of a matrix, is the sum of a copy of that part, to the last bit: both
# are sums of the same numbers in the same order, and up to some thousand elements they are the same.
# What happens: a part that does not lie in a row is copied to a buffer of 8,192 elements at a time, and each buffer is
# added up in pairs by itself; of a copy all elements are. From there on most such sums differ in their last bits, and
# which do changes with `np.setbufsize`. Looked at: NumPy 2.4.6.
# Who compares gradients of slices bit by bit, or compiles them, copies first, or adds up by rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6
"$folder/venv/bin/python" - <<'END'
import numpy as np

print("NumPy", np.__version__, "buffer of", np.getbufsize(), "elements")
random = np.random.default_rng(0)


def share_of_the_same(rows, columns, tries=50):
    same = 0
    for _ in range(tries):
        part = random.normal(size=(rows, columns + 1))[:, :columns]
        same += np.sum(part) == np.sum(part.copy())
    return same / tries


shares = {shape: share_of_the_same(*shape) for shape in ((20, 30), (80, 100), (130, 140), (400, 100))}
for (rows, columns), share in shares.items():
    print(f"{rows} × {columns}: {share:.0%} of the sums are those of a copy")
assert shares[20, 30] == shares[80, 100] == 1.0, "short sums differ now"
assert max(shares[130, 140], shares[400, 100]) < 0.9, "long sums are the same now"
END
