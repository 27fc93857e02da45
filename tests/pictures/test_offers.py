"""What is offered for a picture to be about can be drawn: every offer of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from tui_backprop import Trainer, load_lesson
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.registry import KINDS, make_picture


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lesson", ["two-layer", pytest.param("iris", marks=pytest.mark.slow), "linear"])
def test_every_offer_can_be_drawn(lesson: str, kind: str) -> None:
    trainer = Trainer(load_lesson(lesson))
    offered = KINDS[kind].offers(trainer)
    assert len(set(offered)) == len(offered)
    for of in offered:
        assert make_picture(trainer, kind, Wanted(of, Grain(20, 12))).figure().parts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lesson", ["two-layer", "linear", "guess"])
def test_no_offer_is_what_a_picture_is_about_anyway(lesson: str, kind: str) -> None:
    trainer = Trainer(load_lesson(lesson))
    for of in KINDS[kind].offers(trainer):
        offered, chosen = (make_picture(trainer, kind, Wanted(one, Grain(20, 12))) for one in (of, ()))
        with pytest.raises(AssertionError):
            np.testing.assert_equal(offered.numbers(), chosen.numbers())


def test_pairs_of_inputs_and_layers_are_offered() -> None:
    trainer = Trainer(load_lesson("iris"))
    assert len(KINDS["boundary"].offers(trainer)) == 5  # 4 · 3 / 2, but for the first
    assert len(KINDS["fit"].offers(trainer)) == 3
    assert [of for (of,) in KINDS["weights"].offers(trainer)] == [p.name for p in trainer.graph.parameters]
    assert KINDS["confusion"].offers(trainer) == [("validation",)]
    assert KINDS["confusion"].offers(Trainer(load_lesson("two-layer"))) == []
