"""The bias of a convolution, PyTorch's third operand: an addition behind it, which is what it is."""

from __future__ import annotations

import ast
from typing import Final

from tui_backprop.engine.ops.layers.convolution import CONVOLUTIONS

AXES: Final = {op.name: op.axes for op in CONVOLUTIONS}
"""What takes a bias, with the axes that its windows slide along."""
_BEHIND: Final = ("stride", "padding", "dilation", "groups")
"""PyTorch's parameters behind the bias, in their order."""


def biases(call: ast.Call, name: str, *, of_torch: bool) -> list[ast.expr]:
    """Return what a call gives as bias: as PyTorch's third argument, and by name."""
    if name not in AXES:
        return []
    named = [argument.value for argument in call.keywords if argument.arg == "bias"]
    return [*(call.args[2:3] if of_torch else ()), *named]


def unbiased(call: ast.Call, *, of_torch: bool) -> ast.Call:
    """Return a call without its bias; what PyTorch has behind it is given by name."""
    args, keywords = list(call.args), [argument for argument in call.keywords if argument.arg != "bias"]
    if of_torch:
        behind = zip(_BEHIND, args[3:], strict=False)
        keywords += [ast.copy_location(ast.keyword(word, value), value) for word, value in behind]
        args = args[:2]
    return ast.copy_location(ast.Call(call.func, args, keywords), call)


def spread(bias: ast.expr, name: str) -> ast.expr:
    """Return a bias along the axis of filters, as ``b[:, None, None]`` is for pictures."""
    places = ast.Tuple([ast.Slice(), *(ast.Constant(None) for _ in range(AXES[name]))], ast.Load())
    return ast.fix_missing_locations(ast.copy_location(ast.Subscript(bias, places, ast.Load()), bias))
