"""What a lesson has made is refused by its size before any memory is taken."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.lessons.errors import LessonError

TOO_LARGE = {
    "[data]\nx = { linspace = [0, 1, 100000000] }": "data.x.linspace: (100000000) takes more",
    "[samples]\nx = { linspace = [0, 1, 100000000] }": "samples.x.linspace: (100000000) takes more",
    "[data]\nx = { linspace = [0, 1, 60000000] }\ny = { linspace = [0, 1, 60000000] }\n"
    "z = { linspace = [0, 1, 60000000] }": "data: its linspaces take more than 1 GiB together",
    "[parameters]\nx = { init = 'he', shape = [10000, 10000] }": "parameters.x.shape: (10000×10000) takes",
    "[parameters]\nx = { init = 1.0, shape = [10000, 10000] }": "parameters.x.shape: (10000×10000) takes",
}


@pytest.mark.parametrize("entries", TOO_LARGE)
def test_what_is_too_large_is_refused_before_it_is_made(entries: str, tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text(f'formula = "L = mean(x)"\n{entries}\n')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LessonError) as refused:
        tb.load_lesson(path)
    assert TOO_LARGE[entries] in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB
