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
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.printable import printable

_SIGNS = {Likeness.EXACT: "ok   ", Likeness.CLOSE: "close", Likeness.WRONG: "WRONG"}


def array_message(check: ArrayCheck, report: ArraysReport) -> str:
    """Say what one array is beside the gradient that it should be."""
    if check.likeness is Likeness.EXACT:
        return "agrees up to rounding"
    if check.likeness is Likeness.CLOSE:
        return f"off by {number(check.difference or 0.0, 2)} of the largest element"
    if check.follows:
        return f"follows from {printable(check.follows)}, which is wrong; itself it is worked out right"
    diagnosis = check.diagnosis
    assert diagnosis is not None
    sentences = "; ".join(told(diagnosis, report.graph, check.node, FORM))
    if diagnosis.found in (None, diagnosis.needed) or diagnosis.kind is Finding.SHAPES:
        return sentences
    return f"found {shape_text(diagnosis.found)}, needs {shape_text(diagnosis.needed)}: {sentences}"


def arrays_as_lines(report: ArraysReport) -> Iterator[str]:
    """Yield a line for each array, wrong ones first, and what was left out."""
    for check in report.checks:
        name = f"{printable(check.name)} as {gradient_name(report.graph, check.node)}"
        yield f"{_SIGNS[check.likeness]}  {name}: {array_message(check, report)}"
    for name, reason in report.left_out.items():
        yield f"       {printable(name)} is left out: {reason}"
    if not report.checks:
        names = ", ".join(f"d{name}" for name in list(report.graph.named)[:8])
        yield f"no name fits; there are {names}, and others of the lesson"


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
    LineVerdict.RIGHT: "ok     ",
    LineVerdict.WRONG: "WRONG  ",
    LineVerdict.FOLLOWS: "follows",
    LineVerdict.HELPER: "       ",
}


def line_message(mark: LineMark, report: BackwardReport, much: int = FORM) -> str:
    """Say what one line of a backward pass is; ``much`` is as of :func:`told`."""
    mended = mark.mended if much >= FORM else ""
    if mark.problem:
        near = f"; right would be {printable(mended, 200)}" if mended else ""
        return mark.problem + near
    if mark.whole:
        return f"a part of {printable(mark.name)}, which line {mark.whole} has whole"
    if mark.verdict is LineVerdict.RIGHT and mark.scale != 1.0:
        assert mark.node is not None
        quantity = gradient_name(report.graph, mark.node)
        return f"right: {number(mark.scale)} times {quantity}, which lines below make up for"
    if mark.verdict is LineVerdict.RIGHT:
        return "right"
    if mark.verdict is LineVerdict.FOLLOWS:
        return "right itself; it follows from an earlier wrong line"
    if mark.verdict is LineVerdict.HELPER:
        return "not a gradient; used as it is" if mark.node is None else "not a gradient yet"
    assert mark.diagnosis is not None
    assert mark.node is not None
    sentences = told(mark.diagnosis, report.graph, mark.node, much)
    if mended and mark.diagnosis.repair is None:
        sentences.insert(1, f"right would be {printable(mended, 200)}")
    if node_of_gradient(report.graph, mark.name) is None:
        sentences.insert(0, f"makes {gradient_name(report.graph, mark.node)} come out wrong")
    return "; ".join(sentences)


def backward_as_lines(report: BackwardReport, *, solved: bool = True) -> Iterator[str]:
    """Yield a line for each line of a backward pass, and which one is wrong first.

    Args:
        report: what was found.
        solved: whether what would be right is told with it; homework has that asked for.
    """
    width = len(str(report.marks[-1].line)) if report.marks else 1
    much = FORM if solved else PLACE
    for mark in report.marks:
        sign = _LINE_SIGNS[mark.verdict]
        yield f"{mark.line:>{width}}  {sign}  {printable(mark.name)}: {line_message(mark, report, much)}"
    if not report.judged:
        names = ", ".join(f"d{name}" for name in list(report.graph.named)[:8])
        yield f"no name fits; there are {names}, and others of the lesson"
    elif report.first_wrong is not None:
        yield f"line {report.first_wrong.line} is the first that is wrong"
    else:
        count = len(report.judged)
        yield (
            f"all {count} lines of gradients are right"
            if count > 1
            else "the one line of a gradient is right"
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
