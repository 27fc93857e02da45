"""A training as it is saved, and the same training again, to the last bit.

Data and the order of batches follow from the lesson, the hyperparameters and the iteration's number, so that
no state of a random generator has to be saved.
"""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import DTYPES, Array, frozen, in_type
from tui_backprop.engine.core.backends import PLAIN
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.optimizers import OPTIMIZERS, State
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import SamplesRead, lesson_of_text
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.sessions.format import (
    MAX_STATE,
    ArrayPart,
    ChangePart,
    CheckpointPart,
    EntriesPart,
    LossesPart,
    LowestPart,
    SamplesPart,
    SessionFileError,
    SettingsPart,
    StatePart,
    pack_array,
    unpack_array,
)
from tui_backprop.sessions.practice import pack_practice, unpack_practice
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.changes.undo import Change, describe
from tui_backprop.training.checkpoints.anchors import Anchor
from tui_backprop.training.iteration import record_count
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.saved import Saved
from tui_backprop.training.schedule import Entries, Schedule, checked
from tui_backprop.training.settings import Settings
from tui_backprop.training.state import TrainingState
from tui_backprop.training.stops.early_stop import NOTHING_SEEN, Lowest
from tui_backprop.training.trainer import Trainer

CHECKPOINTS = 32
"""Checkpoints saved for going back, at most."""
CHECKPOINT_BYTES = 1 << 18
"""What they may take, beside the one of where the training stands."""
UNDO_BYTES = 1 << 20
"""What values put in once, and not any more, may take; what needs more cannot be undone after a resume."""


class Moment(Struct, frozen=True, eq=False):
    """A training as it is to be written.

    Attributes:
        saved: the training.
        when: when it was taken, in seconds since 1970.
    """

    saved: Saved
    when: float

    @property
    def key(self) -> tuple[Any, ...]:
        """What two moments that need not both be written have in common."""
        saved = self.saved
        return (
            id(saved.lesson), id(saved.schedule), saved.iteration, saved.position, saved.breakpoints,
            saved.workbook, tuple(map(id, saved.done)), tuple(map(id, saved.undone)),
        )  # fmt: skip


