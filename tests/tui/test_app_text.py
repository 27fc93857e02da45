"""Text from a lesson is shown as it stands: no markup, no control characters, aligned at double width."""

from __future__ import annotations

from tui_backprop.text.width import cells


async def test_controls_never_reach_the_terminal(launch):
    async with launch("linear") as session:
        await session.press("m")
        session.app.focused.value = "a\x1b[31mb\u202ec.toml"  # as a paste may have it
        await session.press("enter")
        assert r"a\x1b[31mb\u202ec.toml: no such file" in session.message
        assert not any(
            character < " " or character == "\u202e" for line in session.lines for character in line
        )


async def test_combining_marks_take_no_cell(launch, lesson_file):
    text = 'formula = "z_hat = w * w\\nL = z_hat - 1"\n[parameters]\nw = 3.0'
    async with launch(lesson_file(text)) as session:
        await session.press("s")
        assert "ẑ = w · w" in session.screen
        assert {cells(line) for line in session.lines} == {80}
        (row,) = (line for line in session.lines if "▶" in line)
        (other,) = (line for line in session.lines if "·  2" in line or "· 2" in line)
        assert cells(row.rstrip()) >= 32
        assert cells(other) == cells(row)
