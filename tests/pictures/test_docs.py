"""The page on pictures has every kind, with what it may name."""

from __future__ import annotations

import re
from pathlib import Path

from tui_backprop.pictures.registry import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")


def test_every_kind_is_in_the_table() -> None:
    table = PAGE.partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*)\|", table, re.MULTILINE))
    assert set(rows) == set(KINDS)
    assert {name for name, of in rows.items() if of.strip()} == {
        name for name, kind in KINDS.items() if kind.of
    }
