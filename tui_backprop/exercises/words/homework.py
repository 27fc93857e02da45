"""Homework marked in words: the verdict, what is off, what would be right; and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_backprop.engine.language.nodes import find_one
from tui_backprop.exercises.answers import full_gradient
from tui_backprop.exercises.homework import Mark, point
from tui_backprop.exercises.words.right import what_is_right
from tui_backprop.exercises.words.steps import told
from tui_backprop.exercises.words.verdicts import VERDICTS, verdict_name, verdict_words
from tui_backprop.explain.titles import gradient_name
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import inline
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import KeptMark

MAX_GIVEN = 200


def verdict(mark: Mark) -> str:
    """Return the verdict in a word or two, such as ``right``, ``wrong sign`` or ``off by 1/n``."""
    return verdict_words(mark.diagnosis)


def kept_line(kept: KeptMark) -> str:
    """Return a mark that was kept on one line; a verdict kept in words, as once it was, stays as it is."""
    verdict = next((verdict_name(kind) for kind in VERDICTS if kind.value == kept.verdict), kept.verdict)
    return f"{'✓' if kept.passed else '✗'} {pretty_text(kept.name)} = {kept.given}: {verdict}"


def message(mark: Mark, reveal: bool = False) -> str:
    """Return the verdict with what is off, and what would be right: as much of it as the mark tells.

    Args:
        mark: what was found.
        reveal: whether the numbers that are right are told as well.
    """
    return "; ".join(_sentences(mark, reveal))


def _sentences(mark: Mark, reveal: bool) -> list[str]:
    sentences = told(mark.diagnosis, mark.graph, mark.node, mark.told)
    if reveal:
        gradient = f"{gradient_name(mark.graph, mark.node)} = {inline(mark.right)}"
        sentences.append(tr("in numbers {equation}", equation=gradient))
    return sentences


def solution(trainer: Trainer, name: str) -> str:
    """Return how a gradient is worked out, and what it is here: what is told to those who give up.

    Raises:
        BackpropError: the node is unknown, or occurs more than once.
    """
    graph = trainer.graph
    node = find_one(graph, name)
    right = f"{gradient_name(graph, node)} = {inline(full_gradient(point(trainer), node))}"
    numbers = tr("in numbers {equation}", equation=right)
    return f"{what_is_right(graph, node)}; {numbers}"


def as_lines(marks: Iterable[Mark], reveal: bool = False) -> list[str]:
    """Return marks as lines of text, two or three for each."""
    marks = list(marks)
    lines = []
    lifted = dict.fromkeys(name for mark in marks for name in mark.lifted)
    if lifted:
        names = ", ".join(map(pretty_text, lifted))
        lines.append(tr("for the homework these are not overridden: {names}", names=names))
    for mark in marks:
        sign = UNICODE.pad(tr("ok") if mark.passed else tr("WRONG"), 5)
        lines.append(f"{sign}  {gradient_name(mark.graph, mark.node)} = {printable(mark.given, MAX_GIVEN)}")
        lines += (f"  {sentence}" for sentence in _sentences(mark, reveal))
    return lines


def as_json(mark: Mark) -> dict[str, Any]:
    """Return a mark as one object; the name is as the lesson writes it."""
    return {
        "name": mark.node.name,
        "given": mark.given,
        "verdict": VERDICTS[mark.diagnosis.kind],
        "passed": mark.passed,
        "message": message(mark),
    }
