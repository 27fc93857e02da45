"""A session is in no language: saved in one, it is opened in another with that one's texts."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

import tui_backprop as tb
from tests.support.plain import plain
from tests.support.sessions import again, saved
from tui_backprop.exercises.homework import keep, mark
from tui_backprop.exercises.words.homework import kept_line
from tui_backprop.sessions.format import StatePart, read_state
from tui_backprop.sessions.store import ENDING, sessions_folder
from tui_backprop.text.language.speaking import speaking

HANGUL = re.compile("[가-힣]")


def changed() -> tb.Trainer:
    """Return a training with a change of every kind that is kept: undone, in force, marked, watched."""
    t = tb.Trainer(tb.load_lesson("logistic"))
    t.breakpoints.add("loss < 0.01")
    t.breakpoints.add("vanishing")
    t.set(learning_rate=0.3)
    t.run(3)
    t.put("b", 0.25)
    t.put("y_hat", 0.5, (1,))
    t.release("y_hat")
    t.undo()
    keep(t, mark(t, "b", "7"))
    t.step()
    return t


def told(t: tb.Trainer) -> list[str]:
    """Return what is said of a training that was kept."""
    changes = [str(t.undoable), str(t.redoable)]
    return [*changes, *(point.description for point in t.breakpoints), *map(kept_line, t.workbook.marks)]


@pytest.mark.parametrize(("before", "after"), [("ko", "en"), ("en", "ko")])
def test_a_session_saved_in_one_language_opens_in_another(before: str, after: str) -> None:
    with speaking(before):
        t = changed()
        key = saved(t)
    with speaking(after):
        opened, right = told(again(key)), told(t)
    assert opened == right
    assert all(bool(HANGUL.search(line)) == (after == "ko") for line in opened), opened


def test_nothing_that_is_kept_is_in_hangul() -> None:
    with speaking("ko"):
        key = saved(changed())
    kept = read_state(sessions_folder() / f"{key}{ENDING}", StatePart)
    said = json.dumps(msgspec.to_builtins(kept), ensure_ascii=False)  # arrays are base64 in it
    assert "y_hat" in said
    assert not HANGUL.search(said)


def test_what_one_language_has_kept_another_goes_on_with() -> None:
    with speaking("ko"):
        plain("quiz", "continue", "reveal", lesson="linear")
    said = plain("quiz", lesson="linear").text
    assert "1 revealed" in said
    assert not HANGUL.search(said)
