"""The colours of terminals, and which of them are shades of a number: few steps, so that little is repainted.

All are colours of the 256, exactly, so that a terminal without more shows the same. Blue and orange can be
told apart by who confuses red and green.
"""

from __future__ import annotations

from typing import Final

from tui_backprop.drawing.cells.rows import RGB

STEPS: Final = 6
"""Shades on each side of the middle."""
_CUBE: Final = (0, 95, 135, 175, 215, 255)
SIXTEEN: Final[tuple[RGB, ...]] = (
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170),
    (170, 170, 170), (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255),
    (255, 85, 255), (85, 255, 255), (255, 255, 255),
)  # fmt: skip
"""As the PC's text mode had them; each terminal has its own."""
XTERM: Final[tuple[RGB, ...]] = (
    *SIXTEEN,
    *((r, g, b) for r in _CUBE for g in _CUBE for b in _CUBE),
    *((8 + 10 * k,) * 3 for k in range(24)),
)
"""The 256 colours by number; from 16 on they are the same everywhere."""
_NUMBERS: Final = {colour: number for number, colour in reversed(list(enumerate(XTERM)))}

BELOW: Final = (18, 24, 25, 26, 32, 33)
ABOVE: Final = (58, 94, 130, 166, 172, 208)
"""Shades on a dark paper below and above the middle, from near it to far; far is bright."""
BELOW_ON_LIGHT: Final = (153, 117, 111, 75, 69, 33)
ABOVE_ON_LIGHT: Final = (223, 222, 216, 215, 209, 208)
ALONG: Final = (17, 54, 60, 24, 30, 36, 71, 113, 184, 227)
"""Shades of one sort on a dark paper, from the lowest to the highest."""
ALONG_ON_LIGHT: Final = (230, 228, 192, 150, 114, 78, 73, 67, 61, 54)
CLASSES: Final = (25, 94, 28, 90, 240, 58)
CLASSES_ON_LIGHT: Final = (153, 223, 157, 219, 252, 187)
"""Shades of classes, each of the colour of its sign."""
MIDDLE, MIDDLE_ON_LIGHT = 235, 254
_BRIGHT = 0.27


def number_of(colour: RGB) -> int | None:
    """Return the number of one of the 256 colours; None for another."""
    return _NUMBERS.get(colour)


def is_bright(colour: RGB) -> bool:
    """Tell whether black is read better on a colour than white is."""
    red, green, blue = ((part / 255) ** 2.2 for part in colour)
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > _BRIGHT)
