"""What is said in a language, and what of it is still English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.support.plain import plain
from tui_backprop.text import sentences
from tui_backprop.text.language.catalogue import load

_WORDS = re.compile(r"(?<![\w./_<>-])[a-z']{2,}(?: [a-z']{2,}){2,}(?![\w./_<>-])")
"""Three English words behind one another."""
_ASIDE = re.compile(r"\([^()가-힣]*\)")
"""What stands in parentheses and in Latin letters: an English name beside the other one."""


class Listening:
    """A language that notes what it has no words for.

    Attributes:
        lacking: sentences that were asked for and stayed English.
    """

    def __init__(self, code: str) -> None:
        self._catalogue, self.lacking = load(code), set[str]()

    def _noted(self, sentence: str, said: str) -> None:
        if sentence and said == sentence and re.search("[A-Za-z]{2,} [A-Za-z]{2,}", sentence):
            self.lacking.add(sentence)

    def said(self, sentence: str, values: Mapping[str, object]) -> str:
        self._noted(sentence, self._catalogue.said(sentence, {}))
        return self._catalogue.said(sentence, values)

    def said_in(self, context: str, sentence: str, values: Mapping[str, object]) -> str:
        self._noted(sentence, self._catalogue.said_in(context, sentence, {}))
        return self._catalogue.said_in(context, sentence, values)

    def counted(self, one: str, many: str, count: int, values: Mapping[str, object]) -> str:
        self._noted(one, self._catalogue.counted(one, many, count, {}))
        return self._catalogue.counted(one, many, count, values)


@contextmanager
def listening(code: str) -> Iterator[Listening]:
    """Speak a language for a while, and note what it lacks."""
    before, listener = (sentences._SPOKEN.code, sentences._SPOKEN.catalogue), Listening(code)
    sentences.speak(code, listener)
    try:
        yield listener
    finally:
        sentences.speak(*before)


def english(text: str) -> list[str]:
    """Return the lines of a text in which three English words stand in a row."""
    return [line for line in text.splitlines() if _WORDS.search(_ASIDE.sub("", line))]


def check_walk(lesson: str, *commands: str) -> None:
    """Have plain mode do commands in Korean; nothing that it says may be left in English."""
    with listening("ko") as listener:
        said = plain(*commands, lesson=lesson)
    assert english(said.text) == []
    assert listener.lacking == set()
