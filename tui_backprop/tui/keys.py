"""The commands' keys: bindings for Textual, and how a sentence calls a key."""

from __future__ import annotations

from textual.binding import Binding

from tui_backprop.debugger.command import Command, Key
from tui_backprop.debugger.commands import BY_NAME, COMMANDS
from tui_backprop.text.sentences import later

_SPELLED = {"question_mark": "?", "colon": ":"}
REVEAL, REVEALS = "ctrl+r", "Ctrl+R"
"""The key that reveals what is asked for while it is being answered, and how it is written."""
_ACTIONS = {"suspend": "app.suspend_process", "redraw": "app.redraw"}
"""Commands that are actions of the app's, not of the screen with the panels."""


def _rank(one: tuple[Command, Key]) -> tuple[int, str]:
    """Put those in the footer first, then the others as the table has them, and the panels by number."""
    _, key = one
    return key.footer or len(COMMANDS), key.keys if key.keys.isdigit() else ""


KEYED = tuple(sorted(((c, c.key) for c in COMMANDS if c.key is not None), key=_rank))
"""The commands that have a key, with it, in the order in which help lists them."""
MORE_KEYS = (
    ("Tab", later("go to the next panel or hyperparameter; Shift+Tab to the one before")),
    (
        "↑ ↓ PgUp PgDn",
        later("scroll the panel that has the focus; select in records and graph; what a picture is of"),
    ),
    (
        "← →",
        later("fold and unfold the graph; move the cursor on the loss chart or a matrix; other pictures"),
    ),
    ("Enter", later("go to what is selected: a record, a node, an iteration of the loss chart")),
    (
        REVEALS,
        later("reveal what is asked for, in the quiz and in homework; ↑ there brings back what was typed"),
    ),
    ("Esc", later("close what is open, or leave the field")),
    ("Ctrl+C", later("pause a run, or give up a long computation")),
)
"""Keys of panels and screens, and what they do."""


def action(name: str) -> str:
    """Return Textual's action for a command."""
    return _ACTIONS.get(name, f"command('{name}')")


def call(name: str) -> str:
    """Return how a sentence calls a command: by its key, or the key of the command that offers it."""
    command = BY_NAME[name]
    while command.key is None:
        command = BY_NAME[command.offered_by]
    first = command.key.keys.split(",")[0]
    return _SPELLED.get(first, first)


def _binding(command: Command, key: Key) -> Binding:
    return Binding(
        key.keys, action(command.name), key.label, show=key.footer > 0, tooltip=command.key_help,
        key_display=key.shown.split(" ")[0] if key.shown else None, id=command.name,
        priority=key.everywhere,
    )  # fmt: skip


BINDINGS = tuple(_binding(*one) for one in KEYED)
"""All of them, in the order of the footer."""
COMMAND_OF_KEY = {
    name: command.name for command, key in KEYED if not key.everywhere for name in key.keys.split(",")
}
"""The command of each key that means something else in a text field."""
