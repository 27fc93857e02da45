"""What is said of a layer: true of its numbers, however large or small they are."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.health.report import health_of

LESSON = """
formula = "L = {loss}"
[parameters]
w = {start}
[hyperparameters]
learning_rate = {rate}
"""


@pytest.mark.parametrize(
    ("loss", "start", "rate", "said"),
    [
        ("w**2", 1.0, 0.001, "a step is 0.2 % of its length: it learns"),
        ("w**2", 1.0, 0.2, "a step is 40 % of its length: that is fast"),
        ("w**2", 1.0, 1e-7, "a step is 2e-05 % of its length: it hardly moves"),
        ("1e-100 * w", 1.0, 1e-300, "a step is 0 % of its length: it hardly moves"),  # the update underflows
        ("1e150 * w", 1e-150, 1e6, "a step changes it by more than its own length"),
        ("w**2", 0.0, 0.1, "it gets no gradient"),
    ],
)
def test_a_step_is_told_beside_what_it_moves(
    tmp_path: Path, loss: str, start: float, rate: float, said: str
) -> None:
    path = tmp_path / "l.toml"
    path.write_text(LESSON.format(loss=loss, start=start, rate=rate), encoding="utf-8")
    (row,) = health_of(tb.Trainer(tb.load_lesson(path))).layers
    assert row.sentence.replace("−", "-") == said
