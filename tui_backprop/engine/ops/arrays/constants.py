"""Arrays that follow from whole numbers alone, such as ``zeros((2, 3))``, ``eye(3)`` and ``arange(n)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape, frozen
from tui_backprop.engine.ops.base import Op, Term
from tui_backprop.engine.ops.structure import Pointwise, Structure
from tui_backprop.text.sentences import tr

MAX_MADE: Final = 1 << 24
"""Elements of an array that a formula makes."""


class Constant(Op):
    """An array of fixed numbers, made of no operands.

    Args:
        values: the array.
        written: the formula text that makes it.
    """

    name = "constant"
    whys = ()

    def __init__(self, values: Array, written: str) -> None:
        super().__init__()
        self.values, self.written = frozen(values), written

    def shape(self, *shapes: Shape) -> Shape:
        """Return the array's shape."""
        return self.values.shape

    def structure(self, *shapes: Shape) -> Structure:
        """Return that nothing depends on anything."""
        return Pointwise()

    def forward(self, *operands: Array) -> Array:
        """Return the array."""
        return self.values

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Refuse: there are no operands."""
        raise IndexError(f"{self.written} has no operands")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Refuse: there are no operands."""
        raise IndexError(f"{self.written} has no operands")

    def text(self, *operands: Term) -> Term:
        """Write what makes it."""
        return Term(self.written)


class Maker(Struct, frozen=True):
    """How an array is made.

    Attributes:
        make: returns it from the operands' shapes, if it takes any, and numbers.
        example: how it is called.
        least, most: how many numbers it takes besides operands.
        operands: how many operands there are.
        keywords: numbers that may be given by name.
    """

    make: Callable[..., Any]
    example: str
    least: int = 1
    most: int = 1
    operands: int = 0
    keywords: tuple[str, ...] = ()


def _shape(size: Any) -> Any:
    """Return a shape; refuse one that is too large before it is made."""
    lengths = size if isinstance(size, tuple) else (size,)
    if any(type(length) is not int or length < 0 for length in lengths):
        raise ValueError(tr("a shape has whole numbers, such as (2, 3)"))
    total = 1
    for length in lengths:
        total *= length
    _check(total)
    return lengths


def _check(total: float) -> None:
    if not total <= MAX_MADE:
        found = f"{total:,.0f}" if total < 1e15 else f"{total:.1e}"
        raise ValueError(
            tr("it would have {found} numbers; at most {limit:,} are made", found=found, limit=MAX_MADE)
        )


def _arange(*bounds: Any) -> Any:
    start, stop, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    if not step:
        raise ValueError(tr("the step is 0"))
    _check((stop - start) / step)
    return np.arange(start, stop, step)


def _eye(rows: Any, columns: Any = None, k: Any = 0) -> Any:
    columns = rows if columns is None else columns
    _shape((rows, columns))
    return np.eye(rows, columns, k)


def _linspace(start: Any, stop: Any, num: Any = 50) -> Any:
    _shape(num)
    return np.linspace(start, stop, num)


def _filled(shape: Any, fill_value: Any) -> Any:
    return np.full(_shape(shape), fill_value)


def _lower(shape: Any, k: Any) -> Any:
    if len(shape) < 2:
        raise ValueError(tr("it takes a matrix"))
    return np.tri(shape[-2], shape[-1], k)


MAKERS: Final[Mapping[str, Maker]] = {
    "zeros": Maker(lambda shape: np.zeros(_shape(shape)), "zeros((2, 3))", keywords=("shape",)),
    "ones": Maker(lambda shape: np.ones(_shape(shape)), "ones((2, 3))", keywords=("shape",)),
    "full": Maker(_filled, "full((2, 3), 0.5)", 2, 2, keywords=("shape", "fill_value")),
    "eye": Maker(_eye, "eye(3)", 1, 3, keywords=("k",)),
    "identity": Maker(_eye, "identity(3)"),
    "arange": Maker(_arange, "arange(n)", 1, 3, keywords=("start", "stop", "step")),
    "range": Maker(_arange, "range(n)", 1, 3),
    "linspace": Maker(_linspace, "linspace(0, 1, 5)", 2, 3, keywords=("num",)),
    "zeros_like": Maker(np.zeros, "zeros_like(x)", 0, 0, 1),
    "ones_like": Maker(np.ones, "ones_like(x)", 0, 0, 1),
    "empty_like": Maker(np.zeros, "zeros_like(x)", 0, 0, 1),
    "full_like": Maker(np.full, "full_like(x, 0.5)", 1, 1, 1, ("fill_value",)),
    "tril": Maker(lambda shape, k=0: _lower(shape, k), "tril(x)", 0, 1, 1, ("k",)),
    "triu": Maker(lambda shape, k=0: 1.0 - _lower(shape, k - 1), "triu(x)", 0, 1, 1, ("k",)),
    "one_hot": Maker(lambda shape, k: _eye(k), "one_hot(y, 3)", 1, 1, 1, ("num_classes", "k")),
}  # fmt: skip
"""By name, what makes an array; of ``tril``, ``triu`` its ones, of ``one_hot`` the rows to choose from."""
