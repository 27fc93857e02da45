"""Parameters moved and values put in: what is altered by it, and that going back and forward repeats it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import bits, here, trainer
from tui_backprop.engine.autodiff.records import ParameterUpdate


def names(t: tb.Trainer) -> set[str]:
    return {t.graph.nodes[index].name for index in t.altered}


# parameters


def test_a_parameter_is_moved_and_training_goes_on_from_there() -> None:
    t = trainer("linear")  # y = w·x + b, x = 2, t = 1, rate 0.01
    t.run(iterations=2)
    b = float(t.parameters["b"])
    t.edit("w", 3.0)
    assert (t.parameters["w"], t.leaves["w"], dict(t.overrides)) == (3.0, 3.0, {})
    gradient = (3.0 * 2 + b - 1) * 2
    assert t.gradients["w"] == pytest.approx(gradient, rel=1e-14)
    updates = [r for r in (t.step() for _ in range(t.record_count)) if isinstance(r, ParameterUpdate)]
    moved = next(r for r in updates if r.parameter.name == "w")
    assert (moved.before, moved.after) == (3.0, t.parameters["w"])
    assert moved.after == pytest.approx(3.0 - 0.01 * gradient, rel=1e-14)


def test_the_optimizer_s_memory_stays() -> None:
    t = trainer("linear", optimizer="momentum")
    t.run(iterations=3)
    velocity = bits(t.optimizer_states["w"].arrays["velocity"])
    t.edit("w", -1)
    assert bits(t.optimizer_states["w"].arrays["velocity"]) == velocity
    assert t.optimizer_states["w"].count == 3


def test_a_parameter_that_is_not_trained_keeps_what_it_is_moved_to() -> None:
    t = trainer("relu-net")
    t.run(iterations=1)
    t.edit("b1", [0.5, -0.5])
    t.run(iterations=3)
    np.testing.assert_array_equal(t.parameters["b1"], [0.5, -0.5])
    t.rewind(0)
    np.testing.assert_array_equal(t.parameters["b1"], [0.1, 0.2])


@pytest.mark.parametrize("at", [0, 1, 4])
@pytest.mark.parametrize("memory", [64 << 20, 1])
def test_going_back_and_forward_over_it_repeats_it(at: int, memory: int) -> None:
    t = trainer("two-layer", optimizer="adam", batch_size=3, memory=memory)
    t.run(iterations=at)
    t.edit("W1", np.linspace(-1, 1, t.parameters["W1"].size).reshape(t.parameters["W1"].shape))
    moved = here(t)
    t.run(iterations=6)
    end = here(t)
    t.rewind(at)
    assert here(t) == moved
    t.run(iterations=6)
    assert here(t) == end
    if at:
        t.rewind(at - 1)
        unmoved = t.parameters["W1"]
        t.next()
        assert here(t) == moved
        assert not np.array_equal(unmoved, t.parameters["W1"])


def test_the_iteration_before_ends_where_the_training_had_left_it() -> None:
    t = trainer("linear")
    t.run(iterations=2)
    trained = float(t.parameters["w"])
    t.edit("w", 3.0)
    t.back()
    (update,) = (r for r in t.records if isinstance(r, ParameterUpdate))
    assert (update.parameter.name, update.after) == ("w", trained)
    t.step()
    assert t.parameters["w"] == 3.0


def test_an_edit_inside_an_iteration_recomputes_what_was_done() -> None:
    t = trainer("logistic")
    for _ in range(9):
        t.step()
    t.edit("b", 2.0)
    assert t.position == 9
    stepped = here(t)
    fresh = trainer("logistic")
    fresh.edit("b", 2.0)
    for _ in range(9):
        fresh.step()
    assert here(fresh) == stepped


def test_what_is_set_at_the_same_iteration_keeps_the_edit_and_what_is_set_later_does_not_repeat_it() -> None:
    t = trainer("linear")
    t.edit("w", 3.0)
    t.set(learning_rate=0.1)
    assert t.parameters["w"] == 3.0
    t.next()
    moved = t.parameters["w"]
    t.set(learning_rate=0.2)
    assert t.parameters["w"] == moved
    assert not t.edits
    t.reset()
    assert t.parameters["w"] == pytest.approx(0.49671415, rel=1e-7)


def test_release_takes_an_edit_back_exactly_and_later_says_what_would() -> None:
    t = trainer("linear")
    t.run(iterations=2)
    before = here(t)
    t.edit("w", 3.0)
    t.release("w")
    assert here(t) == before
    t.edit("w", 3.0)
    t.next()
    with pytest.raises(tb.BackpropError) as caught:
        t.release("w")
    assert str(caught.value) == (
        "w was moved at iteration 2, and training went on from there; undo takes it back"
    )
    t.previous()
    t.release("w")
    assert here(t) == before


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("y_hat", 1, "ŷ is no parameter and cannot be moved; override it"),
        ("beta", [1, 2, 3], "beta: found shape (3); it must be (2)"),
        ("beta", [True, 1], "beta: found [True, 1]; it must be a number or a list of numbers"),
        ("beta", [10**30000, 1.5], "beta: found list; it must be a number or a list of numbers"),
        ("b", float("inf"), "b: found a number that is not finite"),
        ("q", 1, "unknown node 'q'"),
    ],
)
def test_edits_that_are_refused(name: str, value: object, message: str) -> None:
    t = trainer("logistic")
    t.run(iterations=2)
    before = here(t)
    with pytest.raises(tb.BackpropError) as caught:
        t.edit(name, value)
    assert str(caught.value).startswith(message)
    assert (here(t), t.undoable) == (before, None)


def test_a_parameter_held_by_an_override_is_not_moved() -> None:
    t = trainer("linear")
    t.override("w", 2.0)
    with pytest.raises(tb.BackpropError, match="w is held at a value put in; release it before it is moved"):
        t.put("w", 3.0)


# one element


def test_put_moves_parameters_and_overrides_the_rest() -> None:
    t = trainer("logistic")
    t.put("beta", 0.5, (1,))
    t.put("X", 7, (1, 0))
    t.put("ŷ", 0.25, (2,))
    np.testing.assert_array_equal(t.parameters["beta"], [0.0, 0.5])
    np.testing.assert_array_equal(t.tape.value(t.graph.named["X"]), [[1, 2], [7, 4], [5, 6]])
    y_hat = t.tape.value(t.graph.named["y_hat"])
    assert y_hat[2] == 0.25
    assert y_hat[1] == pytest.approx(1 / (1 + np.exp(-2.0)), rel=1e-14)  # z₂ = 7·0 + 4·0.5
    assert (list(t.overrides), list(t.edits)) == (["X", "y_hat"], ["beta"])


def test_an_element_is_put_beside_those_put_in_before() -> None:
    t = trainer("logistic")
    t.put("y_hat", 0.8, (0,))
    t.put("y_hat", 0.3, (1,))
    t.put("y_hat", 0.4, (2,))
    np.testing.assert_allclose(t.gradients["beta"], [-0.563, -0.676], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "element", "message"),
    [
        ("beta", (2,), "found element 2; beta has shape (2): give one index from 0 to 1"),
        ("beta", (-1,), "found element -1; beta has shape (2): give one index from 0 to 1"),
        ("beta", (True,), "found element True; beta has shape (2): give one index from 0 to 1"),
        ("X", (0,), "found element 0; X has shape (3×2): give two indices, from 0 to 2 and from 0 to 1"),
        ("b", (0,), "found element 0; b is a scalar: give no index"),
    ],
)
def test_elements_that_are_refused(name: str, element: tuple[Any, ...], message: str) -> None:
    with pytest.raises(tb.BackpropError) as caught:
        trainer("logistic").put(name, 1, element)
    assert str(caught.value) == message


def test_an_element_takes_a_number() -> None:
    with pytest.raises(tb.BackpropError) as caught:
        trainer("logistic").put("X", [1, 2], (0, 0))
    assert str(caught.value) == "X[0, 0]: found shape (2); it must be a number"


# samples


def test_an_override_of_all_samples_gives_each_batch_its_rows() -> None:
    t = trainer("theta", batch_size=3, shuffle=True, seed=2)
    x = [10.0, 20.0, 30.0, 40.0]
    t.override("x", x)
    for _ in range(4):
        chosen = t.sample_indices
        assert chosen is not None
        np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), np.array(x)[chosen])
        t.next()


def test_a_row_put_in_follows_its_sample() -> None:
    t = trainer("theta")  # one sample at a time, in order
    t.run(iterations=2)
    t.put("x", 9, (0,))
    assert t.undoable == "x[0], sample 2, put in as 9"
    seen = []
    for _ in range(5):
        seen.append(float(t.tape.value(t.graph.named["x"])[0]))
        assert names(t) == ({"x", "z1", "z2", "z2**2", "L"} if seen[-1] == 9 else set())
        t.next()
    assert seen == [9, -2, 1, -1, 9]
    t.set(batch_size="all")
    np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), [1, -1, 9, -2])
    assert t.overrides["x"].shape == (4,)


def test_a_value_for_every_batch_alike_still_fits_every_batch() -> None:
    t = trainer("theta", batch_size=2)
    t.override("x", 5.0)
    np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), [5, 5])
    t.override("x", [5.0, 6.0])
    t.run(iterations=3)
    np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), [5, 6])
    t.put("x", 7.0, (1,))
    t.next()
    np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), [5, 7])


def test_samples_of_another_number_are_refused() -> None:
    t = trainer("theta", batch_size=3)
    with pytest.raises(tb.BackpropError) as caught:
        t.override("x", [1, 2, 3, 4, 5])
    assert str(caught.value) == ("x: found shape (5); it must be (3) in a batch of 3, or (4) for all samples")


# what is altered


def test_what_is_altered_and_since_when() -> None:
    t = trainer("logistic")
    assert (t.alterations, t.altered) == ((), frozenset())
    t.run(iterations=2)
    t.put("y_hat", [0.8, 0.3, 0.4])
    assert names(t) == {"y_hat", "(y - y_hat)", "(y - y_hat)**2", "((y - y_hat)**2 / 2)", "L"}
    t.run(iterations=3)
    t.set(learning_rate=0.5)
    t.put("b", 1.0)
    assert [(a.name, a.kind, a.since) for a in t.alterations] == [
        ("y_hat", "override", 2),
        ("b", "edit", 5),
    ]
    np.testing.assert_array_equal(t.alterations[0].value, [0.8, 0.3, 0.4])
    assert {"b", "broadcast(b)", "z", "y_hat", "L"} < names(t)
    assert not {"X", "y", "beta", "(X @ beta)"} & names(t)
    t.next()
    assert [a.name for a in t.alterations] == ["y_hat"]
    assert "b" not in names(t)
    t.put("y_hat", [0.8, 0.3, 0.4])
    assert t.alterations[0].since == 6
    t.rewind(3)
    assert t.alterations[0].since == 2
    t.release("y_hat")
    assert not t.altered
