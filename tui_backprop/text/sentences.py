"""Sentences for people, each whole and in the language that is spoken; English ones stand in the code.

A process speaks one language, as it has one locale: it is chosen once, when the process starts, and all
that it says from then on is said in it. What is written for machines (JSON, names, keys) is no sentence.

``tests/support/catalogues.py`` finds the sentences by the names of these functions, so they are called with
the sentence itself, not with a variable; a sentence that stands in a table is marked there by ``later``, and
said by ``tr`` where it is shown. Nothing is said while modules are imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

ENGLISH = "en"


class Sentences(Protocol):
    """What sentences are called in another language; ``language/catalogue.py`` has it."""

    def said(self, sentence: str, values: Mapping[str, object]) -> str:
        """Return a sentence with its values."""
        ...

    def said_in(self, context: str, sentence: str, values: Mapping[str, object]) -> str:
        """Return what a sentence is called in a context."""
        ...

    def counted(self, one: str, many: str, count: int, values: Mapping[str, object]) -> str:
        """Return the sentence for so many."""
        ...


class _Spoken:
    """What is spoken now: a language's code, and its catalogue, which English has none of."""

    def __init__(self) -> None:
        self.code = ENGLISH
        self.catalogue: Sentences | None = None


_SPOKEN = _Spoken()


def tr(sentence: str, /, **values: object) -> str:
    """Return a sentence in the language that is spoken, with its values.

    Args:
        sentence: the English sentence, whole, with ``{name}`` where a value belongs (``{{`` is a brace if
            there are values); what follows a colon is a format, as in ``str.format``.
        values: what stands in it, by name; names say what a thing is, since translators read them.

    Raises:
        KeyError: a value is missing.
    """
    if _SPOKEN.catalogue is None:
        return sentence.format(**values) if values else sentence
    if isinstance(sentence, _InContext):
        return _SPOKEN.catalogue.said_in(sentence.context, sentence, values)
    return _SPOKEN.catalogue.said(sentence, values)


def tr_count(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the sentence for one thing, or for so many, with ``{count}`` and other values.

    Args:
        one: for one thing.
        many: for any other number.
        count: how many there are.
        values: as ``tr`` has them; ``count`` is given besides, if none is given.
    """
    values.setdefault("count", count)
    if _SPOKEN.catalogue is None:
        return (one if count == 1 else many).format(**values)
    return _SPOKEN.catalogue.counted(one, many, count, values)


def tr_in(context: str, sentence: str, /, **values: object) -> str:
    """Return a short text that means several things, such as *right*, as it is said in a context.

    Args:
        context: what it is said of, for translators: *verdict*, *side*.
        sentence: as ``tr`` has it.
        values: as ``tr`` has them.
    """
    if _SPOKEN.catalogue is None:
        return sentence.format(**values) if values else sentence
    return _SPOKEN.catalogue.said_in(context, sentence, values)


def later(sentence: str, /) -> str:
    """Mark a sentence that stands in a table; it is said by ``tr`` where it is shown."""
    return sentence


class _InContext(str):
    """A sentence that stands in a table, and the context that it is said in."""

    __slots__ = ("context",)
    context: str


def later_in(context: str, sentence: str, /) -> str:
    """Mark a short text that means several things; ``tr`` says it as it is said in this context."""
    marked = _InContext(sentence)
    marked.context = context
    return marked


def spoken() -> str:
    """Return the code of the language that is spoken, such as ``ko``."""
    return _SPOKEN.code


def speak(code: str, catalogue: Sentences | None) -> None:
    """Speak a language from now on.

    Args:
        code: its code.
        catalogue: its sentences; None for English.
    """
    _SPOKEN.code, _SPOKEN.catalogue = code, catalogue
