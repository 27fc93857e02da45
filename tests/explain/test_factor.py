"""A factor's rows: their order, three lines that repeat nothing, shapes with a reason, and the whys."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.graphs import graph_of, swept
from tests.support.thorough import lessons
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.ops.functions.elementwise import Sigmoid
from tui_backprop.explain.formulas import numbers_in_derivative, rule
from tui_backprop.explain.record import Explanation, explain
from tui_backprop.explain.rows import Row
from tui_backprop.explain.shapes import factor_shapes
from tui_backprop.explain.titles import factor_title
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import inline
from tui_backprop.text.width import cells

LABELS = [
    "chain",
    "computed",
    "product",
    "rule",
    "local",
    "upstream",
    "with",
    "path",
    "sum",
    "so far",
    "shapes",
    "same",
]


def trainer_of(text: str, tmp_path: Path) -> tb.Trainer:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path))


def factors(trainer: tb.Trainer) -> dict[str, Explanation]:
    """Return the explanation of each factor by its edge."""
    tape, found = trainer.tape, {}
    for _ in range(trainer.record_count):
        record = trainer.step()
        assert record is not None
        if isinstance(record, ChainFactor):
            found[f"{record.output.name} <- {record.operand.name}"] = explain(record, tape)
    return found


def rows(explanation: Explanation) -> dict[str, list[str]]:
    return {row.label: list(row.laid_out(200, "", UNICODE)) for row in explanation.rows}


@pytest.mark.parametrize("name", lessons(BUILTIN))
@pytest.mark.parametrize("width", [80, 37])
def test_every_factor_of_every_lesson(name: str, width: int) -> None:
    for explanation in factors(tb.Trainer(tb.load_lesson(name))).values():
        labels = [row.label.rstrip(" 123456") for row in explanation.rows]
        assert labels == sorted(labels, key=LABELS.index)
        assert {"chain", "upstream", "shapes"} < set(labels)
        assert ("product" in labels) != ("rule" in labels)
        for row in explanation.rows:
            assert cells(row.label) <= 9
            lines = list(row.laid_out(width, "  ", UNICODE))
            assert lines
            for line in lines:
                assert line.strip(" =")
                assert cells(line) <= width
                assert not re.search(r"ᵀᵀ|−\(−[^\d]", line)
                assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in line)
            parts = [part if isinstance(part, str) else f"= {inline(part)}" for part in row.parts]
            assert len(set(parts)) == len(parts), parts


def test_a_product_a_local_derivative_of_one_and_a_rule() -> None:
    found = factors(tb.Trainer(tb.load_lesson("logistic")))
    slope = rows(found["y_hat <- z"])
    assert slope["product"] == [
        "∂L/∂z = ∂L/∂ŷ ⊙ ∂ŷ/∂z", "= [−0.5, 0.5, −0.5] ⊙ [0.25, 0.25, 0.25]", "= [−0.125, 0.125, −0.125]",
    ]  # fmt: skip
    assert slope["local"] == [
        "∂ŷ/∂z = ŷ ⊙ (1 − ŷ)", "= [0.5, 0.5, 0.5] ⊙ (1 − [0.5, 0.5, 0.5])", "= [0.25, 0.25, 0.25]",
    ]  # fmt: skip
    one = rows(found["z <- (X @ beta)"])
    assert one["local"] == ["∂z/∂(X @ β) = 1"]
    assert one["product"][1:] == ["= [−0.125, 0.125, −0.125] · 1", "= [−0.125, 0.125, −0.125]"]
    rule = rows(found["(X @ beta) <- beta"])
    assert rule["rule"] == [
        "∂L/∂β = Xᵀ @ ∂L/∂(X @ β)", "= [[1, 3, 5], [2, 4, 6]] @ [−0.125, 0.125, −0.125]", "= [−0.375, −0.5]",
    ]  # fmt: skip
    half = rows(found["((y - y_hat)**2 / 2) <- (y - y_hat)**2"])
    assert half["local"] == ["∂((y − ŷ)² / 2)/∂((y − ŷ)²) = 1 / 2", "= 0.5"]


def test_a_factor_of_the_loss_itself_is_its_own_derivative() -> None:
    found = rows(factors(tb.Trainer(tb.load_lesson("two-layer")))["L <- y"])
    assert found["product"][0] == "∂L/∂y = −2·(ŷ − y) / 4"
    assert "local" not in found
    assert "computed" not in found  # it would be the line above
    assert found["upstream"] == ["∂L/∂L = 1"]


def test_a_matrix_stands_beside_its_equals_sign_where_there_is_room() -> None:
    found = factors(tb.Trainer(tb.load_lesson("two-layer")))["(X @ W1) <- X"]
    upstream = next(row for row in found.rows if row.label == "upstream")
    wide, narrow = list(upstream.laid_out(90, "  ", UNICODE)), list(upstream.laid_out(54, "  ", UNICODE))
    assert [line[:18] for line in wide[:2]] == ["∂L/∂(X @ W1) = [ −", " " * 15 + "[ 5"]
    assert narrow[0] == "∂L/∂(X @ W1) ="
    assert [line.strip() for line in narrow[1:]] == [line[15:].strip() for line in wide]


SHAPES = {
    "(X @ beta) <- beta": "(2×3) @ (3) → (2): summed over the 3 samples, because each βⱼ acts in every row",
    "(X @ beta) <- X": "outer: (3), (2) → (3×2): nothing is summed, because each Xⱼₖ acts on one element of "
    "(X @ β) only",
    "broadcast(b) <- b": "(3) → scalar: summed over axis 0, along which b was repeated",
    "y_hat <- z": "(3) ⊙ (3) → (3): element by element",
    "L <- ((y - y_hat)**2 / 2)": "scalar → (3): repeated along axis 0, which was summed",
}
OTHERS = '''
formula = """
H = A @ B
s = softmax(H)
m = mean(s + c, axis=0)
n = mean(M + K)
k = q @ B
L = sum(m) + sum(A.T) * n + cross_entropy(H, T) + k @ k + sum(S @ B)
"""
[data]
A = [[1.0, 2.0, 3.0], [0.5, 1.0, -1.0]]
T = [[1.0, 0.0], [0.0, 1.0]]
S = [[[1.0, 2.0, 3.0]], [[0.5, 1.0, 0.0]]]
M = [[1.0], [2.0]]
q = [1.0, 1.0, 1.0]
[parameters]
B = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
c = [[1.0], [2.0]]
K = [[1.0, 2.0]]
'''
OTHER_SHAPES = {
    "H <- A": "(2×2) @ (2×3) → (2×3): summed over the 2 columns, because each Aⱼₖ acts in every column",
    "H <- B": "(3×2) @ (2×2) → (3×2): summed over the 2 rows, because each Bⱼₖ acts in every row",
    "s <- H": "(2×2) → (2×2): summed along axis 1, because each element moves all of its line",
    "broadcast(c) <- c": "(2×2) → (2×1): summed over axis 1, along which c was repeated",
    "m <- (s + c)": "(2) → (2×2): 1/2 of it, repeated along axis 0, which was averaged",
    "n <- (M + K)": "scalar → (2×2): 1/4 of it, repeated along axes 0 and 1, which were averaged",
    "A.T <- A": "(3×2) → (2×3): transposed back",
    "k <- q": "(3×2) @ (2) → (3): summed over the 2 columns, because each qⱼ acts in every column",
    "k <- B": "outer: (3), (2) → (3×2): nothing is summed, because each Bⱼₖ acts on one element of k only",
    "(k @ k) <- k": "scalar · (2) → (2): the one upstream number goes to every element",
    "cross_entropy(H, T) <- H": "scalar → (2×2): row by row, and the one upstream number goes to all of them",
    "(S @ B) <- broadcast(B)": "(2×3×1) @ (2×1×2) → (2×3×2): one row, so nothing is summed",
}


def test_shapes_say_what_is_summed_or_repeated_and_why(tmp_path: Path) -> None:
    found = factors(tb.Trainer(tb.load_lesson("logistic")))
    assert {edge: rows(found[edge])["shapes"] for edge in SHAPES} == {e: [text] for e, text in SHAPES.items()}
    found = factors(trainer_of(OTHERS, tmp_path))
    shapes = {edge: rows(found[edge])["shapes"] for edge in OTHER_SHAPES}
    assert shapes == {edge: [text] for edge, text in OTHER_SHAPES.items()}


def test_contributions_are_counted_at_a_fork() -> None:
    found = factors(tb.Trainer(tb.load_lesson("polynomial")))
    first, second, third = (rows(found[edge]) for edge in ("x**3 <- x", "x**2 <- x", "(b * x) <- x"))
    assert first["so far"] == ["the first of 3 contributions to ∂L/∂x"]
    assert second["so far"][0].startswith("∂L/∂x, 2 of 3 contributions = [−7141.61, −7103.35, …, 11913.6]")
    assert "so far" not in third  # the sum of the paths is there
    assert third["sum"][-1].startswith("= [−7189.08, −7150.67, …, 11979.3]")
    assert first["path 1"][0].startswith("▶ ∂L/∂ŷ · d ⊙ 3·x² = [−7871.13,")
    assert first["path 3"] == ["∂L/∂ŷ · b = ?"]


def test_notes_come_first_and_what_holds_in_general_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Sigmoid, "why", lambda self, index, shapes: f"General {index} {list(shapes)}.")

    def slope_of(trainer: tb.Trainer) -> list[Row]:
        records = [trainer.step() for _ in range(trainer.record_count - len(trainer.graph.trainable))]
        slope = next(r for r in records if isinstance(r, ChainFactor) and isinstance(r.output.op, Sigmoid))
        return why_rows(trainer.lesson, slope, lambda: live_values(trainer))

    noted = slope_of(tb.Trainer(tb.load_lesson("logistic")))
    assert [row.label for row in noted] == ["why", "general"]
    assert noted[0].parts[0].startswith("ŷ moves only when z does")
    assert noted[1].parts == ("General 0 [(3,)].",)
    (mute,) = slope_of(trainer_of('formula = "L = sigmoid(w)"\n[parameters]\nw = 1.0', tmp_path))
    assert (mute.label, mute.parts) == ("why", ("General 0 [()].",))


def test_a_vector_beside_a_stack_says_that_all_matrices_add() -> None:
    graph = graph_of("L = sum(S @ v)", {"S": np.ones((2, 3, 4, 5)), "v": np.ones(5)})
    shapes = [factor_shapes(factor) for factor in graph.factors if factor.operand.name == "v"]
    assert shapes == [
        "(2×3×5×4) @ (2×3×4) → (5): summed over the 4 rows of all matrices, because each vⱼ acts in every row"
    ]


def told(text: str, leaves: dict[str, np.ndarray]) -> dict[str, tuple[str, str]]:
    """Return each factor's local derivative or rule, over names and over numbers, by its title."""
    tape = swept(text, leaves)
    return {
        factor_title(tape.graph, record.factor): (rule(record, tape), numbers_in_derivative(record, tape))
        for record in tape.records()
        if isinstance(record, ChainFactor)
    }


