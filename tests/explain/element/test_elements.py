"""One element as the sum of its terms, in formula, numbers, tables, pages and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.pages import check_page
from tests.support.thorough import lessons
from tests.support.trainers import mine
from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.explain.element.elements import ElementExplanation, ElementPath, explain_element
from tui_backprop.explain.pages.element import as_json, as_text
from tui_backprop.explain.pages.heading import Heading
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.subscripts import subscripted


def trained(name: str, iterations: int = 0, **hyperparameters: object) -> tb.Trainer:
    trainer = tb.Trainer(tb.load_lesson(name), **hyperparameters)
    trainer.run(iterations=iterations)
    return trainer


def explained(trainer: tb.Trainer, name: str, *element: int) -> ElementExplanation:
    return explain_element(trainer, find(trainer.graph, name)[0], element)


def only_path(trainer: tb.Trainer, name: str, *element: int) -> ElementPath:
    (path,) = explained(trainer, name, *element).paths
    return path


def page_of(
    trainer: tb.Trainer, name: str, *element: int, width: int = 80, unfold: bool = False
) -> list[str]:
    return list(as_text(Heading.of(trainer), explained(trainer, name, *element), width, unfold))


# ------------------------------------------------------ SOURCES, 004

LOGISTIC_PAGE = """\
logistic: ∂L/∂β₀, element [0] of (2)
iteration 0, epoch 0, loss 0.375

  β₀ = 0
  ∂L/∂β₀ = −0.375

∂L/∂β from (X @ β)
  ∂L/∂β₀ = Σᵢ Xᵀ₀ᵢ · (∂L/∂(X @ β))ᵢ
  ∂L/∂β₀ = 1·(−0.125) + 3·0.125 + 5·(−0.125) = −0.375
  sample 0: local 1, upstream −0.125, product −0.125
  sample 1: local 3, upstream 0.125, product 0.375
  sample 2: local 5, upstream −0.125, product −0.625
  sum: −0.375
  why: In A @ v, element k of v is multiplied by Aᵢₖ in every row i"""


def test_the_first_weight_of_logistic_regression() -> None:
    page = page_of(trained("logistic"), "beta", 0)
    assert "\n".join(page).startswith(LOGISTIC_PAGE)


def test_the_second_weight_and_the_bias() -> None:
    t = trained("logistic")
    assert only_path(t, "beta", 1).numbers() == "∂L/∂β₁ = 2·(−0.125) + 4·0.125 + 6·(−0.125) = −0.5"
    bias = explained(t, "b")
    assert bias.title == "∂L/∂b, a scalar"
    (path,) = bias.paths
    assert path.symbolic == "∂L/∂b = Σᵢ (∂L/∂broadcast(b))ᵢ"
    assert path.numbers() == "∂L/∂b = (−0.125) + 0.125 + (−0.125) = −0.125"
    assert "copies" in path.why


def test_an_override_is_said_and_its_numbers_are_used() -> None:
    """ŷ = [0.8, 0.3, 0.4]: ∂L/∂z = [−0.032, 0.063, −0.144], ∂L/∂β₀ = −0.563."""
    t = trained("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])
    page = "\n".join(page_of(t, "beta", 0))
    assert "1·(−0.032) + 3·0.063 + 5·(−0.144) = −0.563" in page
    assert "put in by hand: ŷ; what is computed from it is an exercise" in page


def test_elements_of_data_of_the_loss_and_of_what_is_not_used(tmp_path: Path) -> None:
    t = trained("logistic", 1)
    data = only_path(t, "X", 1, 0)
    assert data.symbolic == "∂L/∂X₁,₀ = β₀ · (∂L/∂(X @ β))₁"
    assert data.rows[0].sample == 1
    loss = explained(t, "L")
    assert (loss.paths, loss.gradient, loss.total) == ((), 1.0, 1.0)
    assert loss.note == "∂L/∂L = 1 by definition: the loss moves one for one with itself."
    own = mine(tmp_path, 'formula = "m = 2 * c\\nL = w**2"\n[data]\nc = [1.0, 2.0]\n[parameters]\nw = 3.0\n')
    unused = explained(own, "c", 1)
    assert (unused.paths, unused.gradient, unused.total, unused.value) == ((), 0.0, 0.0, 2.0)
    assert unused.note == "The loss does not depend on c: gradient zero, no factors."
    assert unused.note in page_of(own, "c", 1)


def test_elements_that_are_not_there_are_refused() -> None:
    t = trained("logistic")
    with pytest.raises(
        BackpropError, match=r"X has shape \(3×2\): give two indices, from 0 to 2 and from 0 to 1"
    ):
        explained(t, "X", 0)
    with pytest.raises(BackpropError, match="give one index from 0 to 1"):
        explained(t, "beta", 2)


# ------------------------------------------------------ long sums


def test_two_thousand_terms_fold_in_the_middle() -> None:
    """SOURCES, 003: ∂L/∂d = Σ 2(ŷ − y)·x³ over 2000 points; the broadcast's upstream is 2(ŷ − y)·x³."""
    t = trained("polynomial")
    path = only_path(t, "d")
    a, b, c, d = (float(t.parameters[name]) for name in "abcd")
    x = np.linspace(-np.pi, np.pi, 2000)
    terms = 2 * (a + b * x + c * x**2 + d * x**3 - np.sin(x)) * x**3
    assert len(path.rows) == 2000
    np.testing.assert_allclose([row.product for row in path.rows], terms, rtol=1e-9)
    assert path.rows.total == pytest.approx(terms.sum(), rel=1e-12)
    text = path.numbers()
    shown = [f"{value:.6g}" for value in (*terms[:3], *terms[-2:])]
    assert text == f"∂L/∂d = {' + '.join([*shown[:3], '… (1995 more) …', *shown[3:]])} = {terms.sum():.6g}"
    assert path.numbers(folded=False).count(" + ") == 1999
    page = page_of(t, "d")
    assert [line for line in page if line.startswith("  sample")] == [
        line for line in page if re.match(r"  sample (0|1|2|1998|1999): ", line)
    ]
    assert "  … (1995 more) …" in page
    whole = page_of(t, "d", unfold=True)
    assert sum(line.startswith("  sample") for line in whole) == 2000
    check_page(whole)


