"""Losses of rows and their classes: the cross-entropy of logits, and nll, that of log-probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import total
from tui_backprop.engine.core.settled import settled
from tui_backprop.engine.ops.lines.places import log_softmax, softmax
from tui_backprop.engine.ops.losses.mean import PREDICTION_AND_TARGET, MeanLoss
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.pointwise import Slope
from tui_backprop.engine.ops.signature import NumberOption, Signature
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.parentheses import bare
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import LETTERS, subscripted


class CrossEntropy(OpaqueOp):
    """L = -mean over rows of Σ t·log softmax(z); ∂L/∂z = (softmax(z)·Σt - t)/rows.

    Targets are one-hot rows or probabilities, of the logits' shape; a row is the last axis.
    """

    name = "cross_entropy"
    whys = (
        later(
            "The slopes of logarithm and softmax cancel, and each row's error is left: "
            "softmax times the sum of the targets, which is 1 for probabilities, minus the targets. "
            "The mean gives every row an equal part of that."
        ),
        later(
            "The targets are the weights of −log softmax of the logits, so that is their slope. "
            "The mean gives every row an equal part of it."
        ),
    )
    signature = Signature(
        PREDICTION_AND_TARGET.operands, (NumberOption("label_smoothing", 0.0, below=1.0, least=0.0),)
    )
    takes_classes = True
    remark = "logits; targets are classes, one-hot rows or probabilities"

    def shape(self, *shapes: Shape) -> Shape:
        """Return (): one number."""
        logits, target = shapes
        if not logits or logits != target:
            raise ShapeError(
                tr(
                    "cross_entropy needs logits and targets of one shape, found {logits} and {target}; "
                    "targets are one-hot rows, probabilities, or a class for each row",
                    logits=shape_text(logits),
                    target=shape_text(target),
                )
            )
        return ()

    def forward(self, *operands: Array) -> Array:
        """Return the mean cross-entropy of the rows."""
        z, t = operands
        result: Array = total(t * log_softmax(z))
        return -result / size_of(z.shape[:-1])

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return u·(softmax(z)·Σt - t)/rows for z, -u·log softmax(z)/rows for t."""
        z, t = operands
        share = upstream / size_of(z.shape[:-1])
        if index:
            return -share * log_softmax(z)
        result: Array = share * (softmax(z) * total(t, -1, keepdims=True) - t)
        return result

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same where 0 · ∞ counts as 0."""
        one: Array = np.asarray(1.0)
        local = self.downstream(index, one, operands, output)
        result: Array = settled(downstream, upstream, local)
        return result

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return (): there is one output."""
        return ()

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return (softmax(z)·Σt - t)/rows for z, -log softmax(z)/rows for t, at the element."""
        here: Array = self.downstream(index, np.asarray(1.0), operands, output)[element]
        return here.reshape(1)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write (softmax(z) · Σt - t) / rows for z, -log softmax(z) / rows for t, at the element."""
        logits, targets = operands
        *row, _ = element
        rows = self.averaged(index, shapes)
        share = subscripted(f"softmax({bare(logits)})", element)
        per = f" / {rows}" if rows > 1 else ""
        if index:
            return f"(−log({share}){per})"
        letter = LETTERS[len(row)]
        weight = f"Σ{letter} {subscripted(targets, (*row, letter))}"
        return f"({share} · {weight} − {subscripted(targets, element)}){per}"

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the element's row of logits and of targets."""
        row: Pattern = (*element[:-1], None)
        return ((0, row), (1, row))

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that the rows do not mix."""
        return tr("row by row, and the one upstream number goes to all of them")

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return the number of rows."""
        return size_of(shapes[0][:-1])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        z, t = operands
        rows = size_of(shapes[0][:-1])
        per = f" / {rows}" if rows > 1 else ""
        if index:
            return f"-upstream * log(softmax({z})){per}"
        formula = f"upstream * (softmax({z}) * sum({t}) - {t}){per}"
        return tr("{formula}, row by row", formula=formula) if len(shapes[0]) > 1 else formula


class Nll(MeanLoss):
    """L = -mean over rows of Σ t·p for log-probabilities p and one-hot rows t; ∂L/∂p = -t/rows."""

    name = "nll"
    signature = PREDICTION_AND_TARGET
    takes_classes = True
    remark = "of log-probabilities and classes, mean over rows"
    slopes = (
        Slope(
            lambda p, t, y: -t / _rows(p),
            "-{target} / {n}",
            later(
                "The logarithm of the probability of a row's class counts with −1 and all others not at all. "
                "The mean gives every row an equal part of that."
            ),
        ),
        Slope(
            lambda p, t, y: -p / _rows(p),
            "-{prediction} / {n}",
            later(
                "The targets are the weights of the predictions, so minus these is their slope. "
                "The mean gives every row an equal part of it."
            ),
        ),
    )

    def shape(self, *shapes: Shape) -> Shape:
        """Return (): one number."""
        prediction, target = shapes
        if not prediction or prediction != target:
            raise ShapeError(
                tr(
                    "nll needs rows of log-probabilities and a class for each row, found {prediction} "
                    "and {target}",
                    prediction=shape_text(prediction),
                    target=shape_text(target),
                )
            )
        return ()

    def aligned(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return the shapes as they are: a row stands for a row."""
        return shapes

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        p, t = operands
        result: Array = total(t * p) / _rows(p)
        return -result

    def averaged_over(self, shapes: Sequence[Shape]) -> int:
        """Return the number of rows."""
        return size_of(shapes[0][:-1])


def _rows(a: Array) -> int:
    return size_of(np.shape(a)[:-1])


CLASSES = (CrossEntropy, Nll)
"""The functions of this page, as the table of functions has them."""
