"""Where an exported program looks for 0 · ∞: from the slopes that may be infinite on, back to the leaves.

A training looks where it has met one; a script has to be right from the start, and stays plain where no slope
is infinite: roots, logarithms, quotients, and exponentials that overflow.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from tui_backprop.engine.autodiff.fusion import computed
from tui_backprop.engine.autodiff.graph import Factor, Graph
from tui_backprop.engine.compile.iteration import Guard

_TRIED = (0.0, 1.0, -1.0, 1000.0, -1000.0)
"""Operands at which a slope that may be infinite is."""


def guard_of(graph: Graph) -> Guard:
    """Return at which steps of a graph's way back a factor may be infinite, or what comes in."""
    steps = computed(graph, fuse=True).factors
    exposed: set[int] = set()
    looked = set()
    for factor, step in zip(graph.factors, steps, strict=True):
        if factor.output.index in exposed or _is_steep(factor):
            exposed.add(factor.operand.index)
            looked.add(step)
    return looked.__contains__


def _is_steep(factor: Factor) -> bool:
    """Tell whether a local derivative may be infinite for numbers of ordinary size."""
    op, nodes = factor.op, factor.output.operands
    if not op.elementwise:
        return False
    tried = list(product(*(_TRIED if node.value is None else (node.value,) for node in nodes)))
    operands = [np.array(column) for column in zip(*tried, strict=True)]
    with np.errstate(all="ignore"):
        local = op.local_derivative(factor.index, operands, op.forward(*operands))
    return bool(np.isinf(local).any())