def test_sums_of_a_few_terms_are_never_folded(tmp_path: Path) -> None:
    def path(n: int) -> ElementPath:
        text = f'formula = "L = sum(b * x)"\n[data]\nx = {[1.0] * n}\n[parameters]\nb = 2.0\n'
        return only_path(mine(tmp_path, text), "b")

    assert path(8).numbers() == f"∂L/∂b = {' + '.join(['1'] * 8)} = 8"
    assert path(9).numbers() == "∂L/∂b = 1 + 1 + 1 + … (4 more) … + 1 + 1 = 9"


def test_a_table_is_sliced_as_a_list_is() -> None:
    rows = only_path(trained("logistic"), "beta", 0).rows
    everything = list(rows)
    assert [row.product for row in everything] == [-0.125, 0.375, -0.625]
    assert rows[1:] == everything[1:]
    assert rows[-1] == everything[-1]
    assert rows[5:9] == []
    with pytest.raises(IndexError):
        rows[3]


# ------------------------------------------------------ samples


def test_a_batch_of_one_names_its_sample() -> None:
    path = only_path(trained("theta", 2), "theta")
    assert [(row.at, row.sample, row.label) for row in path.rows] == [((0,), 2, "sample 2")]


def test_shuffled_batches_name_the_samples_of_the_data() -> None:
    t = trained("theta", 5, batch_size=3, shuffle=True, seed=1)
    samples = [row.sample for row in only_path(t, "theta").rows]
    assert t.sample_indices is not None
    assert samples == t.sample_indices.tolist()
    assert len(samples) == 1  # iteration 5 is the rest of the third epoch's pass
    t.rewind(4)
    x = np.array([1.0, -1.0, 2.0, -2.0])
    rows = only_path(t, "theta").rows
    assert [row.sample for row in rows] == t.sample_indices.tolist()
    theta, y = float(t.parameters["theta"]), np.array([3.0, 1.0, 0.0, -6.0])
    for row in rows:  # mean of z2² over 3: −2·x·(y − θx)/3
        assert row.product == pytest.approx(-2 * x[row.sample] * (y[row.sample] - theta * x[row.sample]) / 3)


# ------------------------------------------------------ forks


