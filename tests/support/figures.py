"""Figures for what draws them: one with everything in it, and any at all."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_backprop.pictures import figure as parts

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=12) | st.sampled_from(["x", "한국어 이름", "\x1b[31m", "é̂", "a" * 90])
ROLE = st.sampled_from(get_args(parts.Role))


def vector(size: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, size, elements=NUMBERS)


@st.composite
def ends(draw_: st.DrawFn) -> tuple[float, float]:
    one, other = draw_(FINITE), draw_(FINITE)
    low, high = min(one, other), max(one, other)
    high = high if low < high else math.nextafter(low, math.inf)
    return (low, high) if math.isfinite(high) else (math.nextafter(low, -math.inf), low)


@st.composite
def axes(draw_: st.DrawFn, *, may_be_log: bool) -> parts.Axis:
    low, high = draw_(ends())
    if draw_(st.booleans()):
        names = tuple(draw_(st.lists(NAMES, min_size=1, max_size=9)))
        return parts.Axis(draw_(NAMES), -0.5, len(names) - 0.5, names=names)
    log = may_be_log and low > 0 and draw_(st.booleans())
    return parts.Axis(draw_(NAMES), low, high, log)


@st.composite
def some_marks(draw_: st.DrawFn) -> parts.Mark:
    size = draw_(st.integers(0, 6))
    grid = hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=NUMBERS)
    which = draw_(st.sampled_from(["heat", "curve", "contour", "points", "sticks", "bars", "level"]))
    role = draw_(ROLE)
    match which:
        case "heat":
            low, high = draw_(ends())
            middle = draw_(st.none() | st.just(low / 2 + high / 2))
            z, is_classes = draw_(grid), draw_(st.booleans())
            if is_classes:
                z = draw_(hnp.arrays(np.float64, z.shape, elements=st.sampled_from([0.0, 1.0, 9.0, np.nan])))
            return parts.Heat(z, draw_(ends()), draw_(ends()), low, high, middle, draw_(NAMES), is_classes)
        case "curve":
            return parts.Curve(draw_(vector(size)), draw_(vector(size)), role, draw_(NAMES))
        case "contour":
            z = draw_(grid)
            places = (np.sort(draw_(hnp.arrays(np.float64, n, elements=FINITE))) for n in z.shape[::-1])
            return parts.Contour(z, *places, tuple(sorted(draw_(st.lists(FINITE, max_size=4)))), role)
        case "points":
            flags = hnp.arrays(np.bool_, size)
            classes = draw_(st.none() | hnp.arrays(np.intp, size, elements=st.integers(0, 9)))
            return parts.Points(
                draw_(vector(size)), draw_(vector(size)), classes, draw_(st.none() | flags),
                draw_(st.none() | flags), role, draw_(NAMES), tuple(draw_(st.lists(NAMES, max_size=3))),
            )  # fmt: skip
        case "sticks":
            return parts.Sticks(*(draw_(vector(size)) for _ in range(3)), role)
        case "bars":
            edges = np.sort(draw_(hnp.arrays(np.float64, size + 1, elements=FINITE)))
            return parts.Bars(edges, draw_(vector(size)), role)
        case _:
            return parts.Level(draw_(NUMBERS), draw_(st.booleans()), role, draw_(NAMES))


@st.composite
def some_parts(draw_: st.DrawFn) -> parts.Part:
    which = draw_(st.sampled_from(["plot", "plot", "table", "listing"]))
    if which == "plot":
        marks = draw_(st.lists(some_marks(), max_size=4))
        either = axes(may_be_log=not any(isinstance(mark, parts.Heat | parts.Bars) for mark in marks))
        return parts.Plot(draw_(NAMES), draw_(either), draw_(either), tuple(marks))
    rows, columns = draw_(st.integers(0, 6)), draw_(st.integers(1, 6))
    texts = tuple(tuple(draw_(NAMES) for _ in range(columns)) for _ in range(rows))
    if which == "listing":
        lengths = draw_(st.none() | st.just(tuple(k / 7 for k in range(rows))))
        heading = tuple(str(k) for k in range(columns))
        return parts.Listing(draw_(NAMES), heading, texts, lengths, tuple(k % 2 == 0 for k in range(rows)))
    z = draw_(hnp.arrays(np.float64, (rows, columns), elements=NUMBERS))
    named = tuple(draw_(NAMES) for _ in range(rows)), tuple(draw_(NAMES) for _ in range(columns))
    return parts.Table(draw_(NAMES), draw_(NAMES), draw_(NAMES), parts.Cells(z, texts, *named))


FIGURES = st.builds(
    parts.Figure, NAMES, st.lists(some_parts(), max_size=3).map(tuple), st.lists(NAMES, max_size=2).map(tuple)
)


def every_mark(x: np.ndarray, y: np.ndarray, z: np.ndarray, name: str = "θ<b> & ŷ") -> parts.Figure:
    """Return a figure with a mark and a part of each kind that has these numbers in it."""
    ones = np.ones(len(x), np.bool_)
    marks = (
        parts.Heat(z, (-1.0, 1.0), (-1.0, 1.0), -1.0, 1.0, 0.0),
        parts.Contour(z, np.linspace(-1, 1, z.shape[1]), np.linspace(-1, 1, z.shape[0]), (0.0,)),
        parts.Sticks(x, y, y[::-1]),
        parts.Curve(x, y, "tangent", name),
        parts.Level(0.5, label="best constant"),
        parts.Bars(np.linspace(-1, 1, len(y) + 1), y),
        parts.Points(x, y, classes=np.arange(len(x)) % 7, wrong=ones, held_back=~ones, names=("a", "b")),
    )
    plot = parts.Plot(name, parts.Axis(name, -1.0, 1.0), parts.Axis("y", -2.0, 2.0), marks)
    cells = parts.Cells(
        z, tuple(tuple("1" for _ in row) for row in z), tuple(map(str, z)), tuple(map(str, z.T))
    )
    listing = parts.Listing("rows", (name, "b"), ((name, "2"),), (0.5,), (True,))
    return parts.Figure(
        name, (plot, parts.Table("table", "target", "prediction", cells), listing), (f"note {name}",)
    )
