"""Colours on white paper: of roles, of classes, and of shades; they are told apart without red and green."""

from __future__ import annotations

import numpy as np

from tui_backprop.drawing.vector.paper import Colour
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Heat, Role

PAPER, INK, FAINT = "#ffffff", "#222222", "#dddddd"
ROLES: dict[Role, Colour] = {
    "line": "#0f5fa8", "other": "#9fb8cf", "validation": "#00866b", "tangent": "#b5179e", "path": "#c75300",
    "target": "#333333", "axis": "#555555", "good": "#00866b", "bad": "#c9302c", "here": "#000000",
    "muted": "#8a8a8a",
}  # fmt: skip
DASHES: dict[Role, tuple[float, ...]] = {"tangent": (7, 4), "other": (2, 3), "validation": (9, 3, 2, 3)}
"""What is not drawn through, so that it is known without its colour."""
CLASSES: tuple[Colour, ...] = ("#0f5fa8", "#e07b00", "#00866b", "#b5179e", "#6b4fbb", "#8a6d00")
_BELOW, _BETWEEN, _ABOVE = (96, 156, 214), (250, 250, 250), (240, 160, 80)
_UNKNOWN = (225, 225, 225)
_FAINTNESS = 0.4
"""How much of a class's colour its region has: signs are to be seen on it."""
_SHADES = 24
"""Steps from the faintest shade to the strongest: equal neighbours are one box."""


def shades(heat: Heat) -> Array:
    """Return the colours of a heat's numbers.

    Returns:
        Red, green and blue from 0 to 255, of shape (rows, columns, 3), the first row that of the largest y.
    """
    z = np.asarray(heat.z, np.float64)[::-1]
    if heat.classes:
        return _of_classes(z)
    with np.errstate(all="ignore"):
        if heat.middle is None:
            share = np.clip((z - heat.low) / (heat.high - heat.low), 0.0, 1.0)
            colours = _mixed(_BETWEEN, _BELOW, share)
        else:
            below = np.clip((heat.middle - z) / (heat.middle - heat.low), 0.0, 1.0)
            above = np.clip((z - heat.middle) / (heat.high - heat.middle), 0.0, 1.0)
            is_above = (z > heat.middle)[..., None]
            colours = np.where(is_above, _mixed(_BETWEEN, _ABOVE, above), _mixed(_BETWEEN, _BELOW, below))
    colours[~np.isfinite(z)] = _UNKNOWN
    return colours.round()


def _mixed(one: tuple[int, ...], other: tuple[int, ...], share: Array) -> Array:
    start, end = np.array(one, np.float64), np.array(other, np.float64)
    return start + (np.nan_to_num(share) * _SHADES).round()[..., None] / _SHADES * (end - start)


def _of_classes(z: Array) -> Array:
    """Return for each class a faint shade of its signs' colour."""
    signs = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in CLASSES], np.float64)
    faint = 255.0 - (255.0 - signs) * _FAINTNESS
    known = np.isfinite(z)
    colours = faint[np.where(known, z, 0).astype(np.intp) % len(CLASSES)]
    colours[~known] = _UNKNOWN
    return colours.round()


def hexadecimal(colour: Array) -> Colour:
    """Return a colour as paper takes it."""
    red, green, blue = (int(part) for part in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"
