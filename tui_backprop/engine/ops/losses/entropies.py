"""Cross-entropies of two classes, of probabilities and of logits."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.elementary import exp, log, log1p
from tui_backprop.engine.ops.functions.elementwise import sigmoid
from tui_backprop.engine.ops.losses.mean import MeanLoss, average, count
from tui_backprop.engine.ops.pointwise import Slope
from tui_backprop.text.sentences import later

LOG_FLOOR = -100.0
"""PyTorch's floor for the logarithm in ``bce``, so that a prediction of exactly 0 or 1 stays finite."""
PRODUCT_FLOOR = 1e-12


def _floored(logarithm: Array) -> Array:
    return np.maximum(logarithm, LOG_FLOOR)


class Bce(MeanLoss):
    """L = -mean(t·log p + (1 - t)·log(1 - p)) for probabilities p; ∂L/∂p = (p - t)/(p(1 - p))/n.

    Logarithms are floored at -100 as in PyTorch's BCELoss.
    """

    name = "bce"
    slopes = (
        Slope(
            lambda p, t, y: (p - t) / np.maximum(p * (1.0 - p), PRODUCT_FLOOR) / count(p, t),
            "({prediction} - {target}) / ({prediction} * (1 - {prediction})) / {n}",
            later(
                "A logarithm's slope is one over its operand: −t/p and (1 − t)/(1 − p), together "
                "(p − t)/(p(1 − p)) for prediction p and target t. "
                "The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda p, t, y: np.broadcast_to(
                (_floored(log1p(-p)) - _floored(log(p))) / count(p, t), np.shape(t)
            )[()],
            "(log(1 - {prediction}) - log({prediction})) / {n}",
            later(
                "The target t shares the weight between −log p and −log(1 − p), "
                "so its slope is the first less the second. The mean gives every element one n-th of that."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the binary cross-entropy."""
        p, t = operands
        log_p, log_q = _floored(log(p)), _floored(log1p(-p))
        return -average(t * log_p + (1.0 - t) * log_q)


class BceWithLogits(MeanLoss):
    """L = mean(softplus(z) - t·z), the binary cross-entropy of σ(z); ∂L/∂z = (σ(z) - t)/n."""

    name = "bce_with_logits"
    slopes = (
        Slope(
            lambda z, t, y: (sigmoid(z) - t) / count(z, t),
            "(sigmoid({prediction}) - {target}) / {n}",
            later(
                "The slope of the logarithms and that of the sigmoid cancel, and the error is left: "
                "sigmoid of the logit minus target. The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda z, t, y: np.broadcast_to(-z / count(z, t), np.shape(t))[()],
            "-{prediction} / {n}",
            later(
                "The target t occurs in −t·z only, z being the logit, so −z is its slope. "
                "The mean gives every element one n-th of that."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the binary cross-entropy of σ(z), without overflow for any z."""
        z, t = operands
        return average(np.maximum(z, 0.0) - t * z + log1p(exp(-np.abs(z))))


ENTROPIES = (Bce, BceWithLogits)
"""The functions of this page, as the table of functions has them."""
