"""What can be seen of programs for frameworks without these: what is written, and what is refused."""

from __future__ import annotations

import ast

import pytest

import tui_backprop as tb
from tests.support.framework_programs import FRAMEWORKS, program_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.base import Term
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.registry import FUNCTIONS, OPERATORS, UNWRITTEN
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.export.targets.frameworks.forward import write_op
from tui_backprop.export.targets.frameworks.framework import Framework
from tui_backprop.export.targets.frameworks.shared import INFIX

framework = pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=FRAMEWORKS)


class Doubling(PointwiseOp):
    """y = 2x, which no framework is told of."""

    name = "doubling"
    compute = staticmethod(lambda x: 2.0 * x)
    slopes = (Slope(lambda x, y: 2.0 + 0.0 * x, "2", "It doubles."),)


@framework
def test_every_operation_has_its_text(framework: Framework) -> None:
    names = {op.name for op in (*FUNCTIONS.values(), *OPERATORS.values(), *UNWRITTEN)}
    assert names | {"constant", "index", "store"} == INFIX | framework.ops.keys()


@framework
def test_an_operation_without_is_refused_by_name(framework: Framework) -> None:
    with pytest.raises(BackpropError) as refusal:
        write_op(framework, Doubling(), [Term("x")], [()], ())
    title = framework.title
    assert str(refusal.value) == f"doubling cannot be written for {title} yet; --to script can write it"


@framework
def test_programs_are_python(framework: Framework) -> None:
    for name in ("linear", "two-layer", "batch-norm", "lstm"):
        ast.parse(program_of(framework, tb.load_lesson(name)))


def test_an_update_is_the_rule_itself() -> None:
    """By hand: v ← μ·v + g, and θ − η·v."""
    lines = program_of(FRAMEWORKS["torch"], tb.load_lesson("linear"), optimizer="momentum").splitlines()
    at = lines.index("def update(theta, g, v):")
    assert [line.strip() for line in lines[at + 2 : at + 4]] == [
        "t1 = momentum * v + g",
        "return theta - learning_rate * t1, t1",
    ]


@framework
def test_every_optimizer_is_written(framework: Framework) -> None:
    for optimizer in OPTIMIZERS:
        text = program_of(framework, tb.load_lesson("linear"), optimizer=optimizer, weight_decay=0.1)
        update = next(
            n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "update"
        )
        called = {ast.unparse(n.func) for n in ast.walk(update) if isinstance(n, ast.Call)}
        assert all(name.startswith((f"{framework.array}.", "math.")) for name in called), called
