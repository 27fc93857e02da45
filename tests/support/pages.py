"""What holds for every page of text: its width, and nothing in it that a terminal obeys."""

from __future__ import annotations

import unicodedata


def width_of(text: str) -> int:
    """Return terminal cells: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def check_page(lines: list[str], width: int = 80) -> None:
    for line in lines:
        assert width_of(line) <= width, (width_of(line), line)
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in line), repr(line)
