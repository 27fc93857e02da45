"""Many trainings from here: a sweep of settings, and the test that finds a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_backprop.debugger.arguments import needed, whole_number
from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.playground.comparing import making_room, take_up
from tui_backprop.debugger.replies import Accepted, Replies, SeenPage
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError, Interrupted
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.sweeps.plan import SweepPlan
    from tui_backprop.sweeps.rates import RangeTest
    from tui_backprop.sweeps.rows import SweepRow

BEST = 3
"""Curves of a sweep that are pinned, at most."""
SEEDS = "seeds"
START = "start"


class SweepTablePage(SeenPage, frozen=True):
    """What a sweep found.

    Attributes:
        plan: what was swept.
        rows: a row for each setting that was trained, the smallest loss first.
        pinned: how many of the first of them are pinned.
        interrupted: whether some settings are missing because the user gave up.
    """

    plan: SweepPlan
    rows: Sequence[SweepRow]
    pinned: int
    interrupted: bool = False

    @property
    def summary(self) -> str:
        """What came of it, in a line."""
        count, all_ = len(self.rows), len(self.plan)
        done = tr("{count} settings, the smallest loss first", count=count)
        if self.interrupted:
            done = tr(
                "interrupted: {count} of {all} settings, the smallest loss first", count=count, all=all_
            )
        if not self.pinned:
            return done
        return tr_count(
            "{done}; the best is pinned", "{done}; the best {count} are pinned", self.pinned, done=done
        )


class RangePage(SeenPage, frozen=True):
    """A learning-rate range test."""

    test: RangeTest


def sweep(session: DebugSession, argument: str) -> Replies:
    """Train this lesson under every combination of the settings that are typed."""
    from tui_backprop.sweeps import pins
    from tui_backprop.sweeps.plan import SweepPlan, parse_values
    from tui_backprop.sweeps.rows import sorted_rows
    from tui_backprop.sweeps.sweep import runner

    refusal = tr("found nothing; give what to sweep: learning_rate=0.01,0.1")
    trainer, words = session.trainer, split_words(needed(argument, refusal))
    seeds = [word.partition("=")[2] for word in words if word.startswith(f"{SEEDS}=")]
    lesson = trainer.lesson.in_type("float64")
    values = parse_values(
        lesson,
        [word for word in words if not word.startswith(f"{SEEDS}=")],
        whole_number(seeds[-1]) if seeds else None,
    )
    base = trainer.hyperparameters.changed_from(lesson.hyperparameters)
    plan, interrupted = SweepPlan.of(lesson, values, base=base), False
    rows: list[SweepRow] = []
    try:
        for trained in runner().train(plan, plan, session.patience(tr("sweeping"))):
            rows += trained.rows(None)
    except Interrupted:
        if not rows:
            raise
        interrupted = True
    best, pinned = sorted_rows(rows), 0
    for row in best[:BEST]:
        if row.diverged:
            break
        with suppress(BackpropError):  # there is no room, or it is pinned already
            losses = [*row.losses.tolist(), row.loss]
            pins.add(trainer, pins.pin_of_losses(plan.schedule(row.settings), losses))
            pinned += 1
    yield SweepTablePage(plan, best, pinned, interrupted)


def open_row(session: DebugSession, plan: SweepPlan, row: SweepRow) -> Replies:
    """Go on with the training of a sweep's row."""
    return take_up(session, plan.schedule(row.settings), row.iteration)


def pin_row(session: DebugSession, plan: SweepPlan, row: SweepRow) -> Replies:
    """Pin the training of a sweep's row."""
    from tui_backprop.sweeps import pins

    losses = [*row.losses.tolist(), row.loss]
    run = pins.pin_of_losses(plan.schedule(row.settings), losses)
    number = pins.add(session.trainer, run, making_room(session))
    yield Accepted(tr("pinned as {number}", number=number))


def split_words(text: str) -> list[str]:
    """Split at spaces, but not at those within brackets or quotes."""
    from tui_backprop.sweeps.plan import split_list

    return [word for word in split_list(text, " ") if word]


def find_rate(session: DebugSession, argument: str = "") -> Replies:
    """Train a copy while the learning rate grows, and propose one."""
    from tui_backprop.sweeps.rates import range_test

    if argument not in ("", START):
        found = printable(argument, 30)
        raise BackpropError(tr("found {found}; find-rate alone, or find-rate start", found=found))
    patience = session.patience(tr("looking for a learning rate"))
    yield RangePage(range_test(session.trainer, start=argument == START, should_stop=patience))


COMMANDS = (
    typed(
        "sweep W", sweep, later("Sweep: train under many settings, and list them by their loss"),
        "sweep learning_rate=0.01,0.1 seeds=3", arguments="NAME=VALUE,VALUE … [seeds=N]",
        more=later(
            "Every combination is trained, each to the iterations that are set. The best three are pinned. "
            "A parameter's name stands for how it starts, noise for that of a data set."
        ),
        key=Key("W", later("sweep")),
    ),
    typed(
        "find-rate range T", find_rate, later("Find a learning rate: a copy is trained while the rate grows"),
        "find-rate", arguments=f"[{START}]", changes=False, key=Key("T", later("find rate")),
        more=later("From here, or from the start. It proposes a tenth of the rate at the lowest loss."),
    ),
)  # fmt: skip
