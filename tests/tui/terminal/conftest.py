"""A shell in a terminal of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installed_command import COMMAND, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if not COMMAND.exists():
        pytest.skip("tui-backprop is not installed beside this Python")
    opened = Terminal(tmp_path)
    try:
        opened.until(lambda: opened.lines[0] == "READY>", "the prompt")
        yield opened
    finally:
        opened.child.close(force=True)
