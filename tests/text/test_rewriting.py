"""Rewritten text knows where its characters stood."""

from __future__ import annotations

from tui_backprop.text.rewriting import Rewriting


def test_places_after_blanks_longer_and_shorter_texts() -> None:
    text = Rewriting.of("  n * len(y)\n+ foo ").stripped().substituted(r"\bn\b", lambda match: "1000")
    text = text.substituted(r"len\(y\)", lambda match: "3")
    assert text.text == "1000 * 3\n+ foo"
    assert [text.place(1, column) for column in (1, 4, 5, 8)] == [(1, 3), (1, 3), (1, 4), (1, 7)]
    assert text.place(2, 3) == (2, 3)
    assert text.place(2, 99) == (2, 6)
    end = text.replaced(0, 4, "")
    assert (end.text, end.place(1, 2)) == (" * 3\n+ foo", (1, 5))
