"""Changes of the training: hyperparameters, values put in by hand, breakpoints, undo and redo."""

from __future__ import annotations

import re
from typing import Any

from tui_backprop.debugger import looking
from tui_backprop.debugger.arguments import needed, whole_number
from tui_backprop.debugger.command import Key, Need, on_screen, typed
from tui_backprop.debugger.replies import (
    Accepted,
    AlterationsPage,
    BreakpointsPage,
    Note,
    Replies,
    SchedulePage,
    View,
)
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, specification
from tui_backprop.text.printable import printable
from tui_backprop.training.changes.undo import describe_undone
from tui_backprop.training.changes.whatif import parse_whatif
from tui_backprop.training.stops.breakpoints import Breakpoint


def set_(session: DebugSession, argument: str) -> Replies:
    """Set a hyperparameter that is typed, or show how they stand."""
    name, *values = re.split(r"\s*=\s*|\s+", argument.strip(), maxsplit=1)
    value = "".join(values)
    if name in session.trainer.graph.named and name not in HYPERPARAMETERS:
        found = f"{printable(name)} is the lesson's and no hyperparameter"
        what = f"{printable(name)} = {printable(value, 40) or 'VALUE'}"
        raise BackpropError(f"{found}; {session.call('whatif')} puts a value in: {what}")
    if value:
        spec = specification(name)
        yield from set_value(session, spec.name, spec.parse(value))
    else:
        yield looking.hyperparameters(session, name)


def set_value(session: DebugSession, name: str, value: Any) -> Replies:
    """Set a hyperparameter."""
    was = session.trainer.hyperparameters.text_of(name)
    restarted = session.trainer.set(**{name: value})
    hyperparameters = session.trainer.hyperparameters
    now = hyperparameters.text_of(name)
    change = f"{name} {was} → {now}" if now != was else f"{name} is {now} already"
    if name == "backend" and now != was:
        change += f" from iteration {session.trainer.iteration} on"
    back = "back at iteration 0" if restarted else ""
    yield Note("; ".join(filter(None, (change, back, hyperparameters.why_unused(name)))))
    for remark in session.find_remarks():
        yield Note(remark.text, warning=True)


def backend(session: DebugSession, argument: str = "") -> Replies:
    """Set the back end from this iteration on, or say which one computes."""
    if argument:
        yield from set_value(session, "backend", argument)
    else:
        yield Note(f"back end: {session.trainer.lesson.computed_by}")


def schedule(session: DebugSession, argument: str = "") -> Replies:
    """Set a schedule that is typed, or show the learning rate by iteration."""
    if argument:
        yield from set_(session, f"schedule {argument}")
        return
    from tui_backprop.explain.rates import RateCurve

    yield SchedulePage(RateCurve.of(session.trainer.hyperparameters, session.trainer.iteration))


def whatif(session: DebugSession, argument: str) -> Replies:
    """Put a value in that is typed, or list those that are."""
    trainer = session.trainer
    if not argument:
        yield AlterationsPage(trainer.alterations)
        return
    change = parse_whatif(argument, trainer.graph, trainer.lesson.samples)
    trainer.put(change.name, change.value, change.element)
    yield Accepted(f"{trainer.undoable}; {session.call('undo')} undoes it")
    yield View.PLACE


def release(session: DebugSession, argument: str) -> Replies:
    """Lift a value put in."""
    session.trainer.release(needed(argument, "the name of what was put in"))
    yield Note(f"{session.trainer.undoable}; {session.call('undo')} undoes that")


def undo(session: DebugSession, argument: str = "") -> Replies:
    """Undo the last change."""
    trainer = session.trainer
    here, done = trainer.iteration, trainer.snapshot().done
    what = trainer.undo(should_stop=session.patience("undoing"))
    there = trainer.iteration
    back = f"; back at iteration {there}" if there < here else ""
    redoes = f"{session.call('redo')} redoes it"
    undone = f"undone: {describe_undone(done[-1].what)}{back}; {redoes}" if what else ""
    yield Note(undone or "there is nothing to undo")


def redo(session: DebugSession, argument: str = "") -> Replies:
    """Redo what was undone last."""
    here = session.trainer.iteration
    what = session.trainer.redo(should_stop=session.patience("redoing"))
    there = session.trainer.iteration
    moved = f"; {'back at' if there < here else 'now at'} iteration {there}" if there != here else ""
    yield Note(f"redone: {what}{moved}" if what else "there is nothing to redo")


