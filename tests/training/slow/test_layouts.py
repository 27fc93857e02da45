"""Hundreds of random lessons, run and stepped; with LONGER=8 the promised three thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.random_layouts import differences
from tests.support.thorough import LONGER

LESSONS, PARTS = 400 * LONGER, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_random_lessons_run_as_they_are_stepped(tmp_path: Path, part: int) -> None:
    seeds = range(part, LESSONS, PARTS)
    assert {seed: found for seed in seeds if (found := differences(tmp_path, seed))} == {}
