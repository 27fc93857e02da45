"""Text that can go to a terminal as it is."""

from __future__ import annotations

import unicodedata


def one_plain_line(text: str) -> bool:
    """Tell whether a message can go to a terminal as it is."""
    return bool(text) and not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)
