"""Products of two arrays by a letter for each axis: einsum, and outer and inner, which are two of its kind.

What has a letter in both arrays and not in the result is summed over. The way back is such a product again:
the letters of the result and of the other array make those of this one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import permuted, product, total
from tui_backprop.engine.core.listed import all_of
from tui_backprop.engine.core.settled import settled_sum
from tui_backprop.engine.ops.base import Op, Term
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.signature import Signature, SubscriptsOption
from tui_backprop.engine.ops.structure import Element, Pattern, selection
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.text.subscripts import LETTERS, subscripted


class Letters(NamedTuple):
    """A letter for each axis of both operands and of the result."""

    left: str
    right: str
    result: str

    def __str__(self) -> str:
        return f"{self.left},{self.right}->{self.result}"

    def back(self, index: int) -> Letters:
        """Return those of the way back, whose operands are the upstream gradient and the other operand."""
        return Letters(self.result, self[1 - index], self[index])


def contracted(letters: Letters, a: Any, b: Any, *, settle: bool = False) -> Any:
    """Return Σ a ⊙ b over all letters that the result does not have, as one product of matrices.

    Args:
        letters: a letter for each axis; one that only the result has is refused by NumPy, and repeated here.
        a: the first operand.
        b: the second operand.
        settle: whether 0 · ∞ counts as 0.
    """
    alone = set(letters.left) - set(letters.right) - set(letters.result)
    a, left = _without(a, letters.left, alone)
    alone = set(letters.right) - set(letters.left) - set(letters.result)
    b, right = _without(b, letters.right, alone)
    lengths = dict(zip(left + right, (*np.shape(a), *np.shape(b)), strict=True))
    both = [x for x in left if x in right]
    stack, inner = [x for x in both if x in letters.result], [x for x in both if x not in letters.result]
    rows, columns = [x for x in left if x not in both], [x for x in right if x not in both]

    def size(of: Sequence[str]) -> int:
        return size_of(tuple(lengths[x] for x in of))

    front = (size(stack),) if stack else ()
    a = permuted(a, [left.index(x) for x in (*stack, *rows, *inner)]).reshape(*front, size(rows), size(inner))
    b = permuted(b, [right.index(x) for x in (*stack, *inner, *columns)])
    b = b.reshape(*front, size(inner), size(columns))
    made = product(a, b)
    if settle:
        made = settled_sum(made, a, b)
    found = [*stack, *rows, *columns]
    made = made.reshape(tuple(lengths[x] for x in found))
    return permuted(made, [found.index(x) for x in letters.result if x in found])[()]


def _without(a: Any, letters: str, gone: set[str]) -> tuple[Any, str]:
    """Return an operand summed over some letters, and the letters that are left."""
    if not gone:
        return a, letters
    axes = tuple(axis for axis, letter in enumerate(letters) if letter in gone)
    return total(a, axes), "".join(letter for letter in letters if letter not in gone)


class EinsteinOp(OpaqueOp):
    """Σ a ⊙ b, with a letter for each axis; what is not in the result is summed over."""

    signature = Signature(("a", "b"))
    whys = (
        later(
            "An element of the first array is multiplied by the elements of the second that agree with "
            "it in all letters they share. So those are its slopes, and the effects in all the results "
            "it reaches add."
        ),
        later(
            "An element of the second array is multiplied by the elements of the first that agree with "
            "it in all letters they share. So those are its slopes, and the effects in all the results "
            "it reaches add."
        ),
    )

    @abstractmethod
    def letters(self, *shapes: Shape) -> Letters:
        """Return a letter for each axis; raise ShapeError where the operands do not fit."""
        raise NotImplementedError

    def lengths(self, *shapes: Shape) -> dict[str, int]:
        """Return the length of each letter's axes."""
        letters = self.letters(*shapes)
        lengths: dict[str, int] = {}
        for operand, shape in zip(letters, shapes, strict=False):
            for letter, length in zip(operand, shape, strict=True):
                if lengths.setdefault(letter, length) != length:
                    raise ShapeError(
                        tr(
                            "{left} and {right} do not fit {letters}: {letter} is {first} and {second}",
                            left=shape_text(shapes[0]),
                            right=shape_text(shapes[1]),
                            letters=letters,
                            letter=letter,
                            first=lengths[letter],
                            second=length,
                        )
                    )
        return lengths

    def shape(self, *shapes: Shape) -> Shape:
        """Return the lengths of the result's letters."""
        lengths = self.lengths(*shapes)
        return tuple(lengths[letter] for letter in self.letters(*shapes).result)

    def forward(self, *operands: Array) -> Array:
        """Return the products, summed."""
        result: Array = contracted(self.letters(*map(np.shape, operands)), *operands)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the same kind of product, of the upstream gradient and the other operand."""
        return self._back(index, upstream, operands, settle=False)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same where 0 · ∞ counts as 0."""
        return self._back(index, upstream, operands, settle=True)

    def _back(self, index: int, upstream: Array, operands: Sequence[Array], *, settle: bool) -> Array:
        back = self.letters(*map(np.shape, operands)).back(index)
        shape = np.shape(operands[index])
        made = contracted(back, upstream, operands[1 - index], settle=settle)
        alone = [axis for axis, letter in enumerate(back.result) if letter not in back.left + back.right]
        if not alone:
            result: Array = made
        else:  # summed over in this operand alone: each element gets the same
            kept = tuple(1 if axis in alone else length for axis, length in enumerate(shape))
            result = np.broadcast_to(made.reshape(kept), shape)
        return result

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the results that agree with the element in all letters they share."""
        letters = self.letters(*shapes)
        known = dict(zip(letters[index], element, strict=True))
        return tuple(known.get(letter) for letter in letters.result)

    def partner(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the elements of the other operand that the element is multiplied by."""
        letters = self.letters(*shapes)
        known = dict(zip(letters[index], element, strict=True))
        return tuple(known.get(letter) for letter in letters[1 - index])

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return the partners, summed over the letters that the result does not have."""
        shapes = [np.shape(operand) for operand in operands]
        letters, partner = self.letters(*shapes), self.partner(index, element, shapes)
        left = [x for x, at in zip(letters[1 - index], partner, strict=True) if at is None]
        wanted = [x for x in letters.result if x in left]
        picked = operands[1 - index][selection(partner)]
        summed = np.sum(picked, axis=tuple(axis for axis, x in enumerate(left) if x not in wanted))
        kept = [x for x in left if x in wanted]
        return np.reshape(np.transpose(summed, [kept.index(x) for x in wanted]), -1)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the partner, with a sum over what only the other operand has."""
        letters, partner = self.letters(*shapes), self.partner(index, element, shapes)
        sign = dict(zip(letters.result, LETTERS, strict=False))
        spare = iter(LETTERS[len(letters.result) :])
        at: list[int | str] = []
        summed = ""
        for letter, place in zip(letters[1 - index], partner, strict=True):
            if place is None and letter not in sign:
                sign[letter] = next(spare)
                summed += f"Σ{sign[letter]} "
            at.append(place if isinstance(place, int) else sign[letter])
        text = subscripted(operands[1 - index], tuple(at))
        return f"({summed}{text})" if summed else text

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the elements of the other operand that it is multiplied by."""
        return ((1 - index, self.partner(index, element, shapes)),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say over which letters the way back sums."""
        back = self.letters(*shapes).back(index)
        gone = [letter for letter in dict.fromkeys(back.left + back.right) if letter not in back.result]
        if not gone:
            return tr("{letters}: nothing is summed", letters=back)
        return tr(
            "{letters}: summed over {gone}, because the element meets all of these",
            letters=back,
            gone=all_of(gone),
        )

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        back = self.letters(*shapes).back(index)
        alone = [letter for letter in back.result if letter not in back.left + back.right]
        kept = "".join(letter for letter in back.result if letter not in alone)
        text = f'einsum("{back._replace(result=kept)}", upstream, {operands[1 - index]})'
        return (
            tr("{formula}, once for each {letters}", formula=text, letters=all_of(alone)) if alone else text
        )


