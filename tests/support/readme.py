"""The README's tables of what is registered; ``python -m tests.support.readme`` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from tui_backprop.engine.language.composites import calls
from tui_backprop.engine.ops.registry import function_table
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.explain.kinks import page
from tui_backprop.lessons.remarks.registry import KINDS
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.tui.keys import KEYED

README = Path(__file__).parents[2] / "README.md"
KINKS = README.parent / "docs" / "kinks.md"
"""The page on kinks, which the table in ``explain.kinks`` makes."""
KEYS_HEAD = "| key | does |\n|---|---|\n"
REMARKS_HEAD = "| kind | said of | what is right |\n|---|---|---|\n"
SCHEDULES_HEAD = (
    "| kind | the rate η of iteration k | fields, and what they are unless given |\n|---|---|---|\n"
)
INITIALIZERS_HEAD = "| `init` | |\n|---|---|\n"
FUNCTIONS_HEAD = "and these functions:\n\n"
WRITTEN = {
    "right": "→",
    "left": "←",
    "question_mark": "?",
    "f1": "F1",
    "slash": "/",
    "colon": ":",
    "ctrl+l": "Ctrl+L",
    "ctrl+z": "Ctrl+Z",
}
"""Keys as people write them, where Textual calls them otherwise."""


def key_table() -> str:
    """Return the table of keys: a row for each command that has one."""
    rows = []
    for command, key in KEYED:
        keys = " or ".join(f"`{WRITTEN.get(name, name)}`" for name in key.keys.split(","))
        rows.append(f"| {keys} | {command.key_help} |\n")
    return KEYS_HEAD + "".join(rows)


def remark_table() -> str:
    """Return the table of kinds of remarks."""
    rows = (f"| `{kind.code}` | {kind.said_of} | {kind.cure} |\n" for kind in KINDS)
    return REMARKS_HEAD + "".join(rows)


def schedule_table() -> str:
    """Return the table of learning-rate schedules."""
    rows = (
        f"| `{kind.name}` | {kind.formula} | "
        f"{', '.join(f'`{field.name}` {field.default_text}' for field in kind.fields)} |\n"
        for kind in SCHEDULES.values()
    )
    return SCHEDULES_HEAD + "".join(rows)


def initializer_table() -> str:
    """Return the table of initialisers."""
    rows = (f"| `{one.name}` | {one.text} |\n" for one in INITIALIZERS.values())
    return INITIALIZERS_HEAD + "".join(rows)


def rewritten(readme: str) -> str:
    """Return the README with its tables of what is registered as they have to be."""
    readme = _with_table(readme, KEYS_HEAD, key_table())
    composites = " ".join(f"`{call}`" for call in calls())
    row = f"| written in the language itself, and folded | {composites} |"
    readme = _with_table(readme, FUNCTIONS_HEAD, f"{FUNCTIONS_HEAD}{function_table()}\n{row}\n")
    readme = _with_table(readme, REMARKS_HEAD, remark_table())
    readme = _with_table(readme, SCHEDULES_HEAD, schedule_table())
    readme = _with_table(readme, INITIALIZERS_HEAD, initializer_table())
    for name, choices in (
        ("optimizer", ", ".join(OPTIMIZERS)),
        ("schedule", f"{', '.join(SCHEDULES)}, or a table (below)"),
    ):
        row = rf"^\| `{name}` \| [^|]* \|"
        readme, count = re.subn(row, f"| `{name}` | {choices} |", readme, flags=re.MULTILINE)
        assert count == 1, f"the README has no row for {name}"
    return readme


def _with_table(readme: str, head: str, table: str) -> str:
    before, found, behind = readme.partition(head)
    assert found, f"the README does not have: {head}"
    return before + table + behind[behind.index("\n\n") + 1 :]


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
    KINKS.parent.mkdir(exist_ok=True)
    KINKS.write_text(page(), encoding="utf-8")
