"""Runs that are pinned: up to six, what tells them apart, and how to be back at one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameters
from tui_backprop.sweeps.settings import equal_values
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.undo import Change, Restarted
from tui_backprop.training.history import History
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.stops.early_stop import NOTHING_SEEN
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import MOST_PINS, PIN_BUCKETS, Pin

SETTABLE = (*HYPERPARAMETERS, "backend")
TOLD = 3
"""Values of a hyperparameter that changed on the way that are written out, at most."""


class PinnedRun(Struct, frozen=True):
    """A pinned run as it is listed.

    Attributes:
        number: what it is called by, from 1.
        settings: what is set in it as it is not in another of those listed, in a line; "" for nothing.
        iteration, loss: how far it went.
    """

    number: int
    settings: str
    iteration: int
    loss: float


def pin_of(trainer: Trainer) -> Pin:
    """Return the run up to where a trainer stands."""
    envelope = trainer.history.envelope(PIN_BUCKETS, 0, trainer.iteration).with_next(trainer.loss)
    now = trainer.snapshot().schedule
    schedule = Schedule(now.lesson, now.upto(trainer.iteration), now.batches)
    return Pin(schedule, trainer.iteration, trainer.loss, envelope)


def pin_of_losses(schedule: Schedule, losses: Sequence[float]) -> Pin:
    """Return a run that was trained elsewhere; its losses begin at iteration 0."""
    history = History()
    history.extend(np.asarray(losses, np.float64)[:-1])
    last = float(losses[-1])
    return Pin(schedule, len(losses) - 1, last, history.envelope(PIN_BUCKETS).with_next(last))


def add(trainer: Trainer, pin: Pin, how: str = "") -> int:
    """Pin a run, and return its number.

    Args:
        trainer: what it is pinned beside.
        pin: the run.
        how: what a refusal says of making room; by default what the command ``unpin`` does.

    Raises:
        BackpropError: there are six already, or the same is pinned.
    """
    pins = trainer.workbook.pins
    for number, other in enumerate(pins, 1):
        if other.iteration == pin.iteration and same(other.schedule, pin.schedule, pin.iteration):
            raise BackpropError(tr("this run is pinned already, as {number}", number=number))
    if len(pins) >= MOST_PINS:
        full = tr("{count} runs are pinned, as many as a chart can show", count=MOST_PINS)
        how = how or tr("unpin N lets one go")
        raise BackpropError(f"{full}; {how}")
    trainer.workbook = structs.replace(trainer.workbook, pins=(*pins, pin))
    return len(pins) + 1


def remove(trainer: Trainer, number: int) -> None:
    """Let a pin go; those behind it move up.

    Raises:
        BackpropError: there is none of that number.
    """
    pin = numbered(trainer, number)
    left = tuple(other for other in trainer.workbook.pins if other is not pin)
    trainer.workbook = structs.replace(trainer.workbook, pins=left)


def numbered(trainer: Trainer, number: int | None) -> Pin:
    """Return the pin of a number; None stands for the last.

    Raises:
        BackpropError: there is none.
    """
    pins = trainer.workbook.pins
    if not pins:
        raise BackpropError(tr("no run is pinned yet; pin keeps the one here"))
    if number is None:
        return pins[-1]
    if not 1 <= number <= len(pins):
        raise BackpropError(
            tr_count(
                "found {number}; there is pin 1 alone",
                "found {number}; there are pins 1 to {count}",
                len(pins),
                number=number,
            )
        )
    return pins[number - 1]


def same(one: Schedule, other: Schedule, iteration: int) -> bool:
    """Tell whether two schedules lead the same way up to an iteration, that one included."""
    if one is other:
        return True
    mine, theirs = one.upto(iteration), other.upto(iteration)
    return (
        one.lesson.text == other.lesson.text
        and [since for since, _ in mine] == [since for since, _ in theirs]
        and all(
            a.hyperparameters == b.hyperparameters
            and equal_values(a.overrides, b.overrides)
            and equal_values(a.edits, b.edits)
            for (_, a), (_, b) in zip(mine, theirs, strict=True)
        )
    )


# ---------------------------------------------------------------------- what tells them apart


def listed(pins: Sequence[Pin], here: Hyperparameters | None = None) -> tuple[PinnedRun, ...]:
    """Return pins as they are listed, each with what is not set alike in all of them and in the run here."""
    written = [_written(run) for run in pins]
    others = [] if here is None else [{name: f"{name} {here.text_of(name)}" for name in SETTABLE}]
    names = list(dict.fromkeys(name for one in written for name in one))
    telling = [
        name
        for name in names
        if len({one.get(name, "") for one in (*written, *(others if name in SETTABLE else ()))}) > 1
    ]
    found = []
    for number, (pin, one) in enumerate(zip(pins, written, strict=True), 1):
        told = [one[name] for name in telling if one.get(name)]
        found.append(PinnedRun(number, ", ".join(told), pin.iteration, pin.loss))
    return tuple(found)


def _written(pin: Pin) -> dict[str, str]:
    """Return what is set in a run, each in words."""
    schedule = pin.schedule
    entries = schedule.upto(pin.iteration)
    texts = {"lesson": tr("lesson {name}", name=printable(schedule.lesson.name, 40))}
    for name in SETTABLE:
        told = _in_turn([(since, settings.hyperparameters.text_of(name)) for since, settings in entries])
        texts[name] = f"{name} {told}"
    by_hand = sorted({pretty_text(n) for _, s in entries for n in (*s.overrides, *s.edits)})
    if by_hand:
        texts["by hand"] = tr("{names} put in", names=", ".join(by_hand))
    return texts


def _in_turn(entries: Sequence[tuple[int, str]]) -> str:
    """Write what a hyperparameter was in turn: ``0.1, then 0.01 from 20``."""
    changes: list[tuple[int, str]] = []
    for since, value in entries:
        if not changes or changes[-1][1] != value:
            changes.append((since, value))
    values = [
        tr("{value} from {iteration}", value=value, iteration=since) if since else value
        for since, value in changes
    ]
    told = reduce(lambda a, b: tr("{first}, then {second}", first=a, second=b), values[:TOLD])
    more = len(values) - TOLD
    return tr("{values} and {count} more", values=told, count=more) if more > 0 else told


# ---------------------------------------------------------------------- going back to one


def taken_up(trainer: Trainer, schedule: Schedule) -> Trainer:
    """Return a trainer at the start of another schedule; undo leads back where the lesson is the same."""
    saved, lesson = trainer.snapshot(), schedule.lesson.in_type("float64")
    start = structs.replace(
        saved, lesson=lesson, schedule=schedule, states=(schedule.start(),), losses=Kept(), loss=None,
        anchors=(), position=0, stepped=False, diverged=False, done=(), undone=(), lowest=NOTHING_SEEN,
    )  # fmt: skip
    if lesson is not saved.lesson:
        return Trainer.restored(structs.replace(start, breakpoints=()))
    here = saved.iteration, saved.position
    change = Change(Restarted(), saved.schedule, schedule, *here, restarts=True)
    return Trainer.restored(structs.replace(start, done=(*saved.done, change)))
