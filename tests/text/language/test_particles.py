"""Korean particles after words, numbers and signs.

Readings are those of Korean mathematics classes; the table was written down by hand, number by number
(영 일 이 삼 사 오 육 칠 팔 구 십 백 천 만 억).
"""

from __future__ import annotations

import pytest

from tui_backprop.text.language.particles import with_particle

AFTER_CONSONANT = (
    "값", "은닉층", "0", "1", "3", "6", "7", "8", "10", "30", "100", "1,000", "10000", "120000", "100000",
    "100000000", "0.3", "L", "m", "n", "r", "W1", "W3", "ŷ", "x²", "step", "mean", "tanh(x)²",
    "(값)", "'L'", "mean.",
)  # fmt: skip
AFTER_VOWEL = (
    "기울기", "가중치", "2", "4", "5", "9", "0.5", "1e-05", "w", "β", "∂L/∂w", "W2", "loss", "softmax", "X.T",
    "(y − t)", "relu", "sgd", "20%", "batch",
)  # fmt: skip


@pytest.mark.parametrize("text", AFTER_CONSONANT)
def test_after_a_consonant(text: str) -> None:
    assert with_particle(text, "을/를") == f"{text}을"


@pytest.mark.parametrize("text", AFTER_VOWEL)
def test_after_a_vowel(text: str) -> None:
    assert with_particle(text, "이/가") == f"{text}가"


@pytest.mark.parametrize(
    ("text", "particle"),
    [("L", "로"), ("1", "로"), ("3", "으로"), ("2", "로"), ("값", "으로"), ("서울", "로")],
)
def test_euro_gives_way_after_rieul(text: str, particle: str) -> None:
    assert with_particle(text, "으로/로") == text + particle


def test_decomposed_hangul_is_read_as_composed() -> None:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", "값")
    assert with_particle(decomposed, "은/는") == decomposed + "은"
