"""What a palette draws with: signs, shades and inks, each for what it means."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from tui_backprop.drawing.cells.canvas import COLOUR, PEN, Numbers
from tui_backprop.drawing.cells.colours import (
    ABOVE,
    ABOVE_ON_LIGHT,
    ALONG,
    ALONG_ON_LIGHT,
    BELOW,
    BELOW_ON_LIGHT,
    CLASSES,
    CLASSES_ON_LIGHT,
    MIDDLE,
    MIDDLE_ON_LIGHT,
    STEPS,
    XTERM,
    is_bright,
)
from tui_backprop.drawing.cells.rows import Palette
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import SIGNS, Heat, Role

_TRAINED = (SIGNS, "o^#*+x")
_HELD_BACK = ("○△□◇⊞⊠", "0AHWTY")
_SINGLE: Final[dict[Role, tuple[str, str]]] = {"here": ("◉", "@"), "path": ("◇", "*")}
_OTHER_SINGLE = ("•", "o")
_WRONG = ("✗", "X")
_EIGHTHS = (" ▁▂▃▄▅▆▇█", " .:-=+*%#")
_LENGTHS = (" ▏▎▍▌▋▊▉█", "        #")
_DASHES: Final[dict[Role, tuple[int, int]]] = {
    "other": (2, 5), "validation": (1, 4), "tangent": (6, 9), "target": (3, 4),
}  # fmt: skip
"""Of so many dots the first ones are drawn; of all other roles all are."""
_STROKES: Final[dict[Role, str]] = {
    "line": "*", "other": ".", "validation": "o", "tangent": "-", "path": "@", "target": "+", "good": "=",
    "bad": "!", "here": "@", "muted": ".", "axis": "-",
}  # fmt: skip
"""What a curve consists of where there is only ASCII."""
_ON_DARK: Final = {
    "other": 219, "validation": 156, "tangent": 227, "good": 156, "bad": 217, "here": 227, "axis": 250,
    "muted": 245,
}  # fmt: skip
_ON_LIGHT: Final = {
    "other": 90, "validation": 22, "tangent": 88, "good": 22, "bad": 124, "here": 88, "axis": 240,
    "muted": 244,
}  # fmt: skip
"""Inks over shades, by role; of all others the strongest."""
_CLASSES_ON_DARK: Final = (159, 229, 156, 219, 231, 187)
_CLASSES_ON_LIGHT: Final = (17, 52, 22, 90, 16, 58)
_BRIGHT: Final = np.array([False] * COLOUR + [is_bright(colour) for colour in XTERM])
_FEW_CLASSES: Final = (14, 11, 10, 13, 15, 7)
_FEW_BELOW, _FEW_ABOVE = 12, 3
_BELOW_SIGNS = ("░▒▓█", "-=%#")
_ABOVE_SIGNS = ("⠁⠅⠕⢕", ".,:;")
_CLASS_SIGNS = ("░▓⠅⢕▒█", ".#:=-%")
_ALONG_SIGNS = (" ░▒▓█", " .:-=+*#%@")


class Pens:
    """What to draw with, for one palette.

    Args:
        palette: what there is.

    Attributes:
        palette: the same.
        halves: whether a cell of shades has two of them, one above the other.
    """

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._ascii = int(palette.ascii_only)
        self.halves = palette.colours >= 256 and not palette.ascii_only

    def sign(self, unicode: str, in_ascii: str) -> str:
        """Return a sign, or what stands for it."""
        return in_ascii if self._ascii else unicode

    @property
    def eighths(self) -> str:
        """A cell filled from below, from none of it to all of it."""
        return _EIGHTHS[self._ascii]

    @property
    def lengths(self) -> str:
        """A cell filled from the left, from none of it to all of it."""
        return _LENGTHS[self._ascii]

    @property
    def wrong(self) -> str:
        """What marks something as wrong."""
        return _WRONG[self._ascii]

    def single(self, role: Role) -> str:
        """Return the sign of a point without a class: where we are is told without colours, too."""
        return _SINGLE.get(role, _OTHER_SINGLE)[self._ascii]

    def signs(self, *, held_back: bool) -> str:
        """Return the signs of classes."""
        return (_HELD_BACK if held_back else _TRAINED)[self._ascii]

    def stroke(self, role: Role) -> str:
        """Return what a line of ASCII consists of."""
        return _STROKES[role]

    def dash(self, role: Role) -> tuple[int, int]:
        """Return how many dots are drawn, of how many."""
        return (1, 1) if self._ascii else _DASHES.get(role, (1, 1))

    def ink(self, role: Role | Literal["text", "strong"]) -> int:
        """Return the ink of a role beside shades."""
        return PEN[role] if self.palette.colours else 0

    def inks(self, role: Role, under: Numbers) -> Numbers:
        """Return the inks of a role over cells with these papers."""
        plain = self.ink(role)
        if self.palette.colours < 256:
            return np.full(under.shape, plain, np.int16)
        on_dark, on_light = _ON_DARK.get(role, 231), _ON_LIGHT.get(role, 16)
        over = np.where(_BRIGHT[under], COLOUR + on_light, COLOUR + on_dark)
        return np.where(under == 0, plain, over).astype(np.int16)

    def class_inks(self, classes: npt.NDArray[np.intp], under: Numbers) -> Numbers:
        """Return the inks of the signs of classes over cells with these papers."""
        if not self.palette.colours:
            return np.zeros(under.shape, np.int16)
        if self.palette.colours < 256:
            return COLOUR + np.array(_FEW_CLASSES, np.int16)[classes % len(_FEW_CLASSES)]
        on_dark, on_light = (
            np.array(inks, np.int16)[classes % len(inks)] for inks in (_CLASSES_ON_DARK, _CLASSES_ON_LIGHT)
        )
        bright = np.where(under == 0, not self.palette.dark, _BRIGHT[under])
        return COLOUR + np.where(bright, on_light, on_dark)

    def class_ink(self, place: int) -> int:
        """Return the ink of a class's sign beside shades."""
        return int(self.class_inks(np.array([place]), np.zeros(1, np.int16))[0])

    # ------------------------------------------------------------------ shades

    def levels(self, z: Array, heat: Heat) -> Numbers:
        """Return which shade each number has: 0 for unknown, from 1 on in order.

        With a middle no shade lies on both sides of it, so that the border between them is sharp.
        """
        with np.errstate(all="ignore"):
            if heat.classes:
                found = np.clip(z, 0, 1e6) % len(self._inks(heat))
            elif heat.middle is None:
                count = len(self._inks(heat))
                share = _share(z, heat.low, heat.high)
                found = np.minimum(np.floor(share * count), count - 1)
            else:
                steps = self._steps
                above = np.ceil(_share(z, heat.middle, heat.high) * steps)
                below = np.ceil(_share(z, heat.middle, heat.low) * steps)
                found = steps + np.where(z > heat.middle, np.clip(above, 1, steps), 0)
                found = found - np.where(z < heat.middle, np.clip(below, 1, steps), 0)
            return np.where(np.isnan(z), 0, np.nan_to_num(found) + 1).astype(np.int16)

    @property
    def _steps(self) -> int:
        """Shades on each side of a middle."""
        return STEPS if self.palette.colours >= 256 else 4

    def _inks(self, heat: Heat) -> list[int]:
        """Return the colours of all shades, where each is a colour of its own; else their places."""
        dark = self.palette.dark
        if heat.classes:
            return list(CLASSES if dark else CLASSES_ON_LIGHT)
        if self.palette.colours < 256:
            return list(range(len(_ALONG_SIGNS[self._ascii]) if heat.middle is None else 2 * self._steps + 1))
        if heat.middle is None:
            return list(ALONG if dark else ALONG_ON_LIGHT)
        below, above = (BELOW, ABOVE) if dark else (BELOW_ON_LIGHT, ABOVE_ON_LIGHT)
        return [*reversed(below), MIDDLE if dark else MIDDLE_ON_LIGHT, *above]

    def papers(self, heat: Heat) -> Numbers:
        """Return the papers of the shades by level, where they are colours; the first is of the unknown."""
        return np.array([0, *(COLOUR + number for number in self._inks(heat))], np.int16)

    def shade_signs(self, heat: Heat) -> str:
        """Return the characters of the shades by level, where they are characters."""
        if heat.classes:
            return " " + _CLASS_SIGNS[self._ascii]
        if heat.middle is None:
            return " " + _ALONG_SIGNS[self._ascii]
        return f" {_BELOW_SIGNS[self._ascii][::-1]} {_ABOVE_SIGNS[self._ascii]}"

    def shade_inks(self, heat: Heat) -> Numbers:
        """Return the inks of these characters by level."""
        count = len(self._inks(heat)) + 1
        if not self.palette.colours:
            return np.zeros(count, np.int16)
        if heat.classes:
            return np.array([0, *(COLOUR + number for number in _FEW_CLASSES)], np.int16)
        inks = np.full(count, COLOUR + _FEW_BELOW, np.int16)
        if heat.middle is not None:
            inks[self._steps + 2 :] = COLOUR + _FEW_ABOVE
        return inks


def _share(z: Array, start: float, end: float) -> Array:
    """Return where numbers lie between two, as a share; halved on the way, so that nothing overflows."""
    span = end / 2 - start / 2
    if not span or not np.isfinite(span):
        return np.where(np.isnan(z), np.nan, 0.0)
    share: Array = np.clip((np.clip(z, -1.7e308, 1.7e308) / 2 - start / 2) / span, 0.0, 1.0)
    return share
