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
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.changes.undo import describe_undone
from tui_backprop.training.changes.whatif import parse_whatif
from tui_backprop.training.stops.breakpoints import Breakpoint


def set_(session: DebugSession, argument: str) -> Replies:
    """Set a hyperparameter that is typed, or show how they stand."""
    name, *values = re.split(r"\s*=\s*|\s+", argument.strip(), maxsplit=1)
    value = "".join(values)
    if name in session.trainer.graph.named and name not in HYPERPARAMETERS:
        reason = tr(
            "{name} is the lesson's and no hyperparameter; {whatif} puts a value in: {name} = {value}",
            name=printable(name),
            whatif=session.call("whatif"),
            value=printable(value, 40) or "VALUE",
        )
        raise BackpropError(reason)
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
    change = f"{name} {was} → {now}" if now != was else tr("{name} is {value} already", name=name, value=now)
    if name == "backend" and now != was:
        change = tr(
            "{change} from iteration {iteration} on", change=change, iteration=session.trainer.iteration
        )
    back = tr("back at iteration 0") if restarted else ""
    yield Note("; ".join(filter(None, (change, back, hyperparameters.why_unused(name)))))
    for remark in session.find_remarks():
        yield Note(remark.text, warning=True)


def backend(session: DebugSession, argument: str = "") -> Replies:
    """Set the back end from this iteration on, or say which one computes."""
    if argument:
        yield from set_value(session, "backend", argument)
    else:
        yield Note(tr("back end: {name}", name=session.trainer.lesson.computed_by))


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
    yield Accepted(tr("{change}; {undo} undoes it", change=trainer.undoable, undo=session.call("undo")))
    yield View.PLACE


def release(session: DebugSession, argument: str) -> Replies:
    """Lift a value put in."""
    session.trainer.release(needed(argument, tr("found nothing; give the name of what was put in")))
    released, undoes = session.trainer.undoable, session.call("undo")
    yield Note(tr("{change}; {undo} undoes that", change=released, undo=undoes))


def undo(session: DebugSession, argument: str = "") -> Replies:
    """Undo the last change."""
    trainer = session.trainer
    here, done = trainer.iteration, trainer.snapshot().done
    what = trainer.undo(should_stop=session.patience(tr("undoing")))
    if not what:
        yield Note(tr("there is nothing to undo"))
        return
    change, there, redoes = describe_undone(done[-1].what), trainer.iteration, session.call("redo")
    if there < here:
        yield Note(
            tr(
                "undone: {change}; back at iteration {iteration}; {redo} redoes it",
                change=change,
                iteration=there,
                redo=redoes,
            )
        )
    else:
        yield Note(tr("undone: {change}; {redo} redoes it", change=change, redo=redoes))


def redo(session: DebugSession, argument: str = "") -> Replies:
    """Redo what was undone last."""
    here = session.trainer.iteration
    what = session.trainer.redo(should_stop=session.patience(tr("redoing")))
    there = session.trainer.iteration
    if not what:
        yield Note(tr("there is nothing to redo"))
    elif there == here:
        yield Note(tr("redone: {change}", change=what))
    elif there < here:
        yield Note(tr("redone: {change}; back at iteration {iteration}", change=what, iteration=there))
    else:
        yield Note(tr("redone: {change}; now at iteration {iteration}", change=what, iteration=there))


def break_(session: DebugSession, argument: str) -> Replies:
    """Add a breakpoint that is typed, or list them."""
    points = session.trainer.breakpoints
    if argument:
        added = points.add(argument)
        yield Accepted(
            tr("breakpoint {number}: {description}", number=len(points), description=added.description)
        )
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
        "set h 2", set_, later("Set a hyperparameter; without a value, show it; alone, list all"),
        "set learning_rate 0.1", arguments="[NAME VALUE]", more=later("set NAME=VALUE will do as well."),
        key=Key("h", later("hyperparameters"), 12, help=later("Hyperparameters: set a value")),
    ),
    typed(
        "schedule S", schedule, later("The learning rate by iteration; or set the schedule"),
        "schedule cosine",
        arguments="[KIND | TABLE]", more=later('A table: schedule { kind = "cosine", t_max = 50 }.'),
        key=Key("S", later("schedule"), help=later("Schedule: the learning rate by iteration, drawn")),
    ),
    typed(
        "backend", backend, later("Set what computes; alone, say what does"), "backend numpy",
        arguments="[numpy | native]", more=later("It holds from this iteration on. native needs llvmlite."),
        live=True,
    ),
    on_screen(
        "hyperparameters", later("Show the hyperparameters panel"),
        Key("2", later("hyperparameters panel")),
    ),
    typed(
        "whatif o", whatif, later("What if? Put a value in by hand; alone, list what is put in"),
        "whatif y_hat = [0.8, 0.3, 0.4]", arguments="[NAME = VALUE]",
        more=later("An element: whatif X[1,0] = 7."),
        key=Key("o", later("what if"), 6, help=later("What if? Put a value in by hand, or lift one")),
    ),
    typed(
        "release", release, later("Lift a value that was put in by hand"), "release y_hat",
        arguments="NAME", offered_by="whatif",
    ),
    typed(
        "undo u", undo, later("Undo the last change of a value or a hyperparameter"), "undo",
        key=Key("u", later("undo")), needs=Need.UNDOABLE,
    ),
    typed(
        "redo U", redo, later("Redo what was undone"), "redo", key=Key("U", later("redo")),
        needs=Need.REDOABLE,
    ),
    typed(
        "break B", break_, later("Add a breakpoint; alone, list them"), "break loss < 0.01",
        arguments="[CONDITION]", reads=True,
        more=later(
            "Also abs(w) > 2, iteration 100, nan, dead relu; d<name> is a gradient. break alarm, or an "
            "alarm's name, such as vanishing: help health lists them."
        ),
        live=True, key=Key("B", later("breakpoints"), help=later("Breakpoints: add, turn off, delete")),
    ),
    typed("disable", disable, later("Turn breakpoint N off"), "disable 1", arguments="N", offered_by="break"),
    typed(
        "enable", enable, later("Turn breakpoint N on again"), "enable 1", arguments="N",
        offered_by="break",
    ),
    typed("delete", delete, later("Delete breakpoint N"), "delete 1", arguments="N", offered_by="break"),
)  # fmt: skip
