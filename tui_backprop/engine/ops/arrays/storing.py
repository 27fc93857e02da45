"""What is stored at an index, ``z[:, 0] = …``: an array with something else in some of its places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core import placing
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.arrays.indexing import ByIndex
from tui_backprop.engine.ops.base import ATOM, Term
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import subscripted


class Store(ByIndex):
    """y = x with a at […]: a gets the gradient of the places it took, and x that of all the others."""

    name = "store"
    arrays = 2
    whys = (
        later(
            "What was there before has been written over at the index and has no part in the result: "
            "its gradient is zero there. Everywhere else the array is handed on as it is."
        ),
        later(
            "What is written into the array is found there again, so it gets the gradient of the places "
            "it took."
        ),
    )

    def shape(self, *shapes: Shape) -> Shape:
        """Return the array's shape."""
        picked = self.picked(shapes[0], shapes[2:])
        if shapes[1] not in ((), picked):
            raise self.misfit(picked)
        return shapes[0]

    def misfit(self, picked: Shape) -> ShapeError:
        """Return the refusal of what does not fit the places that are picked."""
        index = ", ".join(self.written)
        return ShapeError(tr("[{index}] has shape {shape}", index=index, shape=shape_text(picked)))

    def aligned(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return the shape that is stored, for what is stored."""
        picked = self.picked(shapes[0], shapes[2:])
        try:
            fits = np.broadcast_shapes(shapes[1], picked) == picked
        except ValueError:
            fits = False
        if not fits:
            raise self.misfit(picked)
        return (shapes[0], picked, *shapes[2:])

    def forward(self, *operands: Array) -> Array:
        """Return a copy with a at the index."""
        result: Array = placing.placed(placing.stored, operands[:2], (), self.at(operands))
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient without the places that were taken, or that of these places."""
        pick = placing.visible if self.has_arrays else placing.taken
        result: Array = placing.placed(
            pick if index else placing.unstored, (upstream,), (), self.at(operands)
        )
        return result[()] if index else result

    def text(self, *operands: Term) -> Term:
        """Write what NumPy's assignment does, as an expression."""
        inside = self.index_text([term.text for term in operands])
        return Term(f"{operands[0].within(ATOM)} with [{inside}] = {operands[1].text}", 0)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        inside = self.index_text(operands)
        return f"upstream[{inside}]" if index else tr("upstream, then [{index}] = 0", index=inside)

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element's own place, or all where what is stored may have gone."""
        return (None,) * len(shapes[0]) if index else tuple(element)

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where the element shows in the result, else 0."""
        at = self.at(operands)
        if index == 0:
            mark = np.ones(np.shape(operands[0]))
            mark[at] = 0.0
            return np.reshape(mark[element], 1)
        mark = np.zeros(np.shape(operands[1]))
        mark[element] = 1.0
        return np.reshape(placing.stored(np.zeros(np.shape(operands[0])), mark, at), -1)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write that it is 1 where the element shows."""
        return tr("(1 where {element} shows)", element=subscripted(operands[index], element))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the element itself."""
        return ((index, tuple(element)),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say what becomes of the places."""
        return tr("picked where it was stored") if index else tr("zero where something was stored over it")
