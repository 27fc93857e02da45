"""Items of a lazy sequence are made when they are looked at, each once."""

from __future__ import annotations

import pytest

from tui_backprop.engine.core.lazy import Lazy


def test_items_are_made_when_looked_at_and_once() -> None:
    made: list[int] = []

    def square(place: int) -> int:
        made.append(place)
        return place * place

    items = Lazy(5, square)
    assert len(items) == 5
    assert made == []
    assert (items[3], items[-1], items[3]) == (9, 16, 9)
    assert made == [3, 4]
    assert items[1:3] == [1, 4]
    assert list(items) == [0, 1, 4, 9, 16]
    assert sorted(made) == [0, 1, 2, 3, 4]
    with pytest.raises(IndexError):
        items[5]