def test_at_a_fork_each_path_has_its_block_and_there_is_their_sum() -> None:
    t = trained("polynomial")
    explanation = explained(t, "x", 3)
    assert [path.output.name for path in explanation.paths] == ["x**3", "x**2", "(b * x)"]
    assert [path.symbolic for path in explanation.paths] == [
        "∂L/∂x₃ = 3·x₃² · (∂L/∂(x³))₃", "∂L/∂x₃ = 2·x₃ · (∂L/∂(x²))₃", "∂L/∂x₃ = b · (∂L/∂(b ⊙ x))₃",
    ]  # fmt: skip
    assert explanation.total == pytest.approx(explanation.gradient, rel=1e-12)
    assert explanation.note == "x is used 3 times, and its effects add."
    line = explanation.sum_line()
    assert re.fullmatch(r"∂L/∂x₃ = \(−[\d.]+\) \+ [\d.]+ \+ \(−[\d.]+\) = −[\d.]+", line)
    page = page_of(t, "x", 3)
    assert page[-2:] == ["sum over the paths", f"  {line}"]
    assert explained(t, "a").sum_line() == ""


# ------------------------------------------------------ every operation, every lesson

EVERYTHING = """
formula = '''
s = softmax(X @ W + c, axis=0)
m = mean(s, axis=1)
q = A @ W
r = q @ k1
u = w @ A
g = sum(W.T @ W) + sum(v @ W) + v @ v
e = cross_entropy(X @ W, T) + mse(r, A @ v) + sum(relu(u) / 2) + sum(k1 - 2)
L = e + sum(m * m) + g + bce_with_logits(v, 1) + sum(maximum(v, 0.5)) + sum(abs(c) * T, axis=(0, 1))
'''
[samples]
X = [[1, 2], [3, 4], [0, 1]]
T = [[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]]
[data]
A = [[[1, 2], [3, 4], [5, 6]], [[0, 1], [1, 0], [2, 2]]]
k1 = [1, 2, 3]
v = [1, -1]
w = [2, -1, 0.5]
[parameters]
W = [[0.1, 0.2, 0.3], [0.4, 0.5, -0.6]]
c = [0.5, 0.1, 0.2]
"""

FORMULAS = [
    ("e", (), "(e + sum(m * m))", "∂L/∂e = ∂L/∂(e + sum(m ⊙ m))"),
    ("s", (2, 0), "m", "∂L/∂s₂,₀ = (1/3) · (∂L/∂m)₂"),
    ("(X @ W + c)", (2, 1), "s", "∂L/∂(X @ W + c)₂,₁ = Σᵢ sᵢ₁ · (δᵢ₂ − s₂,₁) · (∂L/∂s)ᵢ₁"),
    ("c", (1,), "broadcast(c)", "∂L/∂c₁ = Σᵢ (∂L/∂broadcast(c))ᵢ₁"),
    ("c", (1,), "abs(c)", "∂L/∂c₁ = sign(c₁) · (∂L/∂abs(c))₁"),
    ("W", (0, 2), "(X @ W)", "∂L/∂W₀,₂ = Σᵢ Xᵀ₀ᵢ · (∂L/∂(X @ W))ᵢ₂"),
    ("X", (1, 0), "(X @ W)", "∂L/∂X₁,₀ = Σⱼ Wᵀⱼ₀ · (∂L/∂(X @ W))₁ⱼ"),
    ("W", (0, 2), "(v @ W)", "∂L/∂W₀,₂ = v₀ · (∂L/∂(v @ W))₂"),
    ("v", (0,), "(v @ W)", "∂L/∂v₀ = Σᵢ W₀ᵢ · (∂L/∂(v @ W))ᵢ"),
    ("v", (1,), "(v @ v)", "∂L/∂v₁ = v₁ · ∂L/∂(v @ v)"),
    ("w", (1,), "u", "∂L/∂w₁ = Σᵢⱼ Aᵢ₁ⱼ · (∂L/∂u)ᵢⱼ"),
    ("A", (1, 0, 1), "q", "∂L/∂A₁,₀,₁ = Σₖ W₁ₖ · (∂L/∂q)₁,₀ₖ"),
    ("A", (1, 0, 1), "(A @ v)", "∂L/∂A₁,₀,₁ = v₁ · (∂L/∂(A @ v))₁,₀"),
    ("A", (1, 0, 1), "u", "∂L/∂A₁,₀,₁ = w₀ · (∂L/∂u)₁,₁"),
    ("k1", (2,), "r", "∂L/∂(k1)₂ = Σᵢⱼ qᵢⱼ₂ · (∂L/∂r)ᵢⱼ"),
    ("k1", (2,), "(k1 - 2)", "∂L/∂(k1)₂ = (∂L/∂(k1 − 2))₂"),
    ("W", (0, 2), "W.T", "∂L/∂W₀,₂ = (∂L/∂Wᵀ)₂,₀"),
    (
        "X @ W", (1, 2), "cross_entropy(X @ W, T)",
        "∂L/∂(X @ W)₁,₂ = (softmax(X @ W)₁,₂ · Σⱼ T₁ⱼ − T₁,₂) / 3 · ∂L/∂cross_entropy(X @ W, T)",
    ),
    (
        "T", (1, 2), "cross_entropy(X @ W, T)",
        "∂L/∂T₁,₂ = (−log(softmax(X @ W)₁,₂) / 3) · ∂L/∂cross_entropy(X @ W, T)",
    ),
    ("r", (0, 1), "mse(r, A @ v)", "∂L/∂r₀,₁ = 2·(r₀,₁ − (A @ v)₀,₁) / 6 · ∂L/∂mse(r, A @ v)"),
    ("u", (1, 0), "relu(u)", "∂L/∂u₁,₀ = (1 where u₁,₀ > 0, else 0) · (∂L/∂relu(u))₁,₀"),
    (
        "v", (0,), "maximum(v, 0.5)",
        "∂L/∂v₀ = (1 where v₀ > 0.5, 0.5 at a tie, else 0) · (∂L/∂maximum(v, 0.5))₀",
    ),
    ("T", (1, 2), "(abs(c) * T)", "∂L/∂T₁,₂ = abs(c)₂ · (∂L/∂(abs(c) ⊙ T))₁,₂"),
    ("relu(u)", (1, 0), "(relu(u) / 2)", "∂L/∂relu(u)₁,₀ = 1 / 2 · (∂L/∂(relu(u) / 2))₁,₀"),
    ("v", (0,), "bce_with_logits(v, 1)", "∂L/∂v₀ = (sigmoid(v₀) − 1) / 2 · ∂L/∂bce_with_logits(v, 1)"),
]  # fmt: skip