def take(trainer: Trainer) -> Moment:
    """Return the training as it is now; to be called by the thread that moves it."""
    saved = trainer.snapshot()
    *earlier, here = saved.states
    earlier = [state for state in earlier if state.iteration]
    most = max(0, min(CHECKPOINTS, CHECKPOINT_BYTES // here.nbytes))
    if len(earlier) > most:  # half of them near the present, half spread over the rest
        near = earlier[len(earlier) - most // 2 :] if most > 1 else []
        far = earlier[: len(earlier) - len(near)]
        wanted = most - len(near)
        earlier = [far[i * len(far) // wanted] for i in range(wanted)] + near if wanted else near
    return Moment(structs.replace(saved, states=(*earlier, here)), time.time())


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
                raise OSError(errno.EFBIG, tr("it takes more than {most} MiB", most=MAX_STATE >> 21))
            self.arrays.append(pack_array(value))
        return self._places[id(value)]

    def entries(self, entries: Entries) -> EntriesPart:
        return [(since, self._setting(settings)) for since, settings in entries]

    def _setting(self, settings: Settings) -> int:
        if id(settings) not in self._places:
            part = SettingsPart(
                settings.hyperparameters.plain(),
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
            ends = change.before.since(change.since), change.after.since(change.since)
            values = [value for end in ends for _, settings in end for value in _values(settings)]
            fresh = {id(value): value.nbytes for value in values if id(value) not in self._places}
            self._room -= sum(fresh.values())
            if self._room < 0:
                break
            parts.append(self._change(change))
        return parts[::-1]

    def _change(self, change: Change) -> ChangePart:
        before, after = change.before.since(change.since), change.after.since(change.since)
        return ChangePart(
            change.what, change.since, self.entries(before), self.entries(after),
            change.iteration, change.position, change.restarts, change.nbytes,
        )  # fmt: skip

    def checkpoint(self, state: TrainingState) -> CheckpointPart:
        memory = {name: (s.count, self.arrays_of(s.arrays)) for name, s in state.memory.items()}
        return CheckpointPart(state.iteration, self.arrays_of(state.parameters), state.optimizer, memory)


def _values(settings: Settings) -> tuple[Array, ...]:
    return (*settings.overrides.values(), *settings.edits.values())


def has_samples_file(lesson: Lesson) -> bool:
    """Tell whether samples or other arrays may have come from a file of their own, and must be saved."""
    named = "csv" in lesson.text or "file" in lesson.text
    return (bool(lesson.samples) and named) or bool(lesson.beside)


def pack(moment: Moment, losses: LossesPart) -> StatePart:
    """Return a moment as it is written."""
    pool, saved, lesson = _Pool(), moment.saved, moment.saved.lesson
    entries = pool.entries(saved.schedule.entries)
    checkpoints = [pool.checkpoint(state) for state in saved.states]
    done, undone = pool.changes(saved.done), pool.changes(saved.undone)
    return StatePart(
        lesson.name, lesson.text, str(lesson.path.absolute()), lesson.builtin, has_samples_file(lesson),
        saved.position, saved.stepped, saved.diverged, pool.arrays, pool.settings,
        entries, done, undone, list(saved.breakpoints), checkpoints, losses,
        pack_practice(saved.workbook, lesson, pool.entries),
        LowestPart(*saved.lowest) if saved.lowest.upto >= 0 else None,
        list(saved.anchors),
    )  # fmt: skip


def pack_samples(lesson: Lesson) -> SamplesPart:
    """Return a lesson's samples, and arrays of files beside it, as they are written."""
    held = lesson.validation.samples if lesson.validation is not None else {}
    trained, others, beside = (
        {name: pack_array(a) for name, a in arrays.items()}
        for arrays in (lesson.samples, held, lesson.beside)
    )
    return SamplesPart(trained, others, beside, lesson.reading)


def restore(state: StatePart, losses: Kept, samples: SamplesPart | None, sandbox: Sandbox) -> Trainer:
    """Return the training that was saved, standing where it stood; its lesson is read with this sandbox.

    Raises:
        SessionFileError: the parts do not fit each other.
    """
    try:
        return _restore(state, losses, samples, sandbox)
    except BackpropError as error:
        raise SessionFileError(str(error)) from None
    except (KeyError, IndexError, ValueError, TypeError, ArithmeticError) as error:
        if isinstance(error, SessionFileError):
            raise
        raise SessionFileError(tr("its parts do not fit each other")) from None


def _restore(state: StatePart, losses: Kept, samples: SamplesPart | None, sandbox: Sandbox) -> Trainer:
    known = None
    if samples is not None:
        beside = {entry: unpack_array(part) for entry, part in samples.beside.items()}
        known = SamplesRead(_unpacked(samples.arrays), _unpacked(samples.validation), beside, samples.reading)
        if not known.samples and not beside:
            raise SessionFileError(tr("its samples do not fit each other"))
    builtin = state.name if state.builtin else None
    lesson = lesson_of_text(state.text, Path(state.path), builtin, known, sandbox=sandbox)
    arrays = [unpack_array(part) for part in state.arrays]
    settings = [_settings(part, arrays, lesson) for part in state.settings]

    def entries(part: EntriesPart) -> Entries:
        return tuple((iteration, settings[place]) for iteration, place in part)

    schedule = Schedule.of(lesson, entries(state.log))
    typed = [_typed(array, schedule.lesson) for array in arrays]
    states = tuple(_checkpoint(part, typed, schedule.lesson) for part in state.checkpoints)
    iterations = [checkpoint.iteration for checkpoint in states]
    if not states or iterations != sorted(set(iterations)) or iterations[-1] != len(losses):
        raise SessionFileError(tr("its checkpoints do not fit its losses"))
    if state.position > record_count(schedule.batches.graph(len(losses))):
        raise SessionFileError(tr("its place does not exist"))
    saved = Saved(
        lesson, schedule, states, losses, None, state.position, state.stepped, state.diverged,
        tuple(_done(state.done, schedule, entries)), tuple(_undone(state.undone, schedule, entries)),
        tuple(state.breakpoints), unpack_practice(state.practice, lesson, entries),
        _lowest(state.lowest, len(losses)), _anchors(state.anchors, len(losses)),
    )  # fmt: skip
    return Trainer.restored(saved)


def _unpacked(parts: Mapping[str, ArrayPart]) -> dict[str, Array]:
    """Return samples as they were written."""
    arrays = {name: unpack_array(part) for name, part in parts.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        raise SessionFileError(tr("its samples do not fit each other"))
    return arrays


def _lowest(part: LowestPart | None, iteration: int) -> Lowest:
    """Return the lowest validation loss, where it can be that of a training that has come so far."""
    if part is None or not part.iteration <= part.upto <= iteration:
        return NOTHING_SEEN
    return Lowest(part.upto, part.iteration, part.loss)


def _anchors(parts: Sequence[tuple[int, int, bytes]], iteration: int) -> tuple[Anchor, ...]:
    """Return the states all over the way; what is in them is looked at when one is needed."""
    anchors = tuple(Anchor(*part) for part in parts)
    numbers = [anchor.iteration for anchor in anchors]
    if numbers != sorted(set(numbers)) or (numbers and not 0 < numbers[-1] <= iteration):
        raise SessionFileError(tr("its checkpoints do not fit each other"))
    return anchors


def _done(parts: Sequence[ChangePart], now: Schedule, read: Callable[[EntriesPart], Entries]) -> list[Change]:
    """Return the changes that led to the schedule of now: each one's is the next one's before."""
    changes = []
    for part in reversed(parts):
        before = now.ending(_since(part), read(part.before))
        changes.append(_change(part, before, now))
        now = before
    return changes[::-1]


def _undone(
    parts: Sequence[ChangePart], now: Schedule, read: Callable[[EntriesPart], Entries]
) -> list[Change]:
    """Return the changes that lead on from the schedule of now, the next one last."""
    changes = []
    for part in reversed(parts):
        after = now.ending(_since(part), read(part.after))
        changes.append(_change(part, now, after))
        now = after
    return changes[::-1]


def _since(part: ChangePart) -> int:
    return 0 if part.restarts else part.iteration


def _change(part: ChangePart, before: Schedule, after: Schedule) -> Change:
    text = describe(part.what)
    safe = printable(text, sys.maxsize)
    what = part.what if safe == text else safe
    return Change(what, before, after, part.iteration, part.position, part.restarts, part.nbytes)


def _settings(part: SettingsPart, arrays: list[Array], lesson: Lesson) -> Settings:
    hyperparameters = Hyperparameters(backend=PLAIN).replace(**part.hyperparameters)
    if not part.edits.keys() <= lesson.parameters.keys():
        raise SessionFileError(tr("a parameter that was moved does not exist"))
    overrides = {name: arrays[place] for name, place in part.overrides.items()}
    edits = {name: arrays[place] for name, place in part.edits.items()}
    if any(value.shape != lesson.parameters[name].shape for name, value in edits.items()):
        raise SessionFileError(tr("a parameter that was moved has another shape"))
    settings = checked(lesson, hyperparameters, overrides, edits)
    if settings.whole != frozenset(part.whole):
        raise SessionFileError(tr("its values put in do not fit its samples"))
    return settings


def _typed(value: Array, lesson: Lesson) -> Array:
    """Return what was written as doubles in the lesson's type; NumPy's numbers stay such."""
    typed: Array = in_type(value, DTYPES[lesson.dtype])
    return frozen(typed) if isinstance(typed, np.ndarray) else typed


def _checkpoint(part: CheckpointPart, arrays: list[Array], lesson: Lesson) -> TrainingState:
    shapes = {name: spec.shape for name, spec in lesson.parameters.items()}
    shapes |= {name: value.shape for name, value in lesson.running.items()}
    parameters = {name: arrays[place] for name, place in part.parameters.items()}
    optimizer = OPTIMIZERS[part.optimizer]
    memory = {
        name: State(count, {key: arrays[place] for key, place in optimizer.by_code(values).items()})
        for name, (count, values) in part.states.items()
    }
    if {name: value.shape for name, value in parameters.items()} != shapes or any(
        array.shape != shapes[name] for name, state in memory.items() for array in state.arrays.values()
    ):
        raise SessionFileError(tr("its parameters do not fit its lesson"))
    kept = {array.code for array in optimizer.memory}
    if any(state.count and state.arrays.keys() != kept for state in memory.values()):
        raise SessionFileError(tr("its optimizer's memory does not fit its optimizer"))
    return TrainingState(part.iteration, parameters, part.optimizer, memory)
