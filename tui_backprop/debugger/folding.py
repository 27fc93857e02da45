"""Folding and unfolding: calls and turns as the formula has them, and records that somebody chose."""

from __future__ import annotations

from tui_backprop.debugger.arguments import whole_number
from tui_backprop.debugger.command import Command, Key, typed
from tui_backprop.debugger.replies import Accepted, Note, Replies, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.stretch import name_of
from tui_backprop.text.sentences import later, tr

ALL = "all"


def fold(session: DebugSession, argument: str = "") -> Replies:
    """Fold the line that we are in, or unfold the one done last; or all of them; or records by number.

    Raises:
        BackpropError: there is nothing to fold here, or the records cannot be one line.
    """
    if not argument:
        yield from fold_at(session, session.trainer.position - 1)
        return
    if argument == ALL:
        session.folding = session.folding.fold_all()
        yield Note(tr("calls and turns are folded, a line each"))
        yield View.PLACE
        return
    numbers = argument.replace(",", " ").split()
    if len(numbers) != 2:
        raise BackpropError(tr("write the first and the last record to fold, such as fold 2 4, or fold all"))
    first, last = map(whole_number, numbers)
    yield from _folded(session, session.folding.between(session.trainer.graph, first, last), Accepted)


def fold_at(session: DebugSession, place: int) -> Replies:
    """Unfold the line that a record stands in, by its place, or fold the innermost that is open around it.

    Raises:
        BackpropError: there is none.
    """
    graph, folding = session.trainer.graph, session.folding
    line = folding.closed_with(graph, place)
    if line is not None:
        yield from _unfolded(session, line)
    elif (around := folding.open_with(graph, place)) is not None:
        yield from _folded(session, around)
    elif (ahead := session.line_ahead()) is not None and place == session.trainer.position - 1:
        yield from _unfolded(session, ahead)
    else:
        raise BackpropError(_nothing(session))


def _nothing(session: DebugSession) -> str:
    if session.trainer.graph.stretches:
        return tr("there is no folded line here, and none around this record")
    return tr(
        "there is nothing to fold: calls of a def and turns of a for are folded lines, and here are none"
    )


def _unfolded(session: DebugSession, line: Stretch) -> Replies:
    session.folding = session.folding.unfold(line)
    yield Note(tr("{line}: unfolded, {count} records", line=name_of(line), count=line.stop - line.start))


def _folded(session: DebugSession, line: Stretch, reply: type[Note] | type[Accepted] = Note) -> Replies:
    """Fold a line; from its midst this goes to its end."""
    if session.folding.asking and line.part == "backward":
        raise BackpropError(tr("the quiz asks for each factor; {quiz} ends it", quiz=session.call("quiz")))
    views = session.fold(line)
    count = line.stop - line.start
    yield reply(tr("{line}: folded, {count} records in one line", line=name_of(line), count=count))
    yield from views


def unfold(session: DebugSession, argument: str = "") -> Replies:
    """Unfold the line done last or else the next one; all of them; or the one that has a record in it.

    Raises:
        BackpropError: there is none.
    """
    graph, folding = session.trainer.graph, session.folding
    if argument == ALL:
        session.folding = folding.unfold_all(graph)
        yield Note(tr("all records stand one by one"))
        return
    if argument:
        chosen = whole_number(argument)
        line = folding.closed_with(graph, chosen - 1)
        if line is None:
            raise BackpropError(tr("record {number} is not folded", number=chosen))
    else:
        line = session.line_done() or session.line_ahead()
        if line is None:
            raise BackpropError(_nothing(session))
    yield from _unfolded(session, line)


COMMANDS = (
    typed(
        "fold F", fold, later("Fold the call or the turn that we are in, or unfold the line done last"),
        "fold 2 4",
        arguments="[A B | all]",
        more=later("fold 2 4 makes one line of the records 2 to 4, fold all of every call and turn."),
        key=Key("F", later("fold"), help=later("Fold or unfold the line that is current, or selected")),
    ),
    typed(
        "unfold", unfold, later("Unfold the line done last, or the next; the one with record N; or all"),
        "unfold all",
        arguments="[N | all]", changes=False, offered_by="fold",
    ),
    Command(
        "stretch", (), later("Fold records: from one number to another into one line"), offered_by="fold"
    ),
)  # fmt: skip
