"""Arrays written out: matrices as aligned rows, more axes matrix by matrix, large ones by their corners."""

from __future__ import annotations

import numpy as np
import pytest

from tui_backprop.text.numbers import block, inline, is_shown_in_full


def test_more_than_two_axes_come_matrix_by_matrix_each_with_its_place() -> None:
    assert block(np.arange(8.0).reshape(2, 1, 2, 2)) == [
        "[0, 0, :, :]", "[ 0  1 ]", "[ 2  3 ]", "[1, 0, :, :]", "[ 4  5 ]", "[ 6  7 ]",
    ]  # fmt: skip
    assert block(np.arange(4.0).reshape(2, 1, 2)) == ["[0, :, :]", "[ 0  1 ]", "[1, :, :]", "[ 2  3 ]"]
    assert block(np.arange(2.0).reshape(1, 1, 1, 2)) == ["[ 0  1 ]"]


@pytest.mark.parametrize(
    ("shape", "whole"),
    [((6, 6), True), ((6, 6, 6), True), ((7, 2), False), ((1, 1, 6, 6), True), ((2, 3, 6, 6), True),
     ((3, 3, 2, 2), False), ((1, 1, 1, 1, 2, 2), True)],
)  # fmt: skip
def test_as_many_matrices_are_written_out_as_can_be_read(shape: tuple[int, ...], whole: bool) -> None:
    array = np.zeros(shape)
    assert is_shown_in_full(array) is whole
    assert (len(block(array)) > 1) is whole
    assert inline(array).startswith("[" * len(shape))
