"""Every operation as it is made of options alone, and the shapes that it takes."""

from __future__ import annotations

from itertools import product

from tests.support.op_cases import all_subclasses
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.arithmetic import Power
from tui_backprop.engine.ops.arrays.constants import Constant
from tui_backprop.engine.ops.arrays.indexing import Index
from tui_backprop.engine.ops.arrays.storing import Store
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.broadcasting import Broadcast

SHAPES: list[Shape] = [
    (), (1,), (3,), (1, 1), (2, 3), (3, 3), (3, 1), (1, 3), (3, 2), (2, 2, 3), (2, 3, 2), (1, 1, 1),
    (1, 2, 3, 3), (2, 2, 2, 2),
]  # fmt: skip


def accepted(op: Op) -> list[tuple[Shape, ...]]:
    """Return the operand shapes that an operation accepts among the usual ones."""
    fitting = []
    for shapes in product(SHAPES, repeat=len(op.signature.operands)):
        try:
            op.shape(*shapes)
        except (ShapeError, ValueError):
            continue
        fitting.append(shapes)
    return fitting


CLASSES = sorted(
    (op for op in all_subclasses(Op) if "name" in vars(op) and op.__module__.startswith("tui_backprop")),
    key=lambda op: op.name,
)
MADE = (Broadcast, Constant, Index, Store)
"""What is made with more than options: by shapes, and by formulas."""
OPS = [
    *(op() for op in CLASSES if op not in MADE),
    Power(2.0), Power(3.0), Power(0.0), Power(-0.5),
    *(Broadcast(target) for target in [(3,), (2, 3), (3, 2), (2, 2, 3)]),
]  # fmt: skip
