"""A slip in words: the first factor that is wrong, and the loss that its gradients would be right for."""

from __future__ import annotations

from tui_backprop.explain.diagnoses import times, what_is_off, what_is_right
from tui_backprop.explain.factors import derivative
from tui_backprop.explain.titles import assignment_title, gradient_name, shown
from tui_backprop.training.causes import Cause, written_output
from tui_backprop.training.check import SlipCheck
from tui_backprop.training.diagnosis import Diagnosis, Kind
from tui_backprop.training.mistakes import What

NO_MULTIPLE = "no multiple of this loss"


def first_wrong(slip: SlipCheck) -> str:
    """Say which factor, from the loss backwards, is the first that is wrong; nothing where none is."""
    cause = slip.cause
    if cause is None or cause.edge is None:
        return ""
    output, index = cause.edge
    operand = output.sources[index]
    place = f"{shown(written_output(cause.graph, output))} ← {shown(operand)}"
    words = _parted(cause) if cause.diagnosis is None else _claimed(cause, cause.diagnosis)
    return f"{place}: {words}"


def _parted(cause: Cause) -> str:
    assert cause.edge is not None
    lesson = derivative(cause.graph, *cause.edge)
    if cause.instead is None:
        return f"the lesson has {lesson}, the slip has no factor there"
    graph, edge = cause.instead
    return f"the lesson has {lesson}, the slip has {derivative(graph, *edge)}"


def _claimed(cause: Cause, diagnosis: Diagnosis) -> str:
    assert cause.node is not None
    if diagnosis.kind is Kind.MEAN:
        return f"the sum over the {diagnosis.counted} is needed, the mean was taken"
    if diagnosis.kind is Kind.SUM:
        return f"the mean over the {diagnosis.counted} is needed, the sum was taken"
    off = what_is_off(diagnosis, cause.graph, gradient_name(cause.graph, cause.node))
    line = f"{diagnosis.kind.value}: {off}"
    if diagnosis.kind not in (Kind.SHAPES, Kind.WRONG):
        return line
    return f"{line}; {what_is_right(cause.graph, cause.node)}"


def right_for(slip: SlipCheck) -> str:
    """Say for what loss a slip's gradients would have been right; nothing where it is not caught."""
    cause = slip.cause
    if cause is None:
        return ""
    worked_out = _of_line(slip, cause) if cause.diagnosis is None else _of_claim(cause, cause.diagnosis)
    return worked_out or slip.slip.note or NO_MULTIPLE


def _of_line(slip: SlipCheck, cause: Cause) -> str:
    titles = [assignment_title(cause.graph.named[name]) for name in slip.slip.lines]
    line = f"{' and '.join(titles)}, as the lesson has it"
    return line if cause.multiple is None else f"{line}; that is {times(cause.multiple)} times the slip's"


def _of_claim(cause: Cause, diagnosis: Diagnosis) -> str:
    loss = shown(cause.graph.loss)
    sign = "−" if diagnosis.factor < 0 else ""
    n, counted = diagnosis.count, diagnosis.counted
    if diagnosis.kind is Kind.SIGN and diagnosis.what is not What.SIGN_OF_PATH:
        return f"−{loss}"
    if diagnosis.kind is Kind.MEAN:
        return f"{sign}{loss} / {n}, the mean over the {n} {counted} instead of the sum"
    if diagnosis.kind is Kind.SUM:
        return f"{sign}{n} · {loss}, the sum over the {n} {counted} instead of the mean"
    return f"{times(diagnosis.factor)} · {loss}" if diagnosis.kind is Kind.CONSTANT else ""
