"""Losses, called (prediction, target) as in PyTorch; each is a mean and therefore one number.

The first three have a local derivative of their operand's shape, because their upstream gradient is one
number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import ShapeError
from tui_backprop.engine.kernels import exp, inner, log, log1p, total
from tui_backprop.engine.ops.base import BinaryOp, Element, Op, Pattern
from tui_backprop.engine.ops.functions import sigmoid
from tui_backprop.engine.ops.reshaping import softmax

LOG_FLOOR = -100.0
"""PyTorch's floor for the logarithm in ``bce``, so that a prediction of exactly 0 or 1 stays finite."""
PRODUCT_FLOOR = 1e-12


def average(a: Array) -> Array:
    """Return the mean over all elements (what np.mean computes, without its overhead)."""
    result: Array = total(a) / np.size(a)
    return result


class MeanLoss(BinaryOp):
    """A mean over all elements of prediction and target, brought to one shape."""

    @staticmethod
    def count(shapes: Sequence[Shape]) -> int:
        """Return n, the number of elements averaged."""
        return size_of(np.broadcast_shapes(*shapes))

    def shape(self, *shapes: Shape) -> Shape:
        """Return (): the mean over everything."""
        return ()


class Mse(MeanLoss):
    """L = mean((p - t)²); ∂L/∂p = 2(p - t)/n."""

    name = "mse"
    whys = (
        "The slope of a squared error is twice the error, prediction minus target. "
        "The mean gives every element one n-th of that.",
        "The target stands behind the minus of the error, "
        "so its slope is the prediction's with the sign turned: −2 times the error, one n-th of it for each.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return the mean squared error."""
        error = operands[0] - operands[1]
        result: Array = inner(error, error) / np.size(error)
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return ±2(p - t)/n."""
        error = operands[0] - operands[1]
        return (-2.0 if index else 2.0) * error / np.size(error)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write ±2 * (p - t) / n."""
        return f"{'-2' if index else '2'} * ({operands[0]} - {operands[1]}) / {self.count(shapes)}"


class Bce(MeanLoss):
    """L = -mean(t·log p + (1 - t)·log(1 - p)) for probabilities p; ∂L/∂p = (p - t)/(p(1 - p))/n.

    Logarithms are floored at -100 as in PyTorch's BCELoss.
    """

    name = "bce"
    whys = (
        "A logarithm's slope is one over its operand: −t/p and (1 − t)/(1 − p), together (p − t)/(p(1 − p)) "
        "for prediction p and target t. The mean gives every element one n-th of that.",
        "The target t shares the weight between −log p and −log(1 − p), "
        "so its slope is the first less the second. The mean gives every element one n-th of that.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return the binary cross-entropy."""
        p, t = operands
        log_p, log_q = np.maximum(log(p), LOG_FLOOR), np.maximum(log1p(-p), LOG_FLOOR)
        return -average(t * log_p + (1.0 - t) * log_q)

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return (p - t)/(p(1 - p))/n for p, (log(1 - p) - log p)/n for t."""
        p, t = operands
        n = max(np.size(p), np.size(t))
        if index:
            local = (np.maximum(log1p(-p), LOG_FLOOR) - np.maximum(log(p), LOG_FLOOR)) / n
            return np.broadcast_to(local, np.shape(t))[()]
        return (p - t) / np.maximum(p * (1.0 - p), PRODUCT_FLOOR) / n

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the derivative."""
        p, t = operands
        n = self.count(shapes)
        return f"(log(1 - {p}) - log({p})) / {n}" if index else f"({p} - {t}) / ({p} * (1 - {p})) / {n}"


class BceWithLogits(MeanLoss):
    """L = mean(softplus(z) - t·z), the binary cross-entropy of σ(z); ∂L/∂z = (σ(z) - t)/n."""

    name = "bce_with_logits"
    whys = (
        "The slope of the logarithms and that of the sigmoid cancel, and the error is left: "
        "sigmoid of the logit minus target. The mean gives every element one n-th of that.",
        "The target t occurs in −t·z only, z being the logit, so −z is its slope. "
        "The mean gives every element one n-th of that.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return the binary cross-entropy of σ(z), without overflow for any z."""
        z, t = operands
        return average(np.maximum(z, 0.0) - t * z + log1p(exp(-np.abs(z))))

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return (σ(z) - t)/n for z, -z/n for t."""
        z, t = operands
        n = max(np.size(z), np.size(t))
        return np.broadcast_to(-z / n, np.shape(t))[()] if index else (sigmoid(z) - t) / n

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the derivative."""
        z, t = operands
        n = self.count(shapes)
        return f"-{z} / {n}" if index else f"(sigmoid({z}) - {t}) / {n}"


class CrossEntropy(Op):
    """L = -mean over rows of Σ t·log softmax(z); ∂L/∂z = (softmax(z)·Σt - t)/rows.

    Targets are one-hot rows or probabilities, of the logits' shape; a row is the last axis.
    """

    name = "cross_entropy"
    whys = (
        "The slopes of logarithm and softmax cancel, and each row's error is left: "
        "softmax times the sum of the targets, which is 1 for probabilities, minus the targets. "
        "The mean gives every row an equal part of that.",
        "The targets are the weights of −log softmax of the logits, so that is their slope. "
        "The mean gives every row an equal part of it.",
    )
    arity = 2
    elementwise = False

    def shape(self, *shapes: Shape) -> Shape:
        """Return (): one number."""
        logits, target = shapes
        if not logits or logits != target:
            raise ShapeError(
                f"cross_entropy needs logits and targets of one shape, found {shape_text(logits)} and "
                f"{shape_text(target)}; targets are one-hot rows or probabilities"
            )
        return ()

    @staticmethod
    def log_softmax(z: Array) -> Array:
        """Return log softmax along the last axis, shifted so that nothing overflows."""
        shifted = z - np.maximum.reduce(z, axis=-1, keepdims=True)
        result: Array = shifted - log(total(exp(shifted), -1, keepdims=True))
        return result

    def forward(self, *operands: Array) -> Array:
        """Return the mean cross-entropy of the rows."""
        z, t = operands
        result: Array = total(t * self.log_softmax(z))
        return -result / size_of(z.shape[:-1])

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return u·(softmax(z)·Σt - t)/rows for z, -u·log softmax(z)/rows for t."""
        z, t = operands
        share = upstream / size_of(z.shape[:-1])
        result: Array
        if index:
            result = -share * self.log_softmax(z)
        else:
            result = share * (softmax(z) * total(t, -1, keepdims=True) - t)
        return result

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return (): there is one output."""
        return ()

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return (softmax(z)·Σt - t)/rows for z, -log softmax(z)/rows for t, at the element."""
        here: Array = self.downstream(index, np.asarray(1.0), operands, output)[element]
        return here.reshape(1)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        z, t = operands
        rows = size_of(shapes[0][:-1])
        per = f" / {rows}" if rows > 1 else ""
        if index:
            return f"-upstream * log(softmax({z})){per}"
        each = ", row by row" if len(shapes[0]) > 1 else ""
        return f"upstream * (softmax({z}) * sum({t}) - {t}){per}{each}"
