"""Homework marked in words: the verdict, what is off, what would be right; and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_backprop.engine.errors import printable
from tui_backprop.engine.names import pretty_text
from tui_backprop.explain.diagnoses import what_is_off, what_is_right
from tui_backprop.explain.numbers import inline
from tui_backprop.explain.titles import gradient_name
from tui_backprop.training.diagnosis import Kind
from tui_backprop.training.homework import Mark

MAX_GIVEN = 200


def verdict(mark: Mark) -> str:
    """Return the verdict in a word or two, such as ``right``, ``wrong sign`` or ``off by 1/n``."""
    return mark.diagnosis.kind.value


def message(mark: Mark, reveal: bool = False) -> str:
    """Return the verdict with what is off, and what would be right.

    Args:
        mark: what was found.
        reveal: whether the numbers that are right are told as well.
    """
    return "; ".join(_sentences(mark, reveal))


def _sentences(mark: Mark, reveal: bool) -> list[str]:
    diagnosis, graph, node = mark.diagnosis, mark.graph, mark.node
    quantity = gradient_name(graph, node)
    sentences = [f"{verdict(mark)}: {what_is_off(diagnosis, graph, quantity)}"]
    if diagnosis.kind not in (Kind.RIGHT, Kind.DIGITS) and not diagnosis.unused:
        sentences.append(what_is_right(graph, node))
    if reveal:
        sentences.append(f"in numbers {quantity} = {inline(mark.right)}")
    return sentences


def as_lines(marks: Iterable[Mark], reveal: bool = False) -> list[str]:
    """Return marks as lines of text, two or three for each."""
    marks = list(marks)
    lines = []
    lifted = dict.fromkeys(name for mark in marks for name in mark.lifted)
    if lifted:
        names = ", ".join(map(pretty_text, lifted))
        lines.append(f"for the homework these are not overridden: {names}")
    for mark in marks:
        sign = "ok   " if mark.passed else "WRONG"
        lines.append(f"{sign}  {gradient_name(mark.graph, mark.node)} = {printable(mark.given, MAX_GIVEN)}")
        lines += (f"  {sentence}" for sentence in _sentences(mark, reveal))
    return lines


def as_json(mark: Mark) -> dict[str, Any]:
    """Return a mark as one object; the name is as the lesson writes it."""
    return {
        "name": mark.node.name,
        "given": mark.given,
        "verdict": verdict(mark),
        "passed": mark.passed,
        "message": message(mark),
    }
