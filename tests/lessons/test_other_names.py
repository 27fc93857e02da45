"""What others call a hyperparameter is answered by what it is called here, and a word without quotes by them.

The names are PyTorch's, TensorFlow's and scikit-learn's arguments, and the letters of courses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.lessons.format import parse_lesson
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameters, specification
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.lessons.limits import OPEN

BASE = 'formula = "L = w"\n[parameters]\nw = 1.0\n'


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("lr", "it is called learning_rate here"),
        ("eta", "it is called learning_rate here"),
        ("η", "it is called learning_rate here"),
        ("Learning-Rate", "it is called learning_rate here"),
        ("alpha", "it is called learning_rate or rho here"),  # the step of courses; RMSprop's in PyTorch
        ("epochs", "give iterations here: an epoch is one pass over the samples, an iteration one update"),
        ("n_iter", "it is called iterations here"),
        ("β₁", "it is called beta1 here"),
        ("betas", "it is called beta1 or beta2 here"),
        ("random_state", "it is called seed here"),
        ("lambda", "it is called weight_decay here"),
        ("nesterov", "write optimizer=nesterov"),
        ("delta", "there are learning_rate, iterations"),  # no spelling of beta2
        ("gamma", "there are learning_rate, iterations"),
        ("momentun", "did you mean momentum?"),
    ],
)
def test_a_name_from_elsewhere_is_answered_by_the_one_here(name: str, here: str) -> None:
    with pytest.raises(BackpropError) as typed:
        specification(name)
    assert str(typed.value).startswith(f"unknown hyperparameter '{name}'; {here}")
    with pytest.raises(BackpropError) as in_file:
        lesson_of_text(f'{BASE}[hyperparameters]\n"{name}" = 1', Path("a.toml"), sandbox=OPEN)
    assert str(in_file.value).startswith(f"hyperparameters: unknown key '{name}'; {here}")


def test_no_name_from_elsewhere_is_one_that_is_known_here() -> None:
    for spec in HYPERPARAMETERS.values():
        assert not set(spec.others.split()) & (HYPERPARAMETERS.keys() - {"momentum"}), spec.name


def test_what_the_optimizer_does_not_use_is_said_with_those_that_do() -> None:
    sgd = Hyperparameters()
    assert sgd.unused(["learning_rate", "momentum", "rho", "weight_decay", "momentum", "shuffle"]) == [
        "momentum has no effect: the optimizer is sgd; momentum, nesterov use it",
        "rho has no effect: the optimizer is sgd; rmsprop, adadelta use it",
        "shuffle has no effect: batch_size is all",
    ]
    assert Hyperparameters(optimizer="adamw").unused(HYPERPARAMETERS) == [
        "shuffle has no effect: batch_size is all",
        "momentum has no effect: the optimizer is adamw; momentum, nesterov use it",
        "rho has no effect: the optimizer is adamw; rmsprop, adadelta use it",
    ]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("w = normal", 'a text stands in quotes: "normal"'),
        ("w = { init = he, shape = [2, 3] }", 'a text stands in quotes: "he"'),
        ("w = { init = 'he', trainable = False }", "write false"),
        ("x = sin(x) + 2  # a comment", 'a formula stands in { formula = "sin(x) + 2" }'),
        ("y = x * .5", 'a formula stands in { formula = "x * .5" }'),
        ("θ = .5", 'a name in such letters stands in quotes: "θ" = …'),
        ("y = 2*x - 1", 'a formula stands in { formula = "2*x - 1" }'),
        ("θ = 1", 'a name in such letters stands in quotes: "θ" = …'),
    ],
)
def test_a_word_without_quotes_is_answered_by_quotes(line: str, hint: str) -> None:
    with pytest.raises(BackpropError) as caught:
        parse_lesson(f'formula = "L = w"\n[parameters]\n{line}\n')
    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize("name", ["gelu_new", "swiglu", "prelu", "glu", "erfc", "logit", "rmse"])
def test_another_function_is_no_spelling_mistake(name: str) -> None:
    with pytest.raises(BackpropError) as caught:
        parse_formula(f"L = {name}(w)")
    assert "did you mean" not in str(caught.value)
