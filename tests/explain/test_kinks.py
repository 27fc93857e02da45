"""The table of kinks says what the engine and the libraries take; the page, the help and the check follow."""

from __future__ import annotations

import io
import re

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from tests.support.fuzz.harness import command
from tests.support.graphs import swept
from tests.support.readme import KINKS as PAGE
from tests.support.readme import README
from tui_backprop.engine.ops.registry import FUNCTIONS
from tui_backprop.explain.kinks import KINKS, LIBRARIES, Kink, about, agreement, at_kink, entries, page


@pytest.mark.parametrize("kink", KINKS, ids=lambda kink: kink.op)
def test_the_engine_takes_what_the_table_says(kink: Kink) -> None:
    tape = swept(f"L = {kink.formula}", {"x": kink.at})
    assert np.all(tape.gradient(tape.graph.named["x"]) == kink.slope)
    said = kink.here.split(",")[0]
    assert {"½": 0.5, "∞": np.inf}.get(said, None if said in "½∞" else float(said)) == kink.slope
    assert len(kink.others) == len(LIBRARIES)


def test_the_rows_are_of_operations_with_a_kink_or_an_edge() -> None:
    assert {kink.op for kink in KINKS if not FUNCTIONS[kink.op]().has_kink} == {"sqrt"}
    assert {"relu", "abs", "maximum", "leaky_relu"} <= {kink.op for kink in KINKS}


@pytest.mark.parametrize(("op", "at"), [("abs", 0.0), ("maximum", 2.0)])
def test_hips_autograd_takes_what_the_table_says(op: str, at: float) -> None:
    of = {"abs": anp.abs, "maximum": lambda x: anp.maximum(x, 2.0)}
    said = at_kink(op).others[2]
    assert grad(of[op])(at) == {"0": 0.0, "½, ½": 0.5}[said]


def test_the_page_is_the_table_s_and_the_readme_names_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.support.readme writes it anew"
    assert "docs/kinks.md" in README.read_text(encoding="utf-8")


def test_who_agrees() -> None:
    assert agreement(at_kink("leaky_relu")) == (
        "leaky_relu(x) at 0 (slope 0.01): 0.01 here, as in PyTorch; 1 in JAX, tinygrad; 0 in mygrad"
    )


def test_plain_mode_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("help kinks\nhelp\nq\n"))
    code, out, _, _ = command(["linear", "--plain"])
    said = re.sub(r"\s+", " ", out)
    assert code == 0
    assert about() in said
    assert all(where in said and taken in said for where, taken in entries())
    assert "help clipboard or help kinks about a topic" in said
