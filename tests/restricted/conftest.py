"""A lesson folder that a login is confined to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.logins import make_folder
from tui_backprop.lessons.limits import Sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a lesson folder, beside things that must not be reached."""
    return make_folder(tmp_path)


@pytest.fixture
def sandbox(folder: Path) -> Sandbox:
    """Return what confines to that folder, with the limits of a class."""
    return Sandbox.of_folder(folder)


@pytest.fixture(autouse=True)
def _state_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is written in the test's own folder, where it is looked for."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg_state_home"))
