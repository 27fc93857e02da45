"""What follows from an optimizer's one entry."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.plain import plain
from tests.support.scripts import printed, same, script_of, trained
from tests.support.sessions import again, saved
from tui_backprop.explain.record import explain
from tui_backprop.lessons.errors import HyperparameterError


@pytest.mark.parametrize("name", ["linear", "two-layer"])
def test_it_is_stepped_compiled_saved_exported_and_explained(name: str) -> None:
    lesson = tb.load_lesson(name)
    stepped, run = (tb.Trainer(lesson, optimizer="averaged") for _ in range(2))
    for _ in range(60):
        stepped.next()
    run.run(iterations=60)
    np.testing.assert_array_equal(stepped.losses, run.losses)

    resumed = again(saved(run))
    for trainer in (resumed, stepped):
        trainer.run(iterations=60)
    np.testing.assert_array_equal(stepped.losses, resumed.losses)

    settings = {"optimizer": "averaged", "iterations": 60}
    script = script_of(lesson, **settings)
    assert "r_w" in script.lower()
    assert same(printed(script)[0], trained(lesson, **settings))

    while stepped.position != stepped.record_count - 1:
        stepped.step()
    tape = stepped.tape
    page = explain(stepped.step(), tape)
    assert [row.label for row in page.rows][2:4] == ["running mean", "step"]


def test_it_is_offered_and_what_is_like_it_is_refused_with_its_name() -> None:
    assert "adamw, averaged" in plain("set optimizer").text
    with pytest.raises(HyperparameterError, match="averaged"):
        tb.Trainer(tb.load_lesson("linear"), optimizer="average")
