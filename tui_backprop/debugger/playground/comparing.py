"""Pinned runs: keeping the run here, comparing it with one of them, and being back at one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_backprop.debugger.arguments import needed, whole_number
from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.looking import refuse_secrets
from tui_backprop.debugger.replies import Note, Replies, SeenPage, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError, Interrupted
from tui_backprop.text.sentences import later, tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.sweeps.comparing import RunComparison
    from tui_backprop.sweeps.pins import PinnedRun
    from tui_backprop.training.schedule import Schedule

ALL = "all"


class PinsPage(SeenPage, frozen=True):
    """The runs that are pinned."""

    runs: Sequence[PinnedRun]


class ComparePage(SeenPage, frozen=True):
    """The run here beside a pinned one.

    Attributes:
        comparison: what came of it.
        number: the pin's number.
        count: how many pins there are.
    """

    comparison: RunComparison
    number: int
    count: int


def pin(session: DebugSession, argument: str = "") -> Replies:
    """Pin the run up to where we are."""
    from tui_backprop.sweeps import pins

    number = pins.add(session.trainer, pins.pin_of(session.trainer), making_room(session))
    trainer = session.trainer
    settings = pins.listed(trainer.workbook.pins, trainer.hyperparameters)[number - 1].settings
    done = tr("pinned as {number}, up to iteration {iteration}", number=number, iteration=trainer.iteration)
    yield Note(f"{done}: {settings}" if settings else done)


def making_room(session: DebugSession) -> str:
    """Say how a pin is let go."""
    if session.front.panels:
        shows = session.call("compare")
        return tr("unpin N lets one go: {compare} shows them, and Delete there does it", compare=shows)
    return tr("unpin N lets one go")


def pins(session: DebugSession, argument: str = "") -> Replies:
    """List the runs that are pinned."""
    from tui_backprop.sweeps.pins import listed

    trainer = session.trainer
    yield PinsPage(listed(trainer.workbook.pins, trainer.hyperparameters))


def unpin(session: DebugSession, argument: str) -> Replies:
    """Let a pin go, or all."""
    from msgspec import structs

    from tui_backprop.sweeps.pins import remove

    trainer = session.trainer
    if needed(argument, tr("found nothing; give the number of a pin, or all")) == ALL:
        count = len(trainer.workbook.pins)
        trainer.workbook = structs.replace(trainer.workbook, pins=())
        yield Note(tr_count("1 pinned run let go", "{count} pinned runs let go", count))
        return
    remove(trainer, whole_number(argument))
    yield Note(tr("pin {number} let go; those behind it move up", number=whole_number(argument)))


def compare(session: DebugSession, argument: str = "") -> Replies:
    """Compare the run here with a pinned one, the last by default; or two pinned ones."""
    from tui_backprop.sweeps.comparing import ComparedRun, compare_runs
    from tui_backprop.sweeps.pins import numbered

    refuse_secrets(session)
    trainer, count = session.trainer, len(session.trainer.workbook.pins)
    if not count:
        raise BackpropError(tr("no run is pinned yet; {pin} pins the one here", pin=session.call("pin")))
    numbers = [whole_number(word) for word in argument.split()] or [count]
    if len(numbers) > 2:
        raise BackpropError(tr("found more than two numbers; give that of a pin, or of two"))
    *first, second = numbers
    if first:
        here = ComparedRun.of_pin(numbered(trainer, first[0]), tr("here, pin {number}", number=first[0]))
    else:
        here = ComparedRun.of_trainer(trainer)
    there = ComparedRun.of_pin(numbered(trainer, second), tr("there, pin {number}", number=second))
    patience = session.patience(tr("comparing"))
    yield ComparePage(compare_runs(here, there, patience), second, count)


def return_(session: DebugSession, argument: str = "") -> Replies:
    """Go back to a pinned run, the last by default: with its settings, to where it was pinned."""
    from tui_backprop.sweeps.pins import numbered

    number = whole_number(argument) if argument else None
    run = numbered(session.trainer, number)
    yield from take_up(session, run.schedule, run.iteration)


def take_up(session: DebugSession, schedule: Schedule, iteration: int) -> Replies:
    """Go on with the run of another schedule, at an iteration of it; undo leads back.

    Raises:
        Interrupted: the user gave up on the way; nothing has changed.
    """
    from tui_backprop.sweeps.pins import taken_up

    trainer, should_stop = taken_up(session.trainer, schedule), session.patience(tr("going there"))
    report = trainer.run(iteration, should_stop=should_stop, breakpoints=False)
    if report.reason == "stopped":
        raise Interrupted(tr("going there was interrupted"))
    session.adopt(trainer)
    here = trainer.iteration
    yield Note(
        tr(
            "at iteration {iteration} of that run; {undo} leads back",
            iteration=here,
            undo=session.call("undo"),
        )
        if trainer.undoable
        else tr("at iteration {iteration} of that run", iteration=here)
    )
    yield View.PLACE


COMMANDS = (
    typed(
        "pin P", pin, later("Pin the run here: its losses stay on the chart, to compare with others"), "pin",
        more=later("Up to six; they are kept with the session."), live=True, key=Key("P", later("pin")),
    ),
    typed(
        "pins", pins, later("The runs that are pinned: what is set in them, iteration, loss"), "pins",
        changes=False, offered_by="compare",
    ),
    typed(
        "unpin", unpin, later("Let pinned run N go, or all"), "unpin all", arguments="N | all", live=True,
        offered_by="compare",
    ),
    typed(
        "compare C", compare, later("Compare with a pinned run: the first record that differs, and why"),
        "compare",
        arguments="[N [M]]", changes=False, key=Key("C", later("compare")),
        more=later("The last pin by default. compare 1 2 compares two that are pinned."),
    ),
    typed(
        "return", return_, later("Go back to pinned run N, with its settings and its place"), "return",
        arguments="[N]", offered_by="compare",
    ),
)  # fmt: skip
