"""Elements with subscripts, which count from 0 as NumPy and the screen do; letters where a sum runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Subscripts: TypeAlias = tuple[int | str, ...]
"""For each axis an index as NumPy counts, or the letter of a sum."""

LETTERS = "ᵢⱼₖₗₘₙₚₛₜ"
MAX_SUBSCRIPTS = len(LETTERS)
"""Axes that an element's formula may run along, those of its sums among them."""
_DIGITS = str.maketrans("0123456789-+", "₀₁₂₃₄₅₆₇₈₉₋₊")


def lettered(pattern: Sequence[int | range | None]) -> Subscripts:
    """Return a pattern with a letter for every axis whose index is left open."""
    return tuple(at if isinstance(at, int) else LETTERS[axis] for axis, at in enumerate(pattern))


def letters(subscripts: Subscripts) -> tuple[str, ...]:
    """Return the letters that a sum runs over, in order."""
    return tuple(at for at in subscripts if isinstance(at, str))


def subscripted(text: str, subscripts: Sequence[int | str]) -> str:
    """Write a name with its subscripts, such as ``β₀``, ``W₀,₁`` or ``(W1)₀ᵢ``; as it is without any."""
    if not subscripts:
        return text
    marks = ""
    for at in subscripts:
        if isinstance(at, str):
            marks += at
        else:
            comma = "," if marks and marks[-1] not in LETTERS else ""
            marks += comma + str(at).translate(_DIGITS)
    return f"({text}){marks}" if text[-1].isdigit() else text + marks


def running(letter: str, step: int, start: int, over: int = 1) -> str:
    """Write the index that starts at a place and goes a step for each of a letter, such as ``₂ₖ₊₁``.

    All of it is divided by ``over``, such as ``₍₄₋ₖ₎⁄₂``, where that is not 1.
    """
    if over != 1:
        return f"₍{running(letter, step, start)}₎⁄{str(over).translate(_DIGITS)}"
    times = letter if abs(step) == 1 else f"{str(abs(step)).translate(_DIGITS)}{letter}"
    if step < 0:
        return f"{str(start).translate(_DIGITS)}₋{times}"
    return f"{times}{f'{start:+d}'.translate(_DIGITS)}" if start else times


def listed(text: str, subscripts: Sequence[int | str]) -> str:
    """Write a name with its subscripts as :func:`subscripted` does, all of them with commas between."""
    marks = ",".join(at if isinstance(at, str) else str(at).translate(_DIGITS) for at in subscripts)
    return f"({text}){marks}" if text[-1].isdigit() else text + marks
