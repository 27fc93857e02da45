"""The lesson list: what is typed filters, Tab completes, the folder's files are listed, and nothing leaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pilot import Session, launched
from tui_backprop.lessons.files import completed, files_here
from tui_backprop.lessons.library import BUILTIN

LINE = 'title = "A line here"\nsummary = "Of one weight."\nformula = "L = w**2"\n[parameters]\nw = 1.0\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with lessons, a file that is none, and a folder with a lesson in it."""
    (tmp_path / "week1").mkdir()
    for name in ("mine.toml", "minimal.toml", "week1/deep.toml"):
        (tmp_path / name).write_text(LINE)
    (tmp_path / "broken.toml").write_text("formula = [")
    (tmp_path / ".hidden.toml").write_text(LINE)
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'formula'\n")
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(session: Session) -> list[str]:
    choices = session.app.screen.query_one("#ask-list")
    return [str(option.prompt).split()[0] for option in choices.options]  # type: ignore[attr-defined]


async def test_typing_filters_by_name_and_title_and_enter_opens() -> None:
    async with launched("logistic") as session:
        await session.press("m")
        assert listed(session) == [*BUILTIN, "broken.toml", "mine.toml", "minimal.toml"]
        assert f"{len(BUILTIN) + 3} of {len(BUILTIN) + 3}" in session.screen
        await session.type("XOR learn")
        assert listed(session) == ["two-layer"]
        await session.type("zzz")
        assert listed(session) == []
        assert "no lesson has 'zzz' in its name or title" in session.screen
        await session.press("enter")
        assert session.overlay == "LessonScreen"
        assert "✗ unknown lesson 'zzz'; there are first, linear, " in session.message
        await session.type("line here", "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.path == Path("mine.toml")


async def test_what_is_refused_is_said_below_the_line_and_nothing_is_lost() -> None:
    async with launched("logistic") as session:
        await session.press("n", "m")
        await session.type("broken", "enter")
        assert session.overlay == "LessonScreen"
        assert session.message.startswith("✗ broken.toml: not valid TOML")
        assert session.trainer.lesson.name == "logistic"
        await session.type("week1/deep.toml", "enter")
        assert session.trainer.lesson.name == "deep"


async def test_tab_completes_lessons_files_and_folders() -> None:
    async with launched("logistic") as session:
        await session.press("m")
        for typed, whole in (("poly", "polynomial"), ("./mini", "./minimal.toml"), ("./we", "./week1/")):
            await session.type(typed, "tab")
            assert session.app.focused.value == whole  # type: ignore[union-attr]
        await session.press("tab", "enter")
        assert session.trainer.lesson.name == "deep"


def test_a_path_is_completed_as_far_as_all_agree(folder: Path) -> None:
    assert files_here() == ["broken.toml", "mine.toml", "minimal.toml"]
    assert completed("m") == "min"
    assert completed(f"{folder}/min") == f"{folder}/min"
    assert completed(f"{folder}/mine") == f"{folder}/mine.toml"
    assert completed("f") == "folder.toml/"
    for nothing in ("zzz", "no/such/", "~nobody-at-all/x", "a\0b", "notes"):
        assert completed(nothing) == nothing
    assert completed(".h") == ".hidden.toml"


@pytest.mark.parametrize("key", ["f", *(pytest.param(key, marks=pytest.mark.slow) for key in "wBo")])
async def test_a_letter_typed_in_a_list_goes_into_the_line_above(key: str) -> None:
    async with launched("logistic") as session:
        await session.press("s", "w")
        await session.type("b = dz", "enter", "escape", "B")
        await session.type("loss < 0.2", "enter", "escape", "o")
        await session.type("y_hat = [0.8, 0.3, 0.4]", "enter")
        await session.press("escape", key, "down")
        assert session.focus == "ask-list"
        before = session.where, session.overlay
        await session.press("s")
        assert (session.where, session.overlay) == before
        assert session.focus == "ask-line"
        assert session.app.focused.value.endswith("s")  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (100, 60)])
async def test_the_list_takes_the_room_that_there_is(launch, size):
    async with launch("linear", size=size) as session:
        await session.press("m")
        box, entries = session.app.screen.query_one("#ask-box"), session.app.screen.query_one("#ask-list")
        below = box.region.bottom - 1 - entries.region.bottom
        assert 0 <= below <= 2
        assert entries.size.height >= len(BUILTIN) or box.size.height >= size[1] * 0.8
