"""A slip in words: the first factor that is wrong, and the loss that its gradients would be right for."""

from __future__ import annotations

from typing import NamedTuple

from tui_backprop.exercises.causes import Cause, written_output
from tui_backprop.exercises.check import SlipCheck
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.words.diagnosis import what_is_off
from tui_backprop.exercises.words.lists import joined
from tui_backprop.exercises.words.right import what_is_right
from tui_backprop.exercises.words.verdicts import counted, times, verdict_name
from tui_backprop.explain.factor import derivative
from tui_backprop.explain.titles import assignment_title, gradient_name, shown
from tui_backprop.text.parentheses import outside
from tui_backprop.text.sentences import later, tr

NO_MULTIPLE = later("no multiple of this loss")


def first_wrong(slip: SlipCheck) -> str:
    """Say which factor, from the loss backwards, is the first that is wrong; nothing where none is."""
    cause = slip.cause
    if cause is None or cause.factor is None:
        return ""
    words = _parted(cause) if cause.diagnosis is None else _claimed(cause, cause.diagnosis)
    return f"{first_wrong_factor(slip)}: {words}"


def first_wrong_factor(slip: SlipCheck) -> str:
    """Return that factor alone, such as ``z ← b``; nothing where none is wrong."""
    factor = slip.cause.factor if slip.cause is not None else None
    if slip.cause is None or factor is None:
        return ""
    return f"{shown(written_output(slip.cause.graph, factor.output))} ← {shown(factor.source)}"


def _parted(cause: Cause) -> str:
    assert cause.factor is not None
    lesson = derivative(cause.graph, cause.factor)
    if cause.instead is None:
        return tr("the lesson has {lesson}, the slip has no factor there", lesson=lesson)
    graph, factor = cause.instead
    return tr("the lesson has {lesson}, the slip has {slip}", lesson=lesson, slip=derivative(graph, factor))


def _claimed(cause: Cause, diagnosis: Diagnosis) -> str:
    assert cause.node is not None
    if diagnosis.kind is Finding.MEAN:
        return tr("the sum over the {things} is needed, the mean was taken", things=counted(diagnosis))
    if diagnosis.kind is Finding.SUM:
        return tr("the mean over the {things} is needed, the sum was taken", things=counted(diagnosis))
    off = what_is_off(diagnosis, cause.graph, gradient_name(cause.graph, cause.node))
    line = f"{verdict_name(diagnosis.kind)}: {off}"
    if diagnosis.kind not in (Finding.SHAPES, Finding.WRONG):
        return line
    return f"{line}; {what_is_right(cause.graph, cause.node)}"


class _RightFor(NamedTuple):
    """For what loss gradients would be right: the loss, and what is said of it."""

    loss: str
    whole: str


def right_for(slip: SlipCheck) -> str:
    """Say for what loss a slip's gradients would have been right; nothing where it is not caught."""
    return _right_for(slip).whole


def right_for_briefly(slip: SlipCheck) -> str:
    """Return that loss without what is said of it."""
    return _right_for(slip).loss


def _right_for(slip: SlipCheck) -> _RightFor:
    cause = slip.cause
    if cause is None:
        return _RightFor("", "")
    worked_out = _of_line(slip, cause) if cause.diagnosis is None else _of_claim(cause, cause.diagnosis)
    return worked_out or _noted(slip.slip.note or tr(NO_MULTIPLE))


def _noted(note: str) -> _RightFor:
    """Return a lesson's note, and what of it stands before its first comma."""
    end = next(
        (at for at, sign in enumerate(note) if sign in ",;" and not outside(note[:at]).count("(")), None
    )
    return _RightFor(note[:end], note)


def _of_line(slip: SlipCheck, cause: Cause) -> _RightFor:
    titles = [assignment_title(cause.graph.named[name]) for name in slip.slip.lines]
    line = tr("{lines}, as the lesson has it", lines=joined(titles))
    if cause.multiple is not None:
        multiple = times(cause.multiple)
        line = tr("{lines}; that is {multiple} times the slip's", lines=line, multiple=multiple)
    return _RightFor(joined(titles), line)


def _of_claim(cause: Cause, diagnosis: Diagnosis) -> _RightFor | None:
    loss = shown(cause.graph.loss)
    sign = "−" if diagnosis.multiple < 0 else ""
    n = diagnosis.count
    if diagnosis.kind is Finding.SIGN and diagnosis.what is not What.SIGN_OF_PATH:
        return _RightFor(f"−{loss}", f"−{loss}")
    if diagnosis.kind is Finding.CONSTANT:
        scaled = f"{times(diagnosis.multiple)} · {loss}"
        return _RightFor(scaled, scaled)
    if diagnosis.kind is Finding.MEAN:
        mean = f"{sign}{loss} / {n}"
        things = counted(diagnosis)
        whole = tr("{loss}, the mean over the {n} {things} instead of the sum", loss=mean, n=n, things=things)
        return _RightFor(mean, whole)
    if diagnosis.kind is Finding.SUM:
        total = f"{sign}{n} · {loss}"
        things = counted(diagnosis)
        whole = tr(
            "{loss}, the sum over the {n} {things} instead of the mean", loss=total, n=n, things=things
        )
        return _RightFor(total, whole)
    return None
