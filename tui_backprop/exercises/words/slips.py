"""A slip in words: the first factor that is wrong, and the loss that its gradients would be right for."""

from __future__ import annotations

from tui_backprop.exercises.causes import Cause, written_output
from tui_backprop.exercises.check import SlipCheck
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.words.diagnosis import VERDICTS, counted, times, what_is_off, what_is_right
from tui_backprop.explain.factor import derivative
from tui_backprop.explain.titles import assignment_title, gradient_name, shown
from tui_backprop.text.parentheses import outside

NO_MULTIPLE = "no multiple of this loss"


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
        return f"the lesson has {lesson}, the slip has no factor there"
    graph, factor = cause.instead
    return f"the lesson has {lesson}, the slip has {derivative(graph, factor)}"


def _claimed(cause: Cause, diagnosis: Diagnosis) -> str:
    assert cause.node is not None
    if diagnosis.kind is Finding.MEAN:
        return f"the sum over the {counted(diagnosis)} is needed, the mean was taken"
    if diagnosis.kind is Finding.SUM:
        return f"the mean over the {counted(diagnosis)} is needed, the sum was taken"
    off = what_is_off(diagnosis, cause.graph, gradient_name(cause.graph, cause.node))
    line = f"{VERDICTS[diagnosis.kind]}: {off}"
    if diagnosis.kind not in (Finding.SHAPES, Finding.WRONG):
        return line
    return f"{line}; {what_is_right(cause.graph, cause.node)}"


def right_for(slip: SlipCheck) -> str:
    """Say for what loss a slip's gradients would have been right; nothing where it is not caught."""
    cause = slip.cause
    if cause is None:
        return ""
    worked_out = _of_line(slip, cause) if cause.diagnosis is None else _of_claim(cause, cause.diagnosis)
    return worked_out or slip.slip.note or NO_MULTIPLE


def right_for_briefly(slip: SlipCheck) -> str:
    """Return that loss without what is said of it."""
    text = right_for(slip)
    end = next(
        (at for at, sign in enumerate(text) if sign in ",;" and not outside(text[:at]).count("(")), None
    )
    return text[:end]


def _of_line(slip: SlipCheck, cause: Cause) -> str:
    titles = [assignment_title(cause.graph.named[name]) for name in slip.slip.lines]
    line = f"{' and '.join(titles)}, as the lesson has it"
    return line if cause.multiple is None else f"{line}; that is {times(cause.multiple)} times the slip's"


def _of_claim(cause: Cause, diagnosis: Diagnosis) -> str:
    loss = shown(cause.graph.loss)
    sign = "−" if diagnosis.multiple < 0 else ""
    n = diagnosis.count
    if diagnosis.kind is Finding.SIGN and diagnosis.what is not What.SIGN_OF_PATH:
        return f"−{loss}"
    if diagnosis.kind is Finding.MEAN:
        return f"{sign}{loss} / {n}, the mean over the {n} {counted(diagnosis)} instead of the sum"
    if diagnosis.kind is Finding.SUM:
        return f"{sign}{n} · {loss}, the sum over the {n} {counted(diagnosis)} instead of the mean"
    return f"{times(diagnosis.multiple)} · {loss}" if diagnosis.kind is Finding.CONSTANT else ""
