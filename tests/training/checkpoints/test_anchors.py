"""States all over the way are as they were, bounded in number and bytes, and evenly spread."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.trainers import bits, trainer
from tui_backprop.engine.optimizers import OPTIMIZERS, State
from tui_backprop.training.checkpoints.anchors import Anchor, Anchors
from tui_backprop.training.checkpoints.kept import nearest
from tui_backprop.training.checkpoints.packed import packed, unpacked
from tui_backprop.training.state import TrainingState


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_state_comes_out_as_it_went_in(optimizer: str) -> None:
    t = trainer("two-layer", optimizer=optimizer)
    t.run(3)
    start, state = t.snapshot().states[0], t.snapshot().states[-1]
    back = unpacked(3, packed(state), start)
    assert back is not None
    assert (back.iteration, back.optimizer) == (3, optimizer)
    for name, value in state.parameters.items():
        assert bits(back.parameters[name]) == bits(value)
    for name, kept in state.memory.items():
        assert back.memory[name].count == kept.count
        assert {k: bits(v) for k, v in back.memory[name].arrays.items()} == {
            k: bits(v) for k, v in kept.arrays.items()
        }


@pytest.mark.parametrize(
    "value",
    [
        np.float64(2.5), np.array(1.0), np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3).T,
        np.zeros((0, 3)), np.float32(0.1), np.arange(4, dtype=np.float32),
    ],
)  # fmt: skip
def test_type_and_order_of_axes_stay(value: np.ndarray) -> None:
    state = TrainingState(1, {"w": value}, "sgd", {"w": State(1, {})})
    back = unpacked(1, packed(state), state)
    assert back is not None
    found = back.parameters["w"]
    assert (type(found), found.dtype, found.shape) == (type(value), value.dtype, value.shape)
    assert found.tobytes() == value.tobytes()
    if value.size > 1:
        assert found.strides == value.strides


def test_what_is_of_another_training_is_none() -> None:
    state = TrainingState(1, {"w": np.ones(3)}, "sgd", {})
    assert unpacked(1, packed(state), TrainingState(0, {"w": np.ones(2)}, "sgd", {})) is None
    assert unpacked(1, packed(state), TrainingState(0, {"v": np.ones(3)}, "sgd", {})) is None
    assert unpacked(1, b"\xc1", state) is None
    assert unpacked(1, packed(state._replace(optimizer="none")), state) is None
    start = TrainingState(0, {"w": np.zeros(3)}, "sgd", {})
    anchors = Anchors(1 << 20, [Anchor(4, 16, packed(state)), Anchor(8, 32, b"damaged")])
    assert nearest([start], anchors, 9).iteration == 4
    assert nearest([start], anchors, 3).iteration == 0


def test_they_stay_few_and_evenly_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Anchors, "MOST", 64)
    anchors = Anchors(1 << 20)
    for go in range(1, 20_000):
        anchors.passed(TrainingState(100 * go, {"w": np.float64(go)}, "sgd", {}))
    iterations = [anchor.iteration for anchor in anchors.all]
    assert 30 <= len(iterations) <= 64
    gaps = np.diff([0, *iterations, 2_000_000])
    assert gaps.max() <= 2_000_000 / 30
    again = Anchors(1 << 20, anchors.all)
    assert [anchor.iteration for anchor in again.all] == iterations
    back = anchors.upto(1_000_000)
    assert back.nearest(10**9).iteration <= 1_000_000  # type: ignore[union-attr]


def test_they_take_no_more_than_they_may() -> None:
    anchors = Anchors(10_000)
    for go in range(1, 5000):
        anchors.passed(TrainingState(go, {"w": np.ones(50)}, "sgd", {}))
    assert sum(len(anchor.data) for anchor in anchors.all) <= 10_000
    assert len(anchors) >= 8
    large = Anchors(10_000)
    for go in range(1, 100):
        large.passed(TrainingState(go, {"w": np.ones(500)}, "sgd", {}))
    assert not len(large)


def test_a_way_back_is_short_from_anywhere() -> None:
    t = trainer("linear")
    t.run(200_000)
    found = t._training.trajectory.checkpoints
    assert all(k - found.nearest(k).iteration < 200_000 for k in range(1, 200_000, 1000))
    loss = t.losses[123_456]
    t.rewind(123_456)
    assert t.loss == loss
