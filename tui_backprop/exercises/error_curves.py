"""The error of central differences over h for a lesson's parameters, or for one element that is asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_backprop.engine.autodiff.element_terms import parse_element
from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.lines import Point
from tui_backprop.engine.autodiff.step_sweep import ErrorCurve, steepest, sweep
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import BackpropError, never
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

MOST = 12
"""Parameters that get a curve where none is named."""


def error_curves(
    trainer: Trainer, which: str = "", should_stop: Callable[[], bool] = never
) -> tuple[ErrorCurve, ...]:
    """Return the error over h, of the element of each parameter (or input) whose derivative is the largest.

    Args:
        trainer: where it stands; overrides are lifted.
        which: ``NAME`` or ``NAME[I, J]``, to have only the curve of that.
        should_stop: asked before each step of each curve.

    Raises:
        BackpropError: there is no such node or element, or it is a number of the formula.
        Interrupted: ``should_stop`` said so.
    """
    graph, leaves = trainer.doubles()
    nodes, index = list(graph.parameters or graph.inputs)[:MOST], None
    if which.strip():
        name, bracket, inner = which.partition("[")
        node = _moved(graph, name.strip())
        nodes = [node]
        index = parse_element(bracket + inner, node) if bracket else None
    tape = Tape(graph, leaves)
    tape.forward()
    tape.backward(keep=nodes)
    gradients = [tape.gradient(node) for node in nodes]
    point = Point(graph, leaves, tape)
    return tuple(
        sweep(point, node, gradient, steepest_of(node, gradient) if index is None else index, should_stop)
        for node, gradient in zip(nodes, gradients, strict=True)
    )


def steepest_of(node: Node, gradient: object) -> tuple[int, ...]:
    """Return the index of a node's element with the largest derivative."""
    return steepest(np.broadcast_to(np.asarray(gradient, dtype=np.float64), node.shape))


def _moved(graph: Graph, name: str) -> Node:
    node = find_one(graph, name)
    if node.kind in (Kind.LITERAL, Kind.CONSTANT):
        raise BackpropError(
            tr(
                "{name} is a number of the formula; name a parameter, data or a line",
                name=printable(name, 40),
            )
        )
    return node
