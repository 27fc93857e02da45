"""Every action once, with key, name and help: bindings, footer, palette and help are made from this."""

from __future__ import annotations

from msgspec import Struct
from textual.binding import Binding


class Action(Struct, frozen=True):
    """Something a key does.

    Attributes:
        keys: the keys, as Textual names them.
        name: the app's action.
        label: what the footer says.
        help: what help and palette say.
        footer: whether it stands in the footer.
        shown: the keys as people write them; made from ``keys`` when empty.
        everywhere: whether the key does it in text fields and over open screens as well.
    """

    keys: str
    name: str
    label: str
    help: str
    footer: bool = False
    shown: str = ""
    everywhere: bool = False

    @property
    def binding(self) -> Binding:
        """The binding for Textual."""
        return Binding(
            self.keys, self.name, self.label, show=self.footer, tooltip=self.help,
            key_display=self.shown.split(" ")[0] if self.shown else None, id=self.name,
            priority=self.everywhere,
        )  # fmt: skip

    @property
    def keys_text(self) -> str:
        """The keys for people."""
        return self.shown or self.keys.replace(",", " ")


ACTIONS = (
    Action(
        "s,right", "step", "step", "Step one record on: a value, a chain-rule factor, an update", True, "s →"
    ),
    Action("b,left", "step_back", "back", "Back one record", True, "b ←"),
    Action("n", "next", "next", "Next iteration: to its start, from wherever we are", True),
    Action("p", "previous", "prev", "Start of this iteration, or of the one before", True),
    Action(
        "space,c", "run_or_pause", "run", "Run to the iteration target or a breakpoint, or pause", True, "␣ c"
    ),
    Action("x", "examine", "terms", "Examine one element: its gradient as a sum of scalar terms", True),
    Action("o", "what_if", "if", "What if? Put a value in by hand, or lift one", True),
    Action("t", "predict", "quiz", "Predict, then reveal: answer each factor before it is shown", True),
    Action("m", "model", "open", "Model: choose the lesson, or open a file of your own", True),
    Action("question_mark", "help", "help", "Help: keys and panels", True, "?"),
    Action("q", "quit", "quit", "Quit; asks nothing, loses nothing", True),
    Action("h", "hyperparameters", "dials", "Hyperparameters: edit the dials", True),
    Action("g", "check", "check", "Gradient check: engine and slips against central differences", True),
    Action("w", "homework", "homework", "Homework: have a gradient worked out by hand checked", True),
    Action("e", "program", "code", "Program: the code that runs are compiled to, beside the formula"),
    Action("i", "goto", "go to", "Go to an iteration, back or ahead"),
    Action("f,slash", "find", "find", "Find a node by name, and go to its gradient", shown="f /"),
    Action("B", "breakpoints", "breakpoints", "Breakpoints: add, turn off, delete"),
    Action("u", "undo", "undo", "Undo the last change of a value or a dial"),
    Action("U", "redo", "redo", "Redo what was undone"),
    Action("r", "reset", "reset", "Reset: start anew from iteration 0"),
    Action("l", "scale", "log", "Loss axis linear or logarithmic"),
    Action("v", "values", "values", "All numbers of the current record, in full"),
    Action("y", "copy", "copy", "Copy the current record's explanation (OSC 52)"),
    Action(
        "ctrl+l",
        "redraw",
        "redraw",
        "Redraw the screen, whatever else has written on it",
        shown="Ctrl+L",
        everywhere=True,
    ),
    Action(
        "ctrl+z",
        "suspend_process",
        "suspend",
        "Suspend; fg in the shell comes back",
        shown="Ctrl+Z",
        everywhere=True,
    ),
    Action("R", "reload", "reload", "Reload the lesson file"),
    Action("1", "side('model')", "model panel", "Show the model panel"),
    Action("2", "side('hyperparameters')", "dials panel", "Show the hyperparameters panel"),
    Action("3", "side('parameters')", "parameters panel", "Show the parameters panel"),
    Action("4", "side('graph')", "graph panel", "Show the graph panel"),
)
HELP_ONLY = (
    ("Tab", "go to the next panel or dial; Shift+Tab to the one before"),
    ("↑ ↓ PgUp PgDn", "scroll the panel that has the focus; in records and graph, select"),
    ("← →", "fold and unfold the graph; move the cursor on the loss chart or a matrix"),
    ("Enter", "go to what is selected: a record, a node, an iteration of the loss chart"),
    ("Esc", "close what is open, or leave the field"),
    ("Ctrl+P", "command palette: every action by name, and the lessons"),
    ("Ctrl+C", "pause a run, or give up a long computation"),
)

ACTION_OF_KEY = {
    key: action.name for action in ACTIONS if not action.everywhere for key in action.keys.split(",")
}
"""The app's action for each key that means something else in a text field."""
