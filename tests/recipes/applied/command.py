"""What follows from a command's one row, in both front ends."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.pilot import launched
from tests.support.plain import plain
from tui_backprop.debugger.commands import BY_NAME

HELP = BY_NAME["norm"].help


def norm_of_linear() -> float:
    gradients = tb.Trainer(tb.load_lesson("linear")).gradients
    return float(np.hypot(gradients["w"], gradients["b"]))


@pytest.mark.parametrize("word", ["norm", "nor", "G"])
def test_it_is_typed(word: str) -> None:
    said = plain(word, lesson="linear")
    assert said.lines == [f"L2 norm of the gradient {norm_of_linear()!r}"]


def test_plain_help_has_it() -> None:
    assert HELP in plain("help").text
    assert HELP in plain("help norm").text


def test_it_keeps_what_has_still_to_be_predicted() -> None:
    said = plain("quiz", "norm", lesson="linear")
    assert any(line.startswith("error: ") and "quiz" in line for line in said.lines)


async def test_its_key_the_footer_help_and_the_palette_have_it() -> None:
    async with launched("linear", size=(160, 40)) as session:
        assert "G norm" in session.lines[-1]
        await session.press("G")
        assert session.note == f"L2 norm of the gradient {norm_of_linear()!r}"
        titles = [command.title for command in session.app.get_system_commands(session.app.screen)]
        assert "Norm (G)" in titles
        await session.press("question_mark")
        body = "\n".join(session.lines)
        for _ in range(3):
            await session.press("pagedown")
            body += "\n".join(session.lines)
        assert "Norm: the length of the gradient" in body
