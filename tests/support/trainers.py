"""What the tests of trainers share: all that tells two of them apart, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import tui_backprop as tb


def trainer(name: str | Path = "linear", **options: object) -> tb.Trainer:
    """Return a trainer of a built-in lesson, or of a lesson's file."""
    return tb.Trainer(tb.load_lesson(name), **options)


def mine(folder: Path, text: str, **options: object) -> tb.Trainer:
    """Return a trainer of a lesson's text."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path), **options)


def bits(value: Any) -> bytes:
    return np.asarray(value, dtype=np.float64).tobytes()


def start_of_iteration(t: tb.Trainer) -> tuple[Any, ...]:
    """All that an iteration starts from, and all that follows from it, as bytes."""
    return (
        t.iteration,
        t.epoch,
        t.hyperparameters,
        bits(t.loss),
        bits(t.losses),
        {name: bits(value) for name, value in t.leaves.items()},
        {name: bits(value) for name, value in t.gradients.items()},
        {name: bits(value) for name, value in t.next_parameters.items()},
        {name: bits(value) for name, value in t.overrides.items()},
        {
            name: (s.count, {k: bits(v) for k, v in s.arrays.items()})
            for name, s in t.optimizer_states.items()
        },
        None if t.sample_indices is None else t.sample_indices.tolist(),
    )


def whole(record: Any) -> tuple[Any, ...]:
    """Return a record's fields as bytes."""
    fields = [type(record).__name__]
    for name in type(record).__slots__:
        value = getattr(record, name)
        if name == "terms":
            fields += [(term.name, term.formula, bits(term.value)) for term in value]
        else:
            fields.append(bits(value) if isinstance(value, np.ndarray) else str(value))
    return tuple(fields)


def here(t: tb.Trainer) -> tuple[Any, ...]:
    """Return the position and all records done in this iteration."""
    return (
        *start_of_iteration(t),
        t.position,
        t.phase,
        tuple(whole(record) for record in t.records),
        {name: bits(value) for name, value in t.parameters.items()},
    )
