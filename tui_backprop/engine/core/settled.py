"""0 · ∞ in a factor counts as 0: products and sums of products in which an exact 0 shuts out an infinity.

What an exact 0 multiplies does not move the loss, however steep it is: √relu(x) is flat below 0, though the
slope of the root is infinite there. NumPy's product is NaN, so only what is NaN is looked at again. A NaN
that came in, 0/0 and ∞ - ∞ stay NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np


def has_nan(a: Any) -> bool:
    """Tell whether a number or an array has a NaN."""
    if isinstance(a, float):
        return a != a
    if isinstance(a, np.ndarray) and not a.flags.c_contiguous:  # such as what is repeated: it would be copied
        return bool(np.isnan(a).any())
    squares = np.vdot(a, a)  # Σa², the quickest sum: NaN only where there is one, as ∞ + ∞ is none
    return bool(squares != squares)


def settled(product: Any, one: Any, other: Any) -> Any:
    """Return one ⊙ other, which NumPy gives as ``product``, with 0 where an exact 0 meets an infinity."""
    return _noted(_settled, product, one, other)


def settled_sum(product: Any, left: Any, right: Any) -> Any:
    """Return left @ right, which NumPy gives as ``product``, without the terms of an exact 0 and ∞."""
    return _noted(_settled_sum, product, left, right)


def _noted(compute: Callable[..., Any], product: Any, *factors: Any) -> Any:
    note = getattr(product, "kernel", None)  # a traced value
    return compute(product, *factors) if note is None else note(compute, *factors)


def _settled(product: Any, one: Any, other: Any) -> Any:
    """Return one * other, with 0 where an exact 0 meets an infinity."""
    if not np.isnan(product).any():
        return product
    shut = (np.equal(one, 0) & np.isinf(other)) | (np.isinf(one) & np.equal(other, 0))
    return np.where(shut, 0.0, product)[()]


def _settled_sum(product: Any, left: Any, right: Any) -> Any:
    """Return left @ right, without the terms of an exact 0 and an infinity."""
    if not np.isnan(product).any():
        return product
    finite = np.where(np.isinf(left), 0.0, left) @ np.where(np.isinf(right), 0.0, right)
    grown = []
    for sign in (1, -1):  # how many infinite terms there are of each sign
        terms = 0.0
        for half in (1, -1):
            a, b = half * left, sign * half * right
            terms = terms + (a == np.inf) * 1.0 @ (b > 0) + (a > 0) * 1.0 @ (b == np.inf)
        grown.append(np.where(terms > 0, np.inf, 0.0))
    return np.where(np.isnan(product), finite + grown[0] - grown[1], product)[()]


KERNELS: Final[Mapping[str, Callable[..., Any]]] = {"settled": _settled, "settled_sum": _settled_sum}
"""What computes them, by the name that programs have for it."""


def definition(name: str) -> str:
    """Return a kernel as text, for a script of its own."""
    import inspect

    text = inspect.getsource(KERNELS[name])
    return text.replace(f"def _{name}", f"def {name}").replace(": Any", "").replace(" -> Any", "").rstrip()
