"""Numbers of one's own: the same everywhere, of the kind that was asked for, and fit to learn from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.lesson_questions import LOGISTIC, SQUARE
from tests.support.thorough import tried
from tui_backprop.lessons.drawn import redrawn, seed_of, undrawn
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, lesson_of_text, load_lesson
from tui_backprop.lessons.limits import OPEN

QUICK = ("linear", "relu-net", "logistic", "two-layer")
"""Built-in lessons that are drawn from quickly; the rest are slow cases."""


def lesson(text: str) -> Lesson:
    return lesson_of_text(text, Path("mine.toml"), sandbox=OPEN)


def by_hand(seed: int, entry: str, place: int, low: int, high: int) -> int:
    """Draw as docs/courses.md says it: SHA-256 of seed, attempt, entry and place."""
    digest = hashlib.sha256(f"{seed} 0 {entry} {place}".encode()).digest()
    return low + int.from_bytes(digest, "big") % (high - low + 1)


def test_draws_are_those_of_sha_256() -> None:
    drawn = redrawn(lesson(SQUARE + "[draw]\nx = { integers = [1, 50] }\n"), 7)
    assert float(drawn.data["x"]) == by_hand(7, "data.x", 0, 1, 50)
    text = LOGISTIC + "[draw]\nX = { integers = [1, 50] }\n"
    expected = [by_hand(7, "samples.X", place, 1, 50) for place in range(6)]
    assert redrawn(lesson(text), 7).samples["X"].ravel().tolist() == expected


def test_a_seed_is_that_of_a_name() -> None:
    expected = int.from_bytes(hashlib.sha256("김철수\0square".encode()).digest()[:4], "big")
    assert seed_of("김철수", "square") == expected
    assert seed_of(" KIM ", "square") == seed_of("kim", "square") != seed_of("lee", "square")
    assert seed_of("kim", "chain") != seed_of("kim", "square")
    assert seed_of("é", "x") == seed_of("e\u0301", "x")


@tried(
    st.integers(0, 2**32 - 1),
    st.integers(-9, 0),
    st.integers(1, 9),
    st.booleans(),
    st.integers(0, 2),
    few=6,
    many=200,
)
def test_numbers_are_in_their_range(seed: int, low: int, high: int, nonzero: bool, decimals: int) -> None:
    rule = (
        f"integers = [{low}, {high}]" if not decimals else f"uniform = [{low}, {high}], decimals = {decimals}"
    )
    text = f"{LOGISTIC}[draw]\nX = {{ {rule}, nonzero = {str(nonzero).lower()} }}\n"
    values = redrawn(lesson(text), seed).samples["X"]
    assert values.shape == (3, 2)
    assert np.all((values >= low) & (values <= high))
    assert np.array_equal(values, np.round(values, decimals))
    assert not nonzero or np.all(values)


def test_every_number_of_a_range_occurs() -> None:
    text = SQUARE + "[draw]\nx = { integers = [-2, 2], nonzero = true }\n"
    drawn = {float(redrawn(lesson(text), seed).data["x"]) for seed in range(25)}
    assert drawn == {-2, -1, 1, 2}
    text = SQUARE + "[draw]\nx = { choices = [0.5, 4] }\n"
    assert {float(redrawn(lesson(text), seed).data["x"]) for seed in range(8)} == {0.5, 4}


def test_only_what_is_named_is_drawn_and_formulas_follow() -> None:
    text = (
        SQUARE.replace("x**2", "x**2 + u + v")
        + "u = { formula = '2 * x' }\nv = 5\n[draw]\nx = { integers = [4, 90] }\n"
    )
    drawn = redrawn(lesson(text), 1)
    x = float(drawn.data["x"])
    assert x != 3
    assert (float(drawn.data["u"]), float(drawn.data["v"])) == (2 * x, 5)


def test_another_entry_changes_no_other_draw() -> None:
    one = SQUARE + "[draw]\nx = { integers = [1, 90] }\n"
    more = one.replace("x**2", "x**2 + a").replace("x = 3", "x = 3\na = 1") + "a = { integers = [1, 90] }\n"
    assert float(redrawn(lesson(one), 5).data["x"]) == float(redrawn(lesson(more), 5).data["x"])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in BUILTIN]
)
def test_built_in_lessons_have_numbers_to_learn_from(name: str) -> None:
    plain = load_lesson(name)
    drawn = redrawn(plain, 3, whole=True)
    trainer, own = tb.Trainer(drawn), tb.Trainer(plain)
    assert np.isfinite(trainer.loss)
    for node in trainer.graph.trainable:
        gradient = trainer.gradients[node.name]
        assert np.all(np.isfinite(gradient))
        assert np.any(gradient) or not np.any(np.abs(own.gradients[node.name]) > 1e-9), node.name
    listed = [value for table in (drawn.data, drawn.samples) for value in table.values() if value.size <= 60]
    assert redrawn(plain, 3, whole=True).text == drawn.text
    assert redrawn(drawn, 3, whole=True).text == drawn.text, (
        "of the lesson's own numbers, not of the drawn ones"
    )
    assert listed or drawn.parameters
    if name in ("linear", "logistic", "theta", "nodes", "relu-net", "attention"):
        for spec in drawn.parameters.values():
            assert spec.value is not None
            assert np.array_equal(spec.value, np.round(spec.value))


def test_numbers_that_teach_nothing_are_drawn_again() -> None:
    shut = (
        'formula = "L = sum(relu(X @ w))"\n[samples]\nX = [[1], [2]]\n[parameters]\nw = [2]\n'
        "[draw]\nw = { integers = [-9, 1] }\n"
    )
    for seed in range(8):
        drawn = redrawn(lesson(shut), seed)
        assert drawn.parameters["w"].value is not None
        assert drawn.parameters["w"].value.item() > 0, "behind 0 and −9 … −1 the relu is shut"
    with pytest.raises(LessonError, match="60 draws were tried"):
        redrawn(lesson(shut.replace("[-9, 1]", "[-9, -1]")), 1)


def test_classes_are_shuffled_with_their_rows() -> None:
    plain = load_lesson("two-layer")
    pairs = {(*x, *y) for x, y in zip(plain.samples["X"].tolist(), plain.samples["y"].tolist(), strict=True)}
    for seed in range(5):
        drawn = redrawn(plain, seed)
        rows = zip(drawn.samples["X"].tolist(), drawn.samples["y"].tolist(), strict=True)
        assert {(*x, *y) for x, y in rows} == pairs, "it is still exclusive or"


def test_its_text_is_that_of_the_file_but_for_a_line() -> None:
    plain = load_lesson("logistic")
    drawn = redrawn(plain, 2)
    assert drawn.text != plain.text
    assert undrawn(drawn.text) == plain.text
    assert drawn.drawn is not None
    assert drawn.drawn.seed == 2
    assert plain.drawn is None
