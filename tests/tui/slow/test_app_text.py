"""Text of a lesson, on every screen."""

from __future__ import annotations

from tui_backprop.text.width import cells

HOSTILE = (
    """
title = "[red]x[/red] [bold] [/] [@click=app.quit]y[/] \\\\[z"
summary = "[b]not bold[/b] [link=https://a.b]c[/link] and a_word_{}"
formula = \"\"\"
y_hat = w * x + [b]
L = (y_hat - t)**2
\"\"\"
[data]
x = 2.0
t = 1.0
[parameters]
w = 0.5
b = 0.25
[[why]]
at = "y_hat"
text = "[red]x[/red] [/nothing] {{x}}"
""".replace("{}", "x" * 90)
    .replace("[b]\nL", "b\nL")
    .replace("{{x}}", "{x}")
)


KOREAN = """
title = "한국어 제목: 연쇄 법칙을 한 걸음씩"
summary = "기울기는 위쪽 기울기와 국소 미분의 곱입니다. 한 걸음씩 따라가 봅시다. 손실이 줄어드는 것을 보세요."
formula = \"\"\"
예측 = 무게 * z_hat
L = (예측 - 1)**2
\"\"\"
[data]
z_hat = 2.0
[parameters]
"무게" = 0.5
[[why]]
at = "예측"
text = "여기서 예측이 만들어집니다."
"""


async def test_brackets_are_text_everywhere(launch, lesson_file):
    path = lesson_file(HOSTILE, "[red]own[/red].toml".replace("/", "∕"))
    async with launch(path, size=(120, 36)) as session:
        assert "[red]x[/red] [bold] [/] [@click=app.quit]y[/] \\[z" in session.lines[0]
        assert "[b]not bold[/b] [link=https://a.b]c[/link]" in " ".join(session.screen.split())
        assert "x" * 20 in session.screen
        assert "[red]own[" in session.screen
        while session.trainer.position < 2:
            await session.press("s")
        assert "[red]x[/red] [/nothing] 2" in session.screen
        await session.press("R")
        assert session.note.startswith("[red]own[")
        assert session.note in session.lines[0]
        await session.press("m")
        await session.type("[red]no[/red].toml", "enter")
        await session.until(lambda: "[red]no[/red].toml: no such file" in session.screen)
        await session.press("escape")
        await session.press("h")
        await session.type("[b]1[/b]", "enter")
        assert "[b]1[/b]" in session.screen
        await session.press("escape", "y", "v", "escape", "g")
        assert session.overlay == "CheckScreen"
        assert "[red]own[" in session.screen


async def test_double_width_text_is_aligned(launch, lesson_file):
    async with launch(lesson_file(KOREAN), size=(120, 36)) as session:
        assert "한국어 제목" in session.lines[0]
        for key in ("s", "s", "s", "s", "n", "question_mark", "escape", "g", "escape", "v"):
            await session.press(key)
            assert {cells(line) for line in session.lines} == {120}
            if not session.overlay and key == "s":
                edge = {line_index(line, "Chain rule") for line in session.lines if "Chain rule" in line}
                assert len(edge) == 1
        await session.pilot.resize_terminal(80, 24)
        await session.press("escape", "s")
        assert {cells(line) for line in session.lines} == {80}
        records = session.app.query_one("#records")
        for y in range(records.count):
            assert cells(records.line_at(y)[0][0]) <= records.scrollable_content_region.width


def line_index(line, text):
    return cells(line[: line.index(text)])
