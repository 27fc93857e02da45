"""The graph panel shows a computation as a tree, is walked by keys, and tells where somebody wants to go."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from textual import on
from textual.app import App, ComposeResult

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.explain.tree.progress import Progress, progress
from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.width import cells
from tui_backprop.training.iteration import record_count
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.panels.graph import GraphPanel
from tui_backprop.tui.panels.graph_lines import MARKS_HELP


class GraphApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.panel = GraphPanel()
        self.selected: list[tuple[str, object]] = []
        self.chosen: list[tuple[str, object]] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.focus()

    @on(GraphPanel.NodeSelected)
    def note_selection(self, message: GraphPanel.NodeSelected) -> None:
        self.selected.append(self.named(message))

    @on(GraphPanel.NodeChosen)
    def note_choice(self, message: GraphPanel.NodeChosen) -> None:
        self.chosen.append(self.named(message))

    @staticmethod
    def named(message: GraphPanel.NodeMessage) -> tuple[str, object]:
        factor = (message.factor.output.name, message.factor.index) if message.factor else None
        return message.node.name, factor

    def lines(self) -> list[str]:
        return [self.panel.render_line(y).text.rstrip() for y in range(self.panel.size.height)]

    def line(self, start: str) -> str:
        """Return the line of a node, without marks and guides."""
        return next(bare(line) for line in self.lines() if bare(line).startswith(start))


def bare(line: str) -> str:
    """Return a line without marks and guides."""
    return line.lstrip("›▶▷ │├└─▾▸◆◇□■=")


def tape_of(name: str) -> SimpleNamespace:
    """Return a lesson's graph with all values and gradients."""
    trainer = Trainer(load_lesson(name))
    for _ in range(trainer.record_count - 1):
        trainer.step()
    return trainer.tape


def graph_of(formula: str, *parameters: str) -> Graph:
    return build_graph(parse_formula(formula), {p: Leaf(Kind.PARAMETER, (), True) for p in parameters})


def finished(graph: Graph) -> Progress:
    return progress(graph, record_count(graph))


def nothing(graph: Graph) -> list[None]:
    return [None] * len(graph.nodes)


async def test_a_tree_from_the_loss_down_with_values_and_gradients():
    app, tape = GraphApp(), tape_of("logistic")
    async with app.run_test(size=(80, 24)):
        app.panel.update(tape.graph, tape.values, tape.gradients, progress(tape.graph, 13))
        lines = app.lines()
        assert lines[0].split() == ["›", "▾", "L", "=", "sum((y", "−", "ŷ)²", "/", "2)", "0.375", "1"]
        assert app.line("β").split() == ["β", "parameter,", "trained", "[0,", "0]", "(2)·"]
        assert app.line("b ").split()[-2:] == ["0", "−0.125·"]
        # record 13 is ∂L/∂ŷ from (y − ŷ), and stands on the line of ŷ below (y − ŷ)
        assert [line for line in lines if "▶" in line] == [lines[5]]
        assert lines[5].split()[:4] == ["▶", "└─▾", "ŷ", "="]
        assert lines[-3:] == ["L = sum((y − ŷ)² / 2)", "value 0.375", "∂L/∂L = 1"]
        assert str(app.panel.border_title) == "Graph: value, gradient"


async def test_columns_are_aligned():
    app, tape = GraphApp(), tape_of("linear")
    async with app.run_test(size=(60, 20)):
        app.panel.update(tape.graph, tape.values, tape.gradients, finished(tape.graph))
        values = {"L": "2.15936e−05", "y": "0.993428", "w": "0.496714", "x": "2", "b": "0", "t": "1"}
        rows = {
            name: next(line for line in app.lines() if bare(line).startswith(f"{name} ")) for name in values
        }
        assert (
            len({row.index(f" {values[name]} ", 25) + len(values[name]) for name, row in rows.items()}) == 1
        )
        assert len({len(row) for row in rows.values()}) == 1


