"""Pins, comparisons, sweeps and range tests as lines of text."""

from __future__ import annotations

import pytest

from tests.support.plain import plain


def test_pin_go_on_compare_return_undo() -> None:
    said = plain(
        "run 20", "pin", "set learning_rate 0.05", "reset", "run 30", "compare", "return 1", "loss", "undo",
        "pins", "unpin all", "pins", lesson="two-layer",
    )  # fmt: skip
    text = " ".join(said.text.split())
    assert "pinned as 1, up to iteration 20" in text
    assert "set otherwise: learning_rate 1 here, 0.05 there".replace("1 here, 0.05", "0.05 here, 1") in text
    assert "first difference: iteration 0, record 24 of 27, update W1" in text
    assert "why: learning_rate 0.05 here, 1 there: the update of W1 is the first that differs" in text
    assert "at iteration 20 of that run; undo leads back" in text
    assert "pin 1: learning_rate 1; iteration 20" in text
    assert text.endswith("1 pinned run let go no run is pinned; pin keeps the one here")


def test_a_sweep_is_listed_with_its_best_pinned() -> None:
    said = plain("set iterations 9", "sweep learning_rate=0.01,0.1,100 seeds=1", "pins", lesson="linear")
    assert said.lines[1] == "3 settings, the smallest loss first; the best 3 are pinned"
    rates = [line.split()[0] for line in said.lines[3:6]]
    assert rates == ["0.1", "0.01", "100"]
    assert [line.split(":")[0] for line in said.lines[6:9]] == ["pin 1", "pin 2", "pin 3"]


def test_a_sweep_keeps_what_is_set_here() -> None:
    said = plain("set iterations 9", "set optimizer adam", "sweep learning_rate=0.01", "run", "loss",
                 "set learning_rate 0.01", "reset", "run", "loss")  # fmt: skip
    swept = next(line for line in said.lines if line.startswith("0.01")).split()
    assert swept[2] == "9"
    assert float(said.lines[-1].split()[1]) == pytest.approx(float(swept[3].replace("−", "-")), rel=1e-7)


def test_find_rate_says_what_sets_it() -> None:
    said = plain("find-rate", lesson="linear")
    assert said.lines[0] == "learning rate  loss"
    assert said.lines[-1].endswith("sets it")
    assert said.lines[-1].startswith("set learning_rate ")


def test_refusals_are_one_line() -> None:
    said = plain("compare", "unpin", "unpin 3", "sweep", "sweep foo=1", "range 3", "return")
    for line, words in zip(
        [line for line in said.lines if line.startswith("error")],
        ("pin pins", "number of a pin", "no run", "what to sweep", "foo", "find-rate start", "no run"),
        strict=True,
    ):
        assert words in line