def test_what_is_transposed_or_negated_twice_is_named_as_it_is() -> None:
    leaves = {"q": np.ones((2, 1)), "k": np.array([[3.0], [4.0]]), "b": np.array([0.5, 2.0])}
    found = told("s = q @ k.T\nL = sum(s) + sum(log_sigmoid(-b))", leaves)
    assert found["∂L/∂q from s"] == ("∂L/∂s @ k", "[[1, 1], [1, 1]] @ [[3], [4]]")  # (kᵀ)ᵀ
    assert found["∂L/∂kᵀ from s"][0] == "qᵀ @ ∂L/∂s"
    assert found["∂L/∂(−b) from log_sigmoid(−b)"] == ("sigmoid(b)", "sigmoid([0.5, 2])")  # σ(−x) at x = −b


def test_a_variance_says_along_which_axis_it_took_the_mean() -> None:
    leaves = {"x": np.arange(6.0).reshape(2, 3)}
    down = told("L = sum(var(x, axis=0))", leaves)
    assert down["∂L/∂x from var(x, axis=0)"][0] == "∂L/∂var(x, axis=0) ⊙ 2·(x − mean(x, axis=0)) / 2"
    across = told("L = sum(var(x, axis=1))", leaves)["∂L/∂x from var(x, axis=1)"][0]
    assert across == "∂L/∂var(x, axis=1) ⊙ 2·(x − mean(x, axis=1, keepdims=True)) / 3"
    assert told("L = std(x)", leaves)["∂L/∂x from L"][0] == "∂L/∂L · (x − mean(x)) / (6·L)"


def test_a_rule_with_cases_stands_in_parentheses() -> None:
    found = told("L = sum(max(x, axis=1))", {"x": np.arange(6.0).reshape(2, 3)})
    top = "(1 where x == max(x, axis=1), shared equally in a tie, else 0)"
    assert found["∂L/∂x from max(x, axis=1)"][0] == f"∂L/∂max(x, axis=1) ⊙ {top}"
