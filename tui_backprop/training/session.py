"""A training as it is saved, and the same training again, to the last bit.

Data and the order of batches follow from the lesson, the dials and the iteration's number, so that no state
of a random generator has to be saved.
"""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, State
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.training.changes import Change
from tui_backprop.training.session_file import (
    MAX_STATE,
    ArrayPart,
    ChangePart,
    CheckpointPart,
    LogPart,
    LossesPart,
    MarkPart,
    PracticePart,
    SamplesPart,
    SessionFileError,
    SettingsPart,
    StatePart,
    pack_array,
    unpack_array,
)
from tui_backprop.training.settings import Log, Settings
from tui_backprop.training.timeline import Checkpoint
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import MOST_MARKS, KeptMark, Score, Workbook

CHECKPOINTS = 32
"""Checkpoints saved for going back, at most."""
CHECKPOINT_BYTES = 1 << 18
"""What they may take, beside the one of where the training stands."""
UNDO_BYTES = 1 << 20
"""What values put in once, and not any more, may take; what needs more cannot be undone after a resume."""


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """A training at one moment: references to what is never written again, so that taking it is quick."""

    lesson: Lesson
    iteration: int
    position: int
    stepped: bool
    diverged: bool
    loss: float | None
    log: tuple[tuple[int, Settings], ...]
    done: tuple[Change, ...]
    undone: tuple[Change, ...]
    breakpoints: tuple[tuple[str, bool], ...]
    workbook: Workbook
    checkpoints: tuple[Checkpoint, ...]
    losses: Array
    when: float  # seconds since 1970

    @property
    def key(self) -> tuple[Any, ...]:
        """What two moments that need not both be written have in common."""
        return (
            id(self.lesson), self.iteration, self.position, self.breakpoints, self.workbook,
            tuple((since, id(settings)) for since, settings in self.log),
            tuple(map(id, self.done)), tuple(map(id, self.undone)),
        )  # fmt: skip


