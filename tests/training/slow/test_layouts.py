"""A thousand random lessons, run and stepped; with LONGER=3 the three thousand that this was promised for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.random_layouts import differences
from tests.support.thorough import LONGER

LESSONS, PARTS = 1000 * LONGER, 6


@pytest.mark.parametrize("part", range(PARTS))
def test_random_lessons_run_as_they_are_stepped(tmp_path: Path, part: int) -> None:
    seeds = range(part, LESSONS, PARTS)
    assert {seed: found for seed in seeds if (found := differences(tmp_path, seed))} == {}
