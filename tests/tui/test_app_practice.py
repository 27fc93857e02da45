"""Examining elements, homework, and predicting factors, by key."""

from __future__ import annotations

from textual import events

Y_HAT_FACTOR = 13  # records before ∂L/∂z from ŷ


async def test_x_shows_the_terms_of_the_element_under_the_cursor(launch):
    async with launch("logistic", all_factors=True) as session:
        await session.press(*"s" * 19, "x")
        assert session.overlay == "ElementScreen"
        assert "∂L/∂β₀ = 1·(−0.125) + 3·0.125 + 5·(−0.125) = −0.375" in session.screen
        for row in ("sample 0      1    −0.125   −0.125", "sample 1      3     0.125    0.375"):
            assert row in session.screen
        assert "‹1›‹3›‹5›" in session.screen  # the row of Xᵀ that it meets
        await session.press("right")
        assert "∂L/∂β₁ = 2·(−0.125) + 4·0.125 + 6·(−0.125) = −0.5" in session.screen
        assert "‹2›‹4›‹6›" in session.screen
        await session.press("up")  # keys that do nothing say why
        assert "a vector has one axis" in session.screen
        await session.press("enter")
        assert "all 3 terms are shown" in session.screen
        await session.press("p")
        assert "one path leads here" in session.screen
        await session.press("left")
        assert "one path" not in session.screen
        await session.press("escape")
        assert session.overlay == ""
        assert session.where == (0, 19)


async def test_paths_of_a_fork_are_shown_one_after_the_other(launch, lesson_file):
    formula = "formula = '''\nh = w * x\nL = sum(h * h) + sum(h)\n'''\n[data]\nx = [1.0, 2.0]\n"
    async with launch(lesson_file(formula + "[parameters]\nw = 0.5\n")) as session:
        await session.press("f")
        await session.type("h", "enter", "x")
        assert "path 3 of 3" in session.screen  # the factor that completes the gradient
        assert "sum over the paths" in session.screen
        await session.press("p")
        assert "path 1 of 3" in session.screen
        await session.press("escape", "b", "x")
        assert "path 2 of 3" in session.screen


async def test_x_at_the_start_says_what_to_do(launch):
    async with launch("linear") as session:
        await session.press("x")
        assert session.overlay == ""
        assert session.note == "s steps to a record first; x then examines its elements"


async def test_predict_asks_hints_judges_and_reveals(launch):
    async with launch("logistic", all_factors=True) as session:
        await session.press(*"s" * Y_HAT_FACTOR, "t")
        assert session.where == (0, Y_HAT_FACTOR)
        await session.press("s")
        assert session.where == (0, Y_HAT_FACTOR)  # it waits for an answer
        assert "∂ŷ/∂z = ?" in session.screen
        assert session.focus == "answer"
        assert "0.25" not in session.screen  # nothing gives it away
        await session.type("1 - y_hat", "enter")
        assert "✗" in session.screen
        await session.type("", "enter")
        assert "hint 1" in session.screen
        await session.type("y_hat * (1 - y_hat)", "enter")
        assert session.where == (0, Y_HAT_FACTOR + 1)
        assert "✓ right: the local derivative, ∂ŷ/∂z" in session.screen
        assert "0.5 of 1 points" in session.screen
        assert session.focus == "explanation"
        await session.press("ctrl+r")
        assert session.note == "no question is open; space goes to the next"
        await session.press("s", "up")
        assert session.app.focused.value == "y_hat * (1 - y_hat)"
        assert "= ?" in session.screen
        await session.press("escape", "s")  # given up: revealed
        assert session.where == (0, Y_HAT_FACTOR + 2)
        await session.press("t")
        assert "= ?" not in session.screen
        assert session.note == "the quiz ended; the score is kept"
        await session.press("ctrl+r")
        assert session.note == "no question is open; t asks for each factor"
        await session.press("t", "space")
        assert "0.5 of 2 points: 0 at the first try, 1 later, 1 revealed, 1 hint" in session.explanation


async def test_a_run_stops_before_the_first_factor_while_predicting(launch):
    async with launch("linear") as session:
        await session.press("t", "space")
        assert session.where == (0, len(session.trainer.graph.assignments))
        assert session.focus == "answer"
        await session.press("escape", "p")
        assert session.where == (0, 0)
        assert session.focus == "explanation"
        assert "= ?" not in session.screen


async def test_factors_that_lead_to_data_only_are_passed_over_and_folded(launch):
    async with launch("logistic") as session:
        await session.press(*"s" * 11)
        assert session.where == (0, 11)
        assert "… 1 aside (a shows)" in session.screen
        await session.press("s")
        assert session.where == (0, 13)  # past ∂L/∂y
        await session.press("b")
        assert session.where == (0, 11)
        await session.press("a", "s")
        assert session.where == (0, 12)
        assert "aside" not in session.screen
        assert session.app.choices.factors == "all"
        await session.press("a", "s", "s", "s", "s")
        assert session.where == (0, 17)  # past ∂L/∂broadcast(b)
        await session.press("s", "s", "s", "s")
        assert session.where == (1, 1)


async def test_homework_reveals_when_asked(launch):
    async with launch("logistic") as session:
        await session.press("w")
        await session.type("b = ?", "enter")
        assert session.message == "right is ∂L/∂b = sum(∂L/∂z); in numbers ∂L/∂b = −0.125"
        await session.type("beta", "ctrl+r")
        assert "in numbers ∂L/∂β = [−0.375, −0.5]" in session.message


async def test_a_backward_pass_that_is_pasted_into_homework_is_marked_line_by_line(launch):
    async with launch("logistic") as session:
        await session.press("w")
        session.app.post_message(
            events.Paste("dz = (y_hat - y) * y_hat * (1 - y_hat)\r\n\r\ndbeta = -X.T @ dz\r\ndb = sum(dz)")
        )
        await session.until(lambda: "first" in session.message)
        await session.settle()
        assert session.message == "line 3 is the first that is wrong"
        for line in ("1  ok       dz: right", "3  WRONG    dbeta: wrong sign", "4  ok       db: right"):
            assert line in session.screen
        await session.press("down", "down", "enter")
        assert session.app.screen.line.value == "dbeta = -X.T @ dz"  # to be mended
        session.app.post_message(events.Paste("b = sum(dz)"))  # a single line is typed as ever
        await session.until(lambda: "sum(dz)" in session.app.screen.line.value)
