"""Clipping beside the numbers that PyTorch's clip_grad_norm_ and clip_grad_value_ give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.engine.optimizers import Coefficients
from tui_backprop.engine.optimizers.clipping import clipped


def clip(*gradients: Any, **limits: float) -> list[Any]:
    named = {f"g{i}": np.array(g, dtype=float)[()] for i, g in enumerate(gradients)}
    return [np.asarray(g).tolist() for g, _ in clipped(named, Coefficients(0.1, **limits)).values()]


def test_a_gradient_of_norm_5_cut_to_1() -> None:
    assert clip([3.0, 4.0], clip_norm=1.0) == [[0.599999880000024, 0.799999840000032]]


def test_the_norm_is_that_of_all_parameters() -> None:
    assert clip([3.0, 4.0], 12.0, clip_norm=2.0) == [
        pytest.approx([0.46153842603550577, 0.615384568047341], rel=1e-15),
        pytest.approx(1.846153704142023, rel=1e-15),
    ]


def test_what_is_short_enough_stays_as_it_is() -> None:
    assert clip([3.0, 4.0], 12.0, clip_norm=20.0) == [[3.0, 4.0], 12.0]
    assert clip([3.0, 4.0], 12.0) == [[3.0, 4.0], 12.0]
    assert clip([0.0, 0.0], clip_norm=1.0) == [[0.0, 0.0]]


def test_each_element_within_a_value() -> None:
    assert clip([3.0, -4.0], 0.2, clip_value=0.5) == [[0.5, -0.5], 0.2]


def test_the_norm_comes_first() -> None:
    assert clip([3.0, 4.0], clip_norm=1.0, clip_value=0.7) == [[0.599999880000024, 0.7]]


def test_nan_is_not_hidden_by_clipping() -> None:
    assert np.isnan(clip([np.nan, 4.0], clip_value=0.5)[0][0])
    assert np.isnan(clip([np.nan, 4.0], clip_norm=0.5)[0]).all()


NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5)


@given(NUMBERS, NUMBERS, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_what_comes_out_is_within_both(a: list[float], b: list[float], norm: float, value: float) -> None:
    cut = np.concatenate(clip(a, b, clip_norm=norm, clip_value=value))
    assert np.linalg.norm(cut) <= norm * (1 + 1e-12)
    assert np.abs(cut).max() <= value
    assert (np.sign(cut) * np.sign(a + b) >= 0).all()


def test_the_terms_say_what_was_done() -> None:
    terms = clipped({"w": np.array([3.0, 4.0])}, Coefficients(0.1, clip_norm=1.0, clip_value=0.7))["w"][1]
    assert list(terms) == ["gradient_norm", "clip_norm", "clip_value"]
    assert terms["gradient_norm"] == 5.0
    assert clipped({"w": np.array([3.0])}, Coefficients(0.1))["w"][1] == {}
