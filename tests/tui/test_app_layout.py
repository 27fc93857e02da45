"""The panels at every size of the terminal: what must be seen is seen, and what is cut off is marked."""

from __future__ import annotations

import re

import numpy as np
import pytest
from textual.app import App

from tui_backprop.explain.text import cells
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
    async with launch("logistic", size=(80, 24)) as session:
        await session.press("n", *"s" * 14)
        assert "Loss 0.346769 · iteration 1" in session.lines[1]
        assert "┤" in session.screen
        assert "▶ 14 ∂L/∂z from ŷ" in session.screen
        for part in ("chain", "computed", "product"):
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
        assert "epsilon" in session.screen
        assert "Loss 0.346769 · iteration 1" in session.screen


async def test_the_compact_layout_steps_and_shows_the_current_factor(launch):
    async with launch("linear", size=(50, 12)) as session:
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


async def test_a_side_panel_chosen_before_does_not_hide_the_chain_rule_in_compact(launch):
    async with launch("linear") as session:
        await session.press("s", "2")
        await session.pilot.resize_terminal(40, 12)
        await session.settle()
        assert "w · x" in session.screen
        await session.press("h")
        assert session.focus == "dial-learning_rate"
        assert "optimizer" in session.screen
        await session.press("escape")
        assert "Chain rule" in session.screen
        await session.pilot.resize_terminal(80, 24)
        await session.settle()
        assert session.focus == "explanation"


SIZES = [
    *(
        (1, 1),
        (2, 2),
        (1, 40),
        (200, 1),
        (10, 5),
        (20, 10),
        (59, 15),
        (60, 16),
        (80, 24),
        (119, 36),
        (120, 35),
    ),
    *((120, 36), (200, 60), (3, 60), (80, 24), (7, 3), (200, 60), (40, 12)),
]
FEW = [(1, 1), (200, 60), (40, 12), (7, 3), (120, 36), (2, 30)]


@pytest.mark.parametrize("opened", ["", "m", *(pytest.param(k, marks=pytest.mark.slow) for k in "gvh")])
@pytest.mark.slow
async def test_sizes_change_back_and_forth(launch, opened):
    async with launch("logistic") as session:
        await session.press("n", *"s" * 14, *opened)
        for width, height in SIZES if opened in "gvh" and opened else FEW:
            await session.pilot.resize_terminal(width, height)
            await session.settle()
            assert len(session.lines) == height
            assert {cells(line) for line in session.lines} == {width}
        await session.pilot.resize_terminal(80, 24)
        await session.press("escape")
        assert session.overlay == ""
        assert session.where == (1, 14)
        assert "▶ 14 ∂L/∂z from ŷ" in session.screen
        assert "record 14 of 21" in session.status


@pytest.mark.slow
@pytest.mark.parametrize("size", sorted({*SIZES, *FEW, (60, 15), (59, 16), (30, 200), (79, 23)}))
async def test_the_app_starts_and_runs_at_every_size(launch, size):
    async with launch("two-layer", size=size, iterations=20) as session:
        await session.press("s", "n", "space", "b", "1", "2", "3", "h", "escape", "question_mark", "g", "v")
        assert session.where[0] == 19
        assert {cells(line) for line in session.lines} == {size[0]}


async def test_what_does_not_fit_is_marked(launch):
    async with launch("logistic") as session:
        records, view = (session.app.query_one(id_) for id_ in ("#records", "#explanation"))
        assert records.border_title.endswith(f"↓ {21 - records.scrollable_content_region.height}")
        await session.press(*"s" * 20)
        assert "↑ " in records.border_title
        hidden = view.count - view.scrollable_content_region.height
        assert hidden > 0
        assert f"↓ {hidden} more" in session.screen
        await session.press("end")
        assert f"↑ {hidden}" in session.screen
        assert "more" not in view.border_title
        await session.press("home", "pagedown")
        assert "↑" in view.border_title
        # a title that was shortened has a mark, and no line of the list is longer than the list
        for y in range(records.count):
            (text, _), *_rest = records.line_at(y)
            assert cells(text) <= records.scrollable_content_region.width
            assert session.app.snapshot.plan[y] in text or "…" in text


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
        assert lines[1].split() == ["[0,", "0,", "0]", "0.0", "1.0"]
        assert lines[-2].split() == ["[1,", "2,", "0]", "20.0", "21.0"]
        assert lines[-1].split() == ["[1,", "2,", "2]", "22.0", "23.0"]
