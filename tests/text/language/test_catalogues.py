"""The catalogues hold exactly the sentences of the code, each with its values, and are compiled."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from tests.support.catalogues import languages, mo_bytes, packages, po_text, read, told, updated
from tui_backprop.text.language.choice import CATALOGUE, OF_CLICK

BOTH = [(folder, package) for folder in languages() for package in packages()]
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


@pytest.mark.parametrize("folder", languages(), ids=lambda folder: folder.name)
def test_the_compiled_catalogue_is_that_of_the_files(folder: Path) -> None:
    assert (folder / CATALOGUE).read_bytes() == mo_bytes(folder)
    assert (folder / OF_CLICK).read_bytes() == mo_bytes(folder, "click.po")
