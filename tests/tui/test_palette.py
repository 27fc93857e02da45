"""The palette: each entry once, a word where nothing fits, and sessions, export and screenshot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pilot import Session, launched
from tests.support.plain import plain
from tui_backprop import Trainer, load_lesson
from tui_backprop.engine.core import backends
from tui_backprop.export.script import write_script
from tui_backprop.export.targets.registry import TARGETS
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.pictures.registry import KINDS
from tui_backprop.tui.keys import KEYED
from tui_backprop.tui.offers import offers


async def choose(session: Session, title: str) -> None:
    (entry,) = (one for one in session.app.get_system_commands(session.app.screen) if one.title == title)
    entry.callback()
    await session.settle()


async def test_each_entry_is_there_once_and_says_nothing_twice() -> None:
    async with launched("linear") as session:
        entries = list(offers(session.app))
        titles = [entry.title for entry in entries]
        listed = len(KEYED) - 1 + len(BUILTIN) + len(TARGETS) + len(KINDS)
        assert len(titles) == len(set(titles)) == listed + 5
        assert not any("palette" in title.casefold() for title in titles)  # it is open already
        for entry in entries:
            assert entry.help.casefold() not in entry.title.casefold() or not entry.help
            assert not entry.help.startswith(entry.title.split(" (")[0])


async def test_where_nothing_fits_that_is_said() -> None:
    async with launched("linear") as session:
        await session.press("ctrl+p")
        await session.type("zqzq")
        await session.until(lambda: "No matches found" in session.screen)


async def test_export_writes_here_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with launched("linear") as session:
        await choose(session, "Export")
        await choose(session, "Export")
        assert session.note == f"written: {tmp_path / 'linear-2.py'}"
        trainer = Trainer(load_lesson("linear"))
        script = write_script(trainer.lesson, trainer.hyperparameters)
        assert (tmp_path / "linear.py").read_text(encoding="utf-8") == script
        assert (tmp_path / "linear-2.py").read_text(encoding="utf-8") == script


async def test_sessions_are_listed_and_one_is_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_backprop.sessions.store import SessionInfo
    from tui_backprop.tui.screens import sessions

    infos = [
        SessionInfo("ab12", "linear", 3, 0, 0.5, 1.7e9, False),
        SessionInfo("cd34", "logistic", 7, 0, 0.25, 1.6e9, True),
        SessionInfo("ef56", "logistic", 9, 0, None, 1.5e9, False, "damaged"),
    ]
    monkeypatch.setattr(sessions, "list_sessions", lambda: infos)
    async with launched("linear") as session:
        resumed: list[str] = []
        monkeypatch.setattr(session.app.runner, "resume", resumed.append)
        await choose(session, "Sessions")
        assert session.overlay == "SessionsScreen"
        await session.type("logistic", "enter")
        assert session.message == "✗ cd34 is open, here or in another program"
        await session.type("ef5", "enter")
        assert session.message == "✗ ef56: damaged"
        await session.type("zz", "enter")
        assert session.message == "no session has that in its line"
        await session.type("ab", "enter")
        assert (session.overlay, resumed) == ("", ["ab12"])


def test_plain_mode_exports_to_a_file_that_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = "".join(
        plain("export mine.py", "export mine.py", "export no/such\0name.py", "export html").text.split()
    )
    assert f"written:{tmp_path / 'mine.py'}" in said
    assert "mine.pyistherealready;giveanothername" in said
    assert "cannotbewritten" in said
    assert (tmp_path / "mine.py").exists()
    (page,) = tmp_path.glob("*.html")
    assert "<h2>Update</h2>" in page.read_text(encoding="utf-8")


async def test_the_back_end_is_chosen_said_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "can_compile", lambda: True)
    async with launched("linear", size=(120, 36), backend="numpy") as session:
        assert session.status.endswith("  numpy")
        await choose(session, "Back end: native")
        assert session.note == "backend numpy → native from iteration 0 on"
        assert session.status.endswith("  native")
        await session.press("u")
        assert session.status.endswith("  numpy")
    async with launched("linear") as session:  # where there is no room, all else is shown
        assert session.status.endswith(session.status.split("loss ")[1])
        assert "numpy" not in session.status
