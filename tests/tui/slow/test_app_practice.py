"""Examining elements and predicting factors, by key: what is rarer."""

from __future__ import annotations

from tui_backprop.tui.widgets.matrix import MatrixView

Y_HAT_FACTOR = 13  # records before ∂L/∂z from ŷ


async def test_long_sums_unfold(launch):
    async with launch("polynomial") as session:
        await session.press("f")
        await session.type("c", "enter", "x")
        assert "… (1995 more) …" in session.screen
        await session.press("enter")
        assert "more) …" not in session.screen
        await session.press("enter", "s")  # the app's keys close it and act
        assert session.overlay == ""


async def test_x_on_a_scalar_has_a_cursor_with_nowhere_to_go(launch):
    async with launch("linear") as session:
        await session.press(*"s" * 8, "x", "left", "right", "up", "down")
        assert session.app.screen.query_one("#element-gradient", MatrixView).cursor == ()
        assert "a scalar" in session.screen


async def test_homework_is_marked_and_kept(launch):
    async with launch("logistic") as session:
        await session.press("w")
        await session.type("b = mean(dz)", "enter")
        assert session.overlay == "HomeworkScreen"
        assert "off by 1/n: a mean where the sum is right" in session.screen
        await session.type("beta = X @ dz", "enter")
        assert session.message.startswith("✗ shapes: ")
        for told in ("X.T", "Xᵀ"):  # not at the first try
            assert told not in session.message
        await session.press("enter")
        assert "look at how β acts: (X @ β)" in session.message
        assert "Xᵀ" not in session.message
        await session.press("enter")
        assert "X.T @ dz" in session.message
        assert "right is ∂L/∂β = Xᵀ @ ∂L/∂z" in session.message
        await session.type("β = X.T @ dz", "enter")
        assert session.message.startswith("✓ right")
        await session.press("escape", "w")
        for line in ("✗ b = mean(dz): off by 1/n", "✗ β = X @ dz: shapes", "✓ β = X.T @ dz: right"):
            assert line in session.screen
        await session.type("q = 1", "enter")
        assert "unknown node 'q'" in session.message
        await session.type("beta", "enter")
        assert "write NAME = gradient" in session.screen


async def test_the_score_survives_quitting(launch):
    async with launch("linear") as session:
        await session.press("t", "space")
        await session.type("0.5", "enter")
        assert "of 1 points" in session.screen
    async with launch("linear") as session:
        await session.press("t", "space")
        assert "of 1 points" in session.screen


async def test_the_verdict_stands_above_the_field_and_the_field_is_empty(launch):
    async with launch("logistic", size=(80, 21), all_factors=True) as session:
        await session.press(*"s" * Y_HAT_FACTOR, "t", "s")
        for typed in ("y_hat", "1 - y_hat"):
            await session.type(typed, "enter")
        answer = session.app.query_one("#answer")
        assert answer.value == ""  # so that Enter gives a hint at any time
        await session.press("enter", "enter", "enter")
        rows = session.lines
        at = answer.region.y
        assert rows[at - 1].strip().endswith("⊙ ∂ŷ/∂z")  # the end of the third hint
        assert any("hint 3: ∂ŷ/∂z = ŷ ⊙ (1 − ŷ)" in row for row in rows[at - 3 : at])
        assert session.explanation.count("hint 2") == 1
        for hint in ("hint 1", "hint 2"):  # what is folded says so, and says it within the panel
            (row,) = (row for row in rows if f" {hint} " in row)
            assert row.rstrip(" ▁▂▃▄▅▆▇█").endswith(" …")
        await session.type("y_hat + 1", "enter")
        assert "✗ wrong" in " ".join(session.lines[at - 3 : at])
        await session.press("up", "up")
        assert answer.value == "1 - y_hat"
        await session.press("down", "down")
        assert answer.value == ""
        view = session.app.query_one("#explanation")
        await session.press("pagedown")
        assert view.scroll_offset.y > 0
        assert session.focus == "answer"
        await session.press("ctrl+r")
        assert session.where == (0, Y_HAT_FACTOR + 1)
        assert "1 revealed" in session.explanation
