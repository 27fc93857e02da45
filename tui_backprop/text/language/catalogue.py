"""A language's catalogue: what a sentence of ours is called in it, and its values put in.

Catalogues are gettext's (``.mo`` files, made of ``.po`` files by ``python -m tests.support.catalogues``).
In a translation a value's format may be a choice of particles, ``{name:을/를}``, of which the one is taken
that fits what the value ends with.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui_backprop.text.language.choice import CATALOGUE, folder_of
from tui_backprop.text.language.compiled import CompiledCatalogue
from tui_backprop.text.language.particles import with_particle


class _Value:
    """A value in a translation: its format may be a choice of particles that follow it."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        return with_particle(format(self._value), spec) if "/" in spec else format(self._value, spec)

    def __str__(self) -> str:
        return str(self._value)

    def __repr__(self) -> str:
        return repr(self._value)


class Catalogue:
    """The sentences of one language."""

    def __init__(self, translations: CompiledCatalogue) -> None:
        self._translations = translations

    def said(self, sentence: str, values: Mapping[str, object]) -> str:
        """Return a sentence in this language; one that is missing is said in English."""
        return _filled(self._translations.text(sentence) if sentence else sentence, values)

    def said_in(self, context: str, sentence: str, values: Mapping[str, object]) -> str:
        """Return what a sentence is called in a context."""
        return _filled(self._translations.text(sentence, context), values)

    def counted(self, one: str, many: str, count: int, values: Mapping[str, object]) -> str:
        """Return the sentence for so many."""
        return _filled(self._translations.counted(one, many, count), values)


def _filled(sentence: str, values: Mapping[str, object]) -> str:
    if not values:
        return sentence
    return sentence.format(**{name: _Value(value) for name, value in values.items()})


def load(code: str) -> Catalogue:
    """Read a language's catalogue.

    Raises:
        LookupError: there is no such language, or its catalogue cannot be read.
    """
    folder = folder_of(code)
    if folder is None:
        raise LookupError(code)
    try:
        return Catalogue(CompiledCatalogue((folder / CATALOGUE).read_bytes()))
    except (OSError, ValueError) as error:
        raise LookupError(code) from error
