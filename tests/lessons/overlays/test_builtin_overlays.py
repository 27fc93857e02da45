"""Every built-in lesson is told completely in every language that has overlays, with its numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui_backprop.lessons.format import LessonFile, parse_lesson
from tui_backprop.lessons.library import BUILTIN, FOLDER, load_lesson
from tui_backprop.lessons.overlays.fitting import overlaid, parse_overlay
from tui_backprop.text.language.choice import PACKAGED
from tui_backprop.text.language.speaking import speaking

KOREAN = PACKAGED / "ko" / "lessons"
HANGUL = re.compile("[가-힣]")


def own(name: str) -> LessonFile:
    return parse_lesson((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def texts(file: LessonFile) -> list[str]:
    """All texts of a lesson, in its order."""
    found = [file.title, file.summary]
    found += [why.text for why in file.why]
    found += [text for slip in file.slip for text in (slip.title, slip.note)]
    return [text for text in found if text]


def test_the_overlays_are_those_of_the_lessons() -> None:
    assert sorted(path.name for path in KOREAN.iterdir()) == sorted(f"{name}.ko.toml" for name in BUILTIN)


@pytest.mark.parametrize("name", BUILTIN)
def test_each_fits_and_has_every_text(name: str) -> None:
    file = own(name)
    told = overlaid(file, parse_overlay((KOREAN / f"{name}.ko.toml").read_text(encoding="utf-8")))
    assert len(texts(told)) == len(texts(file))
    for english, korean in zip(texts(file), texts(told), strict=True):
        assert HANGUL.search(korean), english
    for before, after in zip(file.why, told.why, strict=True):
        assert (before.at, before.when) == (after.at, after.when)


def test_a_lesson_is_told_in_the_language_that_is_spoken() -> None:
    english = load_lesson("first")
    with speaking("ko"):
        korean = load_lesson("first")
    assert (english.title, korean.title) == ("A first lesson: the loss falls", "첫 레슨: 손실이 줄어든다")
    assert korean.text == english.text  # what sessions keep, and what digests are of
    assert [why.when for why in korean.whys] == [why.when for why in english.whys]


def test_particles_follow_the_numbers() -> None:
    with speaking("ko"):
        lesson = load_lesson("first")
        why = next(why for why in lesson.whys if why.output == "L" and why.operand == "y")
    # ∂L/∂y = −4 사, and 2 이, end with a vowel; 6 육, with a consonant
    told = {number: why.text({"dy": number}, lambda value: f"{value:g}") for number in (-4.0, 2.0, 6.0)}
    assert "∂L/∂y = -4는 오차" in told[-4.0]
    assert "∂L/∂y = 2는 오차" in told[2.0]
    assert "∂L/∂y = 6은 오차" in told[6.0]


def test_one_that_does_not_fit_a_built_in_lesson_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tui-backprop" / "locale" / "xx" / "lessons"
    folder.mkdir(parents=True)
    catalogue = folder.parent / "LC_MESSAGES"
    catalogue.mkdir()
    (catalogue / "tui_backprop.mo").write_bytes((PACKAGED / "ko/LC_MESSAGES/tui_backprop.mo").read_bytes())
    (folder / "first.xx.toml").write_text('[[why]]\nat = "nowhere"\ntext = "ee"\n')
    (folder / "chain.xx.toml").write_text('title = "Thee cheen"\n')
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with speaking("xx"):
        assert load_lesson("first").title == "A first lesson: the loss falls"
        assert load_lesson("chain").title == "Thee cheen"
        assert load_lesson("chain").summary == load_lesson("chain").summary != ""
