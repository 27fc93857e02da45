"""What was practised, folded and pinned in a training, as it is written and read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from msgspec import structs

from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sessions.format import (
    EntriesPart,
    FoldsPart,
    MarkPart,
    PinPart,
    PracticePart,
    SessionFileError,
)
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.history import Envelope
from tui_backprop.training.schedule import Entries, Schedule
from tui_backprop.training.workbook import (
    MOST_MARKS,
    MOST_PINS,
    PIN_BUCKETS,
    Folds,
    KeptMark,
    Pin,
    Score,
    Workbook,
)

PIN_BYTES = 1 << 18
"""What values put in by hand in pinned runs may take; a pin that needs more is not kept."""
PIN_ENTRIES = 1_000
"""Changes of the settings in a pinned run, at most."""


def pack_practice(
    workbook: Workbook, lesson: Lesson, entries: Callable[[Entries], EntriesPart]
) -> PracticePart:
    """Return it as it is written; pinned runs of other lessons are left out.

    Args:
        workbook: what was practised.
        lesson: the training's.
        entries: writes settings.
    """
    marks = [MarkPart(mark.name, mark.given, mark.passed, mark.verdict) for mark in workbook.marks]
    chosen = [(one.start, one.stop, one.part) for one in workbook.folds.chosen]
    folds = FoldsPart(chosen, sorted(workbook.folds.unfolded))
    pins = [_pin(pin, entries) for pin in _kept(workbook, lesson)]
    return PracticePart(workbook.predicting, structs.asdict(workbook.earned), marks, folds, pins)


def _kept(workbook: Workbook, lesson: Lesson) -> Iterator[Pin]:
    room = PIN_BYTES
    for pin in workbook.pins:
        log = pin.schedule.entries
        values = {id(v): v for _, s in log for v in (*s.overrides.values(), *s.edits.values())}
        needed = sum(value.nbytes for value in values.values())
        same = pin.schedule.lesson.in_type(lesson.dtype) is lesson
        if same and needed <= room and len(log) <= PIN_ENTRIES:
            room -= needed
            yield pin


def _pin(pin: Pin, entries: Callable[[Entries], EntriesPart]) -> PinPart:
    envelope = pin.envelope
    return PinPart(
        entries(pin.schedule.entries), pin.iteration, pin.loss, envelope.iterations.tolist(),
        envelope.low.tolist(), envelope.high.tolist(), envelope.nonfinite.tolist(), envelope.first_nonfinite,
    )  # fmt: skip


def unpack_practice(
    part: PracticePart, lesson: Lesson, entries: Callable[[EntriesPart], Entries]
) -> Workbook:
    """Return it as it was.

    Raises:
        SessionFileError: its parts do not fit each other.
    """
    marks = [
        KeptMark(printable(m.name, 200), printable(m.given, 10_000), m.passed, printable(m.verdict, 200))
        for m in part.marks[-MOST_MARKS:]
    ]
    pins = tuple(_pinned(one, Schedule.of(lesson, entries(one.entries))) for one in part.pins[:MOST_PINS])
    return Workbook(part.predicting, Score(**part.earned), tuple(marks), _folds(part.folds), pins)


def _folds(part: FoldsPart) -> Folds:
    chosen = tuple(Stretch(*one) for one in part.chosen)
    if any(one.stop - one.start < 2 or any(map(one.crosses, chosen)) for one in chosen):
        raise SessionFileError(tr("its folded records do not fit each other"))
    return Folds(chosen, frozenset(part.unfolded))


def _pinned(part: PinPart, schedule: Schedule) -> Pin:
    iterations = np.array(part.iterations, dtype=np.int64)
    low, high = np.array(part.low, dtype=np.float64), np.array(part.high, dtype=np.float64)
    nonfinite = np.array(part.nonfinite, dtype=np.bool_)
    if (
        not 0 < len(iterations) <= PIN_BUCKETS + 1
        or not len(iterations) == len(low) == len(high) == len(nonfinite)
        or (np.diff(iterations) <= 0).any()
        or iterations[-1] != part.iteration
    ):
        raise SessionFileError(tr("the losses of a pinned run do not fit each other"))
    for array in (iterations, low, high, nonfinite):
        array.flags.writeable = False
    finite = np.isfinite(low)
    envelope = Envelope(
        start=0, stop=part.iteration + 1, iterations=iterations, low=low, high=high, nonfinite=nonfinite,
        first_nonfinite=part.first_nonfinite, last=part.loss,
        smallest=float(low[finite].min(initial=np.inf)) if finite.any() else float("nan"),
        largest=float(high[finite].max(initial=-np.inf)) if finite.any() else float("nan"),
    )  # fmt: skip
    return Pin(schedule, part.iteration, part.loss, envelope)
