#!/usr/bin/env bash
# Expected: the row in which a chart draws a value is the row that its axis gives to this value, at least for the
# minimum and the maximum, whose labels are printed. What happens: asciichartpy rounds the line onto multiples of
# the row's height from 0, but spreads the labels evenly from the minimum to the maximum; unless the minimum is
# such a multiple the two differ by up to a row. A loss from 0.9 to 0.3 starts in the row "0.8" under an empty
# row "0.9"; another one ends a row above the label that it equals.
# Looked at: asciichartpy 1.5.25. It matters to who reads a loss off the chart: the error is up to range / height.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check asciichartpy==1.5.25

"$python" - <<'END'
from importlib.metadata import version

import asciichartpy

print("asciichartpy", version("asciichartpy"))


def rows(series, height):
    """The chart's rows, as (label, drawing) from above."""
    chart = asciichartpy.plot(series, {"height": height, "format": "{:6.3f} "})
    print(series, "\n" + chart)
    return [(float(row[:7]), row[7:].strip(" ┤┼")) for row in chart.splitlines()]


def where_drawn(chart):
    """The labels of the first and last row with a line in it."""
    labels = [label for label, drawing in chart if drawing]
    return labels[0], labels[-1]


even = where_drawn(rows([1.0, 0.5, 0.0], 4))
high = where_drawn(rows([0.9, 0.5, 0.3], 5))
low = where_drawn(rows([3.5, 2.5, 2.0, 1.0], 4))
print("greatest and least value, and the labels of their rows:", (1.0, 0.0), even, (0.9, 0.3), high, (3.5, 1.0), low)
assert even == (1.0, 0.0)
assert high == (0.8, 0.3), "0.9 is drawn elsewhere now"
assert low == (3.5, 1.5), "1.0 is drawn elsewhere now"
END