async def test_marks_for_what_was_put_in_what_it_altered_and_what_is_to_come():
    app, tape = GraphApp(), tape_of("logistic")
    graph = tape.graph
    z, y_hat, loss = (graph.named[name].index for name in ("z", "y_hat", "L"))
    async with app.run_test(size=(80, 24)):
        app.panel.update(
            graph,
            tape.values,
            tape.gradients,
            progress(graph, 4),
            altered=frozenset({y_hat, loss}),
            put_in=frozenset({y_hat}),
        )
        assert app.line("ŷ = ").split()[-2:] == ["(3)✎", "(3)·"]
        assert "0.375*" in app.line("L = ")
        assert app.line("z = ").split()[-2:] == ["0]", "(3)·"]  # its value is there, its gradient is not
        app.panel.select(y_hat)
        details = ["value [0.5, 0.5, 0.5], put in by hand", "∂L/∂ŷ = [−0.5, 0.5, −0.5]"]
        assert app.lines()[-2:] == details

        app.panel.update(graph, tape.values, tape.gradients, progress(graph, 3), hidden=True)
        assert app.line("z = ").split()[-4:] == ["[0,", "0,", "0]", "?·"]
        assert app.line("ŷ = ").split()[-2:] == ["?·", "?·"]
        assert app.lines()[-2:] == ["value ?", "∂L/∂ŷ = ?"]
        assert app.panel._known.values[z] is not None


async def test_details_are_whole_numbers_or_shapes():
    app, tape = GraphApp(), tape_of("logistic")
    async with app.run_test(size=(50, 20)):
        app.panel.update(tape.graph, tape.values, tape.gradients, finished(tape.graph))
        app.panel.select(tape.graph.named["beta"].index)
        assert app.lines()[-3:] == ["β  parameter, trained", "value [0, 0]", "∂L/∂β = [−0.375, −0.5]"]
    app = GraphApp()
    async with app.run_test(size=(22, 20)):
        app.panel.update(tape.graph, tape.values, tape.gradients, finished(tape.graph))
        app.panel.select(tape.graph.named["X"].index)
        assert app.lines()[-3:] == ["X  samples", "value (3×2)", "∂L/∂X (3×2)"]


async def test_what_is_not_known_is_left_blank():
    app, graph = GraphApp(), graph_of("L = a * a", "a")
    async with app.run_test(size=(50, 12)):
        app.panel.update(graph, nothing(graph), nothing(graph), progress(graph, 0))
        assert app.lines()[:3] == ["› ▾ L = a · a", "  ├◆ a", "  └◆ a ↑"]


async def test_the_current_record_inside_a_fold_is_marked_at_the_fold():
    app, tape = GraphApp(), tape_of("linear")
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.update(tape.graph, tape.values, tape.gradients, progress(tape.graph, 1))
        assert sum(line[1:2] == "▶" for line in app.lines()) == 1
        await pilot.press("left")
        assert app.lines()[0].startswith("›▷▸ L")
        assert app.lines()[1] == ""


async def test_keys_walk_the_tree_and_every_move_is_posted():
    app = GraphApp()
    graph = graph_of("s = a * b\nL = s + s * a", "a", "b")
    # L │ s │ a │ b │ (s · a) │ s ↑ │ a ↑
    async with app.run_test(size=(50, 12)) as pilot:
        app.panel.update(graph, nothing(graph), nothing(graph), progress(graph, 0))
        await pilot.press("right", "down")
        assert app.selected == [("s", ("L", 0)), ("a", ("s", 0))]
        await pilot.press("right")  # a leaf: nothing below
        await pilot.press("left")
        assert app.selected[2:] == [("s", ("L", 0))]
        await pilot.press("left")  # folds, moves nothing
        assert app.lines()[1].startswith("› ")
        assert "▸ s" in app.lines()[1]
        await pilot.press("down")
        assert app.selected[3:] == [("(s * a)", ("L", 1))]
        await pilot.press("up", "right", "end")
        assert app.selected[4:] == [("s", ("L", 0)), ("a", ("(s * a)", 1))]
        await pilot.press("enter")  # a reference: to where it stands in full
        assert app.selected[6:] == [("a", ("s", 0))]
        assert app.chosen == []
        await pilot.press("enter", "home", "enter")
        assert app.chosen == [("a", ("s", 0)), ("L", None)]


