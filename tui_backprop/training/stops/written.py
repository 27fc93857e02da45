"""Breakpoints as they are written: from a line of text to what decides whether one is hit."""

from __future__ import annotations

import re

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.formula import parse_condition
from tui_backprop.engine.language.syntax import moved_condition
from tui_backprop.text.printable import printable
from tui_backprop.text.rewriting import Rewriting
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty
from tui_backprop.training.stops.alarms import AlarmWatch, read_alarm
from tui_backprop.training.stops.comparisons import Comparisons
from tui_backprop.training.stops.conditions import DeadRelu, NotFinite, Reached, Trigger

MAX_TEXT = 1000
"""Characters of one breakpoint."""

_ITERATION = r"iteration\s+([0-9]{1,15})"
_ASSIGNMENT = r"(?<![<>=!])=(?!=)"


def read_breakpoint(text: str, loss: str) -> Trigger | AlarmWatch:
    """Return what decides whether a breakpoint is hit.

    Args:
        text: what was typed.
        loss: the name of the loss.

    Raises:
        FormulaError: it cannot be read; with the column.
    """
    if len(text) > MAX_TEXT:
        raise FormulaError(
            tr(
                "found {count:,} characters; a breakpoint has at most {most:,}",
                count=len(text),
                most=MAX_TEXT,
            )
        )
    words = " ".join(text.split())
    if not words:
        reason = tr(
            "found nothing; write a breakpoint, such as loss < 0.01, abs(w) > 2, iteration 100, nan, dead "
            "relu or alarm"
        )
        raise FormulaError(reason, 1, 1)
    reached = re.fullmatch(_ITERATION, words)
    if reached:
        return Reached(int(reached[1]))
    if words.lower().startswith("iteration ") and not any(sign in words for sign in "<>=!"):
        found = printable(words.split(" ", 1)[1], 30)
        reason = tr("found {found}; it must be a whole number from 0, such as iteration 100", found=found)
        raise FormulaError(reason, 1, 11)
    if words.lower() == "nan":
        return NotFinite()
    if words.lower() == "dead relu":
        return DeadRelu()
    if (alarm := read_alarm(words)) is not None:
        return alarm
    for sign in re.finditer(_ASSIGNMENT, text):
        if not text[: sign.start()].rstrip().endswith("axis"):
            raise FormulaError(tr("found =; write == to compare"), 1, sign.start() + 1)
    shown = rf"∂{re.escape(pretty(loss))}/∂(?=[^\W\d])"
    rewritten = Rewriting.of(text).substituted(shown, lambda match: "d")
    try:
        condition = parse_condition(rewritten.text)
    except FormulaError as error:
        raise error.at(rewritten.place) from None
    return Comparisons(moved_condition(condition, rewritten.place))
