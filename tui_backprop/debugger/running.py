"""Running: many iterations at once, why a run does not begin, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import structs

from tui_backprop.debugger.arguments import count
from tui_backprop.debugger.replies import Note, Replies, Running, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.text.sentences import tr
from tui_backprop.training.running import RunReport
from tui_backprop.training.stops.breakpoints import Hit
from tui_backprop.training.stops.conditions import NotFinite
from tui_backprop.training.trainer import Trainer

SLICE = 0.25
"""Seconds of a run between two looks at what else there is to do."""


def run(session: DebugSession, argument: str = "") -> Replies:
    """Run to the target, or so many iterations on; while predicting, to the next question."""
    goal = session.trainer.iteration + count(argument) if argument else None
    if goal is None and session.prediction is not None:
        yield from to_question(session)
    else:
        yield from run_to(session, goal)


def to_question(session: DebugSession) -> Replies:
    """Step until a factor is asked for."""
    prediction, trainer = session.prediction, session.trainer
    assert prediction is not None
    for _ in range(trainer.record_count + 1):
        session.pass_over()
        if not prediction.lets_pass(trainer, reveal=False):
            break
        yield from session.step()
    yield View.QUESTION


def run_to(session: DebugSession, goal: int | None) -> Replies:
    """Run to an iteration, or as far as the hyperparameters say, from slice to slice."""
    if note := at_target(session, goal):
        yield note
        return
    trainer, should_stop = session.trainer, session.patience(tr("running"))
    while True:
        ahead = None if goal is None else max(goal - trainer.iteration, 0)
        report = run_slice(session, ahead, SLICE, should_stop)
        if news := session.seat.take_news() if session.seat is not None else "":
            yield Note(news)
        if report.reason != "stopped" or should_stop():
            break
        yield Running(trainer.iteration, trainer.loss)
    yield outcome(session, report) or Note(tr("paused") if report.reason == "stopped" else tr("done"))
    yield View.PLACE


def run_slice(
    session: DebugSession, ahead: int | None, seconds: float, should_stop: Callable[[], bool]
) -> RunReport:
    """Run for a while; where a task's condition is reached, the seat is told, and the run goes on."""
    trainer, seat = session.trainer, session.seat
    if seat is None:
        return trainer.run(ahead, seconds=seconds, should_stop=should_stop)
    with seat.watching(trainer) as points:
        report = trainer.run(ahead, seconds=seconds, should_stop=should_stop)
    seat.acted("run", times=report.iterations)
    seat.stood(trainer)
    if report.reason == "breakpoint" and report.hit is not None and report.hit.breakpoint in points:
        return structs.replace(report, reason="early_stop" if report.early_stop else "stopped", hit=None)
    return report


def pass_over(session: DebugSession, ahead: int, should_stop: Callable[[], bool]) -> Replies:
    """Do so many iterations whatever breakpoints there are, from slice to slice; divergence ends it.

    From numbers that are not finite already, it goes on.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    trainer = session.trainer
    goal, begun, spoilt = trainer.iteration + ahead, trainer.iteration, False
    told = time.monotonic()
    while trainer.iteration < goal:
        session.go_on(should_stop)
        if spoilt:
            trainer.next()
        else:
            left = goal - trainer.iteration
            report = trainer.run(left, seconds=SLICE, should_stop=should_stop, breakpoints=False)
            spoilt = report.reason == "diverged" and trainer.iteration == begun
            if report.reason in ("diverged", "full") and not spoilt:
                yield outcome(session, report) or Note(tr("done"))
                return
        if (now := time.monotonic()) - told >= SLICE:
            told = now
            yield Running(trainer.iteration, trainer.loss)


def at_target(session: DebugSession, goal: int | None) -> Note | None:
    """Say why a run to the target, where no goal is given, has nothing to do; None where it has."""
    trainer, target = session.trainer, session.trainer.hyperparameters.iterations
    if goal is not None or not trainer.lesson.trains or trainer.iteration < target or trainer.position:
        return None
    return Note(
        tr(
            "iteration {target} is the target; raise iterations ({set}), or {next} makes one more",
            target=target,
            set=session.call("set"),
            next=session.call("next"),
        )
    )


def outcome(session: DebugSession, report: RunReport) -> Note | None:
    """Say how a run ended; None where it was stopped, or did as many iterations as were asked for."""
    trainer = session.trainer
    if report.reason == "diverged" and report.divergence is not None:
        from tui_backprop.explain.nonfinite import message  # a start does not need it

        return Note(message(report.divergence), warning=True)
    early = report.early_stop
    if report.hit is not None:
        also = f"; {early.message}" if early is not None else ""
        return Note(report.hit.message + _cause(trainer, report.hit) + also)
    if early is not None:
        return Note(
            tr(
                "{message}; {goto} {iteration} goes back there",
                message=early.message,
                goto=session.call("goto"),
                iteration=early.best,
            )
        )
    if report.reason == "target":
        return Note(tr("target reached: iteration {iteration}", iteration=trainer.iteration))
    if report.reason == "full":
        full = tr(
            "a training may have {count:,} iterations here; {reset} starts anew",
            count=trainer.iteration,
            reset=session.call("reset"),
        )
        return Note(full, warning=True)
    if report.reason == "untrainable":
        return Note(
            tr(
                "{lesson} trains nothing: there is nothing to run; {step} steps",
                lesson=trainer.lesson.name,
                step=session.call("step"),
            )
        )
    return None


def _cause(trainer: Trainer, hit: Hit) -> str:
    """Return what made the NaN or Infinity that a run was stopped for, and what helps; "" for other stops."""
    if not isinstance(hit.breakpoint.trigger, NotFinite):
        return ""
    from tui_backprop.explain.nonfinite import cause_of

    records = (trainer.peek(position) for position in range(1, trainer.record_count + 1))
    causes = (cause_of(record, trainer.tape, trainer.iteration) for record in records)
    cause = next(filter(None, causes), None)
    return f": {cause.made}; {cause.remedy}" if cause is not None else ""
