"""The teacher's notes that belong to a record, with the live numbers in them."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import ChainFactor, Record
from tui_backprop.engine.namespace import value_names
from tui_backprop.explain.numbers import inline
from tui_backprop.explain.records import Row
from tui_backprop.training.trainer import Trainer


def live_values(trainer: Trainer) -> dict[str, Array]:
    """Return all names a note may use, with their values at this iteration."""
    rows = trainer.lesson.rows_of(trainer.inputs)
    scalars = {
        "learning_rate": trainer.hyperparameters.learning_rate,
        "iteration": trainer.iteration,
        "epoch": trainer.epoch,
        "samples": 1 if rows is None else rows,
    }
    extra = {name: np.asarray(value, dtype=np.float64) for name, value in scalars.items()}
    return value_names(trainer.tape, extra)


def whys(trainer: Trainer, record: Record, values: dict[str, Array] | None = None) -> list[str]:
    """Return the notes on a record of the trainer's iteration that hold now."""
    fitting = [why for why in trainer.lesson.whys if why.belongs_to(record)]
    if not fitting:
        return []
    values = live_values(trainer) if values is None else values
    return [why.text(values, inline) for why in fitting if why.applies(values)]


def why_rows(trainer: Trainer, record: Record, values: dict[str, Array] | None = None) -> list[Row]:
    """Return the notes on a record as rows, and for a factor what holds for its operation in any lesson."""
    notes = whys(trainer, record, values)
    rows = [Row("why", (note,)) for note in notes]
    if isinstance(record, ChainFactor) and record.output.op is not None:
        general = record.output.op.why(record.index, [node.shape for node in record.output.operands])
        if general:
            rows.append(Row("general" if notes else "why", (general,)))
    return rows
