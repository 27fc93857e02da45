"""Escape attempts from inside the app: keys on every screen, the palette, the lesson list, files."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import webbrowser
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.support.pilot import driven
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.choices import Choices, choices_file, save_choices
from tui_backprop.tui.panels.status import TitleBar


def on_app(
    folder: Path, check: Callable[[BackpropApp, Callable[..., Awaitable[None]]], Awaitable[None]]
) -> None:
    """Open the app and hand it over, with a function that presses keys and waits for their effect."""

    async def opened() -> None:
        app = BackpropApp(Trainer(load_lesson("line", Sandbox.of_folder(folder))))
        async with driven(app) as session:
            await check(app, session.press)

    asyncio.run(opened())


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every way to start a program, stop the process or open a browser fail the test."""

    def caught(*arguments: object, **options: object) -> None:
        raise AssertionError(f"something was started or stopped: {arguments}")

    kill = os.kill
    monkeypatch.setattr(
        os, "kill", lambda pid, number: caught(number) if number == signal.SIGTSTP else kill(pid, number)
    )
    for name in ("system", "popen", "execv", "execve", "posix_spawn", "fork"):
        monkeypatch.setattr(os, name, caught)
    monkeypatch.setattr(subprocess, "Popen", caught)
    monkeypatch.setattr(webbrowser, "open", caught)


def test_no_key_on_any_screen_suspends_or_writes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    async def check(app: BackpropApp, press: Callable[..., Awaitable[None]]) -> None:
        for opens in ("", "m", "question_mark", "i", "B", "ctrl+p"):
            await press(
                *([opens] if opens else []), "ctrl+z", "ctrl+s", "ctrl+o", "f12", "ctrl+l", "exclamation_mark"
            )
            if opens:
                assert len(app.screen_stack) == 2
            await press("escape")
        assert app.is_running

    on_app(folder, check)
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(tmp_path / "xdg_state_home") for path in written), written


def test_actions_of_textual_that_a_login_has_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path / "downloads"))

    async def check(app: BackpropApp, press: Callable[..., Awaitable[None]]) -> None:
        assert app.restricted
        for action in ("suspend_process", "screenshot", "open_url"):
            assert app.check_action(action, ()) is False
            assert not await app.run_action(action) or action == "open_url"
        app.action_suspend_process()
        app.open_url("file:///etc/passwd")
        assert app.save_screenshot(path=str(tmp_path)) == ""
        assert app.deliver_text(StringIO("x"), save_directory=tmp_path / "downloads") is None
        app.deliver_screenshot(path=str(tmp_path / "downloads"))
        with pytest.raises(RuntimeError), app.suspend():
            pass
        await press("f24")

    on_app(folder, check)
    assert not (tmp_path / "downloads").exists()
    assert not list(tmp_path.glob("*.svg"))


def test_an_app_that_is_not_confined_may_suspend() -> None:
    app = BackpropApp(Trainer(load_lesson("linear")))
    assert not app.restricted
    assert app.check_action("suspend_process", ()) is True


def test_the_palette_has_the_lessons_of_the_folder_and_nothing_of_the_system(folder: Path) -> None:
    async def check(app: BackpropApp, press: Callable[..., Awaitable[None]]) -> None:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Open lesson line", "Open lesson week1/deep", "Open lesson logistic"} <= set(titles)
        assert not [title for title in titles if title in ("Screenshot", "Export") or "uspend" in title]

    on_app(folder, check)


def test_the_list_shows_the_folder_and_opens_from_it_alone(folder: Path) -> None:
    (folder / "broken.toml").write_text("title = [")

    async def check(app: BackpropApp, press: Callable[..., Awaitable[None]]) -> None:
        def options() -> str:
            return "\n".join(str(option.prompt) for option in app.screen.query_one(OptionList).options)

        await press("m")
        found = options()
        assert re.search(r"^week1/deep +Class line$", found, re.MULTILINE)
        assert re.search(r"^broken +\(cannot be opened\)$", found, re.MULTILINE)
        assert re.search(r"^linear +One linear unit$", found, re.MULTILINE)
        await press(*["pagedown"] * 9, "enter")
        assert app.runner.trainer.lesson.path == folder / "week1" / "deep.toml"
        for typed in ("../outside/secret", "~/x", "/etc/passwd", "broken"):
            await press("m")
            app.screen.query_one("#ask-line").value = typed  # type: ignore[attr-defined]
            await press("tab", "enter")
            assert app.screen.query_one("#ask-message").has_class("refused")
            said = str(app.screen.query_one("#ask-message").render())
            assert "name in the lesson folder" in said or "not valid TOML" in said, said
            await press("escape")
            assert app.runner.trainer.lesson.path == folder / "week1" / "deep.toml"
        (folder / "week1" / "deep.toml").unlink()
        (folder / "week1" / "deep.toml").symlink_to(folder.parent / "outside" / "secret.toml")
        await press("R")
        assert "no such file in the lesson folder" in app.main.query_one(TitleBar).note

    on_app(folder, check)


def test_choices_and_crashes_go_into_the_state_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    from tui_backprop.tui.choices import crash_file

    save_choices(Choices(side="graph"), sandbox)
    state = tmp_path / "xdg_state_home" / "tui-backprop"
    assert choices_file(sandbox) == state / "settings.json"
    assert choices_file(sandbox).exists()
    for _ in range(2):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            assert crash_file(sandbox) == "crash.log"
    assert "ZeroDivisionError" in (state / "crash.log").read_text()
    assert sorted(path.name for path in state.iterdir()) == ["crash.log", "settings.json"]
