"""Dials to lessons: the formula's numbers are NumPy's, and what cannot work is told by dial."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.evaluation.pair import pair_of
from tui_backprop.lessons.limits import OPEN, Limits, Sandbox
from tui_backprop.lessons.network.checking import check, layer_shapes, parameter_count
from tui_backprop.lessons.network.data import data_of
from tui_backprop.lessons.network.dials import ACTIVATIONS, PRESETS, Dials, with_dataset
from tui_backprop.lessons.network.lesson_text import build_lesson
from tui_backprop.lessons.network.reading import dials_of, read_layers, read_words, written_out
from tui_backprop.training.trainer import Trainer

EVERYTHING = (
    "--layers 3,4,5,3 --activation relu,tanh --dataset blobs --size 60 --noise 0.3 --features x,xy,siny "
    "--initializer normal --batch 10 --validation 0.25 --l1 0.001 --l2 0.01 --optimizer sgd "
    "--learning-rate 0.1 --iterations 50 --seed 7 --set momentum=0.5 --set schedule=cosine"
)


def test_parameters_are_in_by_out_and_biases_in_turn() -> None:
    lesson = build_lesson(read_words("--layers 2,8,5,1 --dataset spiral"), OPEN)
    shapes = {name: spec.shape for name, spec in lesson.parameters.items()}
    assert list(shapes.items()) == [
        ("W1", (2, 8)), ("b1", (8,)), ("W2", (8, 5)), ("b2", (5,)), ("W3", (5, 1)), ("b3", (1,)),
    ]  # fmt: skip
    assert lesson.samples["X"].shape == (100, 2)
    assert lesson.validation is not None
    assert lesson.validation.rows == 100


def test_its_loss_is_that_of_a_few_lines_of_numpy() -> None:
    lesson = build_lesson(read_words(EVERYTHING), OPEN)
    trainer = Trainer(lesson, batch_size="all")
    p = trainer.parameters
    X, y = lesson.samples["X"], lesson.samples["y"].astype(int)
    F = np.column_stack([X[:, 0], X[:, 0] * X[:, 1], np.sin(X[:, 1])])
    h = np.maximum(F @ p["W1"] + p["b1"], 0)
    h = np.tanh(h @ p["W2"] + p["b2"])
    z = h @ p["W3"] + p["b3"]
    log_sums = np.log(np.exp(z).sum(axis=1))
    entropy = np.mean(log_sums - z[np.arange(len(y)), y])
    weights = [p[name] for name in ("W1", "W2", "W3")]
    lasso = 0.001 * sum(np.abs(w).sum() for w in weights)
    ridge = 0.01 * sum((w**2).sum() for w in weights) / 2
    assert trainer.loss == pytest.approx(entropy + lasso + ridge, rel=1e-12)
    pair = pair_of(trainer.graph)
    assert pair is not None
    assert (pair.prediction.name, pair.by) == ("z", "cross_entropy")
    assert trainer.validation is not None
    assert 0 <= trainer.validation["accuracy"] <= 1


@pytest.mark.parametrize("name", PRESETS)
def test_every_data_set_and_loss_that_fits_it_is_a_lesson(name: str) -> None:
    dials = structs.replace(PRESETS[name], size=20)
    losses = ("mse", "mae") if name == "sine" else ("bce_with_logits", "mse")
    for loss in losses:
        trainer = Trainer(build_lesson(structs.replace(dials, loss=loss), OPEN))
        before = trainer.loss
        trainer.run(iterations=20)
        assert trainer.loss < before
    for activation in ACTIVATIONS:
        Trainer(build_lesson(structs.replace(dials, activation=(activation,)), OPEN)).next()


@pytest.mark.parametrize("words", [EVERYTHING, "--dataset sine --validation 0", "--layers 2,1 --loss mse"])
def test_the_first_line_of_the_lesson_builds_it_again(words: str) -> None:
    dials = read_words(words)
    lesson = build_lesson(dials, OPEN)
    assert dials_of(lesson.text) == dials
    assert read_words(written_out(dials)) == dials
    assert dials_of("formula = 'L = w'") is None
    assert dials_of("# tui-backprop build --layers 2,x\n") is None


def test_shapes_and_counts() -> None:
    dials = read_words("--layers 2,8,8,1 --validation 0")
    shapes = layer_shapes(dials, data_of(dials))
    assert [shape.text for shape in shapes] == [
        "X 200×2 @ W1 2×8 + b1 8 → tanh → h1 200×8",
        "h1 200×8 @ W2 8×8 + b2 8 → tanh → h2 200×8",
        "h2 200×8 @ W3 8×1 + b3 1 → z 200×1",
    ]
    assert [shape.parameters for shape in shapes] == [24, 72, 9]
    assert parameter_count(dials) == 105


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--layers 3,1", "layers: found 3 inputs, but spiral has 2 (x, y); begin with 2, or choose 3"),
        ("--layers 2,0,1", "layers: found a width of 0; each layer has 1 to 1,024 units"),
        ("--layers 2,4,3 --dataset xor", "found 3 outputs, but xor has 2 classes; end with 1, or with 2"),
        ("--activation tahn", "activation: found 'tahn'; did you mean tanh?"),
        ("--layers 2,4,1 --activation tanh,relu", "activation: found 2 for 1 hidden layer"),
        ("--layers 2,1024,1024,1 --size 100000", "layers: about 413,"),
        ("--loss cross_entropy", "loss: cross_entropy needs an output for each class; end layers with 2"),
        ("--dataset sine --loss bce_with_logits", "is for 2 classes, and sine is a number; take mse"),
        ("--batch 150", "batch: found 150; it must be all, or 1 to 100, for 100 of 200 are held back"),
        ("--dataset sine --features xx --layers 1,1", "features: sine has one input, x"),
        ("--features x,x", "features: found x twice"),
        ("--width 3", "unknown option '--width'; there are --layers"),
        ("--layers", "--layers: found nothing behind it"),
        ("--seed '1", "no closing quotation"),
        ("--set speed=3", "unknown hyperparameter 'speed'"),
        ("--set learning_rate=fast", "learning_rate: found 'fast'; it must be a number"),
        ("--target y", "target: it names a column of a table"),
        ("--csv a.csv --noise 1", "noise: that is of made-up data"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_one_line(words: str, reason: str) -> None:
    with pytest.raises(BackpropError) as refused:
        build_lesson(read_words(words), OPEN)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_restricted_login_s_limits_hold(tmp_path) -> None:
    sandbox = Sandbox.of_folder(tmp_path, Limits(rows=100))
    dials = PRESETS["xor"]
    (problem,) = check(dials, data_of(dials), sandbox)
    assert problem.line == "size: found 200 samples; the limit of this login is 100"


def test_another_data_set_takes_along_what_was_not_chosen_by_hand() -> None:
    dials = structs.replace(PRESETS["spiral"], learning_rate=0.5)
    other = with_dataset(dials, "xor")
    assert other == structs.replace(PRESETS["xor"], learning_rate=0.5)
    sine = with_dataset(structs.replace(other, layers=(2, 3, 1)), "sine")
    assert sine.layers == (1, 3, 1)
    features = Dials(layers=(3, 4, 1), features=("x", "y", "xy"), dataset="xor")
    assert with_dataset(features, "sine").features == ()


def test_a_negative_width_is_named_as_it_was_typed() -> None:
    assert read_layers("layers", "2-8-1") == read_layers("layers", "2,8,1") == (2, 8, 1)
    with pytest.raises(LessonError, match="found '-1' in '2,-1,1'"):
        read_layers("layers", "2,-1,1")
