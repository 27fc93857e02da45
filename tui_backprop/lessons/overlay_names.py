"""What overlays are called: ``logistic.ko.toml`` beside ``logistic.toml`` has its texts in Korean."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OVERLAY = re.compile(r"(?s)(.+)\.[a-z]{2,3}(?:_[A-Za-z]{2,4})?\.toml")


def overlay_name(stem: str, code: str) -> str:
    """Return the file name of a lesson's overlay in a language.

    Args:
        stem: the lesson's file name without ``.toml``.
        code: the language's code.
    """
    return f"{stem}.{code}.toml"


def lesson_of(name: str) -> str | None:
    """Return the lesson's file name for a name that an overlay may have; None for any other."""
    overlay = _OVERLAY.fullmatch(name)
    return f"{overlay[1]}.toml" if overlay is not None else None


def without_overlays(names: Iterable[str]) -> list[str]:
    """Return the file names of a folder without the overlays of those that are in it."""
    there = list(names)
    known = frozenset(there)
    return [name for name in there if lesson_of(name) not in known]
