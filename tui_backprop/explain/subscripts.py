"""Elements as mathematics writes them: subscripts that count from 1, and letters where a sum runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from tui_backprop.engine.arrays import Shape
from tui_backprop.engine.graph import Node
from tui_backprop.engine.ops.base import Element, Pattern
from tui_backprop.explain.titles import atom, partial

Subscripts: TypeAlias = tuple[int | str, ...]
"""For each axis an index as NumPy counts, or the letter of a sum."""

LETTERS = "ᵢⱼₖ"
_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def lettered(pattern: Pattern) -> Subscripts:
    """Return a pattern with a letter for every free axis."""
    return tuple(LETTERS[axis] if at is None else at for axis, at in enumerate(pattern))


def letters(subscripts: Subscripts) -> tuple[str, ...]:
    """Return the letters that a sum runs over, in order."""
    return tuple(at for at in subscripts if isinstance(at, str))


def filled(pattern: Pattern, running: Iterable[str]) -> Subscripts:
    """Return a pattern with these letters for its free axes, in order."""
    rest = iter(running)
    return tuple(next(rest) if at is None else at for at in pattern)


def before_broadcast(shape: Shape, target: Shape, subscripts: Subscripts) -> Subscripts:
    """Return the subscripts in what had ``shape`` before it was broadcast, given those in the copy."""
    missing = len(target) - len(shape)
    pairs = zip(shape, target[missing:], subscripts[missing:], strict=True)
    return tuple(at if length == copied else 0 for length, copied, at in pairs)


def subscripted(text: str, subscripts: Sequence[int | str]) -> str:
    """Write a name with its subscripts, such as ``β₁``, ``W₁,₂`` or ``(W1)₁ᵢ``; as it is without any."""
    if not subscripts:
        return text
    marks = ""
    for at in subscripts:
        if isinstance(at, str):
            marks += at
        else:
            comma = "," if marks and marks[-1] not in LETTERS else ""
            marks += comma + str(at + 1).translate(_DIGITS)
    return f"({text}){marks}" if text[-1].isdigit() else text + marks


def element_partial(top: str, node: Node, element: Element) -> str:
    """Return ``∂L/∂β₁``."""
    return f"∂{top}/∂{subscripted(atom(node), element)}"


def upstream_at(top: str, node: Node, subscripts: Subscripts) -> str:
    """Return ``(∂L/∂z)ᵢ``, or ``∂L/∂s`` for a scalar."""
    name = partial(top, node)
    return subscripted(f"({name})", subscripts) if subscripts else name