def take(trainer: Trainer) -> Moment:
    """Return the training as it is now; to be called by the thread that moves it."""
    here = trainer._checkpoint()
    earlier = [c for c in trainer._timeline._checkpoints if 0 < c.iteration < here.iteration]
    most = max(0, min(CHECKPOINTS, CHECKPOINT_BYTES // here.nbytes))
    if len(earlier) > most:  # half of them near the present, half spread over the rest
        near = earlier[len(earlier) - most // 2 :] if most > 1 else []
        far = earlier[: len(earlier) - len(near)]
        wanted = most - len(near)
        earlier = [far[i * len(far) // wanted] for i in range(wanted)] + near if wanted else near
    return Moment(
        trainer.lesson,
        trainer.iteration,
        trainer.position,
        trainer._last_record is not None and not trainer.position,
        trainer._divergence is not None,
        trainer._loss if trainer._swept is not None else None,
        tuple(trainer._log),
        tuple(trainer._changes._done),
        tuple(trainer._changes._undone),
        tuple((point.text, point.enabled) for point in trainer.breakpoints),
        trainer.workbook,
        (*earlier, here),
        trainer.losses,
        time.time(),
    )


class _Pool:
    """Arrays and settings that are written once, however often they occur."""

    def __init__(self) -> None:
        self.arrays: list[ArrayPart] = []
        self.settings: list[SettingsPart] = []
        self.nbytes = 0  # of the arrays
        self._room = UNDO_BYTES
        self._places: dict[int, int] = {}

    def arrays_of(self, values: Mapping[str, Array]) -> dict[str, int]:
        return {name: self._array(value) for name, value in values.items()}

    def _array(self, value: Array) -> int:
        if id(value) not in self._places:
            self._places[id(value)] = len(self.arrays)
            self.nbytes += value.nbytes
            if self.nbytes > MAX_STATE // 2:
                raise OSError(errno.EFBIG, f"it takes more than {MAX_STATE >> 21} MiB")
            self.arrays.append(pack_array(value))
        return self._places[id(value)]

    def log(self, log: Any) -> LogPart:
        return [(since, self._setting(settings)) for since, settings in log]

    def _setting(self, settings: Settings) -> int:
        if id(settings) not in self._places:
            part = SettingsPart(
                asdict(settings.dials),
                self.arrays_of(settings.overrides),
                self.arrays_of(settings.edits),
                sorted(settings.whole),
            )
            self._places[id(settings)] = len(self.settings)
            self.settings.append(part)
        return self._places[id(settings)]

    def changes(self, changes: Iterable[Change]) -> list[ChangePart]:
        """Return the last of these changes, as many as there is room for."""
        parts: list[ChangePart] = []
        for change in reversed(tuple(changes)):
            values = [v for log in (change.before, change.after) for _, s in log for v in _values(s)]
            fresh = {id(value): value.nbytes for value in values if id(value) not in self._places}
            self._room -= sum(fresh.values())
            if self._room < 0:
                break
            parts.append(self._change(change))
        return parts[::-1]

    def _change(self, change: Change) -> ChangePart:
        return ChangePart(
            change.text, change.since, self.log(change.before), self.log(change.after),
            change.iteration, change.position, change.restarts, change.nbytes,
        )  # fmt: skip

    def checkpoint(self, checkpoint: Checkpoint) -> CheckpointPart:
        states = {n: (s.count, self.arrays_of(s.arrays)) for n, s in checkpoint.states.items()}
        return CheckpointPart(
            checkpoint.iteration, self.arrays_of(checkpoint.parameters), checkpoint.optimizer, states
        )


def _values(settings: Settings) -> tuple[Array, ...]:
    return (*settings.overrides.values(), *settings.edits.values())


def has_samples_file(lesson: Lesson) -> bool:
    """Tell whether a lesson's samples may have come from a file of their own, and must be saved."""
    return bool(lesson.samples) and "csv" in lesson.text


def pack(moment: Moment, losses: LossesPart) -> StatePart:
    """Return a moment as it is written."""
    pool, lesson = _Pool(), moment.lesson
    log = pool.log(moment.log)
    checkpoints = [pool.checkpoint(c) for c in moment.checkpoints]
    done, undone = pool.changes(moment.done), pool.changes(moment.undone)
    return StatePart(
        lesson.name, lesson.text, str(lesson.path.absolute()), lesson.builtin, has_samples_file(lesson),
        moment.position, moment.stepped, moment.diverged, pool.arrays, pool.settings,
        log, done, undone, list(moment.breakpoints), checkpoints, losses,
        _practice(moment.workbook),
    )  # fmt: skip


def _practice(workbook: Workbook) -> PracticePart:
    marks = [MarkPart(mark.name, mark.given, mark.passed, mark.verdict) for mark in workbook.marks]
    return PracticePart(workbook.predicting, structs.asdict(workbook.earned), marks)


def pack_samples(lesson: Lesson) -> SamplesPart:
    """Return a lesson's samples as they are written."""
    return SamplesPart({name: pack_array(value) for name, value in lesson.samples.items()})


def restore(state: StatePart, losses: Array, samples: SamplesPart | None) -> Trainer:
    """Return the training that was saved, standing where it stood.

    Raises:
        SessionFileError: the parts do not fit each other.
    """
    try:
        return _restore(state, losses, samples)
    except BackpropError as error:
        raise SessionFileError(str(error)) from None
    except (KeyError, IndexError, ValueError, TypeError, ArithmeticError) as error:
        if isinstance(error, SessionFileError):
            raise
        raise SessionFileError("its parts do not fit each other") from None


def _restore(state: StatePart, losses: Array, samples: SamplesPart | None) -> Trainer:
    known = None
    if samples is not None:
        known = {name: unpack_array(part) for name, part in samples.arrays.items()}
        if not known or len({len(array) for array in known.values()}) != 1:
            raise SessionFileError("its samples do not fit each other")
    lesson = lesson_of_text(state.text, Path(state.path), state.name if state.builtin else None, known)
    arrays = [unpack_array(part) for part in state.arrays]
    trainer = Trainer(lesson)
    settings = [_settings(part, arrays, trainer) for part in state.settings]

    def log(part: LogPart) -> Log:
        since = [iteration for iteration, _ in part]
        if since != sorted(set(since)):
            raise SessionFileError("its settings are out of order")
        return [(iteration, settings[place]) for iteration, place in part]

    def change(part: ChangePart) -> Change:
        return Change(
            printable(part.text, sys.maxsize), part.since, log(part.before), log(part.after),
            part.iteration, part.position, part.restarts, part.nbytes,
        )  # fmt: skip

    entries = log(state.log)
    if not entries or entries[0][0] != 0 or not state.checkpoints:
        raise SessionFileError("it has no beginning")
    trainer._begin(entries)
    checkpoints = [_checkpoint(part, arrays, trainer) for part in state.checkpoints]
    iterations = [c.iteration for c in checkpoints]
    if iterations != sorted(set(iterations)) or iterations[-1] != len(losses):
        raise SessionFileError("its checkpoints do not fit its losses")
    trainer._history.extend(losses)
    for checkpoint in checkpoints:
        if checkpoint.iteration:
            trainer._timeline.add(checkpoint)
    trainer._place(checkpoints[-1])
    for done in state.done:
        trainer._changes._push(change(done))
    trainer._changes._undone.extend(map(change, state.undone))
    for number, (text, enabled) in enumerate(state.breakpoints):
        trainer.breakpoints.add(text)
        if not enabled:
            trainer.breakpoints.toggle(number)
    trainer.workbook = _workbook(state.practice)
    _stand(trainer, state)
    return trainer


def _workbook(part: PracticePart) -> Workbook:
    marks = [
        KeptMark(printable(m.name, 200), printable(m.given, 10_000), m.passed, printable(m.verdict, 200))
        for m in part.marks[-MOST_MARKS:]
    ]
    return Workbook(part.predicting, Score(**part.earned), tuple(marks))


def _stand(trainer: Trainer, state: StatePart) -> None:
    """Go inside the iteration, and have what was last done and found there again."""
    if state.position > trainer.record_count:
        raise SessionFileError("its place does not exist")
    if state.stepped and trainer.iteration and not state.position:
        scout = trainer._scout(trainer.iteration - 1)
        walk = scout._start_walk()
        walk.upto(walk.total)
        trainer._last_record = walk.records[-1]
    trainer._stand(state.position)
    if state.diverged:
        trainer._check_divergence()


def _settings(part: SettingsPart, arrays: list[Array], trainer: Trainer) -> Settings:
    dials = Hyperparameters().replace(**part.dials)
    names = {name for name, spec in trainer.lesson.parameters.items() if name in part.edits}
    if names != set(part.edits):
        raise SessionFileError("a parameter that was moved does not exist")
    overrides = {name: arrays[place] for name, place in part.overrides.items()}
    edits = {name: arrays[place] for name, place in part.edits.items()}
    if any(value.shape != trainer.lesson.parameters[name].shape for name, value in edits.items()):
        raise SessionFileError("a parameter that was moved has another shape")
    checked = trainer._checked(dials, overrides, edits)
    if checked.whole != frozenset(part.whole):
        raise SessionFileError("its values put in do not fit its samples")
    return checked


def _checkpoint(part: CheckpointPart, arrays: list[Array], trainer: Trainer) -> Checkpoint:
    shapes = {name: spec.shape for name, spec in trainer.lesson.parameters.items()}
    parameters = {name: arrays[place] for name, place in part.parameters.items()}
    states = {
        name: State(count, {key: arrays[place] for key, place in values.items()})
        for name, (count, values) in part.states.items()
    }
    if {name: value.shape for name, value in parameters.items()} != shapes or any(
        array.shape != shapes[name] for name, state in states.items() for array in state.arrays.values()
    ):
        raise SessionFileError("its parameters do not fit its lesson")
    nothing = np.zeros(())
    kept = OPTIMIZERS[part.optimizer](nothing, nothing, State(), Coefficients(0.0)).state.arrays.keys()
    if any(state.count and state.arrays.keys() != kept for state in states.values()):
        raise SessionFileError("its optimizer's memory does not fit its optimizer")
    return Checkpoint(part.iteration, parameters, part.optimizer, states)
