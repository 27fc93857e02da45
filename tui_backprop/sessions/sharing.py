"""A training as a short string, and from one: the same set-up, run to the same place again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from msgspec import Struct, structs

from tui_backprop.engine.core.backends import PLAIN, named
from tui_backprop.engine.core.errors import never
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.sharing.setup import SharedSetup, parse_shared, read_shared, told_by
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer


class SharedString(Struct, frozen=True):
    """A string, and what of the training it does not hold."""

    string: str
    notes: tuple[str, ...] = ()


def shared(trainer: Trainer) -> SharedString:
    """Return a training as a string: lesson, hyperparameters by iteration, and the place.

    Raises:
        LessonError: the lesson reads files, or is too long for a string.
    """
    settings, by_hand = settings_of(trainer)
    setup = structs.replace(
        told_by(trainer.lesson.in_type("float64")),
        settings=settings, iteration=trainer.iteration, position=trainer.position,
    )  # fmt: skip
    lost = tr("values put in by hand are not in the string: it runs to this place without them")
    return SharedString(setup.string, (lost,) if by_hand else ())


def settings_of(trainer: Trainer) -> tuple[tuple[tuple[int, str], ...], bool]:
    """Return the hyperparameters that are not the lesson's own, with the iterations that they hold from.

    Returns:
        Them as ``NAME=VALUE``; and whether values were put in by hand besides, up to where it stands.
    """
    settings: list[tuple[int, str]] = []
    by_hand = False
    before = trainer.lesson.in_type("float64").hyperparameters.replace(backend=PLAIN)
    for since, setting in trainer.snapshot().schedule.entries:
        if since > trainer.iteration:
            break  # what was gone back from
        now = setting.hyperparameters
        settings += ((since, f"{name}={now.text_of(name)}") for name in now.changed_from(before))
        by_hand = by_hand or bool(setting.overrides or setting.edits)
        before = now
    return tuple(settings), by_hand


def opened(string: str, sandbox: Sandbox) -> tuple[Trainer, SharedSetup]:
    """Return the training of a string at its start, and the set-up, whose place is to be gone to.

    Raises:
        BackpropError: the string is cut or changed, or something in it is refused.
    """
    setup = read_shared(string)
    first = dict(parse_shared(text) for since, text in setup.settings if not since)
    trainer = Trainer(setup.lesson(sandbox), **{"backend": named(PLAIN), **first})
    if setup.iteration and not trainer.lesson.trains:
        reason = tr(
            "{lesson} trains nothing, so there is no iteration {iteration}",
            lesson=trainer.lesson.name,
            iteration=setup.iteration,
        )
        raise LessonError(reason)
    return trainer, setup


def go_there(
    trainer: Trainer,
    setup: SharedSetup,
    *,
    should_stop: Callable[[], bool] = never,
    seconds: float = math.inf,
) -> str:
    """Run to a set-up's place, hyperparameters changing on the way as they did; return why not, or "".

    Raises:
        BackpropError: a hyperparameter or the position does not go with the lesson.
    """
    until = time.monotonic() + seconds
    changes = sorted({since for since, _ in setup.settings if since})
    for goal in (*changes, setup.iteration):
        if goal > trainer.iteration:
            left = max(until - time.monotonic(), 0.0)
            trainer.run(goal - trainer.iteration, seconds=left, should_stop=should_stop, breakpoints=False)
        if trainer.iteration < goal:
            here, place = trainer.iteration, setup.iteration
            if time.monotonic() < until:
                return tr(
                    "stopped at iteration {iteration:,}; the string's place is {place:,}: go to that "
                    "iteration to run on",
                    iteration=here,
                    place=place,
                )
            return tr(
                "stopped after {seconds:.0f} seconds at iteration {iteration:,}; the string's place is "
                "{place:,}: go to that iteration to run on",
                seconds=seconds,
                iteration=here,
                place=place,
            )
        trainer.set(**dict(parse_shared(text) for since, text in setup.settings if since == goal))
    if setup.position:
        trainer.seek(setup.position)
    return ""
