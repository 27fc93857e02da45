"""The formula language: what it takes, and where and how it refuses everything else."""

from __future__ import annotations

import contextlib
import sys
import unicodedata
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import example
from hypothesis import strategies as st

from tests.support.calls import every_function
from tests.support.graphs import graph_of, swept, value
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.build import Leaf, build_graph, evaluate, holds
from tui_backprop.engine.language.formula import (
    check_name,
    parse_condition,
    parse_expression,
    parse_formula,
)


def refusal(text: str, leaves: dict[str, object] | None = None) -> FormulaError:
    refuse = parse_formula if leaves is None else partial(graph_of, leaves=leaves)
    with pytest.raises(FormulaError) as caught:
        refuse(text)
    check_message(caught.value)
    return caught.value


def check_message(error: FormulaError) -> None:
    message = str(error)
    assert message == message.strip()
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in message), repr(message)


# ------------------------------------------------------ accepted

ACCEPTED = {
    "x + 2": 5.0, "x - 5": -2.0, "x * x": 9.0, "x / 2": 1.5, "x ** 2": 9.0, "-x": -3.0, "-x ** 2": -9.0,
    "(-x) ** 2": 9.0, "2 ** -1 * x": 1.5, "x ** 2 ** 0.5": 3.0 ** 2.0 ** 0.5, "- - x": 3.0, "(x)": 3.0,
    "1e-3 * x": 0.003, ".5 * x": 1.5, "5. * x": 15.0, "x.T": 3.0, "sum(x)": 3.0, "maximum(x, 7)": 7.0,
    "2 - 3 - x": -4.0, "2 - (3 - x)": 2.0, "8 / x / 2": 8 / 3 / 2, "8 / (x / 2)": 8 / 1.5, "a @ a": 5.0,
    "sum(a * (1 + 2))": 9.0, "sum(m @ a)": 16.0, "sum(m.T @ a)": 17.0, "sum(mean(m, axis=0))": 5.0,
    "sum(mean(m, axis=(0, 1)))": 2.5, "sum(sum(m, axis=-1))": 10.0, "relu(-x)": 0.0, "leaky_relu(-x)": -0.03,
    "sum(softmax(m, axis=0))": 2.0, "mse(a, 1)": 0.5, "abs(-x)": 3.0, "square(x)": 9.0, "sqrt(x * 3)": 3.0,
    "123456789012345678901234567890123456789012345678901234567890 * x / 1e59": 3 * 1.2345678901234568,
    "(x +\n  1)": 4.0, "x  # the input": 3.0, "0x10 * x": 48.0,
}  # fmt: skip
NUMBERS = {"x": 3.0, "a": [1.0, 2.0], "m": [[1.0, 2.0], [3.0, 4.0]]}


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    tape = swept(f"L = {text}", NUMBERS)
    assert tape.loss() == pytest.approx(ACCEPTED[text], rel=1e-14)


def test_several_lines_blank_lines_comments_and_line_ends() -> None:
    text = "# first\r\n\n   # a comment\ny = w * x + b   # the line\r\rL = (y - t)**2 / 2\n\n"
    lines = parse_formula(text)
    assert [(line.name, line.number, line.column) for line in lines] == [("y", 4, 1), ("L", 6, 1)]
    assert [step.text for step in lines[0].expression if step.kind == "name"] == ["w", "x", "b"]


def test_an_indented_formula_keeps_its_places() -> None:
    error = refusal("\n    y = x\n    z = y + $\n")
    assert (error.line, error.column) == (3, 13)
    error = refusal("\n  # less\n    y = x\n    y = not x\n")
    assert (error.line, error.column) == (4, 9)
    error = refusal("\n  # less\n    y = x\n    y.a = x\n")
    assert (error.line, error.column) == (4, 5)


def test_unicode_names() -> None:
    tape = swept("ŷ = θ * x\nL = (ŷ - 한국)**2", {"θ": 2.0, "x": 3.0, "한국": 1.0})
    assert tape.loss() == 25.0


