"""A long gradient check, left."""

from __future__ import annotations

CROWDED = """
formula = "L = mean(tanh(X @ W)**2)"
[samples]
dataset = "moons"
size = 20000
[parameters]
W = {{ init = "normal", shape = [2, {hidden}] }}
"""


async def test_a_long_check_is_left_by_ctrl_c(launch, lesson_file):
    async with launch(lesson_file(CROWDED.format(hidden=200))) as session:
        await session.send("g")
        await session.until(lambda: session.overlay == "CheckScreen")
        await session.send("a")  # every element
        await session.until(lambda: "checking the gradients" in session.note)
        await session.send("ctrl+c")
        await session.settle()
        assert session.note == "interrupted; nothing has changed"
        assert not session.overlay
