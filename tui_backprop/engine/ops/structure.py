"""Which output elements depend on which elements of the operands: what explanations are built on.

An operation states its structure for the shapes it is applied to. Five kinds are known, and whoever explains
one says the same of every operation that has it; an :class:`Opaque` one is none of these, and the operation
itself says what there is to say. There is no kind to fall back on.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape, size_of

Element: TypeAlias = tuple[int, ...]
"""The indices of one element, as NumPy counts; () in a scalar."""
Pattern: TypeAlias = tuple[int | range | None, ...]
"""Elements of an array: for each axis one index, some of them, or None for every index there is."""
Places: TypeAlias = npt.NDArray[np.intp]
"""Elements of an array, the indices of one a row."""


def along(of: tuple[int, ...], axes: tuple[int, ...], kept: int | None) -> tuple[int, ...]:
    """Return a shape, or an element, without some axes; with ``kept`` in their place where that is given."""
    parts = (kept if axis in axes else part for axis, part in enumerate(of))
    return tuple(part for part in parts if part is not None)


class Pointwise(Struct, frozen=True):
    """Elements meet those at their own place: the local derivative is a factor of the operand's shape.

    Attributes:
        divisor: the n that a mean loss divides by, which adds up what comes out at all the places;
            None where each place has a result of its own.
    """

    divisor: int | None = None

    @property
    def collapsed(self) -> bool:
        """Whether one number is left of all the places."""
        return self.divisor is not None

    def affected(self, index: int, element: Element) -> Pattern:
        """Return the output elements that depend on one element of an operand."""
        return () if self.collapsed else element


class Reduction(Struct, frozen=True):
    """Elements along some axes are added up.

    Attributes:
        axes: the operand's axes that are gone in the result, ascending.
        divisor: the n that a mean divides by; None for a sum.
        keepdims: whether they stay, with length 1.
    """

    axes: tuple[int, ...]
    divisor: int | None = None
    keepdims: bool = False

    def affected(self, index: int, element: Element) -> Pattern:
        """Return the output elements that depend on one element of an operand."""
        return along(element, self.axes, 0 if self.keepdims else None)

    def shape(self, operand: Shape) -> Shape:
        """Return the result's shape."""
        return along(operand, self.axes, 1 if self.keepdims else None)

    def repeated(self, upstream: Array, shape: Shape) -> Array:
        """Return what has the result's shape repeated along the axes that are gone."""
        return np.broadcast_to(upstream if self.keepdims else np.expand_dims(upstream, self.axes), shape)


class Expansion(Struct, frozen=True):
    """Elements are copied along some axes.

    Attributes:
        target: the result's shape.
        axes: the axes of the result that the copies run along, ascending; the others are the operand's.
    """

    target: Shape
    axes: tuple[int, ...]

    def affected(self, index: int, element: Element) -> Pattern:
        """Return the output elements that depend on one element of an operand."""
        whole: Pattern = (*(None for _ in range(len(self.target) - len(element))), *element)
        return tuple(None if axis in self.axes else at for axis, at in enumerate(whole))

    @property
    def copies(self) -> int:
        """How many copies there are of each element."""
        return size_of(tuple(self.target[axis] for axis in self.axes))


class Permutation(Struct, frozen=True):
    """Elements change places only.

    Attributes:
        order: for each axis of the result, which of the operand's it is.
    """

    order: tuple[int, ...]

    def affected(self, index: int, element: Element) -> Pattern:
        """Return the output elements that depend on one element of an operand."""
        return tuple(element[axis] for axis in self.order)


_STACK = "abcd"
"""A letter for each axis that matrices may be stacked along."""


def _last(letters: str, count: int) -> str:
    return letters[len(letters) - max(count, 0) :]


class Contraction(Struct, frozen=True):
    """Rows meet columns and are summed over, as in a product of vectors, matrices or stacks of matrices.

    Attributes:
        left, right: how many axes the operands have, 1 to 6; two stacks have all but their last two axes in
            common.
    """

    left: int
    right: int

    def affected(self, index: int, element: Element) -> Pattern:
        """Return the output elements that depend on one element of an operand."""
        stack = _last(_STACK, max(self.left, self.right) - 2)
        return self._at(stack + "i" * (self.left > 1) + "j" * (self.right > 1), index, element)

    def partner(self, index: int, element: Element) -> Pattern:
        """Return what an element is multiplied by in the other operand, in the order of the affected."""
        return self._at(self._labels(1 - index), index, element)

    def _labels(self, index: int) -> str:
        """Return a letter for each axis, in Einstein's notation: k is what is summed over."""
        axes = self.right if index else self.left
        return "k" if axes == 1 else _last(_STACK, axes - 2) + ("kj" if index else "ik")

    def _at(self, labels: str, index: int, element: Element) -> Pattern:
        known = dict(zip(self._labels(index), element, strict=True))
        return tuple(known.get(label) for label in labels)


class Account:
    """What an operation says for itself that has none of the other structures."""

    @abstractmethod
    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return which output elements depend on one element of an operand, whatever the values are."""
        raise NotImplementedError

    @abstractmethod
    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output[o]/∂operands[index][element] for each affected element o, in their order."""
        raise NotImplementedError

    @abstractmethod
    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the same as a formula, with subscripts and the letters ᵢⱼₖ for the axes it runs along.

        Args:
            index: the operand.
            element: its element.
            operands: atoms of text for the operands.
            output: the same for the result.
            shapes: the operands' shapes.
        """
        raise NotImplementedError

    @abstractmethod
    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return which elements the partials are made of, with an operand's place, None for the output."""
        raise NotImplementedError

    @abstractmethod
    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say what becomes of the axes on the way back, as in ``summed along axis 0, because …``."""
        raise NotImplementedError

    @abstractmethod
    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return how many elements the operation's mean is over; 1 where it has none."""
        raise NotImplementedError


class Opaque(Struct, frozen=True):
    """None of the others: the operation says it all itself."""

    account: Account


Structure: TypeAlias = Pointwise | Reduction | Expansion | Permutation | Contraction | Opaque


def selection(pattern: Pattern) -> tuple[int | slice, ...]:
    """Return a pattern as NumPy's index."""
    return tuple(
        slice(None) if at is None else slice(at.start, at.stop, at.step) if isinstance(at, range) else at
        for at in pattern
    )


def places(pattern: Pattern, shape: Shape) -> Places:
    """Return the elements of an array of ``shape`` that a pattern selects, in the array's order."""
    runs = [
        range(length) if at is None else at if isinstance(at, range) else range(at, at + 1)
        for at, length in zip(pattern, shape, strict=True)
    ]
    counts = tuple(map(len, runs))
    free = np.indices(counts, dtype=np.intp).reshape(len(counts), size_of(counts)).T
    first, step = (np.array([getattr(run, of) for run in runs], dtype=np.intp) for of in ("start", "step"))
    return free * step + first