class Einsum(EinsteinOp):
    """y = einsum("ij,jk->ik", a, b), for two arrays and each letter once an array."""

    name = "einsum"
    signature = Signature(("a", "b"), (SubscriptsOption("subscripts", "ij,jk->ik"),))

    def letters(self, *shapes: Shape) -> Letters:
        """Return the letters that are given."""
        operands, result = self.options["subscripts"].split("->")
        left, right = operands.split(",")
        letters = Letters(left, right, result)
        for which, operand, shape in zip(("first", "second"), letters, shapes, strict=False):
            if len(operand) != len(shape):
                raise ShapeError(_miscounted(letters, which == "first", len(operand), shape))
        return letters

    def text(self, *operands: Term) -> Term:
        """Write the call as NumPy has it, the letters first."""
        return Term(f'einsum("{self.options["subscripts"]}", {operands[0].text}, {operands[1].text})')


def _miscounted(letters: Letters, first: bool, count: int, shape: Shape) -> str:
    told = shape_text(shape)
    if first:
        return tr_count(
            "{letters} has {count} letter for the first array, of shape {shape}",
            "{letters} has {count} letters for the first array, of shape {shape}",
            count,
            letters=letters,
            shape=told,
        )
    return tr_count(
        "{letters} has {count} letter for the second array, of shape {shape}",
        "{letters} has {count} letters for the second array, of shape {shape}",
        count,
        letters=letters,
        shape=told,
    )


class Outer(EinsteinOp):
    """y = a bᵀ for vectors: yᵢⱼ = aᵢ bⱼ; ∂L/∂a = U @ b and ∂L/∂b = a @ U for the upstream gradient U."""

    name = "outer"
    whys = (
        later(
            "Element i of the first vector makes row i of the result, multiplied by each element of the "
            "second. Its effects add along that row: Σⱼ Uᵢⱼ bⱼ, which is U @ b, U being the upstream "
            "gradient."
        ),
        later(
            "Element j of the second vector makes column j of the result, multiplied by each element of the "
            "first. Its effects add along that column: Σᵢ aᵢ Uᵢⱼ, which is a @ U, U being the upstream "
            "gradient."
        ),
    )

    def letters(self, *shapes: Shape) -> Letters:
        """Return one for each vector."""
        if tuple(map(len, shapes)) != (1, 1):
            found = all_of(map(shape_text, shapes))
            raise ShapeError(
                tr("outer takes two vectors, found {found}; write outer(ravel(a), ravel(b))", found=found)
            )
        return Letters("i", "j", "ij")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"{operands[0]} @ upstream" if index else f"upstream @ {operands[1]}"


class Inner(EinsteinOp):
    """y = the inner products of all rows of a with all rows of b, a row being the last axis."""

    name = "inner"
    _STACKS = "ijlmn", "opqrs"

    def letters(self, *shapes: Shape) -> Letters:
        """Return k for the rows, and others for what they are stacked along."""
        if () in shapes:
            raise ShapeError(
                tr("inner takes vectors or matrices, not a scalar; use * for a product of numbers")
            )
        left, right = (letters[: len(shape) - 1] for letters, shape in zip(self._STACKS, shapes, strict=True))
        return Letters(f"{left}k", f"{right}k", left + right)


EINSUM: tuple[type[Op], ...] = (Outer, Inner, Einsum)
"""The functions of this page, as the table of functions has them."""