def test_each_function_is_callable() -> None:
    matrix = [[0.25, 0.75], [0.5, 0.125]]
    for called in every_function():
        losses = []
        for operands in (("a",), ("a", "b")):
            text = f"L = sum({called.calls(*operands)[0]})"
            for taken in (matrix, matrix[0], [matrix], [[matrix]]):  # a vector, signals, pictures
                with contextlib.suppress(FormulaError):
                    losses.append(swept(text, {"a": taken, "b": 0.5}).loss())
        assert losses, called.name
        assert np.isfinite(losses).all()


# ------------------------------------------------------ refused: place, what was found, what is right

REFUSED = [
    ("", 0, 0, "empty"),
    ("# nothing", 0, 0, "empty"),
    ("y", 0, 0, "the formula is empty"),
    ("y = x\nx * y", 2, 1, "x * y without a name"),
    ("y =", 1, 4, "end of the line"),
    ("y = x +", 1, 8, "end of the line"),
    ("y = 2(x)", 1, 5, "named functions"),
    ("y = 2x", 1, 5, "decimal literal"),
    ("y = 1 + (1if x else 2)", 1, 10, "maximum(a, b)"),
    ("y = 0777", 1, 5, "octal"),
    ("y = x^2", 1, 5, "powers are written **"),
    ("y = not x", 1, 5, "the opposite of a comparison is ~(x > 0)"),
    ("y = x and z", 1, 5, "and/or"),
    ("y = [1, 2]", 1, 5, "[data]"),
    ("y = 1, 2", 1, 5, "a comma"),
    ("y = {1}", 1, 5, "{ }"),
    ("y = [i for i in x]", 1, 5, "the language has"),
    ("y = lambda: 1", 0, 0, "the formula is empty"),
    ("y = lambda * x", 1, 5, "λ or lambda_"),
    ("lambda = 2", 1, 1, "λ or lambda_"),
    ("z = x\ny = z + lambda", 2, 9, "λ or lambda_"),
    ("y = (z := x)", 1, 6, "the language has"),
    ("(z := x)", 1, 1, "without a name"),
    ("y = f'{x}'", 1, 6, "no strings"),
    ("z = 1\ny = f'{1 +}'", 2, 6, "no strings"),
    ('y = """x', 1, 5, "no strings"),
    ("y = b'x'", 1, 6, "no strings"),
    ("y' = x", 1, 2, "no strings"),
    ("y = 1j * x", 1, 5, "finite numbers"),
    ("y = ...", 1, 5, "finite numbers"),
    ("y = x + 1e999", 1, 9, "too large"),
    ("y = " + "1" * 400, 1, 5, "too large"),
    ("y = x + " + "1" * 6000, 1, 9, "too large"),
    ("y = 0x" + "f" * 6000, 1, 5, "too large"),
    ("y.T = x", 1, 1, "left of ="),
    ("y: int = x", 1, 1, "name = expression"),
    ("import os", 1, 1, "name = expression"),
    ("del x", 1, 1, "name = expression"),
    ("pass", 0, 0, "the formula is empty"),
    ("@f\ndef g(): pass", 2, 1, "def g(x, w)"),
    ("y = sin x", 1, 9, "'x'"),
    ("y = sine(x)", 1, 5, "write sin(x)"),
    ("y = tnah(x)", 1, 5, "did you mean tanh?"),
    ("y = qqq(x)", 1, 5, "the README lists"),
    ("y = x.T()", 1, 5, "write .T without ( )"),
    ("y = x.__class__", 1, 5, "attributes are .T"),
    ("y = exp()", 1, 5, "0 arguments; write exp(x)"),
    ("y = exp(x, z)", 1, 5, "2 arguments"),
    ("y = mse(x)", 1, 5, "mse(prediction, target)"),
    ("y = maximum(x)", 1, 5, "maximum(a, b)"),
    ("y = exp(*x)", 1, 5, "1 arguments; write exp(x)"),
    ("y = exp(x, **k)", 1, 12, "exp has no options"),
    ("y = exp(x, axis=0)", 1, 12, "exp has no options"),
    ("y = sum(x, keepdims=1)", 1, 21, "write keepdims=True or keepdims=False"),
    ("y = sum(x, axis=1.5)", 1, 17, "whole number"),
    ("y = sum(x, axis=True)", 1, 17, "whole number"),
    ("y = sum(x, axis=())", 1, 17, "whole number"),
    ("y = sum(x, axis=0, axis=0)", 1, 20, "second time"),
    ("y = sum(x, axis=0, axis=1)", 1, 20, "second time"),
    ("y = (x", 1, 5, "never closed"),
    ("y = x)", 1, 6, "unmatched"),
    ("ŷ = θ + $", 1, 9, "'$'"),
    ("𝜃 = 한국 * 한국 + x[0.5]", 1, 17, "whole number"),
    ("y = x\x00", 1, 6, "\\x00"),
    ("z = 1\r\ny = x\x0c + 2", 2, 6, "\\x0c"),
    ("z = 1\ry = x\x1b[31m", 2, 6, "\\x1b"),
    ("y = x # \u202e bidi", 1, 9, "\\u202e"),
    ("y = x # a\u2028z = x ++ ", 1, 10, "\\u2028"),
    ("y = x\u2029", 1, 6, "\\u2029"),
    ("y = x # \ud800", 1, 9, "\\ud800"),
    ("\ufeffy = x", 1, 1, "\\ufeff"),
    ("y = x\xa0+ 2", 1, 6, "U+00A0"),
    ("y = x\n  z = 2", 2, 3, "indent"),
    ("y = x # ok\nz = y +* 2", 2, 8, "'*'"),
    ("y = €", 1, 5, "U+20AC"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "part"), REFUSED, ids=[repr(r[0])[:40] for r in REFUSED])
