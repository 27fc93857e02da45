"""Operations with a rule of their own and no structure that others share: all that is said, they say."""

from __future__ import annotations

from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.structure import Account, Opaque, Structure


class OpaqueOp(Account, Op):
    """An operation that gives an account of itself, since nothing follows from its structure."""

    def structure(self, *shapes: Shape) -> Structure:
        """Return that the operation itself tells."""
        return Opaque(self)
