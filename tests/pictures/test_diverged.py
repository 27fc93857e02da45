"""Pictures of a training that has diverged: NaN and Infinity are drawn or said, and nothing is warned of.

A warning would be written across the app's screen; here each is an error.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.trainers import mine
from tui_backprop.drawing.cells.figures import draw
from tui_backprop.drawing.cells.rows import Palette
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.registry import make_picture

FAR = """
formula = '''
y_hat = x @ w + b
L = mse(y_hat, y)
'''
[samples]
x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]]
y = [1.0, 2.0, 2.5]
[parameters]
w = [WEIGHT, 1.0]
b = 1.0
"""


@pytest.mark.parametrize("weight", ["1e160", "1e300"])
@pytest.mark.parametrize(
    "kind", ["fit", "boundary", "outputs", "slice", "landscape", "weights", "activations", "gradients"]
)
def test_numbers_that_overflow_are_drawn_without_a_warning(tmp_path: Path, kind: str, weight: str) -> None:
    t = mine(tmp_path, FAR.replace("WEIGHT", weight))
    for of in ((), ("w[0]",)) if kind == "slice" else ((),):
        picture = make_picture(t, kind, Wanted(of, Grain(8, 4)))
        assert draw(picture.figure(), 60, 12, Palette(256))
        assert picture.words()
