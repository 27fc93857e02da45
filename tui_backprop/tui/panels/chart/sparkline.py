"""A curve in one line of text."""

from __future__ import annotations

import math

import numpy as np

from tui_backprop.tui.panels.chart.axes import Floats, LossAxis, linear_axis

_BARS = "▁▂▃▄▅▆▇█"
_ROWS = 18  # an axis for a chart of that height has round numbers close around the values


def sparkline(values: Floats, columns: int, axis: LossAxis) -> str:
    """Draw the greatest value of each stretch as a bar, shape (n,) with n > 0; without a finite one, a ✗."""
    firsts = np.array(sorted({at * len(values) // columns for at in range(columns)}))
    finite = np.where(np.isfinite(values), values, np.nan)
    levels = axis.position(np.fmax.reduceat(finite, firsts)).tolist()
    return "".join("✗" if math.isnan(level) else _BARS[min(7, int(level * 8))] for level in levels)


def value_axis(values: Floats) -> LossAxis:
    """Choose an axis for values of which some may not be finite."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return LossAxis(lambda values: values, [])
    return linear_axis(float(finite.min()), float(finite.max()), _ROWS)