def test_refused(text: str, line: int, column: int, part: str) -> None:
    error = refusal(text)
    assert part in str(error), str(error)
    assert (error.line, error.column) == (line, column), str(error)
    assert str(error).startswith(f"line {line}, column {column}: ") or not line
    assert len(str(error)) < 400


LATER = [
    ("y = q", 1, 5, "unknown name q"),
    ("y = z\nz = x", 1, 5, "used before the line that assigns it"),
    ("y = y", 1, 5, "used before the line"),
    ("x = 2", 1, 1, "given in the lesson's parameter already"),
    ("y = ŵ", 1, 5, "did you mean w_hat?"),
    ("y = weigth", 1, 5, "did you mean weight?"),
    ("y = x ** 65", 1, 5, "beyond ±64"),
    ("y = x ** -65", 1, 5, "beyond ±64"),
    ("k = 65\ny = x ** k", 2, 5, "beyond ±64"),
    ("y = 2 ** 2000", 1, 5, "beyond ±64"),
    ("y = 1 / 0", 1, 5, "not a finite number"),
    ("y = x * (1e300 * 1e300)", 1, 10, "not a finite number"),
    ("y = log(0)", 1, 5, "not a finite number"),
    ("y = v @ x", 1, 5, "not a scalar; use *"),
    ("y = softmax(x)", 1, 5, "needs a vector"),
    ("y = sum(x, axis=0)", 1, 5, "has no axes"),
    ("y = sum(v, axis=1)", 1, 5, "axes 0 to 0"),
    ("y = sum(M, axis=(0, -2))", 1, 5, "twice"),
    ("y = softmax(M, axis=(0, 1))", 1, 5, "one axis"),
    ("y = cross_entropy(M, v)", 1, 5, "one shape"),
    ("y = v + sum(v)\nz = x * y", 2, 1, "sum(...) or mean(...)"),
    ("y = M", 1, 1, "(3×2), 6 numbers"),
    ("y = sum", 1, 5, "call it: sum(...)"),
    ("y = x // 2", 1, 5, "//; use /"),
    ("y = x % 2", 1, 5, "%"),
    ("y = x & 2", 1, 5, "operator on bits"),
    ("y = sum(v, axis=x)", 1, 17, "whole number such as axis=0"),
    ("y = sum(v, axis=pi)", 1, 5, "whole number"),
    ("y = v.shape", 1, 5, "several numbers"),
    ("y = v.shape[1]", 1, 5, "no axis 1"),
    ("y = v[2]", 1, 5, "out of range: axis 0 of (2) has 2, from 0 to 1"),
    ("y = v[0, 0]", 1, 5, "2 indices, but (2) has 1 axis"),
    ("y = v[x]", 1, 7, "whole numbers"),
    ("y = sum(v[v > 1])", 1, 11, "where("),
    ("y = -(v > 1)", 1, 5, "1.0 * (v > 1)"),
    ("y = (v > 1) + (v > 0)", 1, 5, "as or"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "part"), LATER, ids=[r[0] for r in LATER])