@pytest.fixture(name="everything")
def _everything(tmp_path: Path) -> tb.Trainer:
    return mine(tmp_path, EVERYTHING)


def named(trainer: tb.Trainer, name: str) -> list[Node]:
    return [node for node in trainer.graph.nodes if name in (node.name, node.expression)]


def test_the_formula_of_every_kind_of_operation(everything: tb.Trainer) -> None:
    for name, element, output, expected in FORMULAS:
        paths = [
            p for node in named(everything, name) for p in explain_element(everything, node, element).paths
        ]
        assert expected in [path.symbolic for path in paths if path.output.name == output], (name, output)


def check_everything(trainer: tb.Trainer) -> None:
    graph = trainer.graph
    for node in graph.nodes:
        if node.kind is Kind.LITERAL:
            continue
        for element in {tuple(0 for _ in node.shape), tuple(length - 1 for length in node.shape)}:
            explanation = explain_element(trainer, node, element)
            size = 1e-300 + sum(np.abs(path.terms.products).sum() for path in explanation.paths)
            assert abs(explanation.total - explanation.gradient) <= 1e-12 * size, node
            for path in explanation.paths:
                if len(path.rows) < 100:
                    check_numbers(path)
                check_meeting(path, trainer.tape)
            check_page(list(as_text(Heading.of(trainer), explanation)))
            check_page(list(as_text(Heading.of(trainer), explanation, width=40)), 40)


def check_numbers(path: ElementPath) -> None:
    """Work out the sum as it is written, as a reader would: it gives the result written behind it."""
    _, *parts = path.numbers(folded=False).replace("−", "-").replace("·", "*").split(" = ")
    terms = [eval(term) for term in parts[0].split(" + ")]
    digits = sum(map(abs, terms)) * 1e-5 + 1e-12
    assert abs(sum(terms) - float(parts[-1])) <= digits
    assert len(terms) == len(path.rows)


