"""What a screen can show is passed to whoever lays out text for it, and decides how wide the text is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop
from tui_backprop.text.charset import ASCII, UNICODE
from tui_backprop.text.width import cells

SHOWN = st.text(alphabet="a1 ∂ŷβᵀ√·…→漢\u0302")


def test_a_text_is_spelled_before_it_is_measured() -> None:
    assert (UNICODE.cells("∂L/∂ŷ"), ASCII.cells("∂L/∂ŷ")) == (5, len("dL/dy_hat"))
    assert (UNICODE.pad("β", 6), ASCII.pad("β", 6)) == ("β     ", "beta  ")
    assert (UNICODE.fit("∂L/∂ŷ", 6), ASCII.fit("∂L/∂ŷ", 6)) == ("∂L/∂ŷ", "dL/dy~")
    assert (UNICODE.sign("→", ">"), ASCII.sign("→", ">")) == ("→", ">")
    assert list(UNICODE.wrap("∂L/∂β = Xᵀ", 8, "  ")) == ["∂L/∂β =", "  Xᵀ"]
    assert list(ASCII.wrap("∂L/∂β = Xᵀ", 8, "  ")) == ["dL/dbeta", "  = X.T"]


@given(SHOWN, st.integers(2, 12))
def test_nothing_is_wider_than_its_room(text: str, width: int) -> None:
    for charset in (UNICODE, ASCII):
        laid = [charset.fit(text, width), *charset.wrap(text, width, "  ")]
        assert all(cells(line) <= width for line in laid)
        assert charset is UNICODE or all(line.isascii() for line in laid)
        assert cells(charset.pad(text, width)) == max(width, charset.cells(text))


def test_what_a_screen_can_show_is_no_state_of_a_module() -> None:
    with pytest.raises(AttributeError):
        UNICODE.ascii_only = True  # type: ignore[misc]
    for path in Path(tui_backprop.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "write_ascii" not in source, path
        assert re.search(r"^\s*global ", source, re.MULTILINE) is None, path
