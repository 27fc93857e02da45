"""The parameters panel shows what is known of each parameter, and lets one be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from textual import on
from textual.app import App, ComposeResult

from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.panels.chart.sparkline import sparkline, value_axis
from tui_backprop.tui.panels.model import ParametersPanel


@dataclass
class Parameter:
    name: str
    value: np.ndarray
    gradient: np.ndarray | None = None
    after: np.ndarray | None = None
    trainable: bool = True
    state: Mapping[str, np.ndarray] = field(default_factory=dict)
    recent: np.ndarray = field(default_factory=lambda: np.empty(0))
    edited: bool = False


class PanelApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.panel = ParametersPanel()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.focus()

    @on(ParametersPanel.ParameterChosen)
    def note(self, message: ParametersPanel.ParameterChosen) -> None:
        self.chosen.append(message.name)

    def update(self, *parameters: Parameter) -> None:
        self.panel.snapshot = SimpleNamespace(parameters=parameters)

    def lines(self) -> list[str]:
        return [self.panel.render_line(y).text.rstrip() for y in range(self.panel.size.height)]


async def test_value_gradient_state_next_update_and_course():
    trainer = Trainer(load_lesson("logistic"), optimizer="momentum")
    trainer.run(iterations=1)
    velocity = trainer.optimizer_states["beta"].arrays
    app = PanelApp()
    async with app.run_test(size=(80, 12)):
        app.update(
            Parameter(
                "beta",
                trainer.parameters["beta"],
                np.array([-0.25, 0.5]),
                np.array([0.0625, 0.0]),
                state=velocity,
                recent=np.array([0.0, 0.0625]),
                edited=True,
            ),
            Parameter("b", np.float64(0.5), recent=np.arange(8.0) / 2),
            Parameter("b2", np.float64(0.5), np.float64(0.25), trainable=False),
        )
        # after one update β is 0.1 · [0.375, 0.5], and the velocity the gradient itself
        assert app.lines()[:10] == [
            "›β ✎ [0.0375, 0.05]",
            "  gradient [−0.25, 0.5]",
            "  velocity [−0.375, −0.5]",
            "  next     [0.0375, 0.05] → [0.0625, 0]",
            "  recent   ▁▇ L2 norm, 2 iterations: 0 → 0.0625",
            " b 0.5",
            "  recent   ▁▂▃▄▅▆▇█ value, 8 iterations: 0 → 3.5",
            " b2 0.5",
            "  gradient 0.25",
            "  not trained",
        ]


async def test_up_and_down_select_and_enter_chooses():
    app = PanelApp()
    async with app.run_test(size=(40, 6)) as pilot:
        many = [Parameter(f"w{k}", np.float64(k), np.float64(1), np.float64(0)) for k in range(5)]
        app.update(*many)
        await pilot.press("enter", "down", "down", "down", "enter")
        assert app.chosen == ["w0", "w3"]
        assert "›w3 3" in app.lines()  # in view, three lines each
        app.update(*many[1:])
        assert app.panel.selected == "w3"
        app.update(*many[:2])
        assert app.panel.selected == "w0"
        await pilot.press("up", "down", "down", "enter")
        assert app.chosen[2:] == ["w1"]


async def test_a_parameter_larger_than_the_panel_scrolls():
    app = PanelApp()
    async with app.run_test(size=(40, 4)) as pilot:
        app.update(Parameter("W", np.diag([0.123456] * 6), np.zeros((6, 6))))
        await pilot.pause()
        await pilot.press("down", "down")
        assert app.panel.scroll_offset.y == 2
        await pilot.press("up")
        assert app.panel.scroll_offset.y == 1


async def test_once_the_update_is_done_the_new_value_stands_alone():
    app = PanelApp()
    async with app.run_test(size=(40, 6)):
        app.update(Parameter("w", np.float64(2.0), np.float64(1.0), np.float64(2.0)))
        assert app.lines()[2] == "  next     2"


@pytest.mark.parametrize(("width", "height"), [(30, 3), (36, 8), (200, 60)])
async def test_every_size_and_no_parameters_at_all(width, height):
    app = PanelApp()
    async with app.run_test(size=(width, height)) as pilot:
        app.update()
        app.panel.action_choose(1)
        app.panel.action_take()
        await pilot.pause()
        assert app.chosen == []
        assert app.lines()[0].startswith("This lesson has no")
        rng = np.random.default_rng(0)
        W = rng.normal(size=(5, 5))
        app.update(Parameter("W", W, W, W + 1, state={"mean": W, "mean square": W**2}, recent=W[0]))
        assert all(len(line) <= width for line in app.lines())


def test_a_sparkline_marks_what_is_not_finite():
    values = np.array([0.0, np.nan, 4.0, -np.inf])
    assert sparkline(values, 4, value_axis(values)) == "▁✗█✗"
    assert sparkline(values, 2, value_axis(values)) == "▁█"
    assert sparkline(values[1:2], 5, value_axis(values[1:2])) == "✗"
    flat = np.ones(3)
    assert len(set(sparkline(flat, 3, value_axis(flat)))) == 1


async def test_a_hidden_panel_takes_the_arrows_without_lines():
    app = PanelApp()
    async with app.run_test(size=(40, 8)):
        app.panel.display = False
        app.update(Parameter("a", np.float64(1)), Parameter("b", np.float64(2)))
        app.panel.action_choose(1)
        assert app.panel.selected == "b"
