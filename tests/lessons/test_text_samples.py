"""Text as samples: tokens as whole numbers, the vocabulary, what is shown, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.explain.pages.iteration import as_text
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.lessons.text_samples import spelled

LESSON = """
formula = "L = mean(C[X]) + mean(C[y])"
[samples]
{samples}
[parameters]
C = {{ init = "zeros", shape = [9, 9] }}
"""


def test_each_token_is_guessed_from_those_before_it_as_in_makemore(tmp_path):
    words = ["emma", "ava"]
    t = mine(tmp_path, LESSON.format(samples='text = ["emma", "ava"]\ncontext = 2'))
    number = {token: place for place, token in enumerate([".", *sorted(set("".join(words)))])}
    X, y = [], []
    for word in words:
        window = [0, 0]
        for token in word + ".":
            X.append(window)
            y.append(number[token])
            window = [*window[1:], number[token]]
    np.testing.assert_array_equal(t.lesson.samples["X"], X)
    np.testing.assert_array_equal(t.lesson.samples["y"], y)
    assert t.lesson.vocabulary == (".", "a", "e", "m", "v")


def test_words(tmp_path):
    t = mine(tmp_path, LESSON.format(samples='text = "the cat sat"\ncontext = 1\ntokens = "words"'))
    assert t.lesson.vocabulary == (".", "cat", "sat", "the")
    np.testing.assert_array_equal(t.lesson.samples["X"], [[0], [3], [1], [2]])
    np.testing.assert_array_equal(t.lesson.samples["y"], [3, 1, 2, 0])


def test_the_tokens_are_shown_beside_the_numbers():
    page = "\n".join(as_text(WholeIteration.of(trainer("ninja"))))
    assert "vocabulary      0 ., 1 a, 2 l, 3 v" in page
    assert "... → a, ..a → v, .av → a, ava → ., ... → a, ..a → l, .al → ." in page


def test_numbers_put_in_that_are_of_no_vocabulary_are_not_spelled():
    samples = trainer("ninja").lesson.samples
    assert spelled((".", "a"), samples) == ""
    assert spelled((".", "a", "l", "v"), {**samples, "y": samples["y"] + 0.5}) == ""


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ('text = ["a.b"]', 'samples.text: found ".", which marks beginning and end; leave it out'),
        ('text = ["ab", ""]', 'samples.text: found "", in which there are no characters'),
        ('text = "  "\ntokens = "words"', 'samples.text: found "  ", in which there are no words'),
        ('text = "a\\u0007"', "control character"),
        ('text = ["ab", 3]', "samples.text"),
        ('text = "ab"\ncontext = 0', "samples.context"),
        ('text = "ab"\ntokens = "letters"', "samples.tokens"),
        ('text = "ab"\nX = [1, 2, 3]', "samples.X: the name is given twice in [samples]"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path, samples, message):
    with pytest.raises(tb.BackpropError) as refused:
        mine(tmp_path, LESSON.format(samples=samples))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
