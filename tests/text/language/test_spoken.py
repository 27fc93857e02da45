"""With Korean spoken, what explains, marks, warns and is exported has no English sentence left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.health_setups import BROKEN, lesson_of
from tui_backprop.exercises.check import check_gradients
from tui_backprop.exercises.homework import mark
from tui_backprop.exercises.words import check as check_words
from tui_backprop.exercises.words.homework import as_lines
from tui_backprop.explain.pages.iteration import as_text
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.pages.wrt import wrt_text
from tui_backprop.export.targets.registry import TARGETS
from tui_backprop.health.remedies import try_remedies
from tui_backprop.health.report import health_of
from tui_backprop.health.words import remedies_as_lines, sentences, table
from tui_backprop.text import sentences as saying
from tui_backprop.text.language.catalogue import Catalogue, load

HANGUL = re.compile(r"[\uac00-\ud7a3]")
WRONG = [
    ("logistic", "beta", "X.T @ (dy_hat * 0.25)"),
    ("logistic", "beta", "[-0.4, -0.5]"),
    ("logistic", "beta", "[0.375, 0.5]"),
    ("logistic", "beta", "X @ dz"),
    ("logistic", "beta", "X.T @ (y_hat - y)"),
    ("logistic", "beta", "X.T @ dz / 3"),
    ("logistic", "beta", "[7, 8]"),
    ("logistic", "b", "mean(dz)"),
    ("logistic", "z", "dy_hat"),
    ("logistic", "y_hat", "y - y_hat"),
    ("two-layer", "W1", "dz1.T @ X"),
    ("two-layer", "z1", "dh * h"),
    ("neuron", "W", "dz * 3.0"),
]


class Spy:
    """The Korean catalogue, which notes what it has no entry for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.missing: set[str] = set()

    def said(self, sentence: str, values: Mapping[str, object]) -> str:
        translated = self.catalogue.said(sentence, {})
        if translated == sentence and not HANGUL.search(sentence) and re.search("[A-Za-z]{2}", sentence):
            self.missing.add(sentence)
        return self.catalogue.said(sentence, values)

    def said_in(self, context: str, sentence: str, values: Mapping[str, object]) -> str:
        translated = self.catalogue.said_in(context, sentence, {})
        if translated == sentence and re.search("[A-Za-z]{2}", sentence):
            self.missing.add(f"{context}: {sentence}")
        return self.catalogue.said_in(context, sentence, values)

    def counted(self, one: str, many: str, count: int, values: Mapping[str, object]) -> str:
        said = self.catalogue.counted(one, many, count, values)
        if not HANGUL.search(said):
            self.missing.add(one)
        return said


@contextmanager
def korean() -> Iterator[None]:
    spy = Spy(load("ko"))
    saying.speak("ko", spy)
    try:
        yield
    finally:
        saying.speak("en", None)
    assert spy.missing == set()


def test_an_iteration_is_explained_in_korean() -> None:
    with korean():
        t = tb.Trainer(tb.load_lesson("logistic"))
        lines = list(as_text(WholeIteration.of(t)))
        lines += wrt_text(WholeIteration.of(t), t.graph.named["beta"])
    assert "21/21: b 갱신" in lines
    assert "19/21: (X @ β)에서 온 ∂L/∂β" in lines
    assert "  상류 기울기     ∂L/∂ŷ = [−0.5, 0.5, −0.5]" in lines
    labels = {found[1] for line in lines if (found := re.match(r"  (\S.*?) {2,}\S", line))}
    assert {"식", "국소 미분", "계산 순서", "같은 까닭", "갱신량"} <= labels
    assert [label for label in labels if re.search("[a-z]{3}", label)] == []


@pytest.mark.parametrize(("lesson", "name", "text"), WRONG)
@pytest.mark.parametrize("much", [1, 2, 3])
def test_wrong_answers_are_told_in_korean(lesson: str, name: str, text: str, much: int) -> None:
    with korean():
        marked = replace(mark(tb.Trainer(tb.load_lesson(lesson)), name, text), told=much)
        _given, *said = as_lines([marked], reveal=True)
    assert said
    assert [line for line in said if not HANGUL.search(line)] == []


def test_what_follows_a_name_fits_its_sound() -> None:
    with korean():
        marked = mark(tb.Trainer(tb.load_lesson("logistic")), "y_hat", "y - y_hat")
        assert (
            as_lines([marked])[1]
            == "  부호가 틀림: ∂L/∂ŷ의 −1배입니다. ∂(y − ŷ)/∂ŷ = −1을 빠뜨린 것과 같습니다"
        )


def test_the_gradient_check_speaks_korean_and_what_is_bad_is_known_by_its_line() -> None:
    with korean():
        report = check_gradients(tb.Trainer(tb.load_lesson("famous-slip")))
        lines = check_words.as_lines(report)
        assert not any(map(check_words.is_bad, lines))
        assert check_words.verdict(report).startswith("통과: ")
    assert any(line.startswith("잡아냄: ") for line in lines)


def test_layers_and_remedies_speak_korean(tmp_path: Path) -> None:
    with korean():
        t = tb.Trainer(lesson_of(tmp_path, "diverging", BROKEN["diverging"]))
        t.run(20)
        report = health_of(t)
        helps = list(remedies_as_lines(try_remedies(t, "diverging", iterations=20)))
        lines = [*sentences(report), *table(report), *helps]
    assert [line for line in lines if re.search("[a-z]{3} [a-z]{3}", line) and not HANGUL.search(line)] == []
    assert helps[0].startswith("diverging: 도움이 되는 처방")


@pytest.mark.parametrize("target", ["markdown", "latex", "html"])
def test_a_derivation_is_written_in_korean(target: str) -> None:
    with korean():
        text = TARGETS[target].written(tb.Trainer(tb.load_lesson("neuron")))
    for word in ("식", "주어진 값", "순전파", "역전파: 연쇄법칙의 인수 하나하나", "갱신"):
        assert word in text
    assert ("kotex" in text) == (target == "latex")
    assert ('lang="ko"' in text) == (target == "html")
    assert r"$\text{" not in text
