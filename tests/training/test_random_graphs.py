"""Stepping to the end, back to the start and to the end again gives the same bits, whatever the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.random_graphs import formulas, random_lesson
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor


def trainer_of(formula: str, optimizer: str) -> tb.Trainer:
    return tb.Trainer(random_lesson(formula), optimizer=optimizer, learning_rate=0.01)


def bits(record: Any) -> tuple[bytes, ...]:
    """Return every number of a record, bit for bit."""
    if isinstance(record, Assignment):
        arrays: tuple[Any, ...] = (record.value,)
    elif isinstance(record, ChainFactor):
        arrays = (record.upstream, record.local, record.downstream, record.accumulated)
    else:
        arrays = (record.gradient, record.before, record.after, *(term.value for term in record.terms))
    return tuple(np.asarray(a).tobytes() if a is not None else b"" for a in arrays)


@given(formula=formulas(), optimizer=st.sampled_from(["sgd", "adam"]), iterations=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_there_and_back_and_there_again(formula: str, optimizer: str, iterations: int) -> None:
    trainer = trainer_of(formula, optimizer)
    count = sum(trainer.record_count for _ in range(iterations))

    def walk() -> list[tuple[bytes, ...]]:
        return [bits(trainer.step()) for _ in range(count)]

    first = walk()
    end = trainer.loss, trainer.iteration
    for _ in range(count):
        trainer.back()
    assert (trainer.iteration, trainer.position) == (0, 0)
    places = range(trainer.record_count, 0, -1)  # the last one first: each without those before it
    assert [bits(trainer.peek(place)) for place in places] == first[: trainer.record_count][::-1]
    assert trainer.back() is None
    assert walk() == first
    assert (trainer.loss, trainer.iteration) == end
