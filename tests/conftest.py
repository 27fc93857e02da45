"""What all tests share: deterministic Hypothesis, and a configuration folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("gate")


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's remembered choices out of the tests, and the tests' out of the user's folders."""
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
