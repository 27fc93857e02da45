"""Plain mode in Korean, command by command: nothing that it says is left in English."""

from __future__ import annotations

import pytest

from tests.support.plain import plain
from tests.support.speech import check_walk, english, listening
from tui_backprop.debugger.commands import TYPED
from tui_backprop.debugger.help.glossary import ENTRIES
from tui_backprop.debugger.help.sections import topics

WALKS = {
    "logistic": ("logistic", "s 40", "explain all", "explain beta", "examine beta 0", "check", "program"),
    "two layers": ("two-layer", "s 60", "graph", "find W1", "print W1", "c 200", "where"),
    "health": ("two-layer", "c 120", "health", "health vanishing", "break alarm", "c 100"),
    "playground": (
        "logistic", "pin", "pins", "set learning_rate 0.2", "c 20", "return 1", "unpin 9", "unpin 1",
        "schedule cosine", "schedule", "share", "plot loss", "source", "backend", "build",
        "build --layers 2,3,1", "open", "open zz", "export", "goto 30", "goto -1", "previous", "xyz",
    ),
    "breakpoints": (
        "logistic", "break loss < 0.3", "break nan", "break vanishing", "break iteration 7", "break",
        "c", "c", "c", "disable 1", "enable 1", "delete 3", "delete 9", "break zz", "break loss = 3",
    ),
    "practice": ("logistic", "quiz", "c", "", "1", "reveal", "quiz", "homework b = 7", "homework", "reveal"),
    "folding": ("logistic", "fold 2 3", "fold", "unfold all", "fold 1 99", "factors", "factors"),
}  # fmt: skip


@pytest.mark.parametrize("walk", WALKS)
def test_nothing_is_left_in_english(walk: str) -> None:
    check_walk(*WALKS[walk])


def test_help_is_in_korean() -> None:
    topic = [f"help {topic}" for topic in topics()]
    with listening("ko") as listener:
        said = plain("help", *(f"help {command.name}" for command in TYPED), "help glossary", *topic)
    assert said.code == 0
    assert english(said.text) == []
    single = {word for entry in ENTRIES for word in entry.words}  # parts of terms that are said whole
    assert listener.lacking <= single
