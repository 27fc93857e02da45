"""What goes to a worker and what comes back: data with declared types, from which nothing can be executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from tui_backprop.engine.compile.together import Differing
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import SamplesRead, lesson_of_text
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sessions.format import ArrayPart, SamplesPart, pack_array, unpack_array
from tui_backprop.sessions.model import pack_samples
from tui_backprop.sweeps.portions import WantedLosses
from tui_backprop.sweeps.together import GroupState
from tui_backprop.training.running import Reason
from tui_backprop.training.schedule import Schedule, checked
from tui_backprop.training.settings import NOTHING

Facts = dict[str, str]
"""What has to be the same wherever a sweep is worked at, by name: versions, and the kind of processor."""


class LessonPart(Struct, frozen=True, array_like=True):
    """A lesson as another process makes it again: its text, and what was read of other files."""

    text: str
    path: str
    builtin: str | None
    samples: SamplesPart


class TrainingPart(Struct, frozen=True, array_like=True):
    """One training: its hyperparameters, and the values its parameters are put at before the start."""

    hyperparameters: dict[str, int | float | str | bool]
    edits: dict[str, ArrayPart]


class DifferingPart(Struct, frozen=True, array_like=True):
    """What trainings that go together differ in."""

    coefficients: list[str]
    parameters: list[str]
    order: bool
    seed: bool


class GroupPart(Struct, frozen=True, array_like=True):
    """Where trainings that go together stand."""

    iteration: int
    alive: list[int]
    parameters: dict[str, ArrayPart]
    memory: dict[str, dict[str, ArrayPart]]


class Job(Struct, frozen=True):
    """Some seconds of work at some trainings.

    Attributes:
        facts: what has to hold where it is done.
        lesson: what is trained.
        trainings: how.
        goal: the updates of each.
        differing: what they differ in; None where each goes by itself.
        state: where they stand; None at their start.
        every, whole: which losses are wanted.
        seconds: how long.
    """

    facts: Facts
    lesson: LessonPart
    trainings: list[TrainingPart]
    goal: int
    differing: DifferingPart | None
    state: GroupPart | None
    every: int | None
    whole: bool
    seconds: float


class EndedPart(Struct, frozen=True, array_like=True):
    """A training that was done by itself: its updates, the losses wanted, and how it ended."""

    iterations: int
    losses: ArrayPart
    ended: Reason


class JobAnswer(Struct, frozen=True):
    """What came of a job.

    Attributes:
        refused: why it was not done; "" where it was.
        state: where trainings that go together stand now.
        losses: the losses wanted from there on where the job began, a column for each that is finite.
        apart: those that have to be done by themselves.
        ended: trainings that were done one after another, the first ones of the job.
    """

    refused: str = ""
    state: GroupPart | None = None
    losses: ArrayPart | None = None
    apart: list[int] = []
    ended: list[EndedPart] = []


def pack_lesson(lesson: Lesson) -> LessonPart:
    """Return a lesson as it is sent."""
    lesson = lesson.in_type("float64")
    builtin = lesson.name if lesson.builtin else None
    return LessonPart(lesson.text, str(lesson.path), builtin, pack_samples(lesson))


def unpack_lesson(part: LessonPart) -> Lesson:
    """Make a lesson again; no file is read.

    Raises:
        BackpropError: its text is refused.
        ValueError: an array does not fit its shape.
    """
    samples = part.samples
    known = SamplesRead(
        unpack_arrays(samples.arrays), unpack_arrays(samples.validation), unpack_arrays(samples.beside),
        samples.reading,
    )  # fmt: skip
    return lesson_of_text(part.text, Path(part.path), part.builtin, known, sandbox=OPEN)


def pack_training(schedule: Schedule) -> TrainingPart:
    """Return a training as it is sent."""
    settings = schedule.at(0)
    return TrainingPart(settings.hyperparameters.plain(), pack_arrays(settings.edits))


def unpack_training(part: TrainingPart, lesson: Lesson) -> Schedule:
    """Return what a training follows from."""
    hyperparameters = Hyperparameters().replace(**part.hyperparameters)
    settings = checked(lesson, hyperparameters, NOTHING, unpack_arrays(part.edits))
    return Schedule(lesson, ((0, settings),))


def pack_state(state: GroupState | None) -> GroupPart | None:
    """Return where trainings stand as it is sent."""
    if state is None:
        return None
    memory = {name: pack_arrays(kept) for name, kept in state.memory.items()}
    return GroupPart(state.iteration, list(state.alive), pack_arrays(state.parameters), memory)


def unpack_state(part: GroupPart | None) -> GroupState | None:
    """Return where trainings stand.

    Raises:
        ValueError: an array does not fit its shape.
    """
    if part is None:
        return None
    memory = {name: unpack_arrays(kept) for name, kept in part.memory.items()}
    return GroupState(part.iteration, tuple(part.alive), unpack_arrays(part.parameters), memory)


def pack_differing(differing: Differing) -> DifferingPart:
    """Return what trainings differ in as it is sent."""
    return DifferingPart(
        sorted(differing.coefficients), sorted(differing.parameters), differing.order, differing.seed
    )


def unpack_differing(part: DifferingPart) -> Differing:
    """Return what trainings differ in."""
    return Differing(frozenset(part.coefficients), frozenset(part.parameters), part.order, part.seed)


def wanted_of(job: Job) -> WantedLosses:
    """Return which losses a job is to bring."""
    return WantedLosses(job.every, job.whole)


def pack_arrays(arrays: Mapping[str, Array]) -> dict[str, ArrayPart]:
    """Return arrays as they are sent."""
    return {name: pack_array(np.asarray(array)) for name, array in arrays.items()}


def unpack_arrays(parts: Mapping[str, ArrayPart]) -> dict[str, Array]:
    """Return arrays as they were; raise a ValueError where one does not fit its shape."""
    return {name: unpack_array(part) for name, part in parts.items()}


def encode(message: Struct) -> bytes:
    """Return a message as bytes."""
    return msgspec.msgpack.encode(message)


def decode_job(data: bytes) -> Job:
    """Return a job; raise a :class:`msgspec.MsgspecError` where it is none."""
    return msgspec.msgpack.decode(data, type=Job)


def decode_answer(data: bytes) -> JobAnswer:
    """Return an answer; raise a :class:`msgspec.MsgspecError` where it is none."""
    return msgspec.msgpack.decode(data, type=JobAnswer)


def schedules_of(job: Job) -> Sequence[Schedule]:
    """Return what the trainings of a job follow from."""
    lesson = unpack_lesson(job.lesson)
    return [unpack_training(part, lesson) for part in job.trainings]
