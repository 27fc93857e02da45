"""The panels at every size of the terminal: what must be seen is seen, and what is cut off is marked."""

from __future__ import annotations

import re

import numpy as np
import pytest
from textual.app import App

from tui_backprop.text.width import cells
from tui_backprop.tui.screens.reading import NumbersView

BIG = """
title = "Large arrays"
formula = "L = sum((W @ x)**2) + sum(c * c) + sum(T * T)"
[data]
x = { linspace = [0, 1, 2000] }
T = [[[1.5, 2.5, 3.5, 4.5]], [[5.5, 6.5, 7.5, 8.5]]]
[parameters]
W = { init = "normal", shape = [3, 2000] }
c = { init = "normal", shape = [7, 30] }
"""


def panel_titles(session):
    return [title for title in ("Model", "Hyperparameters", "Parameters", "Chain rule", "Iteration")
            if re.search(rf"[─━]{title}", session.screen)]  # fmt: skip


async def test_80_24_shows_chart_chain_rule_and_status_and_reaches_the_rest(launch):
    async with launch("logistic", size=(80, 24), all_factors=True) as session:
        await session.press("n", *"s" * 14)
        assert "Loss 0.346769 · iteration 1" in session.lines[1]
        assert "┤" in session.screen
        assert "▶ 14 ∂L/∂z from ŷ" in session.screen
        for part in ("product", "local", "shapes", "why"):
            assert part in session.screen
        assert "record 14 of 21  loss 0.34676" in session.lines[-2]
        assert "q quit" in session.lines[-1]
        for key, title in (("1", "Model"), ("2", "Hyperparameters"), ("3", "Parameters")):
            await session.press(key)
            assert panel_titles(session) == [title, "Chain rule", "Iteration"]
            assert "┤" in session.screen
            assert "record 14 of 21" in session.lines[-2]


async def test_120_36_shows_all_panels(launch):
    async with launch("logistic", size=(120, 36)) as session:
        await session.press("n")
        assert len(panel_titles(session)) == 5
        assert "Hyperparameters  ↓ 6 more" in session.screen  # those that sgd does not use come last
        assert "weight_decay" in session.screen
        assert "Loss 0.346769 · iteration 1" in session.screen


async def test_the_compact_layout_steps_and_shows_the_current_factor(launch):
    async with launch("linear", size=(50, 12), all_factors=True) as session:
        await session.press(*"s" * 8)
        assert session.trainer.record_count == 15
        assert "∂L/∂y from (y − t)" in session.screen
        assert "product" in session.screen
        assert "loss" in session.lines[-1]
        await session.press("3")
        assert "gradient" in session.screen
        assert "Chain rule" not in session.screen
        await session.press("s")
        assert "∂L/∂t from (y − t)" in session.screen
        assert session.focus == "explanation"
        await session.press("l", "ctrl+c")
        assert "q quits" in session.screen  # notes have a place here too
        await session.press("s")
        assert "q quits" not in session.screen


async def test_v_shows_every_number_of_large_arrays(launch, lesson_file):
    async with launch(lesson_file(BIG), size=(100, 30)) as session:
        await session.press("s")
        assert "(3×2000)" in session.screen
        assert "…" in session.screen
        assert "v shows all of them" in session.screen
        await session.press("v")
        assert "W  (3×2000)" in session.screen
        assert "x  (2000)" in session.app.screen.query_one(NumbersView).plain
        assert "↓ " in session.screen
        view = session.app.screen.query_one(NumbersView)
        expected = {"W": session.trainer.parameters["W"], "x": session.trainer.inputs["x"]}
        for name, value in expected.items():
            np.testing.assert_array_equal(numbers_of(view.plain, name), value.ravel())
        await session.press("end")
        assert "↑" in session.screen


SHAPES = [(), (1,), (2000,), (3, 4), (40, 1), (2, 2000), (2, 3, 4), (2, 1, 9), (12, 13, 2)]


def numbers_of(plain, name):
    """Read the numbers of one array back from what is shown."""
    lines = plain.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(f"{name}  "))
    found = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        found += line.split("]")[-1].replace("−", "-").split()
    return np.array(found, dtype=float)


@pytest.mark.parametrize("width", [70, *(pytest.param(w, marks=pytest.mark.slow) for w in (30, 200))])
async def test_all_numbers_read_back_to_the_same_floats(width):
    rng = np.random.default_rng(0)
    arrays = [
        (f"a{k}", rng.normal(size=shape) * 10.0 ** rng.integers(-300, 300)) for k, shape in enumerate(SHAPES)
    ]
    arrays.append(("odd", np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324])))

    class Numbers(App[None]):
        def compose(self):
            yield NumbersView(arrays)

    app = Numbers()
    async with app.run_test(size=(width, 20)):
        view = app.query_one(NumbersView)
        plain = view.plain
        for name, value in arrays:
            np.testing.assert_array_equal(numbers_of(plain, name), np.ravel(value))
        for y in range(view.count):
            assert sum(cells(text) for text, _ in view.line_at(y)) <= max(width, 40)


async def test_indices_of_all_numbers_say_where_they_are():
    class Numbers(App[None]):
        def compose(self):
            yield NumbersView([("T", np.arange(24.0).reshape(2, 3, 4))])

    app = Numbers()
    async with app.run_test(size=(70, 20)):
        lines = app.query_one(NumbersView).plain.splitlines()
        assert lines[0] == "T  (2×3×4)"
        assert lines[1].split() == ["[0,", "0]", "0.0", "1.0", "2.0", "3.0"]
        assert lines[-1].split() == ["[1,", "2]", "20.0", "21.0", "22.0", "23.0"]


async def test_all_numbers_of_three_stand_on_one_line_and_parts_of_a_row_say_which_they_are():
    class Numbers(App[None]):
        def compose(self):
            yield NumbersView([("b", np.array([-0.1, 2, 1 / 3])), ("W", np.arange(12.0).reshape(1, 12) / 7)])

    app = Numbers()
    async with app.run_test(size=(70, 20)):
        lines = app.query_one(NumbersView).plain.splitlines()
        assert lines[1].split() == ["−0.1", "2.0", "0.3333333333333333"]
        assert lines[4].startswith("[0, 0:2]")
        assert lines[9].startswith("[0, 10:12]")
