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
