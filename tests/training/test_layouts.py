"""Runs and steps agree to the last bit however arrays lie in memory: random lessons, by seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.random_layouts import differences
from tests.support.trainers import mine

CONSTANT = """
formula = '''
z = V @ W
L = sum(-z.T) * 0.1
'''
[parameters]
V = { init = "normal", shape = [4, 1] }
W = { init = "normal", shape = [1, 4] }
[hyperparameters]
learning_rate = 0.01
"""


@pytest.mark.parametrize("seed", range(9))
def test_a_gradient_that_is_one_number_everywhere_lies_as_in_stepping(tmp_path: Path, seed: int) -> None:
    run, stepped = (mine(tmp_path, CONSTANT, seed=seed) for _ in range(2))
    run.run(iterations=50)
    for _ in range(50):
        stepped.next()
    assert bits_of(run) == bits_of(stepped)


def bits_of(t: tb.Trainer) -> list[bytes]:
    return [t.losses.tobytes(), *(np.asarray(value).tobytes() for value in t.parameters.values())]


@pytest.mark.parametrize("seed", [120, 671, *range(10)])  # a constant turned round; one times 2**-53
def test_some_random_lessons(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, seed) == []
