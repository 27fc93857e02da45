"""Ways through an iteration and from one to the next, each of which shows where it has led."""

from __future__ import annotations

from functools import partial

from tui_backprop.debugger import running
from tui_backprop.debugger.arguments import count, iteration, needed
from tui_backprop.debugger.command import Key, Need, typed
from tui_backprop.debugger.replies import Note, Replies, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.text.sentences import later, later_in, tr
from tui_backprop.text.spelling import pretty_text

MOST_STEPS = 10_000
GOING_BACK = later("going back")


def step(session: DebugSession, argument: str = "") -> Replies:
    """Go records on, a folded line in one; while predicting, ask before a factor, and reveal it then."""
    return _steps(session, argument, into=False)


def into(session: DebugSession, argument: str = "") -> Replies:
    """Go records on, into folded lines."""
    return _steps(session, argument, into=True)


def _steps(session: DebugSession, argument: str, *, into: bool) -> Replies:
    should_stop = session.patience(tr("stepping"))
    for _ in range(count(argument, MOST_STEPS)):
        session.go_on(should_stop)
        given_up = session.asking
        if given_up and session.seat is not None:
            session.seat.refuse_locked()
        session.pass_over()
        if session.prediction is not None and not session.prediction.lets_pass(session.trainer):
            yield View.QUESTION
            return
        if given_up:
            yield View.QUESTION  # there is none any more, but the score
        trainer = session.trainer
        if trainer.position == trainer.record_count and not trainer.lesson.trains:
            name = trainer.lesson.name
            yield Note(tr("the end: {lesson} trains nothing, its gradients are what it is for", lesson=name))
            return
        yield from session.step(into=into)


def next_iteration(session: DebugSession, argument: str = "") -> Replies:
    """Go to the start of the next iteration."""
    trainer, should_stop, ahead = session.trainer, session.patience(tr("going on")), count(argument)
    if not trainer.lesson.trains:
        name = trainer.lesson.name
        yield Note(tr("{lesson} trains nothing: there is one iteration only", lesson=name))
        ahead = 1
    if ahead > 1:
        yield from running.pass_over(session, ahead, should_stop)
    else:
        session.go_on(should_stop)
        trainer.next()
    yield View.PLACE


def back(session: DebugSession, argument: str = "") -> Replies:
    """Go records back, over a folded line in one."""
    trainer, should_stop = session.trainer, session.patience(tr(GOING_BACK))
    for _ in range(count(argument, MOST_STEPS)):
        if not session.back(should_stop):
            break
        while trainer.position and session.passes_over(trainer.position - 1):
            session.back(should_stop)
    yield _arrived(session)


def previous(session: DebugSession, argument: str = "") -> Replies:
    """Go to the start of this iteration, or of the one before."""
    should_stop = session.patience(tr(GOING_BACK))
    for _ in range(count(argument, MOST_STEPS)):
        session.trainer.previous(should_stop)
    yield View.PLACE


def goto(session: DebugSession, argument: str) -> Replies:
    """Go to an iteration: back to it, or running ahead."""
    goal = iteration(argument)
    if goal > session.trainer.iteration:
        yield from running.run_to(session, goal)
    else:
        yield from rewind(session, goal)


def rewind(session: DebugSession, goal: int) -> Replies:
    """Go back to the start of an iteration."""
    session.trainer.rewind(goal, should_stop=session.patience(tr(GOING_BACK)))
    yield View.PLACE


def find(session: DebugSession, argument: str) -> Replies:
    """Go to the record that completes a node's gradient; part of its name will do."""
    from tui_backprop.explain.tree.outline import naming

    graph = session.trainer.graph
    try:
        node = find_one(graph, needed(argument, tr("found nothing; give a name, such as find beta")))
    except BackpropError:
        matching = [node for node in graph.nodes if node.op is not None or node.label]
        names = list(dict.fromkeys(node.name for node in filter(naming(argument), matching)))
        if len(names) > 1:
            found = ", ".join(map(pretty_text, names[:20]))
            raise BackpropError(tr("several nodes have that in their names: {names}", names=found)) from None
        if not names:
            raise
        node = find_one(graph, names[0])
    yield from go_to_node(session, node.index)


def go_to_node(session: DebugSession, index: int) -> Replies:
    """Go to where the gradient of a node, by its index in the graph, is complete.

    Raises:
        BackpropError: the loss does not depend on it.
    """
    return iter(session.seek(session.trainer.place_of(session.trainer.graph.nodes[index])))


def go_to_record(session: DebugSession, place: int) -> Replies:
    """Go to where a record of this iteration, counted from 0, is the last one done; all of a folded line."""
    line = session.folding.closed_with(session.trainer.graph, place)
    return iter(session.seek(place + 1 if line is None else line.stop))


def _arrived(session: DebugSession) -> View:
    return View.RECORD if session.trainer.position else View.PLACE


def reset(session: DebugSession, argument: str = "") -> Replies:
    """Go to iteration 0 and start anew."""
    trainer = session.trainer
    trainer.reset()
    yield View.PLACE
    if trainer.overrides:
        names = ", ".join(map(pretty_text, trainer.overrides))
        lifts = session.call("release")
        yield Note(tr("still put in by hand: {names}; {release} lifts", names=names, release=lifts))


_moves = partial(typed, moves=True)
COMMANDS = (
    _moves(
        "step s", step, later("Step one record on: a value, a chain-rule factor, an update"), "step 3",
        arguments="[N]", more=later("N: so many records. A folded line counts as one; into goes into it."),
        key=Key("s,right", later_in("key", "step"), 1, "s →"),
    ),
    _moves(
        "into d", into, later("Step into the folded line that comes next: one record of it"), "into",
        arguments="[N]", more=later("N: so many records. Behind the last of them the line is folded again."),
        key=Key("d", later("into")),
    ),
    _moves(
        "next n", next_iteration, later("Next iteration: to its start, from wherever we are"), "next",
        arguments="[N]", more=later("N: so many iterations, past breakpoints. Ctrl-C pauses."),
        key=Key("n", later("next"), 3),
    ),
    _moves(
        "continue c run", running.run,
        later("Run to the iteration target or a breakpoint, or N iterations on"),
        "c 100", arguments="[N]", more=later("Ctrl-C pauses. A line every two seconds says how far it is."),
        key=Key("space,c", later("run"), 4, "␣ c",
        later("Run to the iteration target or a breakpoint, or pause")),
    ),
    _moves(
        "back b", back, later("Back one record"), "back",
        arguments="[N]", more=later("N: so many records."), key=Key("b,left", later("back"), 2, "b ←"),
        needs=Need.PAST,
    ),
    _moves(
        "previous p", previous, later("Start of this iteration, or of the one before"), "previous",
        arguments="[N]", more=later("N: so many times."), key=Key("p", later("prev"), 11), needs=Need.PAST,
    ),
    typed(
        "goto i", goto, later("Go to an iteration, back or ahead"), "goto 10",
        arguments="K", more=later("Ahead it runs, and breakpoints stop it on the way."),
        key=Key("i", later("go to")),
    ),
    typed(
        "find f /", find, later("Find a node by name, and go to where its gradient is complete"), "find beta",
        arguments="NAME", key=Key("f,slash", later("find"), shown="f /"),
    ),
    typed(
        "reset r", reset, later("Reset: start anew from iteration 0"), "reset",
        key=Key("r", later("reset")),
    ),
)  # fmt: skip
