"""Colours where there are sixteen of them or none: everything can be read, what is chosen can be seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.charset import UNICODE
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.choices import choices_file
from tui_backprop.tui.terminal.colours import SIXTEEN, colourless, readable

VGA = (
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170),
    (170, 170, 170), (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255),
    (255, 85, 255), (85, 255, 255), (255, 255, 255),
)  # fmt: skip
XTERM = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip
colours = st.one_of(
    st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Color.from_rgb(*rgb)),
    st.integers(0, 15).map(Color.from_ansi),
)


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """WCAG's contrast of two colours."""

    def luminance(rgb: tuple[int, ...]) -> float:
        linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in rgb))
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@given(colours, colours, st.booleans())
def test_every_pair_of_colours_can_be_read_with_sixteen(front: Color, back: Color, reverse: bool) -> None:
    shown = readable(Style(color=front, bgcolor=back, bold=True, reverse=reverse, meta={"click": "it"}))
    assert shown.color is not None
    assert shown.bgcolor is not None
    first, second = shown.color.number, shown.bgcolor.number
    assert first is not None
    assert second in range(8)  # what the Linux console has for a background
    for palette in (VGA, XTERM):
        assert contrast(palette[first], palette[second]) > 2.3
    assert shown.bold
    assert shown.meta == {"click": "it"}


def test_the_terminals_own_colours_stay() -> None:
    own = readable(Style(bold=True))
    assert (own.color, own.bgcolor) == (Color.default(), Color.default())
    on_it = readable(Style(color=Color.from_ansi(2)))
    assert (on_it.color, on_it.bgcolor) == (Color.from_ansi(2), Color.default())
    assert readable(Style(color="#000000")).color == Color.default()  # on what is likely black


def test_without_colours_what_is_chosen_is_reversed() -> None:
    assert colourless(Style(color="red", bgcolor="#fffffe", bold=True)) == Style(bold=True, reverse=True)
    assert colourless(Style(color="red", bgcolor="#ffffff", underline=True)) == Style(underline=True)


@pytest.mark.parametrize(
    ("remembered", "started"),
    [("textual-dark", SIXTEEN.name), ("textual-light", "textual-light"), ("ansi-light", "ansi-light"),
     ("no such theme", SIXTEEN.name)],
)  # fmt: skip
def test_dark_themes_give_way_to_one_for_sixteen_colours(
    monkeypatch: pytest.MonkeyPatch, remembered: str, started: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    app = BackpropApp(Trainer(load_lesson("linear")))
    app.adapt(colours=True, charset=UNICODE)
    assert app.theme_for(remembered) == started
    monkeypatch.setenv("TERM", "xterm-256color")
    app = BackpropApp(Trainer(load_lesson("linear")))
    app.adapt(colours=True, charset=UNICODE)
    assert app.theme_for("textual-dark") == "textual-dark"
    assert SIXTEEN.name not in app.available_themes


async def test_the_theme_for_sixteen_colours_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    app = BackpropApp(Trainer(load_lesson("linear")))
    app.adapt(colours=True, charset=UNICODE)
    async with app.run_test():
        assert app.theme == SIXTEEN.name
        app.remember("scale", "log")
        assert json.loads(choices_file().read_text(encoding="utf-8"))["theme"] == "textual-dark"
        app.runner.close()
