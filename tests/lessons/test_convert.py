"""What a library finds wrong in a file is told in our words, and in its own where a version has new ones."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tui_backprop.lessons import convert
from tui_backprop.lessons.errors import LessonError


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A table with one key that is needed."""

    size: int


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"size": "x"}, "[samples].size: found 'x'; it must be a whole number"),
        ({}, "[samples]: the key size is missing"),
        ({"size": 1, "sise": 2}, "[samples]: unknown key 'sise'; did you mean size?"),
    ],
)
def test_in_our_words(value: Any, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        convert.convert(value, Entry, "[samples]")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("Wanted `int`, got `str` - at `$.size`", "[samples].size: found 'x'; Wanted `int`, got `str`"),
        ("Expected `int` - at `$.nowhere`", "[samples]: Expected `int`"),
        ("Something\x1b else", "[samples]: found {'size': 'x'}; Something\\x1b else"),
    ],
)
def test_in_its_own(found: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def newer(value: Any, kind: Any) -> Any:
        raise msgspec.ValidationError(found)

    monkeypatch.setattr(convert.msgspec, "convert", newer)
    with pytest.raises(LessonError) as caught:
        convert.convert({"size": "x"}, Entry, "[samples]")
    assert str(caught.value) == message
