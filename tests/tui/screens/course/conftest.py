"""A course, and results that are each test's own."""

import pytest

from tests.support.courses import write_course


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    for kind in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path / "course")
