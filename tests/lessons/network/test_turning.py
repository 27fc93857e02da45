"""Every notch of every dial can be shown, and typing sets what notches leave out."""

from __future__ import annotations

import pytest

from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import OPEN
from tui_backprop.lessons.network.checking import check
from tui_backprop.lessons.network.data import data_of
from tui_backprop.lessons.network.dials import PRESETS, Dials
from tui_backprop.lessons.network.turning import DialRow, dial_rows

START = PRESETS["spiral"]


def row(dials: Dials, label: str) -> DialRow:
    return next(row for row in dial_rows(dials) if row.label == label)


@pytest.mark.parametrize("name", PRESETS)
def test_one_notch_either_way_keeps_rows_and_numbers_in_step(name: str) -> None:
    for at in range(len(dial_rows(PRESETS[name]))):
        for by in (-1, 1):
            dials = PRESETS[name]
            for _ in range(3):
                rows = dial_rows(dials)
                dials = rows[min(at, len(rows) - 1)].turned(by)
                assert len(dials.activations) == len(dials.hidden)
                check(dials, data_of(dials), OPEN)  # whatever it says, it can be said


def test_data_sets_are_a_few_keys_away() -> None:
    dials = START
    for name in ("circles", "xor", "blobs"):
        dials = row(dials, "dataset").turned(1)
        assert dials == PRESETS[name]


def test_layers_come_and_go() -> None:
    dials = row(START, "hidden layers").turned(1)
    assert dials.layers == (2, 16, 16, 16, 1)
    dials = row(dials, "layer 3").turned(-1)
    dials = next(one for one in dial_rows(dials) if one.label == "  behind it").turned(1)
    assert (dials.layers, dials.activation) == ((2, 16, 16, 15, 1), ("relu", "tanh", "tanh"))
    for _ in range(5):
        dials = row(dials, "hidden layers").turned(-1)
    assert (dials.layers, dials.activations) == ((2, 1), ())
    assert row(dials, "hidden layers").typed("2,5,4,1").layers == (2, 5, 4, 1)


def test_features_bring_their_inputs() -> None:
    dials = row(START, "features").typed("x,xy,sinx")
    assert dials.layers == (3, 16, 16, 1)
    assert row(dials, "features").typed("x,y") == START


def test_a_width_that_is_none_is_told_as_it_was_typed() -> None:
    with pytest.raises(
        LessonError, match=r"^layer 1: found 'abc'; it must be a whole number from 1 to 1,024$"
    ):
        row(START, "layer 1").typed("abc")


@pytest.mark.parametrize(
    ("label", "typed", "field", "value"),
    [
        ("size", "37", "size", 37),
        ("noise", ".25", "noise", 0.25),
        ("learning rate", "1e-3", "learning_rate", 0.001),
        ("batch", "all", "batch", "all"),
        ("optimizer", "ada", "optimizer", None),
        ("optimizer", "adamw", "optimizer", "adamw"),
        ("loss", "mse", "loss", "mse"),
        ("layer 2", "7", "layers", (2, 16, 7, 1)),
        ("layer 2", "0", "layers", None),
        ("layer 2", "8,4", "layers", None),
        ("outputs", "3", "layers", (2, 16, 16, 3)),
        ("hidden layers", "99", "layers", None),
        ("validation", "1", "validation", None),
        ("  behind it", "tanh,relu", "activation", ("tanh", "relu")),
        ("  behind it", "tanh,relu,tanh", "activation", None),
    ],
)
def test_what_is_typed(label: str, typed: str, field: str, value: object) -> None:
    if value is None:
        with pytest.raises(LessonError):
            row(START, label).typed(typed)
    else:
        assert getattr(row(START, label).typed(typed), field) == value
