"""What may reach a terminal: on one line, spelt out, cut where it is long."""

from __future__ import annotations

import pytest

from tui_backprop.text.printable import printable


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("'abcd'", 5, "'ab…'"),
        ('"abcd"', 6, '"abcd"'),
        ('"abcde"', 6, '"abc…"'),
        ("'ab', cd", 5, "'ab'…"),
        ("a\nb\x1b[0m\u202e", 80, "a\\nb\\x1b[0m\\u202e"),
        ("", 3, ""),
    ],
)
def test_it_is_safe_and_cut_where_it_is_long(text: str, limit: int, shown: str) -> None:
    assert printable(text, limit) == shown
