"""Weights by hand: one element of a parameter moved by a step, while loss and gradient follow."""

from __future__ import annotations

import math
import re
from typing import Final

import numpy as np

from tui_backprop.debugger.arguments import needed
from tui_backprop.debugger.command import typed
from tui_backprop.debugger.replies import Accepted, Replies, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.element_terms import check_element, parse_element
from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.text.numbers import number
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.changes.whatif import element_text
from tui_backprop.training.trainer import Trainer

STEPS: Final = 20
"""Steps in what a parameter's elements are large, before it is rounded to 1, 2 or 5 and zeros."""
_LINE: Final = r"(?s)([^\[\]]*?[^\s\[\]])\s*(\[[^\[\]]*\])?(?:\s+((?:[+−-]\s*)?[^\s()\[\]]+))?"


def step_of(start: Array) -> float:
    """Return how far an element is moved at once: a twentieth of how large elements are at the start.

    It is 1, 2 or 5 and zeros, and stays as the elements move; 0.05 where they all start at 0.
    """
    with np.errstate(all="ignore"):
        size = float(np.sqrt(np.mean(np.square(start)))) if start.size else 1.0
    raw = (size if math.isfinite(size) and size else 1.0) / STEPS
    power = 10.0 ** math.floor(math.log10(raw))
    nearest = min((1.0, 2.0, 5.0, 10.0), key=lambda digit: abs(math.log(digit * power / raw)))
    return float(f"{nearest * power:.1g}")


def usual_step(trainer: Trainer, name: str) -> float:
    """Return the step of a parameter, as the lesson writes its name."""
    return step_of(trainer.lesson.start(trainer.hyperparameters.seed)[name])


def nudge(session: DebugSession, argument: str = "") -> Replies:
    """Move an element that is typed, by a step that may be typed.

    Raises:
        BackpropError: no parameter, an element that it has not got, or a step that is no number.
    """
    refusal = tr("found nothing; give a parameter and a step, such as nudge w 0.1 or nudge W1[0, 2] -0.05")
    text = needed(argument, refusal)
    read = re.fullmatch(_LINE, text.strip())
    if read is None:
        found = printable(text, 40)
        raise BackpropError(
            tr("found {found}; write NAME STEP or NAME[I, J] STEP, such as w -0.1", found=found)
        )
    node = _parameter(session, read[1])
    element = parse_element(read[2], node) if read[2] else _only(node)
    step = _number(read[3]) if read[3] else usual_step(session.trainer, node.name)
    yield from move(session, node.name, element, step)


def turn_element(session: DebugSession, name: str, element: tuple[int, ...], times: float) -> Replies:
    """Move an element by so many of the parameter's steps."""
    node = _parameter(session, name)
    yield from move(session, node.name, element, times * usual_step(session.trainer, node.name))


def move(session: DebugSession, name: str, element: tuple[int, ...], step: float) -> Replies:
    """Move an element of a parameter, and say what that did to loss and gradient.

    Each move is a change of its own, which can be undone. Sums of steps are kept to the digits of a step, so
    that as many back lead to where it began.
    """
    trainer = session.trainer
    node = trainer.graph.named[name]
    place = check_element(node, element)
    before, loss = float(trainer.parameters[name][place]), trainer.loss
    after = _rounded(before + step, before, step)
    trainer.put(name, after, place or None)
    at = element_text(place) if place else ""
    change = f"{'+' if step >= 0 else '−'}{number(abs(step))}"
    parts = [
        f"{shown(node)}{at} = {number(after)} ({change})",
        tr("loss {loss}, was {before}", loss=number(trainer.loss), before=number(loss)),
    ]
    if not session.secret:
        gradient = float(np.asarray(trainer.gradients[name])[place])
        parts.append(f"{gradient_name(trainer.graph, node)}{at} {number(gradient)}")
    yield Accepted("; ".join(parts))
    yield View.PLACE


def _parameter(session: DebugSession, name: str) -> Node:
    node = find_one(session.trainer.graph, name.strip())
    if node.kind is not Kind.PARAMETER:
        whatif = session.call("whatif")
        raise BackpropError(
            tr("{name} is no parameter; {whatif} puts a value in for it", name=shown(node), whatif=whatif)
        )
    return node


def _only(node: Node) -> tuple[int, ...]:
    """Return the one element of a parameter that has no more."""
    if any(length > 1 for length in node.shape):
        element = node.name + element_text(0 for _ in node.shape)
        raise BackpropError(
            tr(
                "{name} has several elements; name one, such as {element}",
                name=shown(node),
                element=element,
            )
        )
    return tuple(0 for _ in node.shape)


def _number(text: str) -> float:
    try:
        value = float(text.replace("−", "-").replace(" ", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        found = printable(text, 30)
        raise BackpropError(tr("found {found}; a step is a number, such as 0.1 or -0.05", found=found))
    return value


def _rounded(value: float, before: float, step: float) -> float:
    """Return a sum without the last bits that adding left: 0.1 + 0.2 is 0.3 for who counts steps."""
    large = max(abs(before), abs(step), abs(value))
    if not large or not math.isfinite(value):
        return value
    return round(value, max(0, 14 - math.floor(math.log10(large))))


COMMANDS = (
    typed(
        "nudge", nudge, later("Move one weight by a step, and see what the loss does"), "nudge b 0.1",
        arguments="NAME[I,J] [STEP]", offered_by="parameters",
        more=later(
            "Without a step, about a twentieth of what the weights start with. In the app [ and ] do it in "
            "the parameters panel, { and } ten steps at once, ← and → choose the element; undo takes each "
            "back."
        ),
    ),
)  # fmt: skip
