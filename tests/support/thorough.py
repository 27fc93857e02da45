"""A test on some of what it is about, quickly, and on all of that as a slow case of the same test."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

LONGER = int(os.environ.get("LONGER", "1"))
"""How many times as many examples; above 1 they are others each time."""

FEWER = 2
"""What numbers of examples are divided by, so that quick tests take three minutes, and all twenty."""

T = TypeVar("T")


def in_part(name: str, some: T, everything: T) -> pytest.MarkDecorator:
    """Give a test an argument that says how much of a thing it looks at: some of it, and slowly all."""
    return pytest.mark.parametrize(name, [some, pytest.param(everything, marks=pytest.mark.slow)])


def parted(name: str, parts: int) -> pytest.MarkDecorator:
    """Give a test the place where it begins to take each so many-th of a list: quick is the first place."""
    others = (pytest.param(place, marks=pytest.mark.slow) for place in range(1, parts))
    return pytest.mark.parametrize(name, [0, *others])


def every_other(things: Sequence[Any]) -> list[Any]:
    """Return things, of which every other one is slow."""
    return [
        pytest.param(thing, marks=pytest.mark.slow) if place % 2 else thing
        for place, thing in enumerate(things)
    ]


LONG = frozenset(
    ("vanishing", "iris", "conv", "dropout", "batch-norm", "layer-norm", "rnn", "lstm", "attention",
     "word2vec", "ninja")
)  # fmt: skip
"""Built-in lessons of many records or numbers."""


def lessons(names: Sequence[str]) -> list[Any]:
    """Return lessons' names, slow where there is much to work out."""
    return [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in names]


def covering(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    """Return all pairs; quick are as many as it takes for each of the things to be in one.

    Which these are follows from the order, so that it should be the same each time.
    """
    longest = max(len(first), len(second))
    quick = {(k % len(first), k % len(second)) for k in range(longest)}
    return [
        pytest.param(first[i], second[j], marks=() if (i, j) in quick else pytest.mark.slow)
        for i, j in product(range(len(first)), range(len(second)))
    ]


def tried(
    *drawn: st.SearchStrategy[Any], few: int, many: int, **named: st.SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test of a property, as Hypothesis's ``given`` does: on few examples, and slowly on many.

    Args:
        drawn: strategies for the last arguments of the function; the ones before are pytest's.
        few: how many examples are tried quickly, shared out: see :data:`FEWER`.
        many: how many are tried slowly, likewise.
        named: strategies for arguments by name.
    """

    def decorated(holds: Callable[..., None]) -> Callable[..., None]:
        def test(examples: int, **arguments: Any) -> None:
            fixed = LONGER == 1 and settings().derandomize
            chosen = settings(max_examples=examples * LONGER, derandomize=fixed)
            chosen(given(*drawn, **named)(holds))(**arguments)

        test.__name__, test.__doc__, test.__module__ = holds.__name__, holds.__doc__, holds.__module__
        others = inspect.signature(given(*drawn, **named)(holds)).parameters.values()
        examples = inspect.Parameter("examples", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = inspect.Signature([examples, *others])  # type: ignore[attr-defined]
        return in_part("examples", min(few, max(2, few // FEWER)), max(few, many // FEWER))(test)

    return decorated
