"""An element's subscripts where they are found, and the names of partial derivatives that carry them."""

from __future__ import annotations

from collections.abc import Iterable

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.explain.titles import atom, partial
from tui_backprop.text.subscripts import Subscripts, subscripted


def filled(pattern: Pattern, running: Iterable[str]) -> Subscripts:
    """Return a pattern with these letters for its free axes, in order."""
    rest = iter(running)
    return tuple(at if isinstance(at, int) else next(rest) for at in pattern)


def before_broadcast(shape: Shape, target: Shape, subscripts: Subscripts) -> Subscripts:
    """Return the subscripts in what had ``shape`` before it was broadcast, given those in the copy."""
    missing = len(target) - len(shape)
    pairs = zip(shape, target[missing:], subscripts[missing:], strict=True)
    return tuple(at if length == copied else 0 for length, copied, at in pairs)


def element_partial(top: str, node: Node, element: Element) -> str:
    """Return ``∂L/∂β₀``."""
    return f"∂{top}/∂{subscripted(atom(node), element)}"


def upstream_at(top: str, node: Node, subscripts: Subscripts) -> str:
    """Return ``(∂L/∂z)ᵢ``, or ``∂L/∂s`` for a scalar."""
    name = partial(top, node)
    return subscripted(f"({name})", subscripts) if subscripts else name
