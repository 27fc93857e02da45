"""An entry of the glossary: a word, and what it means, in the language that is spoken."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.text.sentences import ENGLISH, spoken, tr, tr_in


class Entry(Struct, frozen=True):
    """A word and what it means; both are said by ``tr``.

    Attributes:
        term: the word, and others for it behind commas.
        text: what it means.
        at: the places of the screen that show it, by name.
        context: what the word is said of, where it means several things.
    """

    term: str
    text: str
    at: tuple[str, ...] = ()
    context: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All its words, in English: a label is known by them."""
        return tuple(self.term.split(", "))

    @property
    def names(self) -> tuple[str, ...]:
        """All its words in English, and in the language that is spoken."""
        return tuple(dict.fromkeys((*self.words, *self.said.split(", "), *map(tr, self.words))))

    @property
    def said(self) -> str:
        """The word, and others for it, in the language that is spoken."""
        return tr_in(self.context, self.term) if self.context else tr(self.term)

    @property
    def line(self) -> tuple[str, str]:
        """The word and what it means, as help says it; behind another language's word the English one."""
        word = self.term if spoken() == ENGLISH else f"{self.said} ({self.term})"
        return word, tr(self.text)


def entry(term: str, at: str, text: str, context: str = "") -> Entry:
    """Return an entry; the names of places with spaces between them."""
    return Entry(term, text, tuple(at.split()), context)
