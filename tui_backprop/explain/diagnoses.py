"""A diagnosis in words: what is off in a gradient worked out by hand, and what would be right."""

from __future__ import annotations

from collections.abc import Callable

from tui_backprop.engine.arrays import shape_text
from tui_backprop.engine.errors import printable
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.names import pretty_text
from tui_backprop.explain.factors import equation, product, upstream_name
from tui_backprop.explain.numbers import number
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.training.diagnosis import Diagnosis, Kind
from tui_backprop.training.mistakes import Edge, What

MAX_PATHS = 3
"""Of more paths that meet at a node only these are written out."""
_FRACTIONS = {0.5: "½", 1 / 3: "⅓", 0.25: "¼"}


def times(factor: float) -> str:
    """Write a factor: ``2``, ``½``, ``−0.7``."""
    fraction = _FRACTIONS.get(abs(factor))
    return ("−" if factor < 0 else "") + fraction if fraction else number(factor)


def what_is_off(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    """Say in one line what an answer is, without the numbers that would be right.

    Args:
        diagnosis: what was found.
        graph: the graph the question belongs to.
        quantity: what was asked for, such as ``∂L/∂β``.
    """
    return _WORDS[diagnosis.kind](diagnosis, graph, quantity) + _besides(diagnosis)


def what_is_right(graph: Graph, node: Node) -> str:
    """Say how a node's gradient is worked out from those before it: ``right is ∂L/∂β = Xᵀ @ ∂L/∂z``."""
    if node is graph.loss:
        return f"right is {gradient_name(graph, node)} = 1"
    paths = [(output, index) for output, index in graph.factors if output.operands[index] is node]
    if not paths:
        return f"the loss does not depend on {shown(node)}: its gradient is zero"
    parts = [product(graph, output, index) for output, index in paths[:MAX_PATHS]]
    rest = [f"… ({len(paths)} paths)"] if len(paths) > MAX_PATHS else []
    line = f"right is {gradient_name(graph, node)} = {' + '.join(parts + rest)}"
    local = [equation(graph, *edge) for edge in paths[:MAX_PATHS] if _is_elementwise(edge)]
    return f"{line}, with {' and '.join(dict.fromkeys(local))}" if local else line


def _is_elementwise(edge: Edge) -> bool:
    op = edge[0].op
    return op is not None and op.elementwise


def _besides(diagnosis: Diagnosis) -> str:
    """Name a sign or a constant that is wrong as well."""
    factor = diagnosis.factor
    if factor == 1.0 or diagnosis.kind in (Kind.SIGN, Kind.CONSTANT):
        return ""
    if diagnosis.kind in (Kind.MEAN, Kind.SUM):
        return "; besides, the sign is wrong" if factor < 0 else ""
    return (
        "; besides, the sign is wrong"
        if factor == -1.0
        else f"; besides, a factor {times(factor)} is too much"
    )


def _right(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return "the loss does not depend on it: its gradient is zero"
    if diagnosis.points:
        return f"the formula agrees here and at {diagnosis.points} random points"
    return "agrees at this point"


def _here(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    line = "agrees at this point by coincidence; at random points it does not"
    away = diagnosis.elsewhere
    if away is None or away.kind is Kind.WRONG:
        return line
    return f"{line}: there it is {away.kind.value}: {what_is_off(away, graph, quantity)}"


def _digits(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    wanted = "at least 2 significant digits" if diagnosis.digits < 2 else "one more digit"
    return f"right to the digits given; give {wanted}"


def _sign(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.what is What.SIGN_OF_PATH and diagnosis.edge is not None:
        return f"the path through {shown(diagnosis.edge[0])} has the wrong sign"
    return f"it is −1 times {quantity}{_as_if(diagnosis, graph)}"


def _transposed(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"its rows are the columns of {quantity}; .T of the whole turns it round"


def _shapes(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    needed = shape_text(diagnosis.needed)
    if diagnosis.found is None:
        line = f"{pretty_text(diagnosis.problem)}; needs {needed}"
    else:
        line = f"found {shape_text(diagnosis.found)}, needs {needed}"
    return f"{line}; did you mean {printable(diagnosis.repaired, 200)}?" if diagnosis.repaired else line


def _mean(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"a mean where the sum is right ({_count(diagnosis)})"


def _sum(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"n times too large, as if a mean were a sum ({_count(diagnosis)})"


def _count(diagnosis: Diagnosis) -> str:
    return f"n = {diagnosis.count}, the number of {diagnosis.counted}"


def _constant(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"it is {times(diagnosis.factor)} times {quantity}{_as_if(diagnosis, graph)}"


def _as_if(diagnosis: Diagnosis, graph: Graph) -> str:
    return f", as if {equation(graph, *diagnosis.edge)} were left out" if diagnosis.edge else ""


def _missing(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.edge is not None
    if diagnosis.what is What.NO_UPSTREAM:
        return f"the upstream gradient {upstream_name(graph, diagnosis.edge[0])}"
    rule = "" if _is_elementwise(diagnosis.edge) else "the rule "
    return f"{rule}{equation(graph, *diagnosis.edge)}"


def _path(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.edge is not None
    output, index = diagnosis.edge
    operand = output.operands[index]
    verb = "is left" if diagnosis.what is What.ONLY_PATH else "is missing"
    gradient = gradient_name(graph, operand)
    return (
        f"{gradient} is the sum over all paths from {shown(operand)}; the one through {shown(output)} {verb}"
    )


def _twice(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.edge is not None
    return f"{equation(graph, *diagnosis.edge)} is in it twice"


def _wrong(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return "the loss does not depend on it: its gradient is zero"
    if diagnosis.repaired:
        return f"it is not {quantity}; did you mean {printable(diagnosis.repaired, 200)}?"
    if diagnosis.near:
        return f"within 1 % of {quantity}, but not right to the digits given"
    return f"it is not {quantity}, and none of the mistakes looked for leads to it"


_WORDS: dict[Kind, Callable[[Diagnosis, Graph, str], str]] = {
    Kind.RIGHT: _right,
    Kind.HERE: _here,
    Kind.DIGITS: _digits,
    Kind.SIGN: _sign,
    Kind.TRANSPOSED: _transposed,
    Kind.SHAPES: _shapes,
    Kind.MEAN: _mean,
    Kind.SUM: _sum,
    Kind.CONSTANT: _constant,
    Kind.MISSING: _missing,
    Kind.PATH: _path,
    Kind.TWICE: _twice,
    Kind.WRONG: _wrong,
}
