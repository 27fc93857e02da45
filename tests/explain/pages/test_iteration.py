"""An iteration as text: at most 80 columns, no control characters, every record with numbers and notes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.pages import check_page
from tests.support.thorough import lessons
from tests.support.trainers import mine
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.explain.pages.iteration import as_json, as_text
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.record import explain
from tui_backprop.explain.titles import record_titles
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import brief, exact, inline, number
from tui_backprop.text.width import cells


@pytest.mark.parametrize("name", lessons(BUILTIN))
@pytest.mark.parametrize("iteration", [0, 3])
def test_every_built_in_lesson_fits_80_columns(name: str, iteration: int) -> None:
    t = tb.Trainer(tb.load_lesson(name), optimizer="adam", weight_decay=0.01)
    t.run(iterations=iteration)
    check_page(list(as_text(WholeIteration.of(t))))


NASTY = """
title = "아주 긴 한국어 제목, 두 칸을 차지하는 글자로 쓴 제목이 여든 칸을 넘어도 줄이 넘치지 않아야 한다"
formula = '''
a_name_that_is_rather_long = X @ a_matrix_of_parameters_with_a_long_name + another_long_parameter_name
squashed_activations_of_layer_1 = tanh(a_name_that_is_rather_long / 1000000.123456789)
unused_line_of_the_formula = squashed_activations_of_layer_1 * 2
L = mean(squashed_activations_of_layer_1**2) + sum(abs(a_matrix_of_parameters_with_a_long_name)) / 1e12
'''
[data]
X = { formula = "1e9 * ROWS" }
[parameters]
a_matrix_of_parameters_with_a_long_name = { init = "normal", shape = [6, 6], scale = 123456.789 }
another_long_parameter_name = { init = "normal", shape = 6, scale = 1e-5 }
[[why]]
at = "L"
text = "한국어로 쓴 긴 설명이 여기에 있다. 줄을 바꾸어야 한다. {L} 그리고 {another_long_parameter_name}."
"""


def test_wide_matrices_long_names_and_wide_characters_fit(tmp_path: Path) -> None:
    rows = ", ".join(f"[{', '.join(str(round(np.sin(6 * i + j), 4)) for j in range(6))}]" for i in range(6))
    text = NASTY.replace('X = { formula = "1e9 * ROWS" }', f'R = [{rows}]\nX = {{ formula = "1e9 * R" }}')
    t = mine(tmp_path, text)
    page = list(as_text(WholeIteration.of(t)))
    check_page(page)
    assert "unused_line_of_the_formula" in "\n".join(page[-6:])


def test_a_page_has_its_sections_and_numbers_every_record() -> None:
    t = tb.Trainer(tb.load_lesson("logistic"))
    total = t.record_count
    page = list(as_text(WholeIteration.of(t)))
    headings = [line for line in page if line.isupper() and line == line.strip() and line.isalpha()]
    assert headings == ["FORMULA", "GIVEN", "FORWARD", "BACKWARD", "UPDATE"]
    numbered = [re.match(rf"(\d+) of {total}: ", line) for line in page]
    assert [int(m[1]) for m in numbered if m] == list(range(1, total + 1))
    assert page[0] == "logistic: Logistic regression by hand"
    assert page[1] == "iteration 0, epoch 0, loss 0.375"
    assert "  z = X @ β + b" in page
    text = "\n".join(page)
    assert "ŷ ⊙ (1 − ŷ)" in text
    assert "∂L/∂β" in text
    assert "why" in text


def test_titles_on_the_page_are_the_plan_s() -> None:
    t = tb.Trainer(tb.load_lesson("relu-net"))
    titles = record_titles(t.graph)
    assert len(titles) == t.record_count
    page = list(as_text(WholeIteration.of(t)))
    for k, title in enumerate(titles, 1):
        assert f"{k} of {len(titles)}: {title}" in page


def test_a_lesson_that_trains_nothing_says_so() -> None:
    page = list(as_text(WholeIteration.of(tb.Trainer(tb.load_lesson("square")))))
    assert page[-1] == "square trains nothing: its gradients are what it is for."
    assert "UPDATE" not in page


def test_overrides_are_said() -> None:
    t = tb.Trainer(tb.load_lesson("logistic"))
    t.override("y_hat", [0.8, 0.3, 0.4])
    page = list(as_text(WholeIteration.of(t)))
    assert "put in by hand: ŷ; what is computed from it is an exercise" in page
    assert any("exercise" in line for line in page)


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_every_record_has_an_explanation(name: str) -> None:
    t = tb.Trainer(tb.load_lesson(name), optimizer="nesterov", weight_decay=0.1)
    tape = t.tape
    for _ in range(t.record_count):
        explanation = explain(t.step(), tape)
        assert explanation.title
        labels = [row.label for row in explanation.rows]
        assert labels[0] in ("formula", "chain", "before")
        assert all(list(row.laid_out(60, "  ", UNICODE)) for row in explanation.rows)
        assert all(isinstance(value, np.ndarray) for _, value in explanation.values)


def test_a_factor_in_formula_numbers_and_result() -> None:
    t = tb.Trainer(tb.load_lesson("neuron"))
    tape = t.tape
    records = [t.step() for _ in range(t.record_count)]
    record = next(r for r in records if isinstance(r, ChainFactor) and r.operand.name == "z")
    page = [line for row in explain(record, tape).rows for line in row.laid_out(200, "", UNICODE)]
    text = "\n".join(page)
    # r = 0.603483: r (1 − r) = 0.239291; ∂L/∂r = −0.396517; ∂L/∂z = −0.094883
    for part in ("∂r/∂z = r · (1 − r)", "0.603483 · (1 − 0.603483)", "0.239291", "−0.396517", "−0.094883"):
        assert part in text


def test_the_rule_of_a_matrix_product_shows_the_shapes_that_meet() -> None:
    t = tb.Trainer(tb.load_lesson("logistic"))
    tape = t.tape
    records = [t.step() for _ in range(t.record_count)]
    record = next(r for r in records if getattr(r, "local", 0) is None and r.operand.name == "beta")
    text = "\n".join(line for row in explain(record, tape).rows for line in row.laid_out(200, "", UNICODE))
    assert "Xᵀ @ " in text
    assert "(2×3) @ (3) → (2)" in text


# numbers


@given(st.floats())
@settings(derandomize=True)
def test_numbers_have_six_digits_and_a_true_minus(value: float) -> None:
    text = number(value)
    assert "-" not in text
    back = float(text.replace("−", "-"))
    assert back == pytest.approx(value, rel=5.1e-6, abs=0, nan_ok=True) or value == 0 or abs(value) < 1e-300


@given(st.floats())
@settings(derandomize=True)
def test_exact_numbers_read_back(value: float) -> None:
    back = float(exact(value).replace("−", "-"))
    assert back == value or (np.isnan(back) and np.isnan(value))


def test_numbers_that_are_none() -> None:
    assert [number(x) for x in (np.nan, np.inf, -np.inf, -0.0)] == ["NaN", "Infinity", "−Infinity", "0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        ([1, -2.5], "[1, −2.5]"),
        ([[1, 2], [3, 4]], "[[1, 2], [3, 4]]"),
        (np.arange(12), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"),
    ],
)
def test_small_arrays_are_written_in_full(value: object, text: str) -> None:
    assert inline(np.asarray(value, dtype=float)) == text


def test_large_arrays_are_written_by_corners_range_and_shape() -> None:
    text = inline(np.arange(100.0).reshape(10, 10))
    assert text.startswith("[[0, 1, …, 9], [10, 11, …, 19], …, [90, 91, …, 99]] (10×10)")
    assert "from 0 to 99" in text
    assert "1 not finite" in inline(np.array([np.nan, *range(20)]))
    assert brief(np.ones((3, 2))) == "(3×2)"
    assert brief(np.asarray(0.5)) == "0.5"


# wrapping


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120),
       st.integers(4, 90))  # fmt: skip
@settings(derandomize=True)
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = list(UNICODE.wrap(text, width, "  "))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("e\u0301", 1),
        ("θ\u0302", 1),
        ("a\u20dd", 1),  # an enclosing circle, Me, whose combining class is 0
        ("\u0e01\u0e31", 1),  # a Thai vowel above its letter, Mn, whose combining class is 0
        ("표", 2),
    ],
)
def test_marks_take_no_cell(text: str, width: int) -> None:
    assert cells(text) == width


def test_tabs_in_a_formula_are_expanded(tmp_path: Path) -> None:
    t = mine(tmp_path, 'formula = """\ny =\tw\nL = y**2\t# square\n"""\n[parameters]\nw = 1.0\n')
    page = list(as_text(WholeIteration.of(t)))
    check_page(page)
    assert "  y =     w" in page


def test_an_update_has_its_terms_by_name() -> None:
    t = tb.Trainer(tb.load_lesson("logistic"), schedule="cosine", clip_norm=0.1, weight_decay=0.5)
    t.run(iterations=100)
    page = as_json(WholeIteration.of(t))
    rate = 0.1 * (1 + np.cos(np.pi / 10)) / 2
    for update in page["updates"].values():
        terms = update["terms"]
        assert [*terms] == ["learning_rate", "gradient_norm", "clip_norm", "weight_decay", "step"]
        assert terms["learning_rate"] == pytest.approx(rate)
        step = np.array(terms["clip_norm"]) + np.array(terms["weight_decay"])
        np.testing.assert_allclose(terms["step"], rate * step)
    norms = [np.sum(np.square(update["gradient"])) for update in page["updates"].values()]
    assert terms["gradient_norm"] == pytest.approx(np.sqrt(sum(norms)))
    plain = as_json(WholeIteration.of(tb.Trainer(tb.load_lesson("logistic"))))
    assert "terms" not in plain["updates"]["b"]
