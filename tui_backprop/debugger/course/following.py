"""What a command has done for tasks and questions: told to the seat, whichever face it was done in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_backprop.debugger.replies import Accepted, BackwardPage, ElementPage, Note, Replies, Reply
from tui_backprop.debugger.seat.view import AskedQuestionView, QuestionPage
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError

if TYPE_CHECKING:
    from tui_backprop.debugger.seat.seat import Seat
    from tui_backprop.engine.autodiff.graph import Node

ACTS = {"continue": "", "plot": "", "answer": "", "question": "", "open": "", "reload": ""}
"""Commands that are no act of their own name: a run tells of itself, slice by slice."""
COUNTED = ("step", "next", "back")
JUDGED = ("homework", "backward", "quiz", "examine")
"""Acts that succeed by what is answered, and not by being done."""
MOVES = ("step", "into")
"""Commands behind which a question is asked whose place was come to."""


class _Before(NamedTuple):
    """What is compared with what is there afterwards."""

    generation: int
    iteration: int
    position: int
    right: int

    @classmethod
    def of(cls, session: DebugSession) -> _Before:
        trainer = session.trainer
        earned = trainer.workbook.earned
        return cls(session.generation, trainer.iteration, trainer.position, earned.first + earned.later)


def seat_of(session: DebugSession) -> Seat | None:
    """Return the seat in a session, at the lesson that is open; None where nobody has taken one.

    Outside of a course tasks and questions are there for who asks for them.
    """
    return any_seat(session) if session.seat is not None else None


def any_seat(session: DebugSession) -> Seat:
    """Return the seat in a session, at the lesson that is open; one outside of any course where none is."""
    if session.seat is None:
        from tui_backprop.courses.results.enrolment import Enrolment
        from tui_backprop.courses.results.place import student_name
        from tui_backprop.debugger.seat.seat import Seat

        session.seat = Seat(Enrolment(student_name(None)))
    if session.seated != session.generation:
        session.seat.enter(session.trainer)
        session.seated = session.generation
    return session.seat


def sit(session: DebugSession, seat: Seat, tell: Callable[[str], object]) -> None:
    """Take a student's seat in a course.

    Args:
        session: the session, before anything is done in it.
        seat: the seat.
        tell: takes a line for the student, from any thread: that results cannot be saved.
    """
    session.seat = seat
    if seat.enrolment.file is not None:
        seat.enrolment.file.tell = tell
    seat_of(session)


def follow(session: DebugSession, replies: Replies, act: str = "", argument: str = "") -> Replies:
    """Yield a command's replies, and what its tasks and questions have to say to it.

    Args:
        session: where it is done.
        replies: what it answers.
        act: the command's name; "" where it is none.
        argument: what was typed behind it.
    """
    seat = seat_of(session)
    if seat is None:
        yield from replies
        if (seat := seat_of(session)) is not None and (news := seat.take_news()):
            yield Note(news)
        return
    before = _Before.of(session)
    judged: list[Reply] = []
    for reply in replies:
        if session.generation == before.generation:
            seat.stood(session.trainer)
        judged.append(reply)
        yield reply
    seat = any_seat(session)
    if session.generation == before.generation:
        _tell(session, seat, before, act, argument, judged)
    seat.stood(session.trainer)
    if news := seat.take_news():
        yield Note(news)
    if act in MOVES and not session.secret and (number := _due(session, seat, before)) is not None:
        yield from asked(session, seat, number)


def looked(session: DebugSession, act: str, node: Node | None) -> Replies:
    """Tell the seat that something was looked at that the screen alone shows."""
    if (seat := seat_of(session)) is not None:
        seat.acted(act, "" if node is None else node.name)
    return iter(())


def _tell(
    session: DebugSession, seat: Seat, before: _Before, act: str, argument: str, replies: list[Reply]
) -> None:
    """Tell the seat of what was done."""
    earned = session.trainer.workbook.earned
    seat.acted("quiz", times=earned.first + earned.later - before.right)
    for reply in replies:
        if isinstance(reply, Accepted) and reply.page is not None and reply.page.passed:
            seat.acted("homework", reply.page.node.name)
        elif isinstance(reply, BackwardPage) and reply.report.passed:
            seat.acted("backward")
        elif isinstance(reply, ElementPage):
            seat.acted("examine", reply.explanation.node.name)
    name = ACTS.get(act, act)
    if not name or name in JUDGED:
        return
    if name in COUNTED:
        seat.acted(name, times=int(argument) if argument.isdecimal() else 1)
    else:
        seat.acted(name, _node(session, argument))


def _node(session: DebugSession, argument: str) -> str:
    """Return the lesson's own name of the node that an argument begins with; "" for none."""
    from tui_backprop.debugger.arguments import node_and_element

    name = argument.partition("=")[0].strip()
    if not name:
        return ""
    try:
        return node_and_element(session.trainer.graph, name)[0].name
    except BackpropError:
        return ""


def _due(session: DebugSession, seat: Seat, before: _Before) -> int | None:
    """Return the question that a step has come to: its record is the next one, or was gone past."""
    trainer = session.trainer
    if (session.generation, trainer.iteration) != before[:2] or trainer.position <= before.position:
        return None
    return seat.due(trainer, before.position, session.passes_over)


def asked(session: DebugSession, seat: Seat, number: int | None = None) -> Replies:
    """Ask a question."""
    yield QuestionPage(seat.ask(session.trainer, number), begins=True)


def closed_or_not(session: DebugSession, view: AskedQuestionView) -> QuestionPage:
    """Return the page of a question after an answer: once it is closed, with the one that follows it."""
    seat, trainer = session.seat, session.trainer
    if seat is None or not view.record.closed:
        return QuestionPage(view)
    return QuestionPage(view, following=seat.due(trainer, trainer.position - 1, session.passes_over))
