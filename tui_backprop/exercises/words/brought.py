"""Gradients that were brought along, in words: a line for each, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_backprop.exercises.brought.arrays import ArrayCheck, ArraysReport, Likeness
from tui_backprop.exercises.brought.backward import BackwardReport, LineMark, LineVerdict
from tui_backprop.exercises.brought.names import node_of_gradient
from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.words.steps import FORM, PLACE, told
from tui_backprop.explain.titles import gradient_name
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr, tr_count, tr_in

_SIGNS = {Likeness.EXACT: later("ok"), Likeness.CLOSE: later("close"), Likeness.WRONG: later("WRONG")}


def array_message(check: ArrayCheck, report: ArraysReport) -> str:
    """Say what one array is beside the gradient that it should be."""
    if check.likeness is Likeness.EXACT:
        return tr("agrees up to rounding")
    if check.likeness is Likeness.CLOSE:
        return tr("off by {share} of the largest element", share=number(check.difference or 0.0, 2))
    if check.follows:
        return tr(
            "follows from {name}, which is wrong; itself it is worked out right",
            name=printable(check.follows),
        )
    diagnosis = check.diagnosis
    assert diagnosis is not None
    sentences = "; ".join(told(diagnosis, report.graph, check.node, FORM))
    if diagnosis.found in (None, diagnosis.needed) or diagnosis.kind is Finding.SHAPES:
        return sentences
    shapes = tr(
        "found {found}, needs {needed}",
        found=shape_text(diagnosis.found),
        needed=shape_text(diagnosis.needed),
    )
    return f"{shapes}: {sentences}"


def arrays_as_lines(report: ArraysReport) -> Iterator[str]:
    """Yield a line for each array, wrong ones first, and what was left out."""
    for check in report.checks:
        gradient = gradient_name(report.graph, check.node)
        name = tr("{name} as {gradient}", name=printable(check.name), gradient=gradient)
        sign = UNICODE.pad(tr(_SIGNS[check.likeness]), 5)
        yield f"{sign}  {name}: {array_message(check, report)}"
    for name, reason in report.left_out.items():
        yield "       " + tr("{name} is left out: {reason}", name=printable(name), reason=reason)
    if not report.checks:
        names = ", ".join(f"d{name}" for name in list(report.graph.named)[:8])
        yield tr("no name fits; there are {names}, and others of the lesson", names=names)


def arrays_as_json(report: ArraysReport) -> dict[str, Any]:
    """Return the report as one object; wrong names stand first, in the order of the way back."""
    names = {
        check.name: {
            "verdict": check.likeness.value,
            "difference": check.difference,
            "message": array_message(check, report),
        }
        for check in report.checks
    }
    return {"passed": report.passed, "names": names, "left_out": dict(report.left_out)}


_LINE_SIGNS = {
    LineVerdict.RIGHT: later("ok"),
    LineVerdict.WRONG: later("WRONG"),
    LineVerdict.FOLLOWS: later("follows"),
    LineVerdict.HELPER: "",
}


def line_message(mark: LineMark, report: BackwardReport, much: int = FORM) -> str:
    """Say what one line of a backward pass is; ``much`` is as of :func:`told`."""
    mended = mark.mended if much >= FORM else ""
    if mark.problem:
        return f"{mark.problem}; {_mended(mended)}" if mended else mark.problem
    if mark.whole:
        return tr("a part of {name}, which line {line} has whole", name=printable(mark.name), line=mark.whole)
    if mark.verdict is LineVerdict.RIGHT and mark.scale != 1.0:
        assert mark.node is not None
        return tr(
            "right: {factor} times {gradient}, which lines below make up for",
            factor=number(mark.scale),
            gradient=gradient_name(report.graph, mark.node),
        )
    if mark.verdict is LineVerdict.RIGHT:
        return tr_in("verdict", "right")
    if mark.verdict is LineVerdict.FOLLOWS:
        return tr("right itself; it follows from an earlier wrong line")
    if mark.verdict is LineVerdict.HELPER:
        return tr("not a gradient; used as it is") if mark.node is None else tr("not a gradient yet")
    assert mark.diagnosis is not None
    assert mark.node is not None
    sentences = told(mark.diagnosis, report.graph, mark.node, much)
    if mended and mark.diagnosis.repair is None:
        sentences.insert(1, _mended(mended))
    if node_of_gradient(report.graph, mark.name) is None:
        gradient = gradient_name(report.graph, mark.node)
        sentences.insert(0, tr("makes {gradient} come out wrong", gradient=gradient))
    return "; ".join(sentences)


def _mended(line: str) -> str:
    return tr("right would be {line}", line=printable(line, 200))


def backward_as_lines(report: BackwardReport, *, solved: bool = True) -> Iterator[str]:
    """Yield a line for each line of a backward pass, and which one is wrong first.

    Args:
        report: what was found.
        solved: whether what would be right is told with it; homework has that asked for.
    """
    width = len(str(report.marks[-1].line)) if report.marks else 1
    much = FORM if solved else PLACE
    for mark in report.marks:
        sign = UNICODE.pad(tr(_LINE_SIGNS[mark.verdict]) if _LINE_SIGNS[mark.verdict] else "", 7)
        yield f"{mark.line:>{width}}  {sign}  {printable(mark.name)}: {line_message(mark, report, much)}"
    if not report.judged:
        names = ", ".join(f"d{name}" for name in list(report.graph.named)[:8])
        yield tr("no name fits; there are {names}, and others of the lesson", names=names)
    elif report.first_wrong is not None:
        yield tr("line {line} is the first that is wrong", line=report.first_wrong.line)
    else:
        yield tr_count(
            "the one line of a gradient is right",
            "all {count} lines of gradients are right",
            len(report.judged),
        )


def backward_as_json(report: BackwardReport) -> dict[str, Any]:
    """Return the report as one object."""
    lines = [
        {
            "line": mark.line,
            "name": mark.name,
            "verdict": mark.verdict.value,
            "message": line_message(mark, report),
        }
        for mark in report.marks
    ]
    return {"passed": report.passed, "lines": lines}
