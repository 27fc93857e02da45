"""One Op per operation: forward, local derivative for each operand, both as formula text."""

from __future__ import annotations

from tui_backprop.engine.ops.arithmetic import Add, Divide, Identity, Multiply, Negate, Power, Subtract
from tui_backprop.engine.ops.base import ATOM, Op, Term
from tui_backprop.engine.ops.functions import (
    Cos,
    Exp,
    Log,
    Sigmoid,
    Sin,
    Softplus,
    Sqrt,
    Square,
    Tanh,
)
from tui_backprop.engine.ops.kinks import Abs, LeakyRelu, Maximum, Relu
from tui_backprop.engine.ops.losses import Bce, BceWithLogits, CrossEntropy, Mse
from tui_backprop.engine.ops.matmul import MatMul
from tui_backprop.engine.ops.reshaping import Broadcast, Mean, Softmax, Sum, Transpose

FUNCTIONS: dict[str, type[Op]] = {
    op.name: op
    for op in (
        Sum, Mean, Exp, Log, Sqrt, Square, Abs, Sin, Cos, Tanh, Sigmoid, Relu, LeakyRelu, Softplus, Maximum,
        Softmax, Mse, Bce, BceWithLogits, CrossEntropy,
    )
}  # fmt: skip
"""The functions of the formula language, by name."""

LOSSES = frozenset(op.name for op in (Mse, Bce, BceWithLogits, CrossEntropy))
"""Those called (prediction, target)."""
WITH_AXIS = frozenset({"sum", "mean", "softmax"})

__all__ = [
    "ATOM",
    "FUNCTIONS",
    "LOSSES",
    "WITH_AXIS",
    "Abs",
    "Add",
    "Broadcast",
    "Divide",
    "Identity",
    "LeakyRelu",
    "MatMul",
    "Maximum",
    "Mean",
    "Multiply",
    "Negate",
    "Op",
    "Power",
    "Relu",
    "Square",
    "Subtract",
    "Sum",
    "Term",
    "Transpose",
]
