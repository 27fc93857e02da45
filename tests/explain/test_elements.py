"""One element as the sum of its terms, in formula, numbers, tables, pages and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from test_explain_text import check_page, lesson

import tui_backprop as tb
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Kind, Node
from tui_backprop.explain.element_page import as_json, as_text
from tui_backprop.explain.elements import ElementExplanation, ElementPath, explain_element
from tui_backprop.explain.subscripts import subscripted
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.settings import find


def trained(name: str, iterations: int = 0, **dials: object) -> tb.Trainer:
    trainer = tb.Trainer(tb.load_lesson(name), **dials)
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
    return list(as_text(trainer, find(trainer.graph, name)[0], element, width, unfold))


# ------------------------------------------------------ SOURCES, 004

LOGISTIC_PAGE = """\
logistic: ∂L/∂β₁, element [0] of (2)
iteration 0, epoch 0, loss 0.375

  β₁ = 0
  ∂L/∂β₁ = −0.375

∂L/∂β from (X @ β)
  ∂L/∂β₁ = Σᵢ Xᵀ₁ᵢ · (∂L/∂(X @ β))ᵢ
  ∂L/∂β₁ = 1·(−0.125) + 3·0.125 + 5·(−0.125) = −0.375
            local  upstream  product
  sample 0      1    −0.125   −0.125
  sample 1      3     0.125    0.375
  sample 2      5    −0.125   −0.625
  sum                         −0.375
  why: In A @ v, element k of v is multiplied by Aᵢₖ in every row i"""


def test_the_first_weight_of_logistic_regression() -> None:
    page = page_of(trained("logistic"), "beta", 0)
    assert "\n".join(page).startswith(LOGISTIC_PAGE)


def test_the_second_weight_and_the_bias() -> None:
    t = trained("logistic")
    assert only_path(t, "beta", 1).numbers() == "∂L/∂β₂ = 2·(−0.125) + 4·0.125 + 6·(−0.125) = −0.5"
    bias = explained(t, "b")
    assert bias.title == "∂L/∂b, a scalar"
    (path,) = bias.paths
    assert path.symbolic == "∂L/∂b = Σᵢ (∂L/∂broadcast(b))ᵢ"
    assert path.numbers() == "∂L/∂b = (−0.125) + 0.125 + (−0.125) = −0.125"
    assert "copies" in path.why


def test_an_override_is_said_and_its_numbers_are_used() -> None:
    """ŷ = [0.8, 0.3, 0.4]: ∂L/∂z = [−0.032, 0.063, −0.144], ∂L/∂β₁ = −0.563."""
    t = trained("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])
    page = "\n".join(page_of(t, "beta", 0))
    assert "1·(−0.032) + 3·0.063 + 5·(−0.144) = −0.563" in page
    assert "put in by hand: ŷ; what is computed from it is an exercise" in page


def test_elements_of_data_of_the_loss_and_of_what_is_not_used(tmp_path: Path) -> None:
    t = trained("logistic", 1)
    data = only_path(t, "X", 1, 0)
    assert data.symbolic == "∂L/∂X₂,₁ = β₁ · (∂L/∂(X @ β))₂"
    assert data.rows[0].sample == 1
    loss = explained(t, "L")
    assert (loss.paths, loss.gradient, loss.total) == ((), 1.0, 1.0)
    assert loss.note == "∂L/∂L = 1 by definition: the loss moves one for one with itself."
    mine = lesson(
        tmp_path, 'formula = "m = 2 * c\\nL = w**2"\n[data]\nc = [1.0, 2.0]\n[parameters]\nw = 3.0\n'
    )
    unused = explained(mine, "c", 1)
    assert (unused.paths, unused.gradient, unused.total, unused.value) == ((), 0.0, 0.0, 2.0)
    assert unused.note == "The loss does not depend on c: gradient zero, no factors."
    assert unused.note in page_of(mine, "c", 1)


def test_elements_that_are_not_there_are_refused() -> None:
    t = trained("logistic")
    with pytest.raises(
        BackpropError, match=r"X has shape \(3×2\): give two indices, from 0 to 2 and from 0 to 1"
    ):
        explained(t, "X", 0)
    with pytest.raises(BackpropError, match="give one index from 0 to 1"):
        as_json(t, t.graph.named["beta"], (2,))
    with pytest.raises(BackpropError, match="give one index from 0 to 1"):
        next(as_text(t, t.graph.named["beta"], (2,)))


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
        line for line in page if re.match(r"  sample (0|1|2|1998|1999) ", line)
    ]
    assert "  … (1995 more) …" in page
    whole = page_of(t, "d", unfold=True)
    assert sum(line.startswith("  sample") for line in whole) == 2000
    check_page(whole)


def test_sums_of_a_few_terms_are_never_folded(tmp_path: Path) -> None:
    def path(n: int) -> ElementPath:
        text = f'formula = "L = sum(b * x)"\n[data]\nx = {[1.0] * n}\n[parameters]\nb = 2.0\n'
        return only_path(lesson(tmp_path, text), "b")

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
        "∂L/∂x₄ = 3·x₄² · (∂L/∂(x³))₄", "∂L/∂x₄ = 2·x₄ · (∂L/∂(x²))₄", "∂L/∂x₄ = b · (∂L/∂(b ⊙ x))₄",
    ]  # fmt: skip
    assert explanation.total == pytest.approx(explanation.gradient, rel=1e-12)
    assert explanation.note == "x is used 3 times, and its effects add."
    line = explanation.sum_line()
    assert re.fullmatch(r"∂L/∂x₄ = \(−[\d.]+\) \+ [\d.]+ \+ \(−[\d.]+\) = −[\d.]+", line)
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
    ("s", (2, 0), "m", "∂L/∂s₃,₁ = (1/3) · (∂L/∂m)₃"),
    ("(X @ W + c)", (2, 1), "s", "∂L/∂(X @ W + c)₃,₂ = Σᵢ sᵢ₂ · (δᵢ₃ − s₃,₂) · (∂L/∂s)ᵢ₂"),
    ("c", (1,), "broadcast(c)", "∂L/∂c₂ = Σᵢ (∂L/∂broadcast(c))ᵢ₂"),
    ("c", (1,), "abs(c)", "∂L/∂c₂ = sign(c₂) · (∂L/∂abs(c))₂"),
    ("W", (0, 2), "(X @ W)", "∂L/∂W₁,₃ = Σᵢ Xᵀ₁ᵢ · (∂L/∂(X @ W))ᵢ₃"),
    ("X", (1, 0), "(X @ W)", "∂L/∂X₂,₁ = Σⱼ Wᵀⱼ₁ · (∂L/∂(X @ W))₂ⱼ"),
    ("W", (0, 2), "(v @ W)", "∂L/∂W₁,₃ = v₁ · (∂L/∂(v @ W))₃"),
    ("v", (0,), "(v @ W)", "∂L/∂v₁ = Σᵢ W₁ᵢ · (∂L/∂(v @ W))ᵢ"),
    ("v", (1,), "(v @ v)", "∂L/∂v₂ = v₂ · ∂L/∂(v @ v)"),
    ("w", (1,), "u", "∂L/∂w₂ = Σᵢⱼ Aᵢ₂ⱼ · (∂L/∂u)ᵢⱼ"),
    ("A", (1, 0, 1), "q", "∂L/∂A₂,₁,₂ = Σₖ W₂ₖ · (∂L/∂q)₂,₁ₖ"),
    ("A", (1, 0, 1), "(A @ v)", "∂L/∂A₂,₁,₂ = v₂ · (∂L/∂(A @ v))₂,₁"),
    ("A", (1, 0, 1), "u", "∂L/∂A₂,₁,₂ = w₁ · (∂L/∂u)₂,₂"),
    ("k1", (2,), "r", "∂L/∂(k1)₃ = Σᵢⱼ qᵢⱼ₃ · (∂L/∂r)ᵢⱼ"),
    ("k1", (2,), "(k1 - 2)", "∂L/∂(k1)₃ = (∂L/∂(k1 − 2))₃"),
    ("W", (0, 2), "W.T", "∂L/∂W₁,₃ = (∂L/∂Wᵀ)₃,₁"),
    (
        "X @ W", (1, 2), "cross_entropy(X @ W, T)",
        "∂L/∂(X @ W)₂,₃ = (softmax(X @ W)₂,₃ · Σⱼ T₂ⱼ − T₂,₃) / 3 · ∂L/∂cross_entropy(X @ W, T)",
    ),
    (
        "T", (1, 2), "cross_entropy(X @ W, T)",
        "∂L/∂T₂,₃ = (−log(softmax(X @ W)₂,₃) / 3) · ∂L/∂cross_entropy(X @ W, T)",
    ),
    ("r", (0, 1), "mse(r, A @ v)", "∂L/∂r₁,₂ = 2·(r₁,₂ − (A @ v)₁,₂) / 6 · ∂L/∂mse(r, A @ v)"),
    ("u", (1, 0), "relu(u)", "∂L/∂u₂,₁ = (1 where u₂,₁ > 0, else 0) · (∂L/∂relu(u))₂,₁"),
    (
        "v", (0,), "maximum(v, 0.5)",
        "∂L/∂v₁ = (1 where v₁ > 0.5, 0.5 at a tie, else 0) · (∂L/∂maximum(v, 0.5))₁",
    ),
    ("T", (1, 2), "(abs(c) * T)", "∂L/∂T₂,₃ = abs(c)₃ · (∂L/∂(abs(c) ⊙ T))₂,₃"),
    ("relu(u)", (1, 0), "(relu(u) / 2)", "∂L/∂relu(u)₂,₁ = 1 / 2 · (∂L/∂(relu(u) / 2))₂,₁"),
    ("v", (0,), "bce_with_logits(v, 1)", "∂L/∂v₁ = (sigmoid(v₁) − 1) / 2 · ∂L/∂bce_with_logits(v, 1)"),
]  # fmt: skip


@pytest.fixture(name="everything")
def _everything(tmp_path: Path) -> tb.Trainer:
    return lesson(tmp_path, EVERYTHING)


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
                check_highlights(path)
            check_page(list(as_text(trainer, node, element)))
            check_page(list(as_text(trainer, node, element, width=40)), 40)


def check_numbers(path: ElementPath) -> None:
    """Work out the sum as it is written, as a reader would: it gives the result written behind it."""
    _, *parts = path.numbers(folded=False).replace("−", "-").replace("·", "*").split(" = ")
    terms = [eval(term) for term in parts[0].split(" + ")]
    digits = sum(map(abs, terms)) * 1e-5 + 1e-12
    assert abs(sum(terms) - float(parts[-1])) <= digits
    assert len(terms) == len(path.rows)


def check_highlights(path: ElementPath) -> None:
    *_, upstream, result = path.highlights
    for highlight in path.highlights:
        assert highlight.mask.shape == highlight.array.shape
        assert not highlight.array.flags.writeable
    np.testing.assert_array_equal(upstream.array[upstream.mask], path.terms.upstream)
    assert result.mask.sum() == 1
    assert result.array[result.mask][0] == pytest.approx(path.terms.total, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", BUILTIN)
def test_every_element_of_every_built_in_lesson(name: str) -> None:
    check_everything(trained(name, 1 if tb.load_lesson(name).trains else 0))


def test_every_element_of_a_lesson_with_every_kind_of_operation(everything: tb.Trainer) -> None:
    check_everything(everything)


def test_highlights_are_what_meets() -> None:
    """SOURCES, 004: the first row of Xᵀ, [1, 3, 5], meets ∂L/∂z = [−0.125, 0.125, −0.125]."""
    t = trained("logistic")
    rows, upstream, result = only_path(t, "beta", 0).highlights
    assert rows.label == "Xᵀ"
    np.testing.assert_array_equal(rows.array, [[1, 3, 5], [2, 4, 6]])
    np.testing.assert_array_equal(rows.mask, [[True] * 3, [False] * 3])
    assert upstream.label == "∂L/∂(X @ β)"
    assert upstream.mask.all()
    assert result.label == "∂L/∂β from (X @ β)"
    np.testing.assert_array_equal(result.array, [-0.375, -0.5])
    np.testing.assert_array_equal(result.mask, [True, False])
    local, upstream, _ = only_path(t, "z", 1).highlights
    assert local.label == "∂ŷ/∂z"
    np.testing.assert_array_equal(local.mask, [False, True, False])
    np.testing.assert_array_equal(upstream.mask, [False, True, False])


def test_highlights_of_a_vector_and_of_a_stack(everything: tb.Trainer) -> None:
    paths = {path.output.name: path for path in explained(everything, "A", 1, 0, 1).paths}
    partner, upstream, _ = paths["q"].highlights
    assert partner.array.shape == (2, 2, 3)  # W as it was copied to both matrices
    np.testing.assert_array_equal(np.argwhere(partner.mask), [[1, 1, 0], [1, 1, 1], [1, 1, 2]])
    np.testing.assert_array_equal(np.argwhere(upstream.mask), [[1, 0, 0], [1, 0, 1], [1, 0, 2]])
    partner, upstream, _ = paths["u"].highlights
    assert (partner.label, partner.mask.tolist()) == ("w", [True, False, False])
    np.testing.assert_array_equal(np.argwhere(upstream.mask), [[1, 1]])


# ------------------------------------------------------ JSON


def test_an_element_as_json() -> None:
    t = trained("logistic")
    page = json.loads(json.dumps(as_json(t, t.graph.named["beta"], (0,))))
    assert page == {
        "iteration": 0, "loss": 0.375,
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
    only = as_json(square, square.graph.named["x"], ())  # y = x², x = 3: dy/dx = 6
    assert only["paths"][0]["terms"] == [
        {"at": [], "sample": None, "local": 6.0, "upstream": 1.0, "product": 6.0}
    ]


# ------------------------------------------------------ subscripts


@pytest.mark.parametrize(
    ("name", "indices", "text"),
    [
        ("β", (0,), "β₁"), ("W", (0, 1), "W₁,₂"), ("W", (9, 10), "W₁₀,₁₁"), ("W1", (0, 1), "(W1)₁,₂"),
        ("x²", (0,), "(x²)₁"), ("Xᵀ", (0, "ᵢ"), "Xᵀ₁ᵢ"), ("A", ("ᵢ", 1, "ᵢ"), "Aᵢ₂ᵢ"),
        ("(X @ β)", (0,), "(X @ β)₁"),
        ("b", (), "b"), ("S", (0, 1, 2), "S₁,₂,₃"),
    ],
)  # fmt: skip
def test_subscripts(name: str, indices: tuple[int | str, ...], text: str) -> None:
    assert subscripted(name, indices) == text
