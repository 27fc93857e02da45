"""Going back and forward again gives the same numbers to the last bit, and costs bounded memory."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import in_part, tried
from tests.support.trainers import bits, here, start_of_iteration, trainer
from tui_backprop.engine.autodiff.records import ParameterUpdate
from tui_backprop.engine.optimizers import OPTIMIZERS, State
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.checkpoints.kept import Checkpoints
from tui_backprop.training.state import OVERHEAD, TrainingState

MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["step", "next", "back", "previous"]), st.integers(1, 9)),
        st.tuples(st.just("run"), st.integers(0, 12)),
        st.tuples(st.just("rewind"), st.floats(0, 1)),
        st.tuples(
            st.just("set"),
            st.sampled_from(
                [
                    {"learning_rate": 0.003},
                    {"learning_rate": 0.02},
                    {"optimizer": "adam"},
                    {"optimizer": "momentum"},
                    {"weight_decay": 0.1},
                    {"momentum": 0.5},
                    {"iterations": 7},
                    {"optimizer": "sgd", "learning_rate": 0.01},
                ]
            ),
        ),
        st.tuples(st.just("override"), st.floats(-1, 1)),
        st.tuples(st.just("release"), st.none()),
    ),
    min_size=1,
    max_size=10,
)


def move(t: tb.Trainer, kind: str, argument: Any) -> None:
    if kind in ("step", "next", "back", "previous"):
        for _ in range(argument):
            getattr(t, kind)()
    elif kind == "run":
        t.run(iterations=argument)
    elif kind == "rewind":
        t.rewind(int(argument * t.iteration))
    elif kind == "set":
        t.set(**argument)
    elif kind == "override":
        t.override(t.graph.assignments[0].name, argument)
    elif t.overrides:
        t.release(next(iter(t.overrides)))


@tried(
    name=st.sampled_from(BUILTIN),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    moves=MOVES,
    steps=st.integers(1, 60),
    batch=st.sampled_from(["all", 1, 3]),
    shuffle=st.booleans(),
    seed=st.integers(0, 3),
    memory=st.sampled_from([64 << 20, 20_000, 1]),
    few=15,
    many=80,
)
def test_back_and_forward_again_is_bit_identical(
    name: str, optimizer: str, moves: list[Any], steps: int, batch: Any, shuffle: bool, seed: int, memory: int
) -> None:
    options: dict[str, Any] = {"optimizer": optimizer, "shuffle": shuffle, "seed": seed}
    if tb.load_lesson(name).rows and name != "polynomial":
        options["batch_size"] = batch if name != "batch-norm" else "all"  # of one sample there is no variance
    if name == "polynomial":
        options["learning_rate"] = 1e-6
    t = trainer(name, memory=memory, **options)
    for kind, argument in moves:
        move(t, kind, argument)
    # every place on the way back …
    places = [here(t)]
    for _ in range(steps):
        before = t.iteration, t.position
        record = t.back()
        if (t.iteration, t.position) == before:
            assert before == (0, 0)
            break
        assert record is t.record
        places.append(here(t))
    # … is the same on the way forward
    assert here(t) == places.pop()
    while places:
        assert t.step() is not None
        assert here(t) == places.pop()
    # a jump to the beginning and a run to the same place, the hyperparameters turned where they were turned
    iteration, position, expected = t.iteration, t.position, here(t)
    t.rewind()
    assert t.run(iterations=iteration).iterations == iteration or t.divergence
    for _ in range(position):
        t.step()
    assert here(t) == expected


@tried(moves=MOVES, seed=st.integers(0, 2), few=8, many=25)
def test_a_training_that_was_looked_at_is_the_training_that_was_not(moves: list[Any], seed: int) -> None:
    watched = trainer("two-layer", seed=seed, batch_size=3)
    for kind, argument in moves:
        if kind not in ("set", "override", "release"):
            move(watched, kind, argument)
            _ = watched.gradients, watched.next_parameters, watched.tape, watched.parameters
    watched.run(iterations=20 if watched.position == 0 else 21)
    alone = trainer("two-layer", seed=seed, batch_size=3)
    alone.run(iterations=watched.iteration)
    assert here(alone) == here(watched)


def test_back_at_a_start_goes_to_the_last_record_of_the_iteration_before() -> None:
    t = trainer("linear")
    t.run(iterations=3)
    total = t.record_count
    record = t.back()
    assert (t.iteration, t.position) == (2, total - 1)
    assert isinstance(record, ParameterUpdate)
    assert record.parameter.name == "w"
    assert isinstance(t.step(), ParameterUpdate)
    assert (t.iteration, t.position) == (3, 0)


def test_back_at_the_very_start_stays_there() -> None:
    t = trainer("linear")
    assert t.back() is None
    t.previous()
    assert (t.iteration, t.position, t.record) == (0, 0, None)


def test_previous_is_the_start_of_this_iteration_then_of_the_one_before() -> None:
    t = trainer("linear")
    t.run(iterations=3)
    for _ in range(4):
        t.step()
    places = []
    for _ in range(5):
        t.previous()
        places.append((t.iteration, t.position))
    assert places == [(3, 0), (2, 0), (1, 0), (0, 0), (0, 0)]


def test_rewind() -> None:
    t = trainer("theta")
    seen = []
    for _ in range(30):
        seen.append(start_of_iteration(t))
        t.next()
    for k in (29, 17, 17, 3, 0):
        t.rewind(k)
        assert start_of_iteration(t) == seen[k]
    with pytest.raises(tb.BackpropError, match="to_iteration: found 1; it must be from 0 to 0, where we are"):
        t.rewind(1)


def test_hyperparameters_turned_in_the_past_are_turned_again_on_the_way_forward() -> None:
    t = trainer("linear")
    t.run(iterations=3)
    t.set(learning_rate=0.1)
    t.run(iterations=3)
    t.override("y", 0.5)
    t.run(iterations=2)
    t.release("y")
    t.run(iterations=2)
    end = start_of_iteration(t)
    t.rewind()
    assert t.hyperparameters.learning_rate == 0.01
    t.run(iterations=3)
    assert (t.hyperparameters.learning_rate, dict(t.overrides)) == (0.1, {})
    t.run(iterations=3)
    assert list(t.overrides) == ["y"]
    t.run(iterations=4)
    assert start_of_iteration(t) == end


def test_a_hyperparameter_turned_in_the_past_starts_another_future() -> None:
    t = trainer("linear")
    t.run(iterations=5)
    t.set(learning_rate=0.1)
    t.run(iterations=5)
    t.rewind(2)
    t.set(learning_rate=0.2)
    t.run(iterations=8)
    assert t.hyperparameters.learning_rate == 0.2
    other = trainer("linear")
    other.run(iterations=2)
    other.set(learning_rate=0.2)
    other.run(iterations=8)
    assert bits(other.losses) == bits(t.losses)


def test_a_hyperparameter_turned_in_the_midst_of_an_iteration_keeps_the_place() -> None:
    t = trainer("linear")
    t.run(iterations=2)
    while t.phase != "update":
        t.step()
    place = t.position
    before = t.parameters["w"]
    t.set(learning_rate=0.5)
    assert t.position == place
    w, g = t.leaves["w"], t.gradients["w"]
    assert t.parameters["w"] == w - 0.5 * g != before


def test_losses_given_away_stay_as_they_were() -> None:
    t = trainer("linear")
    t.run(iterations=5)
    losses = t.losses
    copied = losses.copy()
    t.rewind(2)
    t.set(learning_rate=0.3)
    t.run(iterations=5)
    np.testing.assert_array_equal(losses, copied)


# memory


def checkpoint(iteration: int, size: int = 0, optimizer: str = "sgd", extra: int = 0) -> TrainingState:
    states = {"w": State(iteration, {"velocity": np.zeros(extra)})} if iteration else {}
    return TrainingState(iteration, {"w": np.zeros(size)}, optimizer, states)


def held(checkpoints: Checkpoints) -> int:
    return sum(c.nbytes for c in checkpoints)


@pytest.mark.parametrize("size", [0, 100, 10_000])
@pytest.mark.parametrize("budget", [0, 1_500, 50_000, 1_000_000])
@in_part("count", 1_100, 2_000)
def test_checkpoints_stay_within_the_budget(count: int, budget: int, size: int) -> None:
    checkpoints = Checkpoints(budget)
    for k in range(count):
        checkpoints.add(checkpoint(k, size, extra=size))
        assert checkpoints.nbytes <= budget or len(checkpoints) <= 2
        assert len(checkpoints) <= 1024
    assert checkpoints.nbytes == held(checkpoints)
    assert checkpoints.iterations[0] == 0
    assert checkpoints.iterations[-1] == count - 1
    assert checkpoints.iterations == sorted(set(checkpoints.iterations))
    assert len(checkpoints) >= 2


def test_an_optimizer_with_a_larger_memory_is_counted_when_it_comes() -> None:
    checkpoints = Checkpoints(100_000)
    for k in range(3000):
        kind, extra = ("sgd", 0) if k < 1000 else ("adam", 2000)
        checkpoints.add(checkpoint(k, 100, kind, extra))
        assert held(checkpoints) <= 100_000


def test_checkpoints_thin_out_with_distance() -> None:
    checkpoints = Checkpoints(64 << 20)
    for k in range(100_000):
        checkpoints.add(checkpoint(k))
    places = checkpoints.iterations
    assert places[-60:] == list(range(100_000 - 60, 100_000))
    for earlier, later in pairwise(places[1:]):
        assert later - earlier <= max(2, (100_000 - earlier) // 8)
    assert OVERHEAD * len(places) <= checkpoints.nbytes


def test_nearest_and_truncate() -> None:
    checkpoints = Checkpoints(1 << 20)
    for k in (0, 5, 6, 9):
        checkpoints.add(checkpoint(k))
    assert [checkpoints.nearest(k).iteration for k in (0, 4, 5, 8, 9, 100)] == [0, 0, 5, 6, 9, 9]
    checkpoints.truncate(6)
    assert checkpoints.iterations == [0, 5, 6]
    assert checkpoints.nbytes == held(checkpoints)


@pytest.mark.parametrize(
    "iterations", [20_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (100_000, 1_000_000))]
)
def test_back_and_rewind_after_many_iterations(iterations: int) -> None:
    t = trainer("linear", optimizer="momentum")
    snapshots = {}
    stops = sorted({0, 1, 777, iterations // 3, iterations - 1000, iterations - 1, iterations})
    for stop in stops:
        t.run(iterations=stop - t.iteration)
        snapshots[stop] = (bits(t.parameters["w"]), bits(t.parameters["b"]), bits(t.loss))
    total = t.record_count
    t.back()
    assert (t.iteration, t.position) == (iterations - 1, total - 1)
    t.next()
    assert sum(state.nbytes for state in t.snapshot().states) <= 64 << 20
    for stop in reversed(stops):
        t.rewind(stop)
        assert (bits(t.parameters["w"]), bits(t.parameters["b"]), bits(t.loss)) == snapshots[stop]
        assert len(t.losses) == stop


def test_big_parameters_within_a_budget_of_less_than_two_checkpoints(tmp_path: Any) -> None:
    path = tmp_path / "big.toml"
    path.write_text(
        'formula = "L = mean(w**2)"\n[parameters]\nw = { init = "normal", shape = [300, 300] }\n'
        '[hyperparameters]\nlearning_rate = 10\noptimizer = "adam"\n'
    )
    t = tb.Trainer(tb.load_lesson(path), memory=1_000_000)
    seen = []
    for _ in range(12):
        seen.append(bits(t.parameters["w"]))
        t.next()
    assert len(t.snapshot().states) == 2
    for k in (11, 10, 4, 0):
        t.rewind(k)
        assert bits(t.parameters["w"]) == seen[k]
        assert len(t.snapshot().states) <= 2
