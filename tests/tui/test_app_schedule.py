"""The schedule in the app: set as a hyperparameter, drawn on a screen of its own."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tui_backprop.engine.optimizers.rate_schedules import RateSchedule
from tui_backprop.tui.panels.hyperparameters import HyperparameterField


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 36), marks=pytest.mark.slow)])
async def test_the_rates_are_drawn_with_a_mark_where_training_stands(launch, size):
    async with launch("logistic", size=size) as session:
        session.trainer.set(schedule={"kind": "cosine", "t_max": 500})
        await session.press("n", "S")
        assert session.overlay == "ScheduleScreen"
        screen = session.screen
        assert "Learning rate by iteration · Esc closes" in screen
        assert "0.10┤" in screen
        assert "▲" in screen
        assert "1000" in screen
        assert "cosine: half a wave down to eta_min in t_max iterations" in screen
        await session.press("end")
        assert "t_max = 500: iterations from the top to the bottom" in session.screen
        assert "iteration 500: 0" in session.screen
        await session.press("S")
        assert session.overlay == ""
        await session.press("S", "escape", "s")
        assert session.where == (1, 1)


async def test_a_picture_grows_with_the_terminal(launch):
    async with launch("logistic", size=(80, 16)) as session:
        await session.press("S")
        low = session.screen.count("┤")
        await session.pilot.resize_terminal(80, 28)
        await session.settle()
        assert session.screen.count("┤") > low


async def test_a_picture_is_left_out_where_there_is_no_room(launch):
    async with launch("logistic", size=(40, 8)) as session:
        await session.press("S")
        assert session.overlay == "ScheduleScreen"
        assert "constant" in session.screen
        assert "┤" not in session.screen.partition("Learning")[2]


async def test_it_is_set_and_refused_like_other_hyperparameters(launch):
    async with launch("logistic", size=(120, 50)) as session:
        await session.press("h")
        field = session.app.screen.query_one("#hyperparameter-schedule", HyperparameterField)
        assert field.value == "constant"
        field.focus()
        await session.settle()
        await session.type("cosin e", "enter")
        told = str(session.app.screen.query_one("#hyperparameter-help", Static).content)
        assert told == "✗ schedule: found 'cosin e'; did you mean cosine?"
        field.value = '{ kind = "cosine", T_max = 50 }'
        await session.press("enter")
        assert session.trainer.hyperparameters.schedule == RateSchedule("cosine", (("t_max", 50),))
        assert field.value == '{ kind = "cosine", t_max = 50 }'
        assert session.note == 'schedule constant → { kind = "cosine", t_max = 50 }'
        await session.press("escape", "u")
        assert field.value == "constant"


async def test_the_rate_and_clipping_are_lines_of_the_update(launch):
    async with launch("logistic", size=(120, 40), all_factors=True) as session:
        session.trainer.set(schedule="cosine", clip_norm=0.5)
        await session.press(*"s" * 20)
        await session.settle()
        screen = session.screen
        assert "learning rate  η = eta_min + (η₀ − eta_min)·" in screen
        assert "gradient norm  ‖g‖ = √Σg² over all parameters =" in screen
        assert "clip norm      g ← g·min(1, clip_norm / (‖g‖ +" in screen
