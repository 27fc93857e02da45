"""Undo after a change, and redo after undo, are as if nothing had been done, to the last bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import tried
from tests.support.trainers import bits, here, trainer
from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.training.changes.undo import UndoStack


def place(t: tb.Trainer) -> tuple[int, int]:
    return t.iteration, t.position


def ahead(t: tb.Trainer) -> list[Any]:
    """Return what going forward will set, as bytes."""
    return [
        (
            since,
            s.hyperparameters,
            {n: bits(v) for n, v in s.overrides.items()},
            {n: bits(v) for n, v in s.edits.items()},
        )
        for since, s in t.snapshot().schedule.entries
    ]


def go_on_to(t: tb.Trainer, goal: tuple[int, int]) -> None:
    """Go forward to a place, whatever the numbers are there."""
    assert place(t) <= goal
    while t.iteration < goal[0]:
        t.next()
    t.seek(goal[1])


@dataclass
class Made:
    """A change, with the places and states around it."""

    text: str
    from_place: tuple[int, int]
    before: tuple[Any, ...]
    to_place: tuple[int, int]
    after: tuple[Any, ...]


class Model:
    """A trainer beside two stacks of states that undo and redo must bring back."""

    def __init__(self, t: tb.Trainer) -> None:
        self.t = t
        self.done: list[Made] = []
        self.undone: list[Made] = []

    def change(self, act: Any) -> None:
        t = self.t
        count, from_place, before = len(t.snapshot().done), place(t), (here(t), ahead(t))
        act()
        if len(t.snapshot().done) > count:
            self.done.append(Made(t.undoable or "", from_place, before, place(t), (here(t), ahead(t))))
            self.undone.clear()
        assert t.redoable == (self.undone[-1].text if self.undone else None)

    def undo(self) -> None:
        t = self.t
        if not self.done:
            assert t.undo() is None
            return
        made, came_from = self.done.pop(), place(t)
        assert t.undo() == made.text == t.redoable
        if made.to_place == made.from_place:  # not a restart
            assert place(t) == min(came_from, made.from_place)
        go_on_to(t, made.from_place)
        assert (here(t), ahead(t)) == made.before
        self.undone.append(made)

    def redo(self) -> None:
        t = self.t
        if not self.undone:
            assert t.redo() is None
            return
        made = self.undone.pop()
        from_place = place(t)
        assert t.redo() == made.text == t.undoable
        go_on_to(t, made.to_place)
        assert (here(t), ahead(t)) == made.after
        if made.to_place != made.from_place:  # undoing a restart leads to where it was made the last time
            made.from_place = from_place
            t.undo()
            made.before = here(t), ahead(t)
            t.redo()
        self.done.append(made)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["step", "next", "back", "previous"]), st.integers(1, 7)),
        st.tuples(st.just("run"), st.integers(0, 6)),
        st.tuples(st.just("rewind"), st.floats(0, 1)),
        st.tuples(st.just("seek"), st.floats(0, 1)),
        st.tuples(st.sampled_from(["undo", "redo"]), st.integers(1, 3)),
        st.tuples(st.sampled_from(["edit", "override", "element"]), st.floats(-1, 1)),
        st.tuples(st.sampled_from(["release", "reset"]), st.none()),
        st.tuples(
            st.just("set"),
            st.sampled_from(
                [
                    {"learning_rate": 0.003}, {"learning_rate": 0.02}, {"optimizer": "adam"},
                    {"optimizer": "momentum", "momentum": 0.5}, {"weight_decay": 0.1}, {"seed": 1},
                    {"seed": 2, "learning_rate": 0.05},
                ]
            ),
        ),
    ),
    min_size=3,
    max_size=14,
)  # fmt: skip


def move(model: Model, kind: str, argument: Any) -> None:
    t = model.t
    if kind in ("step", "next", "back", "previous"):
        for _ in range(argument):
            getattr(t, kind)()
    elif kind == "run":
        t.run(iterations=argument)
    elif kind == "rewind":
        t.rewind(int(argument * t.iteration))
    elif kind == "seek":
        t.seek(int(argument * t.record_count))
    elif kind in ("undo", "redo"):
        for _ in range(argument):
            getattr(model, kind)()
    elif kind == "set":
        model.change(lambda: t.set(**argument))
    elif kind == "override":
        model.change(lambda: t.put(t.graph.assignments[0].name, argument))
    elif kind == "edit":
        model.change(lambda: t.put(t.graph.parameters[0].name, argument))
    elif kind == "element":
        node = t.graph.inputs[0]
        model.change(lambda: t.put(node.name, argument, (0,) * len(node.shape)))
    elif kind == "reset":
        model.change(t.reset)
    elif t.alterations:
        model.change(lambda: t.release(t.alterations[-1].name))


@tried(
    lesson=st.sampled_from(
        [("linear", {}), ("logistic", {"optimizer": "adam"}), ("theta", {"batch_size": 3, "shuffle": True}),
         ("two-layer", {"batch_size": 2, "optimizer": "adamw", "shuffle": True}), ("square", {})]
    ),
    moves=MOVES,
    memory=st.sampled_from([64 << 20, 200_000]),
    few=30,
    many=60,
)  # fmt: skip
def test_undo_and_redo_bring_back_what_was(lesson: Any, moves: list[Any], memory: int) -> None:
    name, options = lesson
    model = Model(trainer(name, memory=memory, **options))
    for kind, argument in moves:
        if lesson[0] != "square" or kind != "edit":  # it has no parameters
            move(model, kind, argument)
    made = len(model.done)
    for _ in range(made + 1):
        model.undo()
    for _ in range(made + 1):
        model.redo()


# the rules, one by one


def test_undo_says_what_it_undid() -> None:
    t = trainer("logistic")
    assert (t.undo(), t.redo(), t.undoable, t.redoable) == (None, None, None, None)
    t.put("y_hat", [0.8, 0.3, 0.4])
    t.set(learning_rate=0.5)
    t.set(learning_rate=1.0, optimizer="adam")
    t.put("X", -7.5, (1, 0))
    t.put("X", 1.0)
    t.release("X")
    said = [t.undo() for _ in range(7)]
    assert said == [
        "X released",
        "X put in as 1",
        "X[1, 0] put in as −7.5",
        "learning_rate 0.5 → 1, optimizer sgd → adam",
        "learning_rate 0.1 → 0.5",
        "ŷ put in as [0.8, 0.3, 0.4]",
        None,
    ]
    assert [t.redo() for _ in range(7)] == [*reversed(said[:-1]), None]


def test_undo_goes_back_to_where_the_change_was_made() -> None:
    t = trainer("linear")
    t.run(iterations=3)
    t.seek(2)
    before = here(t)
    t.put("y", 0.5)
    t.run(iterations=4)
    assert t.undo() == "y put in as 0.5"
    assert here(t) == before


def test_undo_before_the_change_takes_it_out_of_the_future_and_stays() -> None:
    t = trainer("linear")
    t.run(iterations=3)
    t.set(learning_rate=0.5)
    t.run(iterations=2)
    t.rewind(1)
    assert t.undo() == "learning_rate 0.01 → 0.5"
    assert place(t) == (1, 0)
    t.run(iterations=9)
    assert t.hyperparameters.learning_rate == 0.01
    t.rewind(2)
    t.redo()
    assert (place(t), t.hyperparameters.learning_rate) == ((2, 0), 0.01)
    t.next()
    assert t.hyperparameters.learning_rate == 0.5


def test_undo_brings_back_the_later_changes_that_a_change_in_the_past_had_dropped() -> None:
    t = trainer("linear")
    t.run(iterations=5)
    t.set(learning_rate=0.1)
    t.rewind(2)
    t.set(learning_rate=0.01)
    assert t.undoable == "later changes dropped"
    t.undo()
    t.run(iterations=3)
    assert t.hyperparameters.learning_rate == 0.1


def test_a_restart_is_undone_by_going_to_where_the_training_was() -> None:
    t = trainer("two-layer", batch_size=3, optimizer="adam")
    t.run(iterations=9)
    t.edit("W1", 0.5)
    t.run(iterations=4)
    t.seek(6)
    before = here(t)
    assert t.set(seed=7, batch_size=2)
    t.run(iterations=3)
    assert t.undo() == "batch_size 3 → 2, seed 42 → 7"
    assert here(t) == before
    assert t.redo()
    assert (place(t), t.hyperparameters.seed, t.iterations_per_epoch) == ((0, 0), 7, 2)


@pytest.mark.parametrize("change", [{"seed": 7}, {"learning_rate": 0.5}])
def test_an_interrupted_undo_changes_nothing(change: dict[str, Any]) -> None:
    t = trainer("linear", memory=1)
    t.run(iterations=8)
    t.set(**change)
    t.run(iterations=8)
    before, text = here(t), t.undoable
    with pytest.raises(Interrupted, match="going back to iteration 8 was interrupted"):
        t.undo(should_stop=lambda: True)
    assert (here(t), t.undoable, t.redoable) == (before, text, None)
    t.undo()
    assert (place(t), t.hyperparameters) == ((8, 0), trainer("linear").hyperparameters)


def test_a_new_change_ends_what_can_be_redone() -> None:
    t = trainer("linear")
    t.put("y", 1)
    t.undo()
    t.set(momentum=0.1)
    assert (t.redoable, t.redo()) == (None, None)


def test_reset_can_be_undone_where_it_dropped_something() -> None:
    t = trainer("linear")
    t.run(iterations=4)
    t.reset()
    assert t.undoable is None
    t.run(iterations=4)
    t.edit("w", 2.0)
    before = here(t)
    t.reset()
    assert t.undo() == "reset"
    assert here(t) == before


def test_the_record_shown_stays_where_nothing_moved() -> None:
    t = trainer("linear")
    for _ in range(t.record_count):
        last = t.step()
    t.put("y", 1.0)
    t.undo()
    assert t.record is last


def test_memory_is_bounded() -> None:
    t = trainer("linear")
    for k in range(1500):
        t.put("y", k)
    undone = 0
    while t.undo():
        undone += 1
    assert undone == 1000
    assert t.overrides["y"] == 499  # the oldest 500 are past undoing


def test_large_values_count_by_their_size() -> None:
    t = trainer("polynomial", memory=100_000)  # x has 2000 numbers, 16 kB
    for k in range(20):
        t.put("x", k, (0,))
    undone = 0
    while t.undo():
        undone += 1
    assert undone == 6
    changes = UndoStack(0)
    assert (len(changes), changes.done, changes.undone) == (0, None, None)


def test_undo_after_redo_of_a_restart_leads_to_where_it_was_redone() -> None:
    t = trainer("linear")
    t.run(iterations=9)
    t.set(seed=7)
    t.undo()
    t.rewind(4)
    t.seek(3)
    before = here(t)
    t.redo()
    t.run(iterations=2)
    t.undo()
    assert here(t) == before


def test_a_restart_begins_with_the_starting_parameters_whatever_was_edited() -> None:
    t = trainer("theta")
    t.edit("theta", 2.0)
    t.set(batch_size=2)
    assert t.parameters["theta"] == 0.5
    t.undo()
    assert t.parameters["theta"] == 2.0
