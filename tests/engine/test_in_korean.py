"""The engine speaks Korean: whys of operations, terms of optimizers, schedules, refusals of formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.graphs import graph_of
from tests.support.operations import OPS, accepted
from tests.support.trainers import mine
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.frontends.torch_text import read_torch_text
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.clipping import CLIPPING
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.exercises.quiz import next_question
from tui_backprop.explain.factor import derivative
from tui_backprop.text.language.speaking import speaking
from tui_backprop.text.sentences import tr

HANGUL = re.compile("[가-힣]")
X = {"x": np.ones((2, 3))}


@pytest.fixture(autouse=True)
def _korean() -> Iterator[None]:
    with speaking("ko"):
        yield


def test_operations_say_why() -> None:
    for op in OPS:
        shapes_of = [((),), ((1,),), ((3,),)] if isinstance(op, Broadcast) else accepted(op)[:20]
        for shapes in shapes_of:
            for index in range(len(shapes)):
                why = op.why(index, shapes)
                assert HANGUL.search(why), why
                assert why.endswith("다."), why
                assert not re.search(r"(?<![\w({·])[a-z]{4,} [a-z]{2,} [a-z]{2,}", why), why  # English left


def test_optimizers_and_schedules_are_told() -> None:
    terms = {term.name for one in OPTIMIZERS.values() for term in one.terms} | {t.name for t in CLIPPING}
    for name in terms:
        assert HANGUL.search(tr(name)), name
    for kind in SCHEDULES.values():
        assert HANGUL.search(tr(kind.text)), kind.name
        for field in kind.fields:
            assert HANGUL.search(tr(field.text)), field.name


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("y = x if x > 0 else 0\nL = sum(y)", "1행"),
        ("y = [1, x", "1행"),
        ("L = foo(x)", "1행 5열: foo라는 함수는 없습니다"),
        (
            "L = sum(x, ax=1)",
            "1행 12열: sum에는 ax=를 쓸 수 없습니다. 쓸 수 있는 것은 axis=, keepdims=뿐입니다",
        ),
        ("while x: y = 1", "while"),
        ("lambda = x", "lambda는 Python의 낱말입니다"),
        ("L = sum(x) @ 'ab!'", "문자열"),
        ("L = sigmoid(x, x)", "1행 5열: sigmoid(x, x)는 인자가 2개입니다. sigmoid(x)로 쓰십시오"),
        ("L = huber(x, x, delta=-1)", "delta=1과 같이 0보다 큰 수를 쓰십시오"),
        ("L = sum(z)", "z라는 이름은 없습니다"),
        ("L = sum(xx)", "xx라는 이름은 없습니다. x를 쓰려던 것입니까?"),
        ("L = x @ x", "안쪽의 길이"),
        ("L = sum(x, axis=5)", "axis=5는 없습니다. (2×3)의 축은 0부터 1까지입니다"),
        ("L = sum(x[7])", "인덱스 7이 범위를 벗어납니다"),
        ("L = x", "손실 L은 모양이 (2×3)으로 수가 6개입니다"),
        ("L = sum(conv2d(x, x))", "축이 2개인데 4개여야 합니다"),
        ("for t in range(2):\n    h = x @ x\nL = sum(h)", "t = 0일 때"),
    ],
)
def test_formulas_are_refused(formula: str, told: str) -> None:
    with pytest.raises(BackpropError) as caught:
        graph_of(formula, X)
    assert told in str(caught.value)
    assert HANGUL.search(str(caught.value))


def test_a_place_is_told_once_for_each_call() -> None:
    lines = "\n".join(f"def f{n}(x):\n    return f{n - 1}(x)" for n in range(1, 6))
    with pytest.raises(BackpropError) as caught:
        graph_of(f"def f0(x):\n    return x @ x\n{lines}\nL = sum(f5(x))", X)
    assert str(caught.value).count("행에서 호출한") == 3  # the innermost say enough


def test_printed_models_are_refused() -> None:
    with pytest.raises(BackpropError, match="print\\(model\\)의 출력이어야 합니다"):
        read_torch_text("")


@pytest.mark.parametrize(
    "formula",
    ["maximum(x, y)", "max(x, axis=-1, keepdims=True)", "sign(x)", "floor(x)", "round(x)", "leaky_relu(x)"],
)
def test_what_the_screen_shows_can_be_typed(tmp_path: Path, formula: str) -> None:
    text = f'formula = """\nu = {formula}\nL = sum(u * cos(u))\n"""\n[parameters]\n'
    lesson = mine(tmp_path, f"{text}x = [[0.5, -0.7], [1.5, 2.0]]\ny = [[0.3, 0.1], [-1.0, 3.0]]\n")
    while True:
        question = next_question(lesson)
        if question is not None:
            shown = derivative(question.graph, question.factor)
            assert question.answer(shown).correct, shown
            if question.output.label == "u":
                break
        lesson.step()
