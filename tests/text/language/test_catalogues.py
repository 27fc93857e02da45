"""The catalogues hold exactly the sentences of the code, each with its values, and are compiled."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.support.catalogues import languages, mo_bytes, packages, po_text, read, told, updated
from tui_backprop.text.language.choice import CATALOGUE, OF_CLICK

BOTH = [(folder, package) for folder in languages() for package in packages()]
EACH = pytest.mark.parametrize("folder", languages(), ids=lambda folder: folder.name)
IDS = [f"{folder.name}-{package}" for folder, package in BOTH]


def fields(sentence: str) -> set[tuple[str, str | None]]:
    return {
        (name, conversion)
        for _, name, _, conversion in string.Formatter().parse(sentence)
        if name is not None and name == name.strip()  # what names the keys { and } has no values
    }


@pytest.mark.parametrize(("folder", "package"), BOTH, ids=IDS)
def test_no_sentence_is_missing_and_none_is_left_over(folder: Path, package: str) -> None:
    kept, right = read(folder, package), updated(folder, package)
    sentences = {(message.id, message.context) for message in told(right)}
    assert {(message.id, message.context) for message in told(kept)} == sentences


@pytest.mark.parametrize(("folder", "package"), BOTH, ids=IDS)
def test_files_are_as_the_tool_writes_them(folder: Path, package: str) -> None:
    path, right = folder / f"{package}.po", updated(folder, package)
    assert (path.read_bytes() if path.exists() else b"") == (po_text(right, package) if len(right) else b"")


@pytest.mark.parametrize(("folder", "package"), BOTH, ids=IDS)
def test_a_translation_has_the_values_of_its_sentence(folder: Path, package: str) -> None:
    for message in told(read(folder, package)):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translations = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for translation in filter(None, translations):
            if "{" in translation or any("{" in original for original in originals):
                assert fields(translation) in [fields(original) for original in originals], message.id


@EACH
def test_the_compiled_catalogue_is_that_of_the_files(folder: Path) -> None:
    assert (folder / CATALOGUE).read_bytes() == mo_bytes(folder)
    assert (folder / OF_CLICK).read_bytes() == mo_bytes(folder, "click.po")


ALTERED = {"은/는", "이/가", "을/를", "과/와", "으로/로", "아/야", "이었/였", "이어/여", "이어야/여야"}
"""Particles and endings whose two forms differ in more than an 이, that of a consonant first."""
ENDS = re.compile(r"\S[.?]$")


@cache
def translated(folder: Path) -> tuple[tuple[str, Message, str, str], ...]:
    """Return each translation with its package, its entry, and the English that it stands for."""
    return tuple(_translated(folder))


def _translated(folder: Path) -> Iterator[tuple[str, Message, str, str]]:
    for package in packages():
        for message in told(read(folder, package)):
            plural = isinstance(message.id, tuple)
            for translation in message.string if plural else (message.string,):
                yield package, message, message.id[-1] if plural else message.id, translation


@EACH
def test_every_sentence_is_translated_and_no_translation_is_a_guess(folder: Path) -> None:
    assert [one.id for _, one, _, translation in translated(folder) if not translation or one.fuzzy] == []


@EACH
def test_one_sentence_has_one_translation_in_all_packages(folder: Path) -> None:
    """The compiled catalogue has one place for it: what means two things is said in a context."""
    known: dict[object, tuple[str, object]] = {}
    apart = []
    for package, message, _, _ in translated(folder):
        other, translation = known.setdefault((message.id, message.context), (package, message.string))
        if translation != message.string:
            apart.append((message.id, message.context, other, package))
    assert apart == []


@EACH
def test_particles_are_given_with_that_of_a_consonant_first(folder: Path) -> None:
    wrong = []
    for _, message, english, translation in translated(folder):
        for _, name, spec, _ in string.Formatter().parse(translation):
            if name and spec and "/" in spec:
                consonant, _, vowel = spec.partition("/")
                if spec not in ALTERED and consonant != f"이{vowel}":
                    wrong.append((message.id, spec))
            elif name and spec and f":{spec}}}" not in english:
                wrong.append((message.id, spec))
    assert wrong == []


@EACH
def test_spaces_and_full_stops_stand_where_the_sentence_has_them(folder: Path) -> None:
    wrong = []
    for _, _, english, translation in translated(folder):
        doubled = "  " in translation and "  " not in english
        opened = translation[:1].isspace() and not english[:1].isspace()
        if doubled or opened or bool(ENDS.search(english)) != bool(ENDS.search(translation)):
            wrong.append((english, translation))
    assert wrong == []
