"""Trainer: stepping, running and counting, one loop with different stop conditions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.thorough import covering
from tests.support.trainers import trainer
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.lessons.errors import HyperparameterError
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.history import History


def lesson(tmp_path: Path, text: str) -> tb.Trainer:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path))


def frozen_state(t: tb.Trainer) -> tuple[object, ...]:
    """Everything that tells two trainers apart, as bytes."""
    return (
        t.iteration,
        t.epoch,
        t.position,
        t.phase,
        t.hyperparameters,
        tuple((name, value.shape, value.tobytes()) for name, value in t.parameters.items()),
        tuple(
            (name, state.count, tuple((k, np.asarray(v).tobytes()) for k, v in state.arrays.items()))
            for name, state in t.optimizer_states.items()
        ),
        t.losses.tobytes(),
        np.float64(t.loss).tobytes(),
        tuple((name, value.tobytes()) for name, value in t.gradients.items()),
        tuple((name, value.tobytes()) for name, value in t.overrides.items()),
        tuple((name, value.tobytes()) for name, value in t.inputs.items()),
    )


# records


def test_an_iteration_is_assignments_then_factors_backwards_then_updates() -> None:
    t = trainer("relu-net")
    records = [t.step() for _ in range(t.record_count)]
    kinds = [type(record) for record in records]
    assert kinds == sorted(kinds, key=[Assignment, ChainFactor, ParameterUpdate].index)
    assert [r.node for r in records if isinstance(r, Assignment)] == list(t.graph.assignments)
    assert [(r.output, r.index) for r in records if isinstance(r, ChainFactor)] == list(t.graph.factors)
    places = [r.output.index for r in records if isinstance(r, ChainFactor)]
    assert places == sorted(places, reverse=True)
    assert [r.parameter.name for r in records if isinstance(r, ParameterUpdate)] == ["W1", "W2"]
    assert (t.iteration, t.position, t.phase) == (1, 0, "start")


def test_records_are_frozen_and_their_arrays_read_only() -> None:
    t = trainer("two-layer", optimizer="adam", weight_decay=0.1)
    for _ in range(t.record_count):
        record = t.step()
        with pytest.raises(AttributeError):
            setattr(record, type(record).__slots__[0], None)
        for field in type(record).__slots__:
            value = getattr(record, field)
            if isinstance(value, np.ndarray):
                assert not value.flags.writeable, (type(record).__name__, field)
        for term in getattr(record, "terms", ()):
            assert not term.value.flags.writeable


def test_what_the_trainer_gives_out_is_read_only() -> None:
    t = trainer("theta", batch_size=2)
    t.run(iterations=3)
    for mapping in (t.parameters, t.gradients, t.inputs, t.leaves, t.next_parameters):
        for value in mapping.values():
            assert not value.flags.writeable
        with pytest.raises(TypeError):
            mapping["new"] = 1  # type: ignore[index]
    for array in (t.losses, t.sample_indices):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_phases_and_positions() -> None:
    t = trainer("linear")
    phases = [t.phase]
    for k in range(t.record_count):
        assert t.position == k
        assert len(t.records) == k
        record = t.step()
        assert t.record is record
        phases.append(t.phase)
    assert phases[0] == phases[-1] == "start"
    middle = phases[1:-1]
    assert middle == sorted(middle, key=["forward", "backward", "update"].index)
    assert set(middle) == {"forward", "backward", "update"}


def test_parameters_move_one_by_one_among_the_updates() -> None:
    t = trainer("linear")
    before = dict(t.parameters)
    while t.phase != "update":
        t.step()
    assert t.parameters["w"] != before["w"]
    assert t.parameters["b"] == before["b"]
    assert t.parameters["w"] == t.record.after


@pytest.mark.parametrize(("name", "optimizer"), covering(BUILTIN, list(OPTIMIZERS)))
def test_stepping_is_next_is_run_bit_for_bit(name: str, optimizer: str) -> None:
    rate = {"polynomial": 1e-6}.get(name, 0.05)
    options = {"optimizer": optimizer, "weight_decay": 0.01, "learning_rate": rate}
    if name in ("theta", "logistic", "two-layer"):
        options["batch_size"] = 3
    stepped, nexted, ran, mixed = (trainer(name, **options) for _ in range(4))
    count = 5 if stepped.lesson.trains else 0
    for _ in range(count):
        for _ in range(stepped.record_count):
            stepped.step()
        nexted.next()
    assert ran.run(iterations=count).iterations == count
    for k in range(count):
        for _ in range(k):
            mixed.step()
        _ = mixed.loss, mixed.gradients, mixed.next_parameters
        mixed.next() if k % 2 else mixed.run(iterations=1)
    assert frozen_state(stepped) == frozen_state(nexted) == frozen_state(ran) == frozen_state(mixed)


def test_next_from_anywhere_goes_to_the_start_of_the_next_iteration() -> None:
    for steps in range(trainer("linear").record_count):
        t = trainer("linear")
        for _ in range(steps):
            t.step()
        t.next()
        assert (t.iteration, t.position) == (1, 0)
        assert t.record is None


# losses


def test_losses_k_is_the_loss_before_update_k_plus_1() -> None:
    t = trainer("two-layer", batch_size=3)
    for k in range(9):
        expected = t.loss
        assert len(t.losses) == k
        t.next()
        assert t.losses[k] == expected


def test_loss_gradients_and_updates_belong_to_the_same_batch() -> None:
    t = trainer("theta", batch_size=3, shuffle=True)
    for _ in range(8):
        x, y = t.inputs["x"], t.inputs["y"]
        theta = float(t.parameters["theta"])
        assert t.loss == pytest.approx(float(np.mean((y - theta * x) ** 2)), rel=1e-14)
        gradient = float(np.mean(-2 * x * (y - theta * x)))
        assert t.gradients["theta"] == pytest.approx(gradient, rel=1e-13)
        assert t.next_parameters["theta"] == pytest.approx(theta - 0.05 * gradient, rel=1e-13)
        expected = t.next_parameters["theta"]
        t.next()
        assert t.parameters["theta"] == expected


def test_loss_and_gradients_leave_weight_decay_out() -> None:
    plain, decayed = trainer("neuron"), trainer("neuron", weight_decay=0.5)
    assert decayed.loss == plain.loss
    np.testing.assert_array_equal(decayed.gradients["W"], plain.gradients["W"])
    decayed.next()
    W, g = np.array([0.2, 0.4]), plain.gradients["W"]
    np.testing.assert_allclose(decayed.parameters["W"], W - 0.1 * (g + 0.5 * W), rtol=1e-15)


def test_losses_are_a_history() -> None:
    t = trainer("linear")
    t.run(iterations=10)
    assert isinstance(t.history, History)
    assert len(t.history) == 10
    assert isinstance(t.loss, float)


# counting


@pytest.mark.parametrize(("batch", "per_epoch"), [(1, 4), (2, 2), (3, 2), (4, 1), ("all", 1)])
def test_epochs_are_completed_passes(batch: object, per_epoch: int) -> None:
    t = trainer("theta", batch_size=batch)
    assert t.iterations_per_epoch == per_epoch == (1 if batch == "all" else math.ceil(4 / batch))
    for k in range(12):
        assert (t.iteration, t.epoch) == (k, k // per_epoch)
        t.next()


def test_without_samples_an_epoch_is_an_iteration() -> None:
    t = trainer("linear")
    t.run(iterations=7)
    assert (t.epoch, t.iterations_per_epoch, t.sample_indices) == (7, 1, None)


@pytest.mark.parametrize("seed", [0, 1, 42])
@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_the_order_of_an_epoch_is_a_permutation_of_its_own(seed: int, batch: int) -> None:
    t = trainer("theta", batch_size=batch, shuffle=True, seed=seed)
    everything = tb.load_lesson("theta").samples
    for epoch in range(4):
        order = np.random.default_rng([seed, epoch]).permutation(4)
        for start in range(0, 4, batch):
            chosen = order[start : start + batch]
            assert t.epoch == epoch
            np.testing.assert_array_equal(t.sample_indices, chosen)
            for name in ("x", "y"):
                np.testing.assert_array_equal(t.inputs[name], everything[name][chosen])
            t.next()


def test_without_shuffling_batches_come_in_file_order() -> None:
    t = trainer("theta", batch_size=3)
    assert t.hyperparameters.shuffle is False
    for chosen in ([0, 1, 2], [3], [0, 1, 2], [3]):
        np.testing.assert_array_equal(t.sample_indices, chosen)
        t.next()


def test_all_samples_at_once_are_never_reordered() -> None:
    t = trainer("logistic", shuffle=True, seed=5)
    for _ in range(3):
        assert t.sample_indices is None
        np.testing.assert_array_equal(t.inputs["X"], [[1, 2], [3, 4], [5, 6]])
        t.next()
    whole = trainer("logistic", shuffle=True, batch_size=3, seed=5)
    np.testing.assert_array_equal(whole.sample_indices, np.random.default_rng([5, 0]).permutation(3))


def test_the_batches_stream_is_apart_from_the_parameters() -> None:
    shuffled = trainer("two-layer", batch_size=2, shuffle=True)
    plain = trainer("two-layer", batch_size=2, shuffle=False)
    np.testing.assert_array_equal(shuffled.parameters["W1"], plain.parameters["W1"])


# run


def test_run_stops_at_the_target_or_does_as_many_as_asked() -> None:
    t = trainer("linear", iterations=30)
    report = t.run()
    assert (report.reason, report.iterations, t.iteration) == ("target", 30, 30)
    report = t.run()
    assert (report.reason, report.iterations) == ("target", 0)
    report = t.run(iterations=12)
    assert (report.reason, report.iterations, t.iteration) == ("asked", 12, 42)
    assert t.run(iterations=0).iterations == 0


def test_run_finishes_the_iteration_already_begun_and_counts_it() -> None:
    t = trainer("linear")
    t.step()
    report = t.run(iterations=1)
    assert (report.iterations, t.iteration, t.position) == (1, 1, 0)


def test_run_stops_from_outside_and_in_time() -> None:
    t = trainer("linear")
    calls = iter([False, False, False, True])
    report = t.run(iterations=5, should_stop=lambda: next(calls))
    assert (report.reason, report.iterations) == ("stopped", 3)
    calls = iter([False, False, False, True])
    report = t.run(iterations=100, should_stop=lambda: next(calls))
    assert report.reason == "stopped"
    assert 3 <= report.iterations < 100
    report = t.run(iterations=10**9, seconds=0.02)
    assert report.reason == "stopped"
    assert 0 < report.iterations < 10**8


@pytest.mark.parametrize("iterations", [-1, 1.5, True, "3", None])
def test_counts_that_are_none(iterations: object) -> None:
    t = trainer("linear")
    if iterations is not None:
        with pytest.raises(
            tb.BackpropError, match=r"iterations: found .*; it must be a whole number from 0 on"
        ):
            t.run(iterations=iterations)  # type: ignore[arg-type]
    with pytest.raises(tb.BackpropError, match=r"to_iteration: found .*; it must be"):
        t.rewind(iterations)  # type: ignore[arg-type]


def test_numpy_s_whole_numbers_are_whole_numbers() -> None:
    t = trainer("linear", iterations=np.int64(5), learning_rate=np.float64(0.1), seed=np.int32(3))
    assert t.run(iterations=np.int64(3)).iterations == 3
    t.rewind(np.int64(1))
    assert t.iteration == 1


@pytest.mark.parametrize("name", ["square", "chain"])
def test_a_lesson_that_trains_nothing(name: str) -> None:
    t = trainer(name)
    assert t.run().reason == "untrainable"
    assert t.run(iterations=5).iterations == 0
    total = t.record_count
    for _ in range(total):
        assert t.step() is not None
    assert t.step() is None
    assert (t.iteration, t.position, t.phase) == (0, total, "end")
    assert len(t.losses) == 0
    last = t.record
    assert t.back() is not last
    assert t.position == total - 1
    t.next()
    assert t.phase == "end"
    t.previous()
    assert (t.position, t.phase) == (0, "start")
    assert t.back() is None
    t.previous()
    t.rewind()
    assert t.position == 0


# hyperparameters


def test_live_and_restarting_hyperparameters() -> None:
    t = trainer("theta")
    t.run(iterations=5)
    assert t.set(learning_rate=0.1, weight_decay=0.1, optimizer="adam", iterations=3) is False
    assert t.iteration == 5
    assert t.set(learning_rate=0.1) is False
    for hyperparameter in ({"batch_size": 2}, {"seed": 9}, {"shuffle": True}):
        t.run(iterations=2)
        assert t.set(**hyperparameter) is True
        assert (t.iteration, len(t.losses), t.position) == (0, 0, 0)
    assert t.hyperparameters.learning_rate == 0.1
    assert t.set(seed=9) is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rat": 1}, "unknown hyperparameter 'learning_rat'; did you mean learning_rate?"),
        ({"learning_rate": -0.1}, "learning_rate: found -0.1; it must be a number from 0 to 1e6"),
        ({"learning_rate": math.nan}, "learning_rate: found nan; it must be a number from 0 to 1e6"),
        ({"learning_rate": "fast"}, "learning_rate: found 'fast'; it must be a number from 0 to 1e6"),
        ({"learning_rate": True}, "learning_rate: found true; it must be a number from 0 to 1e6"),
        (
            {"learning_rate": 10**400},
            "learning_rate: found 1" + "0" * 28 + "…; it must be a number from 0 to 1e6",
        ),
        ({"iterations": 1.5}, "iterations: found 1.5; it must be a whole number from 0 to 1e9"),
        (
            {"iterations": 10**5000},
            "iterations: found a whole number of thousands of digits; it must be a "
            "whole number"
            " from 0 to 1e9",
        ),
        (
            {"optimizer": "adma"},
            "optimizer: found 'adma'; it must be sgd, momentum, nesterov, rmsprop, "
            "adam, adamw, adagrad, adadelta, nadam, lion; did you"
            " mean adam?",
        ),
        (
            {"optimizer": ["adam"]},
            "optimizer: found a list; it must be sgd, momentum, nesterov, rmsprop, "
            "adam, adamw, adagrad, adadelta, "
            "nadam, lion",
        ),
        ({"batch_size": 2}, "batch_size: found 2; it must be all, for there are no [samples]"),
        (
            {"batch_size": np.ones(2)},
            "batch_size: found a ndarray; it must be all, or a whole number from 1 to the number of samples",
        ),
        ({"shuffle": 1}, "shuffle: found 1; it must be true or false"),
        ({"shuffle": "True"}, "shuffle: found 'True'; it must be true or false; did you mean true?"),
        ({"seed": -1}, "seed: found -1; it must be a whole number from 0 to 4294967295"),
        ({"momentum": 1.0}, "momentum: found 1.0; it must be a number from 0 to below 1"),
        ({"beta2": 2}, "beta2: found 2; it must be a number from 0 to below 1"),
        ({"epsilon": 0}, "epsilon: found 0; it must be a number above 0 and at most 1"),
        ({"weight_decay": math.inf}, "weight_decay: found inf; it must be a number from 0 to 1e6"),
    ],
)
def test_hyperparameters_that_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(tb.BackpropError) as caught:
        trainer("linear", **options)
    assert str(caught.value) == message
    t = trainer("linear")
    t.run(iterations=3)
    before = frozen_state(t)
    with pytest.raises(tb.BackpropError):
        t.set(**options)
    assert frozen_state(t) == before


def test_a_batch_larger_than_the_samples_is_refused() -> None:
    with pytest.raises(
        tb.BackpropError, match="batch_size: found 5; it must be all, or a whole number from 1 to 4"
    ):
        trainer("theta", batch_size=5)


def test_a_formula_that_does_not_fit_a_batch_is_refused_when_the_hyperparameter_is_turned(
    tmp_path: Path,
) -> None:
    t = lesson(
        tmp_path,
        'formula = "L = sum(x * v)"\n[data]\nv = [1, 2, 3]\n[samples]\nx = [1, 2, 3]\n[parameters]\nw = 1\n',
    )
    with pytest.raises(tb.BackpropError, match="x"):
        t.set(batch_size=2)
    assert t.hyperparameters.batch_size == "all"
    assert t.loss == 14


def test_reset_starts_anew_with_the_hyperparameters_of_now() -> None:
    t = trainer("linear")
    t.run(iterations=9)
    t.set(learning_rate=0.5)
    t.override("y", 0.3)
    t.reset()
    assert (t.iteration, t.hyperparameters.learning_rate, list(t.overrides)) == (0, 0.5, ["y"])
    assert len(t.losses) == 0
    t.rewind()
    assert t.hyperparameters.learning_rate == 0.5


def test_a_million_iterations_as_target_allocate_nothing() -> None:
    t = trainer("linear", iterations=10**9)
    t.run(iterations=3)
    assert t.iteration == 3


def test_a_run_finishes_what_was_begun_at_the_target() -> None:
    t = trainer("linear", iterations=3)
    t.run()
    t.step()
    report = t.run()
    assert (report.reason, report.iterations) == ("target", 1)
    assert (t.iteration, t.position) == (4, 0)
    assert t.run().iterations == 0


def test_a_run_of_none_stays_where_it_is() -> None:
    t = trainer("linear")
    t.step()
    assert t.run(iterations=0).iterations == 0
    assert (t.iteration, t.position) == (0, 1)


@pytest.mark.parametrize("name", ["self", "lesson", "momentun"])
def test_names_of_no_hyperparameter(name: str) -> None:
    lesson = tb.load_lesson("linear")
    with pytest.raises(HyperparameterError, match=f"unknown hyperparameter '{name}'"):
        tb.Trainer(lesson, **{name: 3})
    with pytest.raises(HyperparameterError, match=f"unknown hyperparameter '{name}'"):
        tb.Trainer(lesson).set(**{name: 3})


def test_a_hyperparameter_set_in_the_past_to_what_it_is_holds_from_there_on() -> None:
    t = trainer("linear", learning_rate=0.01)
    t.run(iterations=5)
    t.set(learning_rate=0.1)
    t.run(iterations=5)
    t.rewind(2)
    assert t.set() is False
    t.run(iterations=8)
    assert t.hyperparameters.learning_rate == 0.1  # what was done later is done again
    t.rewind(2)
    assert t.set(learning_rate=0.01) is False
    t.run(iterations=8)
    assert t.hyperparameters.learning_rate == 0.01
    untouched = trainer("linear", learning_rate=0.01)
    untouched.run(iterations=10)
    assert t.losses.tobytes() == untouched.losses.tobytes()


def test_sample_indices_are_integers() -> None:
    indices = trainer("theta", batch_size=2).sample_indices
    assert indices is not None
    assert indices.dtype == np.intp


def test_a_run_ends_where_no_more_losses_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_backprop.training.running.MOST", 50)
    t = trainer("linear")
    report = t.run(iterations=200)
    assert (report.reason, t.iteration) == ("full", 50)
    assert t.run(iterations=1).reason == "full"
    t.next()
    t.rewind(10)
    assert t.run(iterations=20).reason == "asked"
