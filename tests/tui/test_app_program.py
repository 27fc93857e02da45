"""The program that runs are compiled to, by key."""

from __future__ import annotations

import pytest

from tui_backprop.text.charset import UNICODE
from tui_backprop.tui.screens.program import _code
from tui_backprop.tui.widgets.lines import LinesView

SIZES = [(80, 24), pytest.param((120, 36), marks=pytest.mark.slow)]


@pytest.mark.parametrize("size", SIZES)
async def test_e_shows_formula_and_program_and_closes(launch, size):
    async with launch("polynomial", size=size) as session:
        await session.press("s", "e")
        assert session.overlay == "ProgramScreen"
        assert "polynomial, compiled: the code that runs do · Esc closes" in session.screen
        formula, code = (
            session.app.screen.query_one(f"#program-{n}", LinesView) for n in ("formula", "code")
        )
        assert formula.plain.splitlines() == session.trainer.lesson.formula.strip().splitlines()
        assert "    #     L = sum((y_hat - y)**2)\n    np.subtract(y_hat, y, out=t1)\n" in code.plain
        assert code.plain.rstrip().endswith("d -= learning_rate * dd")
        beside = formula.region.y == code.region.y
        assert beside is (size[0] >= 100)
        assert "x2 = x * x" in session.screen
        await session.press("end")
        assert "d -= learning_rate * dd" in session.screen
        await session.press("e")
        assert session.overlay == ""
        await session.press("e", "escape")
        assert session.overlay == ""
        assert session.focus == "explanation"
        assert session.where == (0, 1)


async def test_what_is_not_compiled_says_why(launch, lesson_file):
    async with launch("chain") as session:
        await session.press("e")
        assert "chain trains nothing: there are no runs" in session.screen
        assert "compiled" not in session.screen
    text = "formula = 'L = w * w / (1 + exp(x))'\n[data]\nx = 800.0\n[parameters]\nw = 0.5\n"
    async with launch(lesson_file(text)) as session:
        await session.press("e")
        assert "L = w * w / (1 + exp(x))" in session.screen
        assert "own is done step by step: its data give a math range error" in session.screen


async def test_formula_and_name_are_text(launch, lesson_file):
    text = "formula = '''\n# [red]x[/red] [/nothing] [@click=app.quit]y[/]\nL = (w - 1)**2 # [b]\n'''\n"
    path = lesson_file(f"{text}[parameters]\nw = 0.5\n", "[b]own[∕b].toml")
    async with launch(path, size=(120, 36)) as session:
        await session.press("e")
        assert session.overlay == "ProgramScreen"
        assert "# [red]x[/red] [/nothing]" in session.screen
        assert "[b]own[∕b], compiled" in session.screen


def test_long_lines_go_on_indented():
    assert _code(UNICODE, "        total = first + second + third", 24) == [
        (("    total = first +", ""),),
        (("            second +", ""),),
        (("            third", ""),),
    ]
    assert _code(UNICODE, "    # forward", 40) == [(("    # forward", "strong"),)]
    assert _code(UNICODE, "#     L = w", 40) == [(("#     L = w", "note"),)]
