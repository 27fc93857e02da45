"""A figure: plots with axes and marks in numbers, which whoever draws it places in cells or on paper.

A picture says by its marks what is to be seen; how large, in which characters and colours is for ``drawing``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array

Role: TypeAlias = Literal[
    "line", "other", "validation", "tangent", "path", "target", "axis", "good", "bad", "here", "muted"
]
"""What a mark is of; each role has a colour and a dash or a sign of its own, wherever it is drawn."""
Interval: TypeAlias = tuple[float, float]
SIGNS: Final = "●▲■◆+×"
"""Signs of classes in order; ``drawing`` has others where only ASCII can be shown."""


class Axis(Struct, frozen=True):
    """One axis of a plot.

    Attributes:
        label: what it counts, with its unit where it has one.
        low, high: its ends, finite, ``low < high``.
        log: whether equal steps multiply; both ends are above 0 then.
        names: of an axis of categories, their names; category k lies at k, and the ends are −½ and n − ½.
    """

    label: str
    low: float
    high: float
    log: bool = False
    names: tuple[str, ...] = ()


class Heat(Struct, frozen=True, eq=False):
    """A rectangle of shades, on axes that are not logarithmic.

    Attributes:
        z: numbers, a row for each y from the smallest on; NaN where nothing is known.
        x, y: what the whole rectangle covers, edges included: column j covers the j-th of equal parts of x.
        low, high: the numbers of the extreme shades; what lies beyond has these.
        middle: the number between two colours, as a decision has it; None for one colour, light to strong.
        label: what the shades count.
        classes: whether the numbers are classes, counted from 0, each of which has a shade of its own.
    """

    z: Array
    x: Interval
    y: Interval
    low: float
    high: float
    middle: float | None = None
    label: str = ""
    classes: bool = False


class Curve(Struct, frozen=True, eq=False):
    """Points joined by straight lines; a NaN in y breaks them.

    Attributes:
        x, y: of one shape (n,).
        role: what it is of.
        label: what a legend says; none where empty.
    """

    x: Array
    y: Array
    role: Role = "line"
    label: str = ""


class Contour(Struct, frozen=True, eq=False):
    """Lines of equal height over a grid.

    Attributes:
        z: heights, a row for each y from the smallest on, at the places x and y.
        x, y: where they stand, ascending, of shapes (columns,) and (rows,).
        levels: the heights of the lines, ascending.
        role: what they are.
    """

    z: Array
    x: Array
    y: Array
    levels: tuple[float, ...]
    role: Role = "muted"


class Points(Struct, frozen=True, eq=False):
    """Single points.

    Attributes:
        x, y: of one shape (n,).
        classes: of that shape, which of the signs each has; None for one sign.
        wrong: of that shape, which of them are to stand out as wrong; None for none.
        held_back: of that shape, which of them are not trained on; None for none.
        role: what they are of, where they have no classes.
        label: what a legend says; none where empty.
        names: the classes' names, for a legend.
    """

    x: Array
    y: Array
    classes: npt.NDArray[np.intp] | None = None
    wrong: npt.NDArray[np.bool_] | None = None
    held_back: npt.NDArray[np.bool_] | None = None
    role: Role = "target"
    label: str = ""
    names: tuple[str, ...] = ()


class Sticks(Struct, frozen=True, eq=False):
    """Upright lines from one height to another, as residuals are.

    Attributes:
        x, low, high: of one shape (n,).
        role: what they are of.
    """

    x: Array
    low: Array
    high: Array
    role: Role = "bad"


class Bars(Struct, frozen=True, eq=False):
    """Bars from 0, upright and side by side, as a histogram has them, on axes that are not logarithmic.

    Attributes:
        edges: shape (n + 1,), ascending.
        heights: shape (n,).
        role: what they count.
    """

    edges: Array
    heights: Array
    role: Role = "line"


class Level(Struct, frozen=True):
    """A line across the whole plot.

    Attributes:
        at: where.
        across: whether it lies across, at a y, or stands upright, at an x.
        role: what it is.
        label: what it is called; written beside it where there is room.
    """

    at: float
    across: bool = True
    role: Role = "other"
    label: str = ""


class Cells(Struct, frozen=True, eq=False):
    """A table of numbers that are written out, each on a shade.

    Attributes:
        z: the numbers, the first row at the top.
        texts: how they are written, row by row.
        rows, columns: what these are called.
        strong: which cells are to stand out, of z's shape.
    """

    z: Array
    texts: tuple[tuple[str, ...], ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    strong: npt.NDArray[np.bool_] | None = None


Mark: TypeAlias = Heat | Curve | Contour | Points | Sticks | Bars | Level


class Plot(Struct, frozen=True, eq=False):
    """Marks on two axes; later ones lie over earlier ones.

    Attributes:
        title: what it shows, short.
        x, y: its axes.
        marks: what is on it.
    """

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]


class Table(Struct, frozen=True, eq=False):
    """Numbers written on shades, with names beside and above, as a confusion matrix has them.

    Attributes:
        title: what it shows.
        rows_are, columns_are: what rows and columns count.
        cells: the table.
    """

    title: str
    rows_are: str
    columns_are: str
    cells: Cells


class Listing(Struct, frozen=True, eq=False):
    """Rows of text under a heading, each with a bar as long as its number.

    Attributes:
        title: what it lists.
        heading: over the columns.
        rows: cells of text.
        lengths: the bars' lengths beside the longest, from 0 to 1; None for no bars.
        marked: which rows stand out as wrong.
    """

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lengths: tuple[float, ...] | None = None
    marked: tuple[bool, ...] = ()


Part: TypeAlias = Plot | Table | Listing


class Figure(Struct, frozen=True, eq=False):
    """What a picture shows.

    Attributes:
        title: one line over all of it.
        parts: side by side, or below each other where that fits better; the first matters most.
        notes: sentences below.
    """

    title: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


def axis_around(label: str, values: Sequence[float] | Array, *, margin: float = 0.05) -> Axis:
    """Return an axis that all finite values lie on, with a margin beside them.

    Args:
        label: what it counts.
        values: of any shape; those that are not finite are left out. Without any the axis is 0 to 1.
        margin: room at both ends, as a share of what the values cover.
    """
    flat = np.asarray(values, np.float64).reshape(-1)
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return Axis(label, 0.0, 1.0)
    low, high = float(flat.min()), float(flat.max())
    room = (high / 2 - low / 2) * 2 * margin or abs(low) * 0.5 or 0.5
    return Axis(label, low - room, high + room)
