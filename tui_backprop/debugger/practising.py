"""Checking and practising: the gradient check, homework, and predicting factors before they are shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tui_backprop.debugger import moving
from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.replies import (
    Accepted,
    BackwardPage,
    CheckPage,
    MarksPage,
    Note,
    Replies,
    SweepPage,
    View,
)
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

ALL, SWEEP = "all", "sweep-h"
"""What may stand behind ``check``, with or without dashes in front, as on the command line."""


def check(session: DebugSession, argument: str = "") -> Replies:
    """Check the gradients where the trainer stands: the usual, every element, or the error over h.

    Raises:
        BackpropError: what was typed is none of these.
    """
    from tui_backprop.exercises.check import Effort, check_gradients
    from tui_backprop.exercises.error_curves import error_curves

    word, _, rest = argument.strip().partition(" ")
    word = word.removeprefix("--")
    if word == SWEEP:
        patience = session.patience(tr("sweeping over h"))
        yield SweepPage(error_curves(session.trainer, rest, patience))
        return
    if word not in ("", ALL) or rest:
        found = printable(argument, 40)
        raise BackpropError(
            tr("found {found}; check alone, check all, or check sweep-h and a name", found=found)
        )
    patience = session.patience(tr("checking the gradients"))
    effort = Effort(everything=word == ALL)
    report = check_gradients(session.trainer, should_stop=patience, effort=effort)
    session.find_remarks()
    yield CheckPage(report, session.remarks)


def homework(session: DebugSession, argument: str) -> Replies:
    """Mark a gradient worked out by hand, or several lines as a whole backward pass, or list the marks."""
    from tui_backprop.exercises.homework import EVERYTHING, GIVEN_UP, keep, mark_claim, split_claim
    from tui_backprop.exercises.words.homework import message, solution

    if not argument:
        yield MarksPage(session.trainer.workbook.marks)
        return
    if "\n" in argument:
        yield from backward(session, argument)
        return
    claim = split_claim(argument)
    if claim.gradient == GIVEN_UP:
        if session.seat is not None:
            session.seat.refuse_locked()
        yield Accepted(solution(session.trainer, claim.name))
        return
    marked = keep(session.trainer, mark_claim(session.trainer, claim))
    if session.locked:
        marked = replace(marked, told=min(marked.told, EVERYTHING - 1))
    yield Accepted(f"{'✓' if marked.passed else '✗'} {message(marked)}", marked)


def backward(session: DebugSession, argument: str) -> Replies:
    """Mark each line of a backward pass: of the lines themselves, or of the file that has them.

    Raises:
        BackpropError: there is nothing to mark, no such file, or a restricted login asks for a file.
    """
    from tui_backprop.exercises.brought.backward import check_backward
    from tui_backprop.exercises.brought.text import read_backward

    text, sandbox = argument, session.trainer.lesson.sandbox
    if not argument:
        raise BackpropError(tr("found no line; write backward FILE, or backward, its lines and an empty one"))
    if "\n" not in argument and "=" not in argument:
        if sandbox.confined:
            raise BackpropError(tr("a restricted login reads no files; write backward, and the lines below"))
        text = read_backward(Path(argument).expanduser(), sandbox)
    patience = session.patience(tr("marking a backward pass"))
    yield BackwardPage(check_backward(session.trainer, text, patience))


def predict(session: DebugSession, argument: str = "") -> Replies:
    """Begin to ask for each factor before it is shown, or end it."""
    session.predict(not session.secret)
    if session.prediction is None:
        yield Note(tr("the quiz ended; the score is kept"))
    elif not session.front.panels:  # which say so, and wait for a step
        go_on = session.call("continue")
        yield Note(
            tr("each chain-rule factor is asked for before it is shown; {run} goes to the next", run=go_on)
        )
        session.prediction.lets_pass(session.trainer, reveal=False)
        yield View.QUESTION


def factors(session: DebugSession, argument: str = "") -> Replies:
    """Stop at every factor, or only at those that lead to a parameter."""
    session.choose_factors(not session.all_factors)
    if session.all_factors:
        yield Note(
            tr("all factors: those that lead to data only, and broadcasts, are shown and asked for too")
        )
    else:
        yield Note(
            tr(
                "factors that lead to a parameter; those that lead to data only, and broadcasts, are passed "
                "over"
            )
        )


def answer(session: DebugSession, text: str) -> Replies:
    """Answer the question that is open; nothing typed asks for a hint."""
    prediction = session.prediction
    if prediction is None:
        return
    right = prediction.answer(session.trainer, text)
    yield View.QUESTION
    if right:
        yield from session.step()


def reveal(session: DebugSession, argument: str = "") -> Replies:
    """Show the factor that is asked for, or the answer to the lesson's question that is.

    Raises:
        BackpropError: none is, or solutions are locked.
    """
    if session.seat is not None and session.seat.asks and not session.asking:
        from tui_backprop.debugger.course.following import closed_or_not

        return iter((closed_or_not(session, session.seat.reveal()),))
    if not session.asking:
        if session.prediction is None:
            quiz = session.call("quiz")
            raise BackpropError(tr("no question is open; {quiz} asks for each factor", quiz=quiz))
        run = session.call("continue")
        raise BackpropError(tr("no question is open; {run} goes to the next", run=run))
    return moving.step(session)


COMMANDS = (
    typed(
        "check g", check, later("Gradient check: engine and slips against central differences"), "check",
        arguments="[all | sweep-h [NAME[I,J]]]",
        more=later(
            "Of large arrays it looks along random directions and at some elements; check all takes each. "
            "check sweep-h shows how the error of a central difference depends on its step h."
        ),
        key=Key("g", later("check"), 13),
    ),
    typed(
        "homework w", homework, later("Homework: have a gradient worked out by hand checked"),
        "homework beta = X.T @ dz", arguments="[NAME = FORMULA]", changes=False, reads=True,
        more=later(
            "Alone, it lists what was checked. Numbers will do as well: homework w = -0.375. A first wrong "
            "try is told what kind of mistake it is, a second where, a third how it is worked out; homework "
            "w = ? too."
        ),
        key=Key("w", later("homework"), 14),
    ),
    typed(
        "backward", backward, later("A whole backward pass: each line is marked"), "backward db = sum(dz)",
        arguments="[FILE | lines]", changes=False, block=True, offered_by="homework",
        more=later(
            "Alone, it reads the lines that follow, up to an empty one: NumPy over the lesson's names, such "
            "as dW = X.T @ dz, dW += reg * W, dz[range(N), y] -= 1. Nothing is executed."
        ),
    ),
    typed(
        "quiz predict t", predict, later("Quiz: answer each factor before it is shown"), "quiz",
        more=later(
            "Again ends it. While a factor is asked for, a line is an answer, in numbers or a formula; an "
            "empty line gives a hint; reveal or step shows it. Commands work meanwhile."
        ),
        key=Key("t", later("quiz"), 7),
    ),
    typed("reveal", reveal, later("Show the factor that is asked for"), "reveal", offered_by="step"),
    typed(
        "factors a", factors, later("All factors, or only those that lead to a parameter"), "factors",
        more=later(
            "Those that lead to data only, such as ∂L/∂X, and broadcasts are passed over by step and not "
            "asked for by predict, unless all are wanted. Again changes it back."
        ),
        key=Key("a", later("all factors")), live=True,
    ),
)  # fmt: skip
