"""Every function of the registry, called as its signature says, on whatever shapes it takes."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from tests.support.calls import every_function, matrix_forms
from tests.support.graphs import given, graph_of, swept
from tests.support.thorough import every_other, parted
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.autodiff.gradcheck import check_node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.ops.functions.choice import ComparisonOp
from tui_backprop.engine.ops.registry import (
    FUNCTIONS,
    OPERATORS,
    UNWRITTEN,
    check_complete,
    check_consistent,
)
from tui_backprop.engine.ops.structure import Pointwise
from tui_backprop.explain.element.term_formulas import symbolic
from tui_backprop.explain.factor import equation
from tui_backprop.explain.shapes import factor_shapes

SHAPES = [(2, 3), (), (3,), (3, 3), (2, 2, 3), (1, 1)]
PICTURES = [(1, 2, 3, 3), (2, 2, 2, 2), (2, 1, 2, 2), (2, 2, 3), (2, 1, 2), (1, 1, 3)]
"""For what takes none of the others."""
CALLS = list(dict.fromkeys(call for called in every_function() for call in called.calls("x", "y")))


def test_every_operation_states_all_that_is_needed() -> None:
    for op in (*FUNCTIONS.values(), *OPERATORS.values(), *UNWRITTEN):
        check_complete(op)


def test_no_operation_contradicts_itself() -> None:
    for op in FUNCTIONS.values():
        check_consistent(op())


@cache
def accepted(call: str) -> list[dict[str, np.ndarray]]:
    return taken(call, SHAPES) or taken(call, PICTURES)


def taken(call: str, shapes_tried: list[tuple[int, ...]]) -> list[dict[str, np.ndarray]]:
    """Return operands, positive and below 1, of the shapes that a call takes."""
    found = []
    names = [name for name in "xy" if name in call.partition("(")[2].replace("axis", "")]
    for shapes in product(shapes_tried, repeat=len(names)):
        leaves = {
            name: np.random.default_rng(i).uniform(0.1, 0.9, shape)
            for i, (name, shape) in enumerate(zip(names, shapes, strict=True))
        }
        try:
            graph_of(f"L = sum({call})", leaves)
        except FormulaError:
            continue
        found.append(leaves)
    return found


@pytest.mark.parametrize("call", every_other(CALLS))
@parted("first", 5)
def test_gradients_terms_and_words_of_every_call(first: int, call: str) -> None:
    taken = accepted(call)
    assert taken
    for leaves in taken[first::5]:
        tape = swept(f"z = {call}\nL = sum(z * z)", leaves)
        for name in leaves:
            node = tape.graph.named[name]
            check = check_node(tape.graph, given(tape.graph, leaves), node, tape.gradient(node))
            assert check.passed, (call, name, check)
        for factor in tape.graph.factors:
            output = factor.output
            handed = factor.op.downstream(
                factor.index, tape.gradient(output), tape.operands(output), tape.value(output)
            )
            for element in np.ndindex(factor.operand.shape):
                terms = element_terms(*factor, element, tape)
                engine = float(np.broadcast_to(handed, factor.operand.shape)[element])
                assert terms.total == pytest.approx(engine)
                assert symbolic("L", factor, element)
            assert factor.op.elementwise == isinstance(factor.structure, Pointwise)
            assert equation(tape.graph, factor)
            assert " → " in factor_shapes(factor)
            assert factor.op.why(factor.index, factor.shapes)


def test_forms_have_every_function() -> None:
    forms = matrix_forms()
    missing = [one.name for one in every_function() if not any(f"{one.name}(" in form for form in forms)]
    assert not missing


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.0.0",
    reason="NumPy 1 has no weak numbers, and float32 is refused",
)
@pytest.mark.parametrize("call", every_other(CALLS))
def test_values_are_of_the_operands_type(call: str) -> None:
    """Each operation's own are of 32 bits where its operands are, before the tape brings them to that."""
    for leaves in accepted(call):
        graph = graph_of(f"L = sum({call})", leaves)
        tape = Tape(graph, given(graph, leaves))
        tape.forward()
        for node in tape.graph.assignments:
            if node.operands and not isinstance(node.op, ComparisonOp):  # whose 0 and 1 are no type's
                assert node.op is not None
                operands = [np.asarray(operand, np.float32)[()] for operand in tape.operands(node)]
                assert np.asarray(node.op.forward(*operands)).dtype == np.float32, node.op.name
