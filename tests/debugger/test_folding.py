"""Folding in both front ends: lines, what is said, and the list."""

from __future__ import annotations

import pytest

from tests.support.folded import NET
from tests.support.pilot import launched
from tests.support.plain import plain
from tests.support.trainers import mine

LISTED = [
    "1 of 93, to come: ones(2)",
    "2 of 93, to come: h.1 = 0.1 · ones(2)",
    "3 to 14 of 93, to come: turn t = 0: h.2",
]


@pytest.fixture(name="net")
def _net(tmp_path) -> str:
    mine(tmp_path, NET)
    return str(tmp_path / "mine.toml")


def said(net: str, *commands: str) -> str:
    return " ".join(plain(*commands, lesson=net).text.split())


def test_the_list_has_calls_and_turns_as_lines(net) -> None:
    lines = plain("list", lesson=net).lines
    assert lines[:3] == LISTED
    assert "43 to 58 of 93, to come: ∂L/∂h.3, ∂L/∂u, ∂L/∂w through turn t = 2" in lines
    assert len(lines) == 15
    assert len(plain("unfold all", "list", lesson=net).lines) == 94
    assert plain("unfold all", "fold all", "list", lesson=net).lines[-15:] == lines


def test_step_goes_over_a_line_and_into_goes_inside(net) -> None:
    over = plain("step 2", "step", "where", lesson=net).text
    assert "3 to 14 of 93: turn t = 0: h.2" in over
    assert "record 14 of 93 done" in over
    assert "next: turn t = 1: h.3" in over
    inside = plain("step 2", "into", "step", "list", lesson=net).text
    assert "3 of 93: X[0]" in inside
    assert "4 to 14 of 93, here: h.2 = cell(X[0], h.1, w, u)" in inside
    assert "record 2 of 93 done" in plain("step 3", "back", "where", lesson=net).text


def test_fold_unfolds_what_was_done_and_leaves_what_we_are_in(net) -> None:
    assert "turn t = 0: unfolded, 12 records" in said(net, "step 3", "fold")
    left = plain("step 2", "into 3", "fold", "where", lesson=net).text
    assert "cell(X[0], h.1, w, u): folded, 11 records in one line" in left
    assert "record 14 of 93 done" in left


def test_folding_ends_an_iteration_and_is_kept(net) -> None:
    found = plain("fold 92 93", "goto 0", "find u", "into 2", "fold", "where", lesson=net)
    assert "records 92 to 93: folded, 2 records in one line" in found.text
    assert "iteration 1, epoch 1" in found.text
    assert plain("fold", lesson=net).told == ["changed", "closed"]


def test_chosen_records_are_one_line_until_it_is_unfolded(net) -> None:
    text = plain("fold 1 2", "step", "list", lesson=net).text
    assert "1 to 2 of 93: records 1 to 2: h.1" in text
    assert "1 to 2 of 93, here: records 1 to 2: h.1" in text
    assert "1 of 93, done: ones(2)" in plain("fold 1 2", "step", "unfold 2", "list", lesson=net).text


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("fold 1", "write the first and the last record to fold, such as fold 2 4, or fold all"),
        ("fold 1 x", "found x; it must be a whole number"),
        ("fold 2 5", "records 2 to 5 cut turn t = 0 from 3 to 14; take all of it or a part of it"),
        ("unfold 1", "record 1 is not folded"),
        ("fold", "there is no folded line here, and none around this record"),
    ],
)
def test_what_cannot_be_folded_is_refused_in_a_line(net, command, reason) -> None:
    assert f"error: {reason}" in said(net, command)


def test_where_nothing_is_a_line_that_is_said() -> None:
    found = plain("fold", lesson="linear")
    assert "there is nothing to fold: calls of a def and turns of a for" in found.text


def test_explain_all_has_lines_and_with_unfold_all_every_record(net) -> None:
    assert "43 to 58 of 93: ∂L/∂h.3, ∂L/∂u, ∂L/∂w through turn t = 2" in plain("explain all", lesson=net).text
    whole = plain("unfold all", "explain all", lesson=net).text
    assert all(f"\n{number} of 93: " in whole for number in range(1, 94))


def listed(session) -> list[str]:
    """Return the lines of the app's list, spaces between words as one."""
    return [" ".join(line.split()) for line in session.app.main.query_one("#records").plain.splitlines()]


async def test_the_app_steps_over_lines_into_them_and_folds_what_is_selected(net) -> None:
    async with launched(net, size=(100, 30)) as session:
        await session.press("s", "s", "s")
        assert listed(session)[2:4] == ["▶ 3 ▸ turn t = 0 (2)", "· 15 ▸ turn t = 1: h.3"]
        assert "12 records, line 8 of the formula; F unfolds them, b and d go" in " ".join(
            session.screen.split()
        )
        await session.press("d")
        assert listed(session)[3:6] == ["▾ turn t = 1", "▶ 15 X[1] −1", "· 16 ▸ h.3 = cell(…)"]
        await session.press("b")
        assert listed(session)[2] == "▶ 3 ▸ turn t = 0 (2)"
        session.app.main.query_one("#records").focus()
        await session.press("down", "F")
        assert "turn t = 1: unfolded, 12 records" in session.screen
        assert listed(session)[3:6] == ["▾ turn t = 1", "› 15 X[1]", "· 16 ▸ h.3 = cell(…)"]
        await session.press("down", "up", "up", "down")  # over what stands above the records, which is none
        assert listed(session)[4] == "› 15 X[1]"
        await session.press("F")
        assert listed(session)[3] == "› 15 ▸ turn t = 1: h.3"
        await session.press("enter")
        assert listed(session)[3] == "▶ 15 ▸ turn t = 1 (2)"
        assert session.app.main.snapshot.position == 26


async def test_the_app_folds_records_by_number(net) -> None:
    async with launched(net, size=(100, 30)) as session:
        session.app.run_command("stretch")
        await session.settle()
        await session.type("2 5", "enter")
        assert "records 2 to 5 cut turn t = 0 from 3 to 14" in session.screen
        await session.type("1 2", "enter")
        assert listed(session)[0] == "· 1 ▸ records 1 to 2"
