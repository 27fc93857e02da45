"""Choices survive a restart, and a settings file that is broken or cannot be written is no error."""

from __future__ import annotations

import json

import pytest

from tui_backprop.tui.choices import Choices, choices_file, load_choices, save_choices


async def test_theme_scale_and_side_are_remembered(launch):
    async with launch("linear") as session:
        await session.press("n", "n", "l", "3")
        session.app.theme = "textual-light"
        await session.settle()
    assert json.loads(choices_file().read_text()) == {
        "theme": "textual-light", "scale": "log", "side": "parameters", "factors": "leading",
        "picture": "",
    }  # fmt: skip
    async with launch("linear") as session:
        assert session.app.theme == "textual-light"
        await session.press("n", "n")
        assert "· log" in session.lines[1]
        assert "Parameters" in session.screen
        assert "Model: " not in session.screen
        assert session.focus == "explanation"
    assert not [path for path in choices_file().parent.iterdir() if path != choices_file()]


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
    choices_file().parent.mkdir(parents=True)
    choices_file().write_text(text)
    choices = load_choices()
    assert all(isinstance(value, str) for value in (choices.theme, choices.scale, choices.side))


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    save_choices(Choices())
    assert load_choices() == Choices()


@pytest.mark.parametrize("theme", ["ansi-dark", pytest.param("ansi-light", marks=pytest.mark.slow)])
async def test_a_screen_on_the_terminals_own_colours_hides_what_is_below(launch, theme):
    """No colour between two is there to dim it with, and text beside text is hard to read."""
    save_choices(Choices(theme=theme))
    async with launch("linear", size=(80, 24)) as session:
        assert "Iteration 0" in session.screen
        await session.press("m")
        assert "Lesson · type to filter" in session.screen
        assert {line[:3].strip() for line in session.lines} == {""}