def break_(session: DebugSession, argument: str) -> Replies:
    """Add a breakpoint that is typed, or list them."""
    points = session.trainer.breakpoints
    if argument:
        added = points.add(argument)
        yield Accepted(f"breakpoint {len(points)}: {added.description}")
    else:
        yield BreakpointsPage(tuple(points))


def enable(session: DebugSession, argument: str) -> Replies:
    """Turn a breakpoint on."""
    return _switch(session, argument, on=True)


def disable(session: DebugSession, argument: str) -> Replies:
    """Turn a breakpoint off."""
    return _switch(session, argument, on=False)


def _switch(session: DebugSession, argument: str, *, on: bool) -> Replies:
    points, place = session.trainer.breakpoints, whole_number(argument) - 1
    if not 0 <= place < len(points) or points[place].enabled != on:
        points.toggle(place)
    yield BreakpointsPage(tuple(points))


def delete(session: DebugSession, argument: str) -> Replies:
    """Delete a breakpoint."""
    points = session.trainer.breakpoints
    points.delete(whole_number(argument) - 1)
    yield BreakpointsPage(tuple(points))


def toggle_point(session: DebugSession, point: Breakpoint) -> Replies:
    """Turn a breakpoint off or on, if it is still there as it was."""
    breakpoints = session.trainer.breakpoints
    if point in (points := list(breakpoints)):
        breakpoints.toggle(points.index(point))
    yield BreakpointsPage(tuple(breakpoints))


def delete_point(session: DebugSession, point: Breakpoint) -> Replies:
    """Delete a breakpoint, if it is still there as it was."""
    breakpoints = session.trainer.breakpoints
    if point in (points := list(breakpoints)):
        breakpoints.delete(points.index(point))
    yield BreakpointsPage(tuple(breakpoints))


COMMANDS = (
    typed(
        "set h 2", set_, "Set a hyperparameter; without a value, show it; alone, list all",
        "set learning_rate 0.1", arguments="[NAME VALUE]", more="set NAME=VALUE will do as well.",
        key=Key("h", "hyperparameters", 12, help="Hyperparameters: set a value"),
    ),
    typed(
        "schedule S", schedule, "The learning rate by iteration; or set the schedule", "schedule cosine",
        arguments="[KIND | TABLE]", more='A table: schedule { kind = "cosine", t_max = 50 }.',
        key=Key("S", "schedule", help="Schedule: the learning rate by iteration, drawn"),
    ),
    typed(
        "backend", backend, "Set what computes; alone, say what does", "backend numpy",
        arguments="[numpy | native]", more="It holds from this iteration on. native needs llvmlite.",
        live=True,
    ),
    on_screen("hyperparameters", "Show the hyperparameters panel", Key("2", "hyperparameters panel")),
    typed(
        "whatif o", whatif, "What if? Put a value in by hand; alone, list what is put in",
        "whatif y_hat = [0.8, 0.3, 0.4]", arguments="[NAME = VALUE]", more="An element: whatif X[1,0] = 7.",
        key=Key("o", "what if", 6, help="What if? Put a value in by hand, or lift one"),
    ),
    typed(
        "release", release, "Lift a value that was put in by hand", "release y_hat",
        arguments="NAME", offered_by="whatif",
    ),
    typed(
        "undo u", undo, "Undo the last change of a value or a hyperparameter", "undo",
        key=Key("u", "undo"), needs=Need.UNDOABLE,
    ),
    typed("redo U", redo, "Redo what was undone", "redo", key=Key("U", "redo"), needs=Need.REDOABLE),
    typed(
        "break B", break_, "Add a breakpoint; alone, list them", "break loss < 0.01",
        arguments="[CONDITION]", reads=True,
        more="Also abs(w) > 2, iteration 100, nan, dead relu; d<name> is a gradient. "
        "break alarm, or an alarm's name, such as vanishing: help health lists them.",
        live=True, key=Key("B", "breakpoints", help="Breakpoints: add, turn off, delete"),
    ),
    typed("disable", disable, "Turn breakpoint N off", "disable 1", arguments="N", offered_by="break"),
    typed("enable", enable, "Turn breakpoint N on again", "enable 1", arguments="N", offered_by="break"),
    typed("delete", delete, "Delete breakpoint N", "delete 1", arguments="N", offered_by="break"),
)  # fmt: skip
