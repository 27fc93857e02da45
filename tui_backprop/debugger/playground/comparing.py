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
    yield Note(f"pinned as {number}, up to iteration {session.trainer.iteration}{_settings(session, number)}")


def _settings(session: DebugSession, number: int) -> str:
    from tui_backprop.sweeps.pins import listed

    trainer = session.trainer
    settings = listed(trainer.workbook.pins, trainer.hyperparameters)[number - 1].settings
    return f": {settings}" if settings else ""


def making_room(session: DebugSession) -> str:
    """Say how a pin is let go."""
    if session.front.panels:
        return f"unpin N lets one go: {session.call('compare')} shows them, and Delete there does it"
    return "unpin N lets one go"


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
    if needed(argument, f"the number of a pin, or {ALL}") == ALL:
        count = len(trainer.workbook.pins)
        trainer.workbook = structs.replace(trainer.workbook, pins=())
        yield Note(f"{count} pinned runs let go" if count != 1 else "1 pinned run let go")
        return
    remove(trainer, whole_number(argument))
    yield Note(f"pin {whole_number(argument)} let go; those behind it move up")


def compare(session: DebugSession, argument: str = "") -> Replies:
    """Compare the run here with a pinned one, the last by default; or two pinned ones."""
    from tui_backprop.sweeps.comparing import ComparedRun, compare_runs
    from tui_backprop.sweeps.pins import numbered

    refuse_secrets(session)
    trainer, count = session.trainer, len(session.trainer.workbook.pins)
    if not count:
        raise BackpropError(f"no run is pinned yet; {session.call('pin')} pins the one here")
    numbers = [whole_number(word) for word in argument.split()] or [count]
    if len(numbers) > 2:
        raise BackpropError("found more than two numbers; give that of a pin, or of two")
    *first, second = numbers
    if first:
        here = ComparedRun.of_pin(numbered(trainer, first[0]), f"here, pin {first[0]}")
    else:
        here = ComparedRun.of_trainer(trainer)
    there = ComparedRun.of_pin(numbered(trainer, second), f"there, pin {second}")
    patience = session.patience("comparing")
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

    trainer, should_stop = taken_up(session.trainer, schedule), session.patience("going there")
    report = trainer.run(iteration, should_stop=should_stop, breakpoints=False)
    if report.reason == "stopped":
        raise Interrupted("going there was interrupted")
    session.adopt(trainer)
    back = f"; {session.call('undo')} leads back" if trainer.undoable else ""
    yield Note(f"at iteration {trainer.iteration} of that run{back}")
    yield View.PLACE


COMMANDS = (
    typed(
        "pin P", pin, "Pin the run here: its losses stay on the chart, to compare with others", "pin",
        more="Up to six; they are kept with the session.", live=True, key=Key("P", "pin"),
    ),
    typed(
        "pins", pins, "The runs that are pinned: what is set in them, iteration, loss", "pins",
        changes=False, offered_by="compare",
    ),
    typed(
        "unpin", unpin, "Let pinned run N go, or all", "unpin all", arguments="N | all", live=True,
        offered_by="compare",
    ),
    typed(
        "compare C", compare, "Compare with a pinned run: the first record that differs, and why", "compare",
        arguments="[N [M]]", changes=False, key=Key("C", "compare"),
        more="The last pin by default. compare 1 2 compares two that are pinned.",
    ),
    typed(
        "return", return_, "Go back to pinned run N, with its settings and its place", "return",
        arguments="[N]", offered_by="compare",
    ),
)  # fmt: skip
