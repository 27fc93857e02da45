"""Choices survive a restart, and a settings file that is broken or cannot be written is no error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tui_backprop.tui.settings import Settings, load_settings, save_settings, settings_file


async def test_theme_scale_and_side_are_remembered(launch):
    async with launch("linear") as session:
        await session.press("n", "n", "l", "3")
        session.app.theme = "textual-light"
        await session.settle()
    assert json.loads(settings_file().read_text()) == {
        "theme": "textual-light", "scale": "log", "side": "parameters",
    }  # fmt: skip
    async with launch("linear") as session:
        assert session.app.theme == "textual-light"
        await session.press("n", "n")
        assert "· log" in session.lines[1]
        assert "Parameters" in session.screen
        assert "Model: " not in session.screen
        assert session.focus == "explanation"
    assert not [path for path in settings_file().parent.iterdir() if path != settings_file()]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"theme": 3, "scale": null, "side": ["x"]}',
        '{"theme": "no", "scale": "x"}',
        "\x00",
    ],
)
def test_a_broken_file_is_ignored(text):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(text)
    settings = load_settings()
    assert all(isinstance(value, str) for value in (settings.theme, settings.scale, settings.side))


async def test_the_app_starts_with_a_nonsensical_file(launch):
    save_settings(Settings("no such theme", "cubic", "nowhere"))
    async with launch("linear") as session:
        await session.press("n")
        assert "· linear" in session.lines[1]
        assert "Model: linear" in session.screen


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    save_settings(Settings())
    assert load_settings() == Settings()


def imported(code):
    check = f"import sys; {code}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_only_the_tui_imports_textual_and_plotext():
    code = (
        "import pkgutil, importlib, tui_backprop as tb; "
        "names = [module.name for module in pkgutil.walk_packages(tb.__path__, 'tui_backprop.')]; "
        "ours = ('tui_backprop.tui', 'tui_backprop.__main__'); "
        "[importlib.import_module(name) for name in names if not name.startswith(ours)]"
    )
    names = imported(code)
    assert "tui_backprop" in names
    assert not names & {"textual", "plotext", "rich"}


def test_the_app_imports_plotext_only_when_it_draws():
    names = imported("import tui_backprop.tui.app")
    assert "textual" in names
    assert "plotext" not in names


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_a_screen_on_the_terminals_own_colours_hides_what_is_below(launch, theme):
    """No colour between two is there to dim it with, and text beside text is hard to read."""
    save_settings(Settings(theme=theme))
    async with launch("linear", size=(80, 24)) as session:
        assert "Iteration 0" in session.screen
        await session.press("m")
        assert "Lesson · Enter opens" in session.screen
        assert {line[:3].strip() for line in session.lines} == {""}