def test_refused_when_built(text: str, line: int, column: int, part: str) -> None:
    leaves = {"x": 1.0, "v": [1.0, 2.0], "M": np.ones((3, 2)), "w_hat": 1.0, "weight": 2.0}
    error = refusal(text, leaves)
    assert part in str(error), str(error)
    assert (error.line, error.column) == (line, column), str(error)


@pytest.mark.parametrize("operation", ["{} + {}", "{} * {}", "{} @ {}", "maximum({}, {})", "mse({}, {})"])
def test_a_shape_clash_names_both_shapes_and_both_names(operation: str) -> None:
    error = refusal(
        "k = 1\nL = sum(" + operation.format("left", "right") + ")",
        {"left": np.ones((2, 3)), "right": np.ones((4, 5))},
    )
    for part in ("left (2×3)", "right (4×5)"):
        assert part in str(error)
    assert (error.line, error.column) == (2, 9)
    stacked = refusal("L = sum(a @ b)", {"a": np.ones((2, 3, 4)), "b": np.ones((5, 4, 3))})
    assert "a (2×3×4)" in str(stacked)
    assert "b (5×4×3)" in str(stacked)


def test_a_loss_of_several_numbers_is_advised_to_sum_or_mean() -> None:
    error = refusal("L = x * 2", {"x": [1.0, 2.0]})
    assert "(2)" in str(error)
    assert "sum(...) or mean(...)" in str(error)
    one = swept("L = x * 2", {"x": [[1.5]]})
    assert isinstance(one.loss(), float)
    assert one.loss() == 3.0


def test_the_loss_must_be_a_line() -> None:
    lines = parse_formula("y = x * x\nloss = y + 1")
    leaves = {"x": Leaf(Kind.PARAMETER, (), True)}
    assert build_graph(lines, leaves, "y").loss.name == "y"
    for wrong in ("x", "nothing", "los", "lo\x1bss"):
        with pytest.raises(FormulaError) as caught:
            build_graph(lines, leaves, wrong)
        check_message(caught.value)


# ------------------------------------------------------ limits, each refused in time

