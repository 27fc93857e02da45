"""A process that is confined for the length of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from login_tools import make_folder

from tui_backprop.lessons import confinement


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the lesson folder that this process is confined to, with the limits of a class."""
    monkeypatch.setattr(confinement, "_confinement", None)
    place = make_folder(tmp_path)
    confinement.confine(place)
    return place
