"""The screen's signs in ASCII: readable, typable, and of a known width."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop
from tui_backprop.text.ascii import in_place, to_ascii
from tui_backprop.text.spelling import GREEK, pretty
from tui_backprop.text.width import cells

DRAWN = Path("drawing", "cells")
"""Has signs of its own for ASCII, chosen where it draws."""
KEYS_TYPED = Path("tui", "layouts.py")
"""Its letters of other scripts come from the keyboard; none is ever shown."""


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("∂L/∂w", "dL/dw"),
        ("∂L/∂ŷ = 2 · (ŷ − y)", "dL/dy_hat = 2 * (y_hat - y)"),
        ("∂L/∂β = Xᵀ @ ∂L/∂z", "dL/dbeta = X.T @ dL/dz"),
        ("Σᵢ Xᵀ₁ᵢ · (∂L/∂z)ᵢ", "sum_i X.T_1i * (dL/dz)_i"),
        ("W₁,₂ → ½", "W_1,2 -> 1/2"),
        ("step  η·m̂ / (√ŝ + ε)", "step  eta*m_hat / (sqrt(s_hat) + epsilon)"),
        ("√ŝ = √s / √(1 − β₂ᵗ)", "sqrt(s_hat) = sqrt(s) / sqrt(1 - beta_2**t)"),
        ("(1 − ρ)·g²", "(1 - rho)*g**2"),
        ("x¹⁰", "x**10"),
        ("0.25·  ?·", "0.25.  ?."),
        ("· 3 update", ". 3 update"),
        (
            "✓ done, ▶ current; ▸ folded, ▾ unfolded; › selected",
            "+ done, > current; + folded, - unfolded; ) selected",
        ),
        ("Help · Esc closes", "Help - Esc closes"),
        ("Übung für Zoë, château, Ångström", "Ubung fur Zoe, chateau, Angstrom"),
        ("日本", "??"),
        ("", ""),
    ],
)
def test_formulas_are_spelled_as_they_are_typed(text: str, spelled: str) -> None:
    assert to_ascii(text) == spelled


@pytest.mark.parametrize("name", [*(name for name in GREEK if not name.endswith("_")), "y_hat", "x_bar"])
def test_a_name_comes_back_as_the_lesson_spells_it(name: str) -> None:
    assert to_ascii(pretty(name)) == name


@given(st.text())
def test_any_text_becomes_ascii_and_ascii_stays(text: str) -> None:
    assert to_ascii(text).isascii()
    assert to_ascii(to_ascii(text)) == to_ascii(text)
    assert in_place(text).isascii()


@given(st.text(st.characters(exclude_categories=("Mn", "Me", "Cf"))))
def test_what_is_laid_out_keeps_its_width(text: str) -> None:
    assert len(in_place(text)) == cells(text)


def test_every_sign_of_the_program_has_a_spelling() -> None:
    folder = Path(tui_backprop.__file__).parent
    drawn = folder / DRAWN
    read = folder / "text" / "language"  # what values in a Korean sentence end with
    shown = (
        p
        for p in folder.rglob("*.py")
        if p != folder / KEYS_TYPED and not any(p.is_relative_to(other) for other in (drawn, read))
    )
    signs = {sign for path in shown for sign in path.read_text(encoding="utf-8")}
    without = {
        f"{sign} {unicodedata.name(sign)}"
        for sign in signs
        if not sign.isascii() and not unicodedata.combining(sign) and "?" in to_ascii(sign)
    }
    without = {sign for sign in without if " HANGUL " not in sign}  # ASCII screens are spoken to in English
    assert not without
