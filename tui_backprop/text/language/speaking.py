"""Speaking a language: for good, as a process does when it starts, or for a while, as tests do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tui_backprop.text import sentences
from tui_backprop.text.sentences import ENGLISH, spoken


def speak(code: str) -> None:
    """Speak a language from now on.

    Args:
        code: one of ``choice.languages()``.

    Raises:
        LookupError: there is no such language, or its catalogue cannot be read.
    """
    if code == ENGLISH:
        sentences.speak(ENGLISH, None)
        return
    from tui_backprop.text.language.catalogue import load

    sentences.speak(code, load(code))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = spoken()
    speak(code)
    try:
        yield
    finally:
        speak(before)