DEEP = {
    "parentheses": "y = " + "(" * 5000 + "x" + ")" * 5000,
    "minus": "y = " + "-" * 19_000 + "x",
    "sum": "y = " + "x + " * 4900 + "x",
    "power": "y = " + "x ** " * 3900 + "x",
    "transposes": "y = x" + ".T" * 9900,
    "calls": "y = " + "exp(" * 3900 + "x" + ")" * 3900,
    "lists": "y = " + "[" * 5000,
    "not": "y = " + "not " * 4900 + "x",
    "calls of calls": "y = x" + "()" * 9900,
}
LONG = {
    "nodes": "\n".join(f"a{i} = x + 1" for i in range(10_001)),
    "constants": "\n".join(f"a{i} = 1" for i in range(19_000)),
    "lines": "\n".join(f"a{i}=1" for i in range(100_000)),
    "characters": "y = x" + " " * 1_000_000,
    "text": "y = " + " + ".join(f"{'n' * 300}{i}" for i in range(500)),
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_is_refused(kind: str) -> None:
    error = refusal("z = x\n" + DEEP[kind])
    assert "deeper than" in str(error) or "never closed" in str(error)
    assert error.line == 2


BUILT_FIRST = ("nodes", "constants")
"""Refused only after thousands of nodes are there."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind in BUILT_FIRST else kind for kind in LONG]
)
def test_large_formulas_are_refused(kind: str) -> None:
    leaves = {"x": 1.0, **{f"{'n' * 300}{i}": 1.0 for i in range(500)}}
    error = refusal(LONG[kind], leaves)
    assert any(limit in str(error) for limit in ("10,000 nodes", "20,000", "500,000")), str(error)


def test_ten_thousand_nodes_and_deep_text_are_fine() -> None:
    lines = ["a0 = x * 1", *(f"a{i} = a{i - 1} * 1.0" for i in range(1, 4990))]
    tape = swept("\n".join(lines), {"x": 2.0})
    assert tape.loss() == 2.0
    assert tape.gradient(tape.graph.named["x"]) == 1.0
    deep = " + ".join(["x"] * 900)
    assert swept(f"L = {deep}", {"x": 1.0}).loss() == 900.0


def test_a_gibibyte_of_results_is_refused() -> None:
    """Shapes alone say so; nothing is allocated."""
    leaves = {"a": Leaf(Kind.DATA, (20_000, 1)), "b": Leaf(Kind.DATA, (1, 20_000))}
    with pytest.raises(FormulaError, match=r"20000×20000.*1 GiB") as caught:
        build_graph(parse_formula("L = sum(a * b)"), leaves)
    assert (caught.value.line, caught.value.column) == (1, 9)
    huge = {"a": Leaf(Kind.DATA, (10**9, 1)), "b": Leaf(Kind.DATA, (1, 10**12))}
    with pytest.raises(FormulaError, match="1 GiB"):
        build_graph(parse_formula("L = sum(a @ b)"), huge)


def test_long_unknown_names_are_refused() -> None:
    refusal("y = " + "ab" * 200_000, {"ba" * 200_000: 1.0})
    refusal("y = " + "ab" * 200_000 + "(x)", {"x": 1.0})


def test_parsing_deep_inside_other_code() -> None:
    """With little of Python's stack left, the parser's complaint is still a plain refusal, or none."""

    def dive(depth: int) -> int:
        if depth:
            return dive(depth - 1)
        return len(parse_formula("y = " + "(" * 60 + "x" + ")" * 60))

    assert dive(sys.getrecursionlimit() - 300) == 1


# ------------------------------------------------------ fuzz


def check_place(error: FormulaError, text: str) -> None:
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 0 <= error.line <= len(rows) + 1, (text, str(error))
    if 0 < error.line <= len(rows):
        assert 1 <= error.column <= len(rows[error.line - 1]) + 2, (text, str(error))


def parses_or_refuses(text: str) -> None:
    for parse in (parse_formula, parse_expression, parse_condition):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                parse(text)
            except FormulaError as error:
                check_message(error)
                check_place(error, text)


TOKENS = st.sampled_from([
    "x", "y", "w", "b", "L", "=", "=", "+", "-", "*", "/", "**", "@", "(", ")", "(", ")", "[", "]", "{",
    "}", ",", ".", ".T", "1", "2", "0.5", "1e999", "0777", "1_0", "0x1f", "1e", "1if", "axis=", "axis",
    "sum(", "exp(", "softmax(", "mse(", "lambda", ":", ":=", "if", "else", "for", "in", "not", "and",
    "or", "is", "None", "True", "yield", "async", "def", "class", "return", "import", "<", ">", "==",
    "!=", ";", "#", "'", "\"", "'''", "f'", "b'", "\\", "\n", "\r", "\r\n", "\t", " ", "   ", "\x0c",
    "\x00", "\u2028", "\u202e", "\ufeff", "\xa0", "ŷ", "θ", "한", "𝜃", "²", "ʹ", "€", "$", "?", "!", "~",
    "^", "%", "&", "|", "->", "@=", "...", "9" * 5000,
])  # fmt: skip


@tried(st.text(max_size=60), few=60, many=300)
@example("y = x \\")
@example("y = x \\\n + 2")
@example("\\")
@example("y = (\\\n")
@example("y =\n\n\n(x")
@example("\t y = x\n \tz = x")
def test_arbitrary_text_parses_or_is_refused(text: str) -> None:
    parses_or_refuses(text)


@tried(st.lists(TOKENS, max_size=25), few=60, many=300)
def test_arbitrary_tokens_parse_or_are_refused(tokens: list[str]) -> None:
    parses_or_refuses(" ".join(tokens))
    parses_or_refuses("".join(tokens))


VALID = "h = relu(X @ W + b)\nŷ = softmax(h, axis=-1)  # rows\nL = mean((ŷ - t)**2 / 2) + 0.5 * sum(W**2)\n"


@tried(
    st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 3), st.one_of(TOKENS, st.characters())),
        min_size=1,
        max_size=3,
    ),
    few=60,
    many=300,
)
def test_mutated_formulas_parse_or_are_refused(changes: list[tuple[int, int, str]]) -> None:
    text = VALID
    for place, deleted, inserted in changes:
        text = text[:place] + inserted + text[place + deleted :]
    parses_or_refuses(text)
    leaves = {"X": np.ones((2, 3)), "W": np.ones((3, 2)), "b": np.ones(2), "t": np.ones((2, 2))}
    try:
        graph_of(text, leaves)
    except FormulaError as error:
        check_message(error)


# ------------------------------------------------------ text of expressions

ATOMS = st.sampled_from(["x", "a", "m", "2", "0.5", "3"])


def combine(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(children, st.sampled_from(["+", "-", "*", "/"]), children).map(
        "({0[0]} {0[1]} {0[2]})".format
    )
    power = st.tuples(children, st.sampled_from(["2", "-1", "0.5", "(1 + 1)", "x"])).map(
        "({0[0]} ** {0[1]})".format
    )
    loose = st.tuples(children, st.sampled_from(["+", "-", "*", "/", "**"]), children).map(" ".join)
    call = st.tuples(st.sampled_from(["sin", "relu", "abs", "tanh"]), children).map("{0[0]}({0[1]})".format)
    sums = children.map("sum({}, axis=None)".format).map(lambda text: text.replace(", axis=None", ""))
    return st.one_of(
        binary, power, loose, call, sums, children.map("-({})".format), children.map("-{}".format),
        children.map("({}).T".format), children.map("({}) @ a".format),
    )  # fmt: skip


@tried(st.recursive(ATOMS, combine, max_leaves=8), few=60, many=300)
@example("-x ** 2")
@example("(-x) ** 2")
@example("((-2) ** 3) ** 2 * x")
@example("x - (x - x)")
@example("x ** (x ** 2)")
@example("(x ** x) ** 2")
@example("-(x * x) / -(x + 1)")
@example("(2).T * x")
@example("(-2).T * x")
@example("0.1234567890123456789012345678901234567890 * x")
@example("12345678901234567890123456789012345678901 * x")
@example("2 ** 3 ** x")
def test_printed_text_means_the_same(text: str) -> None:
    try:
        first = graph_of(f"L = sum({text})", NUMBERS)
    except FormulaError:
        return
    printed = first.loss.expression
    second = graph_of(f"L = {printed}", NUMBERS)
    assert second.loss.expression == printed
    np.testing.assert_array_equal(value(f"y = {text}", NUMBERS), value(f"y = {printed[4:-1]}", NUMBERS))
    for node in first.nodes:  # and every part of it
        if node.kind is Kind.OPERATION and not node.name.startswith("broadcast("):
            assert parse_expression(node.expression)
            assert parse_expression(node.name)


def test_names_of_parts() -> None:
    graph = graph_of("y = w * x + b\nL = (y - t)**2 / 2", {"w": 1.0, "x": 1.0, "b": 1.0, "t": 1.0})
    assert [node.name for node in graph.assignments] == ["(w * x)", "y", "(y - t)", "(y - t)**2", "L"]
    assert [node.expression for node in graph.assignments] == [
        "w * x", "w * x + b", "y - t", "(y - t)**2", "(y - t)**2 / 2",
    ]  # fmt: skip
    spread = graph_of("L = sum(v * b)", {"v": [1.0, 2.0], "b": 1.0})
    assert [node.name for node in spread.assignments] == ["broadcast(b)", "(v * b)", "L"]


# ------------------------------------------------------ expressions and conditions


def test_expressions_evaluate_over_arrays() -> None:
    values = {"x": np.array([1.0, 2.0]), "k": np.array(3.0)}
    np.testing.assert_array_equal(evaluate(parse_expression(" k *\n x"), values), [3.0, 6.0])
    np.testing.assert_array_equal(evaluate(parse_expression("2"), values), 2.0)
    np.testing.assert_array_equal(evaluate(parse_expression("x  # a\n + 1 # b"), values), [2.0, 3.0])
    with pytest.raises(FormulaError, match="unknown name q"):
        evaluate(parse_expression("q"), values)


def test_places_in_an_expression_of_several_lines() -> None:
    for text, place in [
        ("  not x", (1, 3)),
        ("x +\n  (not y)", (2, 4)),
        ("x² + √y *\n  (not x)", (2, 4)),
        ("x # ŷ\n+ 1\n* $", (3, 3)),
        ("x\n;", (2, 1)),
    ]:
        with pytest.raises(FormulaError) as caught:
            parse_expression(text)
        assert (caught.value.line, caught.value.column) == place, text


@pytest.mark.parametrize("text", ["", "   ", "x = 2", "x) + (x", "x, y", "*x", "yield x", "x;"])
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_expression(text)
    check_message(caught.value)


def test_conditions() -> None:
    values = {"x": np.array([1.0, 2.0]), "k": np.array(3.0)}
    for text, expected in [
        ("mean(x) > 1 and k <= 3", True), ("k == 3", True), ("k != 3", False), ("1 < k < 3", False),
        ("1 < k <= 3", True), ("k >= 4", False),
    ]:  # fmt: skip
        assert holds(parse_condition(text), values) is expected
    for text in ("x", "k > 1 or k < 0", "not k > 1", "k in x", "k is k"):
        with pytest.raises(FormulaError):
            parse_condition(text)
    with pytest.raises(FormulaError, match=r"\(2\).*mean"):
        holds(parse_condition("x > 1"), values)


@pytest.mark.parametrize("name", ["lambda", "2x", "", "a b", "a\x1b", "ﬁ", "x.y"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BackpropError) as caught:
        check_name(name)
    check_message(caught.value)  # type: ignore[arg-type]


@pytest.mark.parametrize("character", ["\ue000", "\u0378", "\U000f0000", "\u200b", "\x07", "\u2028", "\x85"])
def test_characters_that_no_terminal_should_get(character: str) -> None:
    with pytest.raises(FormulaError, match="found the control character") as caught:
        parse_formula(f"y = w\nL = y  # {character}")
    assert character not in str(caught.value)
    assert (caught.value.line, caught.value.column) == (2, 10)
