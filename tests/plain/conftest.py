"""Commands write files where they are done, such as an export: in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a folder that is thrown away."""
    monkeypatch.chdir(tmp_path)
