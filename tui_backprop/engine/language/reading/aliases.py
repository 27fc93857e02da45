"""What other libraries call the same functions: prefixes, names, keywords, and where they mean others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from tui_backprop.engine.core.errors import MAX_TYPO
from tui_backprop.text.sentences import later, tr

MODULES: Final = frozenset({
    "np", "numpy", "jnp", "jax.numpy", "torch", "math", "F", "nn.functional", "torch.nn.functional",
    "np.linalg", "numpy.linalg", "jnp.linalg", "torch.linalg", "jax.nn", "scipy.special", "special",
    "torch.special",
})  # fmt: skip
"""What may stand before a function's name."""
OF_TORCH: Final = frozenset(
    name for name in MODULES if name.startswith("torch") or name.endswith(("F", "functional"))
)
"""Those with PyTorch's meaning, in which axis= is dim=."""
IMPORTS: Final = frozenset({
    ("numpy", "np"), ("numpy", "numpy"), ("jax.numpy", "jnp"), ("torch", "torch"), ("math", "math"),
    ("torch.nn.functional", "F"), ("scipy.special", "special"), ("torch.nn", "nn"), ("random", "random"),
    ("matplotlib.pyplot", "plt"),
})  # fmt: skip
"""What may be imported, since it changes nothing."""

OPERATORS_BY_NAME: Final = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "power": "**",
    "float_power": "**", "negative": "negate", "matmul": "@", "dot": "dot", "sub": "-", "mul": "*",
    "div": "/",
    "pow": "**", "neg": "negate", "mm": "@", "bmm": "@", "mv": "@", "greater": ">", "greater_equal": ">=",
    "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=", "gt": ">", "ge": ">=", "lt": "<",
    "le": "<=", "eq": "==", "ne": "!=",
    "logical_and": "and", "logical_or": "or", "logical_not": "not", "bitwise_and": "&", "bitwise_or": "|",
    "invert": "~",
}  # fmt: skip
"""Functions that the language has signs for."""
FUNCTIONS_BY_NAME: Final = {
    "absolute": "abs", "fabs": "abs", "amax": "max", "amin": "min", "expit": "sigmoid", "atan": "arctan",
    "clamp": "clip", "cat": "concatenate", "concat": "concatenate", "flatten": "ravel",
    "unsqueeze": "expand_dims", "permute": "transpose", "view": "reshape", "ger": "outer",
    "swapdims": "swapaxes",
    "mse_loss": "mse", "l1_loss": "mae", "binary_cross_entropy": "bce", "nll_loss": "nll",
    "binary_cross_entropy_with_logits": "bce_with_logits", "huber_loss": "huber", "logsigmoid": "log_sigmoid",
    "permute_dims": "transpose", "t": "transpose", "swish": "silu", "log_expit": "log_sigmoid",
    "row_stack": "vstack", "sgn": "sign", "leakyrelu": "leaky_relu", "detach": "stop_gradient",
}  # fmt: skip
"""Functions by names that others have for them."""
KEYWORDS: Final = {
    "dim": "axis", "keepdim": "keepdims", "a_min": "low", "a_max": "high", "min": "low", "max": "high",
    "dims": "axes", "size": "kernel_size",
}  # fmt: skip
"""Options and operands by names that others have for them."""
IGNORED: Final = frozenset({"dtype", "order", "copy"})
"""Options that change nothing here where they ask for double precision, or for a copy."""
UNLIKE: Final = {
    "std": later("PyTorch's divides by n − 1; write {call}, by n, or sqrt(sum((x - mean(x))**2) / (n - 1))"),
    "var": later("PyTorch's divides by n − 1; write {call}, by n, or sum((x - mean(x))**2) / (n - 1)"),
}  # fmt: skip
"""Functions of PyTorch's that mean something else than NumPy's of the same name."""
MEANT: Final = {
    "sine": "sin(x)", "cosine": "cos(x)", "tangent": "tan(x)", "logistic": "sigmoid(x)",
    "rmse": "sqrt(mse(prediction, target))", "average": "mean(x)", "logaddexp": "log(exp(a) + exp(b))",
    "reciprocal": "1 / x", "rsqrt": "1 / sqrt(x)", "exp2": "2**x", "hypot": "sqrt(a**2 + b**2)",
    "softmin": "softmax(-x)", "flip": "x[::-1]", "flipud": "x[::-1]", "fliplr": "x[:, ::-1]",
    "trace": "sum(x * eye(n))", "tensordot": "einsum(\"ij,jk->ik\", a, b)",
    "split": "a, b = np.split(x, 2)", "hsplit": "a, b = np.hsplit(x, 2)",
    "vsplit": "a, b = np.vsplit(x, 2)", "array_split": "a, b = np.split(x, 2)",
    "chunk": "a, b = torch.chunk(x, 2)",
    "vdot": "ravel(a) @ ravel(b)", "addmm": "a + b @ c", "print": later("the command print"),
}  # fmt: skip
"""What to write for functions that are not there."""
ELSEWHERE: Final = frozenset(
    [
        "celu",
        "prelu",
        "rrelu",
        "glu",
        "erfc",
        "logit",
        "softshrink",
        "hardshrink",
        "tanhshrink",
        "hardswish",
        "hardsigmoid",
        "threshold",
        "max_pool1d",
        "avg_pool1d",
        "smooth_l1_loss",
        "gelu_new",
        "asin",
        "acos",
        "asinh",
        "acosh",
        "atanh",
        "lgamma",
        "digamma",
    ]
)
"""Functions of others that NumPy does not have either; nothing here is meant by them."""


def unknown_function(name: str, known: Collection[str], *, listed: bool = False) -> str:
    """Return what to say of a function that is not there: what would be right, if that is certain.

    A suggestion is a misspelling set right, and never another function of mathematics.

    Args:
        name: what was found.
        known: the functions that there are.
        listed: whether some of them are named where nothing is right.
    """
    if name in MEANT:
        return tr("; write {example}", example=tr(MEANT[name]))
    if name not in ELSEWHERE and not hasattr(np, name) and len(name) <= MAX_TYPO:
        near = {other for other in known if other.isascii() and _one_slip_apart(name, other)}
        if len(near) == 1:
            return tr("; did you mean {name}?", name=near.pop())
    if not listed:
        return ""
    return tr("; the README lists the functions that there are")


def _one_slip_apart(word: str, other: str) -> bool:
    """Tell whether one letter more, less or other, or two exchanged, makes one word of the other."""
    if abs(len(word) - len(other)) > 1 or min(len(word), len(other)) < 3:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if at is None:
        return word != other
    rest, left = word[at:], other[at:]
    return (
        rest[1:] == left[1:] or rest[1:] == left or rest == left[1:]
        or (rest[:2] == left[:2][::-1] and rest[2:] == left[2:])
    )  # fmt: skip
