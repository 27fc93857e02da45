"""What would be right, in words: how a gradient is worked out from those before it."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.exercises.words.lists import joined
from tui_backprop.explain.chain.layout import between_names
from tui_backprop.explain.factor import equation, product, upstream_of
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.text.sentences import tr

MAX_PATHS = 3
"""Of more paths that meet at a node only these are written out."""


def what_is_right(graph: Graph, node: Node) -> str:
    """Say how a node's gradient is worked out from those before it: ``right is ∂L/∂β = Xᵀ @ ∂L/∂z``."""
    if node is graph.loss:
        one = f"{gradient_name(graph, node)} = 1"
        return tr("right is {equation}", equation=one)
    paths = graph.factors_to(node)
    if not paths:
        return tr("the loss does not depend on {name}: its gradient is zero", name=shown(node))
    parts, local = [], list[str]()
    for factor in paths[:MAX_PATHS]:
        above = upstream_of(graph, factor.output)
        named = above.label is not None and above is not graph.loss
        words = "" if named else between_names(graph, factor)
        parts.append(words or product(graph, factor))
        local += [equation(graph, factor)] if factor.op.elementwise and not words else []
    rest = [tr("… ({count} paths)", count=len(paths))] if len(paths) > MAX_PATHS else []
    line = f"{gradient_name(graph, node)} = {' + '.join(parts + rest).replace(' + −', ' − ')}"
    if not local:
        return tr("right is {equation}", equation=line)
    return tr("right is {equation}, with {local}", equation=line, local=joined(dict.fromkeys(local)))