def check_meeting(path: ElementPath, tape: Tape) -> None:
    *_, upstream = path.meeting
    for highlight in path.meeting:
        assert highlight.mask.shape == highlight.array.shape
        assert not highlight.array.flags.writeable
    np.testing.assert_array_equal(upstream.array[upstream.mask], path.terms.upstream)
    downstream = contribution(tape, path.factor)[path.terms.element]
    assert downstream == pytest.approx(path.terms.total, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_every_element_of_every_built_in_lesson(name: str) -> None:
    check_everything(trained(name, 1 if tb.load_lesson(name).trains else 0))


def test_every_element_of_a_lesson_with_every_kind_of_operation(everything: tb.Trainer) -> None:
    check_everything(everything)


def test_what_meets_is_shown() -> None:
    """SOURCES, 004: the first row of Xᵀ, [1, 3, 5], meets ∂L/∂z = [−0.125, 0.125, −0.125]."""
    t = trained("logistic")
    rows, upstream = only_path(t, "beta", 0).meeting
    assert rows.label == "Xᵀ"
    np.testing.assert_array_equal(rows.array, [[1, 3, 5], [2, 4, 6]])
    np.testing.assert_array_equal(rows.mask, [[True] * 3, [False] * 3])
    assert upstream.label == "∂L/∂(X @ β)"
    assert upstream.mask.all()
    assert only_path(t, "beta", 0).title == "∂L/∂β from (X @ β)"
    local, upstream = only_path(t, "z", 1).meeting
    assert local.label == "∂ŷ/∂z"
    np.testing.assert_array_equal(local.mask, [False, True, False])
    np.testing.assert_array_equal(upstream.mask, [False, True, False])


def test_what_meets_of_a_vector_and_of_a_stack(everything: tb.Trainer) -> None:
    paths = {path.output.name: path for path in explained(everything, "A", 1, 0, 1).paths}
    partner, upstream = paths["q"].meeting
    assert partner.array.shape == (2, 2, 3)  # W as it was copied to both matrices
    np.testing.assert_array_equal(np.argwhere(partner.mask), [[1, 1, 0], [1, 1, 1], [1, 1, 2]])
    np.testing.assert_array_equal(np.argwhere(upstream.mask), [[1, 0, 0], [1, 0, 1], [1, 0, 2]])
    partner, upstream = paths["u"].meeting
    assert (partner.label, partner.mask.tolist()) == ("w", [True, False, False])
    np.testing.assert_array_equal(np.argwhere(upstream.mask), [[1, 1]])


# ------------------------------------------------------ JSON


def test_an_element_as_json() -> None:
    t = trained("logistic")
    page = json.loads(json.dumps(as_json(Heading.of(t), explained(t, "beta", 0))))
    assert page == {
        "iteration": 0, "loss": 0.375, "remarks": [],
        "node": "beta", "element": [0], "value": 0.0, "gradient": -0.375,
        "paths": [
            {
                "output": "(X @ beta)", "operand": "beta",
                "terms": [
                    {"at": [0], "sample": 0, "local": 1.0, "upstream": -0.125, "product": -0.125},
                    {"at": [1], "sample": 1, "local": 3.0, "upstream": 0.125, "product": 0.375},
                    {"at": [2], "sample": 2, "local": 5.0, "upstream": -0.125, "product": -0.625},
                ],
                "sum": -0.375,
            }
        ],
        "sum": -0.375,
    }  # fmt: skip
    square = trained("square")
    only = as_json(Heading.of(square), explained(square, "x"))  # y = x², x = 3: dy/dx = 6
    assert only["paths"][0]["terms"] == [
        {"at": [], "sample": None, "local": 6.0, "upstream": 1.0, "product": 6.0}
    ]


# ------------------------------------------------------ subscripts


@pytest.mark.parametrize(
    ("name", "indices", "text"),
    [
        ("β", (0,), "β₀"), ("W", (0, 1), "W₀,₁"), ("W", (9, 10), "W₉,₁₀"), ("W1", (0, 1), "(W1)₀,₁"),
        ("x²", (0,), "(x²)₀"), ("Xᵀ", (0, "ᵢ"), "Xᵀ₀ᵢ"), ("A", ("ᵢ", 1, "ᵢ"), "Aᵢ₁ᵢ"),
        ("(X @ β)", (0,), "(X @ β)₀"),
        ("b", (), "b"), ("S", (0, 1, 2), "S₀,₁,₂"),
    ],
)  # fmt: skip
def test_subscripts(name: str, indices: tuple[int | str, ...], text: str) -> None:
    assert subscripted(name, indices) == text