async def test_selecting_from_outside_unfolds_scrolls_and_posts_nothing():
    app = GraphApp()
    text = "\n".join(["y0 = a * b", *(f"y{k} = y{k - 1} * b" for k in range(1, 200))])
    graph = graph_of(text, "a", "b")
    async with app.run_test(size=(80, 12)) as pilot:
        app.panel.update(graph, nothing(graph), nothing(graph), progress(graph, 0))
        assert app.panel.count <= 60 + 2
        app.panel.select(graph.named["a"].index)
        await pilot.pause()
        assert app.panel.selected is graph.named["a"]
        assert any(line.startswith("›") and "◆ a" in line for line in app.lines())
        assert app.selected == []
        assert [line for line in app.lines() if "…200" in line]  # its depth, where guides have no room

        app.panel.select(graph.named["y150"].index)
        app.panel.focus()
        await pilot.press("P", "P")
        assert [name for name, _ in app.selected] == ["a", "b"]


async def test_other_values_repaint_only_the_rows_that_changed(monkeypatch):
    app, tape = GraphApp(), tape_of("linear")
    async with app.run_test(size=(80, 24)) as pilot:
        panel, graph = app.panel, tape.graph
        panel.update(graph, tape.values, tape.gradients, finished(graph))
        await pilot.pause()
        regions = []
        monkeypatch.setattr(panel, "refresh", lambda *added, **_: regions.extend(added))
        panel.update(graph, list(tape.values), list(tape.gradients), finished(graph))
        assert regions == []
        values = list(tape.values)
        values[graph.named["b"].index] = np.float64(0.5)
        panel.update(graph, values, tape.gradients, finished(graph))
        assert [bare(app.lines()[region.y]).split()[0] for region in regions] == ["b"]


@pytest.mark.parametrize(("width", "height"), [(30, 3), (36, 8), (80, 24), (200, 60)])
async def test_every_size_shows_names_whole_numbers_and_the_selection(width, height):
    app, tape = GraphApp(), tape_of("relu-net")
    async with app.run_test(size=(width, height)) as pilot:
        app.panel.update(tape.graph, tape.values, tape.gradients, finished(tape.graph))
        await pilot.pause()
        assert "0.010658" in app.line("L")
        for key in ("end", "pageup", "home", "pagedown", "down"):
            await pilot.press(key)
            lines = app.lines()
            assert sum(line.startswith("›") for line in lines) == 1
            assert all(cells(line) <= width for line in lines)
        assert app.lines()[-2].startswith("value ") == (height >= 10)


async def test_wide_characters_keep_the_columns():
    app = GraphApp()
    graph = graph_of("손실 = 무게 * w_hat", "무게", "w_hat")
    tape = Tape(graph, {"무게": np.float64(2.0), "w_hat": np.float64(3.0)})
    tape.forward()
    tape.backward()
    async with app.run_test(size=(50, 12)):
        app.panel.update(graph, tape.values, tape.gradients, finished(graph))
        rows = app.lines()[:3]
        assert len({cells(row) for row in rows}) == 1
        assert rows[1].split() == ["├◆", "무게", "2", "3"]


@pytest.mark.parametrize("nodes", [1_000, pytest.param(9_990, marks=pytest.mark.slow)])
async def test_thousands_of_nodes_lay_out_only_what_is_visible(monkeypatch, nodes):
    text = "\n".join(["y0 = a * b", *(f"y{k} = y{k - 1} * b" for k in range(1, nodes))])
    graph = graph_of(text, "a", "b")
    app = GraphApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.update(graph, nothing(graph), nothing(graph), progress(graph, 0))
        app.panel.select(graph.named["a"].index)
        await pilot.press("end", "home", "pagedown")
        laid_out = []
        line_at = app.panel.line_at
        monkeypatch.setattr(app.panel, "line_at", lambda y: laid_out.append(y) or line_at(y))
        app.panel.update(graph, nothing(graph), nothing(graph), progress(graph, nodes // 2))
        assert 0 < len(laid_out) <= 24


def test_every_mark_is_one_cell_and_explained():
    for mark, meaning in MARKS_HELP:
        assert all(cells(sign) == 1 for sign in mark.split())
        assert meaning
    assert "✎" in dict(MARKS_HELP)
