"""Y shows and copies the string of set-up and place; the lesson list's line takes one."""

from __future__ import annotations


async def test_a_string_from_here_brings_here_back(launch):
    async with launch("logistic") as session:
        await session.press("n", "n", "s", "Y")
        assert session.overlay == "SharedScreen"
        line = session.app.clipboard
        assert line.startswith("tui-backprop open tb1-")
        assert line.split()[2] in "".join(row.strip(" │") for row in session.lines)
        await session.press("escape", "m")
        await session.type("neuron", "enter")
        assert session.trainer.lesson.name == "neuron"
        await session.press("m")
        await session.type(line.split()[2], "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.name == "logistic"
        assert session.where == (2, 1)
        await session.press("m")
        await session.type(line.split()[2][:-2], "enter")
        assert "the string is cut or changed" in session.message
