"""A formula is read up to one depth, the same with every Python, and refused in one line beyond it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.nested import DEEPEST, LONG, NESTED
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language import nesting
from tui_backprop.engine.language.formula import parse_condition, parse_expression, parse_formula

LEVELS = nesting.MAX_NESTING
OPERATIONS = nesting.MAX_OPERATIONS


def refusal(read: Callable[[str], object], text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize("kind", DEEPEST)
def test_what_is_as_deep_as_may_be_is_read(kind: str) -> None:
    assert len(parse_formula(f"y = {DEEPEST[kind]}")) == 1
    assert len(parse_expression(DEEPEST[kind])) > 0


@pytest.mark.parametrize("kind", DEEPEST)
def test_and_far_down_in_a_program_too(kind: str) -> None:
    def down(frames: int) -> object:
        return down(frames - 1) if frames else parse_formula(f"y = {DEEPEST[kind]}")

    assert down(150)


@pytest.mark.parametrize("kind", NESTED)
def test_a_level_more_is_refused_with_place_found_and_limit(kind: str) -> None:
    error = refusal(parse_formula, "z = x\ny = " + NESTED[kind](LEVELS + 1))
    assert error.line == 2
    assert str(error).endswith(
        "found 101 brackets, signs and powers inside one another, deeper than the 100 that are read; "
        "give parts of it names"
    )


@pytest.mark.parametrize("kind", LONG)
def test_an_operation_more_is_refused_with_place_found_and_limit(kind: str) -> None:
    error = refusal(parse_formula, "z = x\ny = " + LONG[kind](OPERATIONS + 1))
    assert error.line == 2
    assert str(error).endswith(
        "found 2,001 operations on one another's results, deeper than the 2,000 that are read; "
        "give parts of it names"
    )


def test_the_place_is_where_it_becomes_too_deep() -> None:
    error = refusal(parse_formula, "z = x\n\n  y = 2 * " + "(" * 300 + "x" + ")" * 300)
    assert (error.line, error.column) == (3, len("  y = 2 * ") + LEVELS + 1)
    assert "found 300 brackets" in str(error)
    error = refusal(parse_expression, "x +\n" * 3000 + "x")
    assert (error.line, error.column) == (OPERATIONS + 1, 3)
    assert "found 3,000 operations" in str(error)
    with pytest.raises(FormulaError, match="found 300 brackets"):
        parse_condition("x < " + "(" * 300 + "x" + ")" * 300)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300, "{" * 300 + "x", "not " * 300 + "x", "lambda: " * 300 + "x", "x if x else " * 300 + "x",
        "x[" * 300, "x**(" * 51 + "x", "f(*" * 300, "(\n" * 300 + "x", "- \\\n" * 300 + "x",
        "await " * 300 + "x",
        "x" + "()" * 3000, "0xe-" * 3000 + "x", "1e-3-" * 3000 + "x", "x . T" + " . T" * 3000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_formula_is_counted_as_a_parser_would_nest_it(text: str) -> None:
    assert "deeper than" in str(refusal(parse_formula, f"y = {text}"))


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"a{i} = -(x + 1) ** 2" for i in range(400)),
        "y = " + " + ".join(["-x ** 2 * (x)"] * 300),
        "y = maximum(" + "-(x), " * 3000 + "x)",
        "y = " + "(x) * -" * 1900 + "x",
    ],
    ids=lambda text: text[:12],
)
def test_what_stands_side_by_side_is_not_nested(text: str) -> None:
    assert nesting.excess(text) is None


expressions = st.recursive(
    st.sampled_from(["x", "w_1", "2", "1e-3", ".5", "1.", "0xe", "β"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", " * ", "/", " @ ", "**", "** -"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("({}).T".format),
        inner.map("exp( {})".format),
        st.tuples(inner, inner).map(lambda pair: f"maximum({pair[0]}, {pair[1]})"),
        inner.map("sum({}, axis=-1)".format),
    ),
    max_leaves=25,
)


@given(text=expressions)
def test_the_height_counted_is_that_of_python_s_tree(text: str) -> None:
    scan = nesting._Scan()
    for token in re.finditer(nesting._TOKEN, text):
        scan.read(token)
    scan.finish()
    assert scan.height == height(ast.parse(text, mode="eval").body)


def height(tree: ast.AST) -> int:
    operation = isinstance(tree, ast.BinOp | ast.UnaryOp | ast.Call | ast.Attribute)
    return operation + max((height(part) for part in ast.iter_child_nodes(tree)), default=0)


@given(
    lines=st.lists(
        st.one_of(
            expressions.map("y = {}".format),
            st.sampled_from(
                ["f(x,", "x)", "(-", "-\\", "[", "]", ")", "y =", "", "x +", "if x:", "    y = -x"]
            ),
            st.integers(98, 104).map(lambda n: "y = " + "-" * n + "x"),
        ),
        max_size=8,
    )
)
def test_short_lines_are_passed_over_where_nothing_can_be_too_deep(lines: list[str]) -> None:
    text = "\n".join([*lines, "z = " + "-" * 200 + "x", ""])
    scan = nesting._Scan()
    for token in re.finditer(nesting._TOKEN, text):
        scan.read(token)
    scan.finish()
    found = nesting.excess(text)
    assert found is not None
    assert found[0] == scan.nested_at
