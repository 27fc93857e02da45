"""Names as tables and terminals may have them, and homes that no two visitors share."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui_backprop.web.visitors import LONGEST_NAME, Homes, clean_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Kim   Minjun ", "Kim Minjun"),
        ("\u1100\u1175\u11b7", "김"),  # typed as jamo
        ("Ann\n\x1b[2J\u202e\u200bBob", "Ann [2JBob"),
        ("=cmd|' /C calc'!A0", "cmd|' /C calc'!A0"),
        ("+-@=", ""),
        ("\u3164", ""),
        ("x" * 500, "x" * LONGEST_NAME),
        ("O'Brien-Núñez", "O'Brien-Núñez"),
    ],
)
def test_a_name(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_home_for_each(tmp_path: Path) -> None:
    homes = Homes(tmp_path / "homes")
    assert homes.name("ann") == ""
    assert not homes.folder.exists()  # who only looks leaves nothing
    homes.rename("ann", "Ann\n")
    homes.rename("bob", "Bob")
    assert (homes.name("ann"), homes.name("bob"), homes.name("eve")) == ("Ann", "Bob", "")
    assert homes.of("ann") != homes.of("bob")
    assert "ann" not in str(homes.of("ann").name)
    assert stat.S_IMODE(homes.of("ann").stat().st_mode) == 0o700
    assert [path.name for path in homes.of("ann").iterdir()] == ["student.txt"]
