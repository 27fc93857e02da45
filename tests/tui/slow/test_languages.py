"""Every screen in a language that doubles every vowel, and in Korean: what is said, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.every_screen import every_screen, forgotten
from tests.support.pilot import launched
from tests.support.pseudo import KEYS, in_place, names, unsaid, words_to_come
from tui_backprop.text.language.speaking import speaking

_AS_IT_IS = re.compile(r"\S{40,}|\([^()]*\)?")
"""A string that is shared, as far as a line has it; a word that help has in English as well."""

_OF_OTHERS = {"SharedScreen", "LessonScreen", "ProgramScreen"}
"""A code, lessons' own titles, a program."""


def test_no_screen_is_forgotten() -> None:
    assert not [*forgotten()]


async def test_every_screen_says_all_in_a_language_that_doubles_vowels(doubled: Path) -> None:
    unsaid_words: dict[str, dict[str, str]] = {}
    async with launched(doubled) as session:
        known = {*names(session.app), *words_to_come(), *KEYS}
        async for name in every_screen(session):
            in_place(session)
            for line in () if name in _OF_OTHERS else session.lines:
                for word in unsaid(_AS_IT_IS.sub("", line), known):
                    unsaid_words.setdefault(name, {})[word] = line.strip()
    assert not unsaid_words


@pytest.mark.parametrize("size", [(80, 24), (50, 14)], ids=str)
async def test_every_screen_has_its_place_in_korean(size: tuple[int, int]) -> None:
    with speaking("ko"):
        async with launched("logistic", size=size) as session:
            async for _ in every_screen(session):
                in_place(session)
