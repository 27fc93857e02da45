"""What things are called on the screen: nodes, gradients, and every record of an iteration on one line."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.records import Assignment, ParameterUpdate, Record
from tui_backprop.engine.ops.base import ATOM, POWER
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty, pretty_text

MAX_SHOWN = 240
"""Characters of an expression; a longer one is cut in the middle, and says how long it is."""
_HEAD, _TAIL = 140, 50


def shown(node: Node) -> str:
    """Return a node's name as the screen has it."""
    return pretty(node.label) if node.label is not None else _expression(node.shown.within(POWER))


def atom(node: Node) -> str:
    """Return a node's name for use inside a formula on the screen."""
    return pretty(node.label) if node.label is not None else _expression(node.shown.within(ATOM))


def transposed(node: Node) -> str:
    """Return the name of a matrix's transpose, ``Xᵀ``; that of a ``kᵀ`` without a name is ``k``."""
    op = node.op
    if node.label is None and op is not None and op.name == "transpose" and op.options["axes"] is None:
        return atom(node.operands[0])
    return f"{atom(node)}ᵀ"


def node_of(record: Record) -> Node | None:
    """Return the node whose line a record belongs to; None of an update."""
    if isinstance(record, ParameterUpdate):
        return None
    return record.node if isinstance(record, Assignment) else record.output


def _expression(text: str) -> str:
    """Return formula text as it is shown; every part of a sum of thousands of terms is as long as the sum."""
    if len(text) > MAX_SHOWN:
        left_out = len(text) - _HEAD - _TAIL
        return tr(
            "{start} … {count:,} characters … {end}",
            start=pretty_text(text[:_HEAD]),
            count=left_out,
            end=pretty_text(text[-_TAIL:]),
        )
    return pretty_text(text)


def partial(top: str, node: Node) -> str:
    """Return ``∂L/∂node``."""
    return f"∂{top}/∂{atom(node)}"


def gradient_name(graph: Graph, node: Node) -> str:
    """Return the name of a node's gradient, such as ``∂L/∂ŷ``."""
    return partial(shown(graph.loss), node)


def assignment_title(node: Node) -> str:
    """Return ``ŷ = sigmoid(z)``, or the bare expression of a node without a name."""
    return f"{pretty(node.label)} = {_expression(node.shown.text)}" if node.label else shown(node)


def factor_title(graph: Graph, factor: Factor) -> str:
    """Return ``∂L/∂z from ŷ``."""
    return tr(
        "{gradient} from {output}", gradient=gradient_name(graph, factor.operand), output=shown(factor.output)
    )


def update_title(node: Node) -> str:
    """Return ``update β``."""
    return tr("update {name}", name=shown(node))


def record_title(graph: Graph, place: int) -> str:
    """Return the title of a record of an iteration, by its place from 0 on."""
    for nodes in (graph.assignments, graph.factors):
        if place < len(nodes):
            at = nodes[place]
            return factor_title(graph, at) if isinstance(at, Factor) else assignment_title(at)
        place -= len(nodes)
    return update_title(graph.trainable[place])


def record_titles(graph: Graph) -> list[str]:
    """Return the titles of all records of an iteration, in order."""
    count = len(graph.assignments) + len(graph.factors) + len(graph.trainable)
    return [record_title(graph, place) for place in range(count)]
