"""Gradients made smaller before the update: by the length of all of them together, by each element.

The formulas are PyTorch's clip_grad_norm_ and clip_grad_value_. Where both are asked for, the norm comes
first; the result keeps within both. Loss and gradients as they are shown know nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.elementary import sqrt
from tui_backprop.engine.core.kernels import inner
from tui_backprop.engine.optimizers.base import Coefficients, TermSpec, Values
from tui_backprop.text.sentences import later

SMALL: Final = 1e-6
"""What PyTorch adds to the norm that it divides by."""
CLIPPING: Final = (
    TermSpec("gradient_norm", later("gradient norm"), later("‖g‖ = √Σg² over all parameters"), single=True),
    TermSpec("clip_norm", later("clip norm"), "g ← g·min(1, clip_norm / (‖g‖ + 10⁻⁶))"),
    TermSpec("clip_value", later("clip value"), "g ← min(max(g, −clip_value), clip_value)"),
)
"""What is shown of it, in the order in which it is computed."""


def norm(arrays: Sequence[Any]) -> Any:
    """Return the root of the sum of all squares."""
    squares = [inner(array, array) for array in arrays]
    total: Any = squares[0] if squares else 0.0
    for square in squares[1:]:
        total = total + square
    return sqrt(total)


def clipped(gradients: Mapping[str, Any], c: Coefficients) -> dict[str, tuple[Any, Values]]:
    """Return for each parameter the gradient that its update is made of, and the terms on the way to it."""
    if c.clip_norm is None and c.clip_value is None:
        return {name: (g, {}) for name, g in gradients.items()}
    terms: dict[str, dict[str, Any]] = {name: {} for name in gradients}
    now = dict(gradients)
    if c.clip_norm is not None:
        length = norm(list(gradients.values()))
        share = np.minimum(c.clip_norm / (length + SMALL), 1.0)
        for name, g in now.items():
            now[name] = g * share
            terms[name] |= {"gradient_norm": length, "clip_norm": now[name]}
    if c.clip_value is not None:
        for name, g in now.items():
            now[name] = np.minimum(np.maximum(g, -c.clip_value), c.clip_value)
            terms[name]["clip_value"] = now[name]
    return {name: (g, terms[name]) for name, g in now.items()}
