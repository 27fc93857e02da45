"""Places: inside an iteration by position and by node, iterations by number, and values on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.trainers import bits, here, mine, start_of_iteration, trainer, whole
from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
from tui_backprop.engine.core.errors import Interrupted

# seek and peek


@given(positions=st.lists(st.floats(0, 1), min_size=1, max_size=6), ahead=st.floats(0, 1))
@settings(max_examples=40)
def test_a_position_is_the_same_however_one_comes_there(positions: list[float], ahead: float) -> None:
    t, stepped = trainer("two-layer"), trainer("two-layer")
    t.next()
    stepped.next()
    last = t.record_count - 1
    t.peek(1 + int(ahead * last))
    for share in positions:
        goal = int(share * last)
        record = t.seek(goal)
        while stepped.position < goal:
            stepped.step()
        while stepped.position > goal:
            stepped.back()
        assert here(t) == here(stepped)
        assert (record is None) == (goal == 0)
        assert record is t.record


def test_the_end_of_an_iteration_that_trains_is_the_start_of_the_next() -> None:
    t, stepped = trainer("linear"), trainer("linear")
    record = t.seek(t.record_count)
    for _ in range(t.record_count):
        expected = stepped.step()
    assert isinstance(record, ParameterUpdate)
    assert whole(record) == whole(expected)
    assert here(t) == here(stepped)
    assert (t.iteration, t.position, t.record) == (1, 0, record)


def test_the_end_of_a_lesson_that_trains_nothing_is_an_end() -> None:
    t = trainer("chain")
    t.seek(t.record_count)
    assert (t.iteration, t.phase, t.step()) == (0, "end", None)
    t.seek(0)
    assert t.phase == "start"


@pytest.mark.parametrize("position", [-1, 99, 1.5, True, None])
def test_positions_that_are_none(position: object) -> None:
    t = trainer("linear")
    with pytest.raises(tb.BackpropError, match=r"position: found .*; it must be (from 0 to 15|a whole)"):
        t.seek(position)  # type: ignore[arg-type]


def test_peek_looks_without_moving() -> None:
    t = trainer("linear")
    t.step()
    before = here(t)
    seen = [t.peek(position) for position in range(1, t.record_count + 1)]
    assert here(t) == before
    stepped = [t.record, *(t.step() for _ in range(t.record_count - 1))]
    assert [whole(record) for record in seen] == [whole(record) for record in stepped]
    assert (t.iteration, t.position) == (1, 0)
    with pytest.raises(tb.BackpropError, match="position: found 0; it must be from 1 to 15"):
        t.peek(0)


# places of nodes

FORK = """
formula = '''
h = w * x
unused = w + 1
L = (h - t)**2 + abs(h - t)
'''
[data]
x = 2.0
t = 1.0
[parameters]
w = 3.0
"""


def test_the_place_of_a_gradient_is_behind_its_last_factor() -> None:
    for name in ("logistic", "relu-net", "nodes", "two-layer"):
        t = trainer(name)
        for node in t.graph.nodes:
            if node.kind is not Kind.LITERAL and any(o.operands[i] is node for o, i in t.graph.factors):
                record = t.peek(t.place_of(node))
                assert isinstance(record, ChainFactor)
                assert record.operand is node
                assert bits(record.accumulated) == bits(t.tape.gradient(node))


def test_the_paths_of_a_fork(tmp_path: Path) -> None:
    t = mine(tmp_path, FORK)
    first, second = t.place_of("h", 0), t.place_of("h", 1)
    assert first < second == t.place_of("h")
    records = t.peek(first), t.peek(second)
    assert all(isinstance(r, ChainFactor) and r.operand.name == "h" for r in records)
    # L = (h−t)² + |h−t| at h = 6, t = 1: the paths bring 2·5 and 1, in the engine's order
    assert sorted(float(r.downstream) for r in records) == [1.0, 10.0]  # type: ignore[union-attr]
    assert records[1].accumulated == 11.0  # type: ignore[union-attr]
    with pytest.raises(tb.BackpropError, match="h: found path 2; it must be 0 to 1"):
        t.place_of("h", 2)


def test_places_of_the_loss_of_what_is_given_and_of_what_the_loss_does_not_depend_on(tmp_path: Path) -> None:
    t = mine(tmp_path, FORK)
    assert t.place_of("L") == t.assignment_place("L") == 7  # ∂L/∂L = 1 is there as soon as L is
    assert t.assignment_place("x") == 0
    record = t.peek(t.assignment_place("h"))
    assert isinstance(record, Assignment)
    assert record.node.name == "h"
    with pytest.raises(tb.BackpropError, match="the loss does not depend on unused"):
        t.place_of("unused")
    with pytest.raises(tb.BackpropError, match="unused: found path 0; it must be none"):
        t.place_of("unused", 0)
    with pytest.raises(tb.BackpropError, match="unknown node 'q'"):
        t.place_of("q")


def test_either_spelling_a_text_or_a_node_of_another_batch() -> None:
    t = trainer("logistic")
    assert t.place_of("β") == t.place_of("beta") == t.place_of(t.graph.named["beta"])
    assert t.assignment_place("(y − ŷ)") == t.assignment_place("(y - y_hat)")
    batched = trainer("theta", batch_size=3)
    node = batched.graph.named["z1"]
    batched.next()
    assert batched.graph.named["z1"] is not node
    assert batched.place_of(node) == batched.place_of("z1")
    with pytest.raises(tb.BackpropError, match="ŷ is no node of this lesson"):
        batched.place_of(t.graph.named["y_hat"])


# iterations


def test_goto_goes_back_and_forward() -> None:
    t = trainer("theta")
    seen = []
    for _ in range(12):
        seen.append(start_of_iteration(t))
        t.next()
    for goal in (11, 3, 7, 0, 9):
        start = t.iteration
        t.step()
        report = t.goto(goal)
        assert start_of_iteration(t) == seen[goal]
        assert (report.reason, report.iterations, t.position) == ("asked", goal - start, 0)
    t.step()
    assert (t.goto(9).iterations, t.position) == (0, 0)


def test_goto_stops_as_a_run_does_and_is_interrupted_as_the_way_back_is() -> None:
    t = trainer("linear", memory=1)
    report = t.goto(1000, should_stop=lambda: t.iteration >= 5)
    assert (report.reason, report.iterations) == ("stopped", t.iteration)
    assert 5 <= t.iteration < 1000
    t.rewind(5)
    with pytest.raises(Interrupted):
        t.goto(2, should_stop=lambda: True)
    assert t.iteration == 5
    t.breakpoints.add("iteration 8")
    report = t.goto(20)
    assert (report.reason, t.iteration) == ("breakpoint", 8)
    for wrong in (-1, 1.5, "3"):
        with pytest.raises(tb.BackpropError, match=r"iteration: found .*; it must be a whole number"):
            t.goto(wrong)  # type: ignore[arg-type]
    assert trainer("chain").goto(3).reason == "untrainable"


# the last values of a parameter


def test_recent_values_are_those_of_the_iterations_starts() -> None:
    t = trainer("logistic")
    seen = []
    for _ in range(30):
        seen.append((float(t.parameters["b"]), float(np.linalg.norm(t.parameters["beta"]))))
        t.next()
    t.rewind(29)
    iterations, values = t.recent("b", 10)
    np.testing.assert_array_equal(iterations, range(20, 30))
    np.testing.assert_array_equal(values, [b for b, _ in seen[20:]])
    iterations, lengths = t.recent("β", 100)
    np.testing.assert_array_equal(iterations, range(30))
    np.testing.assert_allclose(lengths, [length for _, length in seen], rtol=1e-14)
    assert t.recent("beta", 3, (1,))[1][-1] == t.parameters["beta"][1]
    assert t.recent("b", 0)[1].shape == (0,)


def test_recent_values_have_what_was_edited_and_are_few_far_back() -> None:
    t = trainer("linear")
    t.edit("w", 5.0)
    t.run(iterations=2)
    assert list(t.recent("w", 5)[1][:1]) == [5.0]
    t.run(iterations=3000)
    iterations, values = t.recent("w", 2000)
    assert len(iterations) == len(values) < 2000
    np.testing.assert_array_equal(iterations[-32:], range(2971, 3003))
    assert values[-1] == t.parameters["w"]
    with pytest.raises(tb.BackpropError, match="unknown parameter 'y'; there are: w, b"):
        t.recent("y", 3)
