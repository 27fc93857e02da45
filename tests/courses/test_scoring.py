"""What answers earn: the quiz's rule."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tests.support.thorough import tried
from tui_backprop.courses.scoring import Attempt


def after(steps: str) -> Attempt:
    """Return an attempt after steps: r a right answer, w a wrong one, h a hint, s shown."""
    attempt = Attempt()
    for step in steps:
        attempt = {
            "r": lambda: attempt.answered(True),  # noqa: B023
            "w": lambda: attempt.answered(False),  # noqa: B023
            "h": attempt.hinted,
            "s": attempt.shown,
        }[step]()
    return attempt


@pytest.mark.parametrize(
    ("steps", "earned"),
    [
        ("r", 4),
        ("wr", 2),
        ("hr", 2),
        ("hhwwr", 2),
        ("s", 0),
        ("wsr", 0),
        ("sr", 0),
        ("w", 0),
        ("", 0),
        ("rw", 4),
        ("rs", 4),
        ("rh", 4),
    ],
)
def test_full_at_once_half_later_nothing_if_shown(steps: str, earned: float) -> None:
    assert after(steps).earned(4.0) == earned


@tried(st.text("rwhs", max_size=12), st.floats(0, 1000), few=8, many=1000)
def test_a_closed_question_changes_no_more(steps: str, points: float) -> None:
    attempt = after(steps)
    assert 0 <= attempt.earned(points) <= points
    if attempt.closed:
        for more in "rwhs":
            assert after(steps + more) == attempt
