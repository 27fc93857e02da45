"""Where a slip goes wrong: the first factor, from the loss backwards, at which it leaves the lesson's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis
from tui_backprop.exercises.hypotheses import gradient_of
from tui_backprop.exercises.matching import EQUAL


@dataclass(frozen=True, eq=False, slots=True)
class Cause:
    """Why a slip is wrong.

    Attributes:
        graph: the lesson's graph.
        factor: the lesson's first factor that the slip gets wrong; None where the loss has no factors.
        node, diagnosis: for a claimed gradient, whose it is and what it is.
        instead: for a replaced line, the graph it makes and the factor that stands there in place of
            that one; None where there is no factor any more.
        multiple: for a replaced line, k where the lesson's gradients are k times those of the new loss.
    """

    graph: Graph
    factor: Factor | None
    node: Node | None = None
    diagnosis: Diagnosis | None = None
    instead: tuple[Graph, Factor] | None = None
    multiple: float | None = None

    @property
    def names(self) -> tuple[str, str] | None:
        """The factor as (output, operand), by name; what is only broadcast has the output's own name."""
        if self.factor is None:
            return None
        return written_output(self.graph, self.factor.output).name, self.factor.source.name


def written_output(graph: Graph, output: Node) -> Node:
    """Return the node in whose expression an output stands: for ``broadcast(b)``, the sum it is a part of."""
    if not output.is_broadcast:
        return output
    return next((node for node in graph.nodes[output.index + 1 :] if output in node.operands), output)


def wrong_claim(tape: Tape, wrong: Mapping[str, Answer], rows: int | None) -> Cause:
    """Return where the first wrong one of several claimed gradients, seen from the loss, goes wrong.

    Args:
        tape: the point, swept both ways.
        wrong: the claims that are wrong, by node name; at least one.
        rows: how many samples there are.
    """
    graph = tape.graph
    node = max((graph.named[name] for name in wrong), key=lambda node: node.index)
    diagnosis = diagnose(gradient_of(graph, node), wrong[node.name], tape, rows)
    own = next(iter(graph.factors_to(node)), None)
    return Cause(graph, diagnosis.factor or own, node, diagnosis)


def wrong_line(tape: Tape, changed: Tape) -> Cause:
    """Return where the way back through a lesson and through one with a line replaced part."""
    ours, theirs = tape.graph.factors, changed.graph.factors
    place = next(
        (
            place
            for place, (factor, other) in enumerate(zip(ours, theirs, strict=False))
            if not _alike(factor, other)
        ),
        min(len(ours), len(theirs)),
    )
    factor = ours[min(place, len(ours) - 1)] if ours else None
    instead = (changed.graph, theirs[place]) if place < min(len(ours), len(theirs)) else None
    return Cause(tape.graph, factor, instead=instead, multiple=_multiple(tape, changed))


def _alike(factor: Factor, other: Factor) -> bool:
    """Tell whether two factors follow the same rule; their numbers differ wherever values in front do."""
    ours, theirs = factor.op, other.op
    same = type(ours) is type(theirs) and ours.options == theirs.options and factor.index == other.index
    return same and _rule(factor) == _rule(other)


def _rule(factor: Factor) -> str:
    names = [node.atom for node in factor.output.sources]
    return factor.op.derivative_text(factor.index, names, factor.output.atom, factor.shapes)


def _multiple(tape: Tape, changed: Tape) -> float | None:
    """Return k where the gradients of all parameters (or inputs) are k times those of the changed loss."""
    nodes = tape.graph.parameters or tape.graph.inputs
    ours = _joined([full_gradient(tape, node) for node in nodes])
    theirs = _joined([full_gradient(changed, changed.graph.named[node.name]) for node in nodes])
    if not np.all(np.isfinite(ours)) or not np.all(np.isfinite(theirs)) or not np.any(theirs):
        return None
    with np.errstate(all="ignore"):
        k = float(ours @ theirs / (theirs @ theirs))
        return k if k and np.allclose(ours, k * theirs, rtol=EQUAL, atol=0) else None


def _joined(arrays: list[Array]) -> Array:
    return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.zeros(0)
