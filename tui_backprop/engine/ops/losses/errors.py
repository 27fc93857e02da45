"""Losses of the error, prediction minus target, and of what is like it: by PyTorch's definitions."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.core import elementary
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.kernels import inner, where
from tui_backprop.engine.ops.losses.mean import PREDICTION_AND_TARGET, MeanLoss, average, count
from tui_backprop.engine.ops.pointwise import Slope
from tui_backprop.engine.ops.signature import NumberOption, Signature
from tui_backprop.text.sentences import later


def _each(slope: Array, p: Array, t: Array, like: Array) -> Array:
    """Return a slope divided by the number of elements averaged, of the shape of an operand."""
    return np.broadcast_to(slope / count(p, t), np.shape(like))[()]


def _share(factor: float, error: Array) -> Array:
    """Return a multiple of each error, divided by their number."""
    return factor * error / np.size(error)


class Mse(MeanLoss):
    """L = mean((p - t)²); ∂L/∂p = 2(p - t)/n."""

    name = "mse"
    slopes = (
        Slope(
            lambda p, t, y: _share(2.0, p - t),
            "2 * ({prediction} - {target}) / {n}",
            later(
                "The slope of a squared error is twice the error, prediction minus target. "
                "The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda p, t, y: _share(-2.0, p - t),
            "-2 * ({prediction} - {target}) / {n}",
            later(
                "The target stands behind the minus of the error, "
                "so its slope is the prediction's with the sign turned: "
                "−2 times the error, one n-th of it for each."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the mean squared error."""
        error = operands[0] - operands[1]
        result: Array = inner(error, error) / np.size(error)
        return result


class Mae(MeanLoss):
    """L = mean(|p - t|); ∂L/∂p = sign(p - t)/n, taken as 0 at the kink."""

    name = "mae"
    slopes = (
        Slope(
            lambda p, t, y: _each(np.sign(p - t), p, t, p),
            "sign({prediction} - {target}) / {n}",
            later(
                "An absolute error pulls equally hard from everywhere, so only its sign is left. "
                "The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda p, t, y: _each(np.sign(t - p), p, t, t),
            "sign({target} - {prediction}) / {n}",
            later(
                "The target stands behind the minus of the error, so its slope has the other sign. "
                "The mean gives every element one n-th of that."
            ),
        ),
    )
    kink = staticmethod(lambda p, t: p - t)

    def forward(self, *operands: Array) -> Array:
        """Return the mean absolute error."""
        return average(np.abs(operands[0] - operands[1]))


def _clipped(error: Array, delta: float) -> Array:
    """Return an error brought between -delta and delta."""
    clipped: Array = np.minimum(np.maximum(error, -delta), delta)
    return clipped


class Huber(MeanLoss):
    """L = mean of e²/2 where |e| ≤ δ, else δ(|e| - δ/2), e = p - t; ∂L/∂p = e clipped to ±δ, by n."""

    name = "huber"
    signature = Signature(("prediction", "target"), (NumberOption("delta", 1.0, above=0.0),))
    slopes = (
        Slope(
            lambda p, t, y, delta: _each(_clipped(p - t, delta), p, t, p),
            "clip({prediction} - {target}, -{delta}, {delta}) / {n}",
            later(
                "Near the target it is half a squared error, and the slope is the error itself. "
                "Farther off it goes on as a straight line, so the slope stays at the bound."
            ),
        ),
        Slope(
            lambda p, t, y, delta: _each(_clipped(t - p, delta), p, t, t),
            "clip({target} - {prediction}, -{delta}, {delta}) / {n}",
            later("The target stands behind the minus of the error, so its slope has the other sign."),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        error, delta = np.abs(operands[0] - operands[1]), self.options["delta"]
        return average(where(error <= delta, 0.5 * error * error, delta * (error - 0.5 * delta)))


class Hinge(MeanLoss):
    """L = mean(max(0, 1 - t·p)) for targets of -1 and 1; ∂L/∂p = -t where t·p < 1, else 0, by n."""

    name = "hinge"
    slopes = (
        Slope(
            lambda p, t, y: _each(where(t * p < 1.0, -t, 0.0), p, t, p),
            "(-{target} where {target} * {prediction} < 1, else 0) / {n}",
            later(
                "Inside the margin a sample pulls the prediction towards its target, beyond it not at all. "
                "The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda p, t, y: _each(where(t * p < 1.0, -p, 0.0), p, t, t),
            "(-{prediction} where {target} * {prediction} < 1, else 0) / {n}",
            later(
                "The target occurs in −t·p only, where the margin is not kept, so −p is its slope there. "
                "The mean gives every element one n-th of that."
            ),
        ),
    )
    kink = staticmethod(lambda p, t: 1.0 - t * p)

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        p, t = operands
        return average(np.maximum(1.0 - t * p, 0.0))


class KlDiv(MeanLoss):
    """L = mean(t·(log t - p)) for log-probabilities p and probabilities t, 0 where t is 0; ∂L/∂p = -t/n."""

    name = "kl_div"
    remark = "of log-probabilities, mean over all elements"
    signature = PREDICTION_AND_TARGET
    slopes = (
        Slope(
            lambda p, t, y: _each(-t, p, t, p),
            "-{target} / {n}",
            later(
                "The prediction is a logarithm already and occurs in −t·p only, so −t is its slope. "
                "The mean gives every element one n-th of that."
            ),
        ),
        Slope(
            lambda p, t, y: _each(elementary.log(t) + 1.0 - p, p, t, t),
            "(log({target}) + 1 - {prediction}) / {n}",
            later(
                "Of t·log t the slope is log t + 1, of −t·p it is −p. "
                "The mean gives every element one n-th of that."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        p, t = operands
        entropy = where(t > 0, t * elementary.log(where(t > 0, t, 1.0)), 0.0)
        return average(entropy - t * p)


ERRORS = (Mse, Mae, Huber, Hinge, KlDiv)
"""The functions of this page, as the table of functions has them."""
