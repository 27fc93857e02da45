"""Versions of names, functions and loops in formulas; what is refused, all at once, each with what works."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.graphs import graph_of, swept
from tests.support.trainers import mine
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import parse_expression, parse_formula
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.engine.language.signs import translated

GIVEN = {
    "x": np.array([0.5, -1.0, 2.0]), "w": np.array([1.0, 2.0, 3.0]), "X": np.arange(12.0).reshape(4, 3) / 7,
    "W": np.ones((3, 2)), "s": 2.0, "y": np.array([0.0, 1.0, 2.0, 1.0]),
}  # fmt: skip


def named(text: str) -> list[str]:
    return [name for name in graph_of(text, GIVEN, data=("X", "y")).named if name not in GIVEN]


def refused(text: str) -> list[str]:
    with pytest.raises(FormulaError) as caught:
        graph_of(text, GIVEN, data=("X", "y"))
    return [str(caught.value), *caught.value.further]


# ------------------------------------------------------ versions


def test_earlier_versions_have_a_number_and_the_last_one_none() -> None:
    assert named("z = w * 2\nz = z + 1\nz += x\nL = sum(z)") == ["z.1", "z.2", "z", "L"]
    assert named("a, b = w, x\na, b = b, a\nL = sum(a - b)") == ["a.1", "b.1", "a", "b", "L"]
    text = "h = zeros(3)\nfor t in range(3):\n    h = tanh(h + X[t])\nL = sum(h)"
    assert named(text) == ["h.1", "h.2", "h.3", "h", "L"]
    text = "def f(v):\n    u = v * 2\n    return u + 1\nL = sum(f(w) + f(x))"
    assert named(text) == ["f.u.1", "f.u", "L"]


def test_versions_can_be_typed_wherever_names_can(tmp_path: Path) -> None:
    text = "z = w * 2\nz -= mean(z)\nL = sum(z * z * x)"
    graph = graph_of(text, GIVEN)
    assert find_one(graph, "z.1").expression == "w * 2"
    values = {"z.1": np.array([1.0, 2.0]), "z": np.array([3.0, 4.0])}
    np.testing.assert_array_equal(evaluate(parse_expression("z.1 * z + 2.5 * z.1"), values), [5.5, 13.0])
    np.testing.assert_array_equal(evaluate(parse_expression("z.1[1:] * z.1.T[0]"), values), [2.0])
    trainer = mine(
        tmp_path,
        f'formula = """\n{text}\n"""\n[data]\nx = [1, 2]\n[parameters]\nw = [0.5, 1.5]\n'
        "[hyperparameters]\nlearning_rate = 0.1\niterations = 3\n",
    )
    trainer.override("z.1", [4.0, 2.0])
    assert trainer.loss == 3.0
    trainer.release("z.1")
    assert trainer.gradients["z.1"].shape == (2,)


# ------------------------------------------------------ signs


SIGNS = {
    "w·x − y": "w*x - y", "w×x ⊙ y": "w*x * y", "(y)² + x³": "(y)**2 + x**3", "Xᵀ @ x⁻¹": "X.T @ x**-1",
    "√(w) + √x + √2": "sqrt(w) + sqrt(x) + sqrt(2)", "½·x + ½(y − t)²": "0.5*x + 0.5*(y - t)**2",
    "|w| + ||x| − 1|": "abs(w) + abs(abs(x) - 1)", "a ≤ b": "a <= b", "x²⁰ ÷ 2": "x**20 / 2",
    "‖w‖": "norm(w)",
}  # fmt: skip


@pytest.mark.parametrize("text", SIGNS)
def test_signs_of_mathematics_mean_what_they_mean(text: str) -> None:
    assert translated(text).text == SIGNS[text]


def test_places_are_those_of_the_text_that_was_typed() -> None:
    assert refused("L = ½·|s|² + √(s)·qq")[0].startswith("line 1, column 19: unknown name qq")
    assert refused("L = ½·s² + * s")[0].startswith("line 1, column 12: found '*'")
    assert refused("a = s²\nL = (½·s³)·s.imag")[0].startswith("line 2, column 12: found .imag")


def test_numbers_with_names_give_way_to_the_lessons_own() -> None:
    assert swept("L = s * pi", GIVEN).loss() == 2 * np.pi
    assert swept("L = s * π + e**s", GIVEN).loss() == 2 * np.pi + np.e**2
    assert swept("pi = s * 3\nL = pi", GIVEN).loss() == 6.0
    assert swept("pi = s * 3\nL = np.pi * s", GIVEN).loss() == 2 * np.pi


# ------------------------------------------------------ refused, all at once


def test_all_that_cannot_be_read_is_told_at_once() -> None:
    lines = refused("a = X.foo()\nb = np.qqq(x) + tnah(s)\nL = s +* 2\nm = x.flags")
    assert [line.partition(": ")[0] for line in lines] == [
        "line 1, column 5", "line 2, column 5", "line 2, column 17", "line 3, column 8", "line 4, column 5",
    ]  # fmt: skip
    assert lines[2].endswith("did you mean tanh?")
    lines = refused("a = u1 * 2\nb = a + u2\nc = W @ x\nd = sum(x[3])\nL = c + d")
    assert [line.partition(": ")[0] for line in lines] == [
        "line 1, column 5", "line 2, column 9", "line 3, column 5", "line 4, column 9",
    ]  # fmt: skip


WORDS = [
    ("L = max(0, s)", "maximum(a, b)"),
    ("L = minimun(s, 1)", "did you mean minimum?"),
    ("L = sum(torch.std(x))", "by n, or sqrt("),
    ("L = torch.max(X, dim=1)", "max(x, axis=0)"),
    ("L = 0 < s < 1", "(0 < x) * (x < 1)"),
    ("L = s if s > 0 else 2", "found if, which asks of data; write y = where(x > 0, a, b)"),
    ("L = s * (2 if s > 0 else 1)", "where(condition, a, b)"),
    ("L = True + s", "only finite numbers such as 2"),
    ("L = None", "the formula computes nothing"),
    ("a = (x, w)\nL = a * 2", "where a number belongs; np.stack makes an array of a list"),
    ("a = 'relu'\nL = a * 2", "found 'relu' where a number belongs"),
    ("a = {'b': x}\nL = sum(a['c'])", "there is no 'c'; there are 'b'"),
    ("a = x, w\nL = s", "found a comma"),
    ("a = (x, w)\nb, c, d = a\nL = s", "a has 2 values for 3 names"),
    ("L = sum(x['b'])", "unknown name b"),
    ("if s > 2:\n    L = s", "found if, which asks of data; write y = where(x > 0, a, b)"),
    ("def f(v):\n    if True:\n        return v\n    return v\nL = f(s)", "ends a def and stands there once"),
    ("if len(x) > 2:\n    raise ValueError('three')\nL = s", "the text raises an error here"),
    ("a = None\na += s\nL = s", "found None where a number belongs"),
    ("for t in range(-3):\n    L = s", "found range(-3), which has no turns; write range(3)"),
    ("L = g(s)\ndef g(v):\n    return v", "g is called above the line that defines it; put def g(…) first"),
    ("L = sum(np.pad(X, 1, 'edge'))", "write pad(x, ((1, 1), (2, 2))), zeros before and behind"),
    ("L = sum(np.pad(X, ((1, 1), (2, 2), (3, 3))))", "(4×3) has 2 axes, and pad_width 3 pairs"),
    ("L = sum(np.repeat(X, 2, (0, 1)))", "repeat is along one axis; found axis=(0, 1)"),
    ("L = sum(np.tile(x, -1))", "write whole numbers such as reps=(2, 1)"),
    ("a, b = np.split(x, 2)\nL = s", "x has 3 along axis 0, which do not make 2 equal parts"),
    ("a, b = np.split(X, 4)\nL = s", "gives 4 parts for 2 names"),
    ("L = sum(np.split(X, 2))", "write a, b = np.split(x, 2)"),
    ("L = sum(~x)", "one of comparisons, ~(x > 0)"),
    ("L = sum(x & w)", "one of comparisons, (x > 0) & (x < 1)"),
    ("L = sum(x.astype('float32'))", "write float, int or bool; everything is in double precision"),
    ("L = sum(zeros(3, dtype=np.uint8))", "write float, int or bool; everything is in double precision"),
    ("L = sum((2**-np.arange(3)) * s)", "negative powers of whole numbers"),
    ("a = np.arange(3).copy()\na[0] = 0.5\nL = sum(a)", "1.0 * where it is made"),
    ("a = x * 1\na[a > 0] = w\nL = sum(a)", "write one number, or where(condition, a, b)"),
    ("a = X * 1\na[x > 0] = 1\nL = sum(a)", "a.1 (4×3) is indexed by a condition of (3)"),
    ("L = mse(x[3:], w[3:])", "it has no elements"),
    ("L = mean(x[3:])", "mean of x[3:] (0): it has no elements"),
    ("def f(a, b, a):\n    return a\nL = f(s, s, s)", "f has the parameter a twice"),
    ("L = sum(argmax(X, axis=(0, 1)))", "argmax is along one axis, or of all elements"),
    ("L = sum(x[x > 0])", "where(x > 0, x, 0)"),
    ("L = np.linalg.norm(x, 1)", "write norm(x), the root of the sum of squares"),
    ("L = np.linalg.norm(X, 2)", "write norm(x), the root of the sum of squares"),
    ("L = X.item()", "(4×3) has 12 numbers; item is of one"),
    ("L = np.random.randn(3)", "drawn in [parameters]"),
    ("L = sum(x, dtype=int)", "only axis= and keepdims="),
    ("L = sum(x[5])", "index 5 is out of range: axis 0 of (3) has 3, from 0 to 2"),
    ("L = X[0, 0, 0]", "3 indices, but (4×3) has 2 axes"),
    ("L = sum(X[s])", "whole numbers, of [data] or [samples]"),
    ("a, b = x\nL = s", "as many values on the right"),
    ("a, b = X.T\nL = s", "as many values on the right"),
    ("a, b, c = X.shape\nL = s", "are not 3 numbers"),
    ("L = (x > 0) - (x < 0)", "1.0 * (x > 0)"),
    ("L = (x > 0) @ (x < 0)", "1.0 * (x > 0)"),
    ("a = np.where(x > 0, 1, 0)\na[0] = 0.5\nL = sum(a)", "1.0 * where it is made"),
    ("a = np.arange(3)\na[0] = 0.5\nL = sum(a)", "1.0 * where it is made"),
    ("a = np.arange(3)\na += 0.5\nL = sum(a)", "1.0 * where it is made"),
    ("L = np.sum(np.arange(3)**-1)", "negative powers of whole numbers"),
    ("a = x\na += 1\nL = sum(a)", "a = x.copy()"),
    ("a = X[1:]\na[0] = 1\nL = sum(a)", "a = X.copy()"),
    ("a = w * 1\nb = a[1:]\na += 1\nL = sum(b)", "b has the memory of a, which line 3 changes"),
    ("a = w * 1\na += X\nL = sum(a)", "cannot become (4×3) in place"),
    ("x[0] = 1\nL = sum(x)", "given in the lesson's parameter already"),
    ("for i in range(1000000000):\n    a = i\nL = s", "1,000,000,000 turns"),
    ("for i in range(10**9):\n    a = i\nL = s", "1,000,000,000 turns"),
    (
        "for i in range(300):\n    for j in range(300):\n        for k in range(0):\n            a = 1",
        "turns",
    ),
    ("for v in sorted(x):\n    a = v\nL = s", "range(len(x)), or the name of an array"),
    ("for a, b in zip(x):\n    c = a\nL = s", "range(len(x)), or the name of an array"),
    ("hs = []\nh = w * 1\nhs.append(h)\nh += 1\nL = np.sum(hs[0])", "hs has the memory of h, which line 4"),
    ("hs = {}\nhs[0] = w * 1\na = hs[0]\nhs[0] += 1\nL = sum(a)", "a has the memory of hs, which line 4"),
    ("hs = []\nhs[1] = w\nL = s", "write hs.append(h), or hs = {} above"),
    ("hs = []\nL = np.sum(hs)", "found an empty list where numbers belong"),
    ("hs = {}\nL = sum(hs[1])", "there is no 1"),
    ("hs = [w, w * 2]\nL = sum(hs)", "np.stack makes an array of a list"),
    ("for t in range(3):\n    q = X[t] @ W\n    r = q + x\nL = s", "(in the turn t = 0)"),
    ("for t in range(9):\n    q = X[t]\nL = s", "from 0 to 3 (in the turn t = 4)"),
    ("def f(x):\n    return f(x)\nL = f(s)", "f calls itself"),
    ("def f(a):\n    b = a\nL = f(s)", "end it with return"),
    ("def f(a):\n    return a @ a\nL = f(s)", "(in f, called on line 3)"),
    ("def f(a, b):\n    return a\nL = f(s)", "called without b; write f(a, b)"),
    ("def f(a):\n    return a, a\nL = f(s)", "write a, b = f(...)"),
    ("def f(a):\n    return u\n    \nL = f(s)", "unknown name u"),
    ("mean = np.mean(x)\nL = mean(x) + mean", "write np.mean(...)"),
    ("t = zeros(10**9)\nL = s", "at most 16,777,216"),
    ("L = x.sum", "call it: sum(...)"),
    ("import os\nL = s", "name = expression"),
    ("L = x.__class__", "attributes are"),
    ("L = sum(x).__class__.__mro__", "attributes are"),
    ("L = os.system(1)", "methods are those"),
    ("L = s.__init__()", "methods are those"),
    ("L = getattr(x, 'T')", "unknown function getattr"),
    ("L = exec('1')", "unknown function exec"),
    ("L = __import__('os')", "unknown function __import__"),
    ("L = sum([v for v in x])", "the language has"),
    ("L = (lambda v: v)(s)", "only named functions"),
    ("L = (a := s)", "the language has"),
    ("L = s ** 'a'", "no strings"),
    ("while s:\n    L = s", "for t in range(10)"),
    ("class A: pass", "def f(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "part"), WORDS, ids=[text for text, _ in WORDS])
def test_a_refusal_shows_the_form_that_works(text: str, part: str) -> None:
    lines = refused(text)
    assert part in lines[0]
    assert all("\n" not in line and len(line) < 260 for line in lines)


ANOTHER = (
    "arcsin",
    "swiglu",
    "prelu",
    "erfc",
    "sinc",
    "logit",
    "median",
    "hypot2",
    "argsort",
    "ceil",
    "rint",
    "glu",
)


@pytest.mark.parametrize("name", ANOTHER)
def test_a_hint_is_never_another_mathematics(name: str) -> None:
    (line,) = refused(f"L = {name}(s)")
    assert "did you mean" not in line


def test_what_changes_nothing_may_be_imported() -> None:
    assert (
        swept("import numpy as np\nimport torch.nn.functional as F\nL = np.sum(F.relu(x))", GIVEN).loss()
        == 2.5
    )


def test_a_shadowed_function_is_still_there_with_its_prefix() -> None:
    assert swept("sum = np.sum(x)\nL = sum * np.sum(w)", GIVEN).loss() == 9.0


def test_the_last_expression_of_a_formula_reads_back() -> None:
    for line in parse_formula("z = np.sum(X[:, 0], keepdims=True)\nL = z.sum(0)"):
        assert line.expression
