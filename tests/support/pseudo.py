"""A language that doubles every vowel: what is not said through ``tr`` stands out on the screen.

It is another language as users would add one: a folder of a catalogue, no code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from rich.cells import cell_len

from tests.support.catalogues import SOURCES, languages, packages, read, told
from tests.support.pilot import Session
from tui_backprop.debugger.commands import COMMANDS
from tui_backprop.engine.ops.registry import CALLED, UNWRITTEN
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.export.targets.registry import TARGETS
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.network.dials import PRESETS
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.pictures.registry import KINDS
from tui_backprop.text.language.choice import CATALOGUE
from tui_backprop.tui.app import BackpropApp

CODE = "xx"
_FIELD = re.compile(r"(\{\{|\}\}|\{[^{}]*\})")
_VOWELS = re.compile(r"[aeiouyAEIOUY]")
_RUNS = re.compile(r"(a+|e+|i+|o+|u+|y+)", re.IGNORECASE)
_WORD = re.compile(r"(?<![A-Za-z\u2800-\u28ff])[A-Za-z]{4,}(?![A-Za-z\u2800-\u28ff])[^\s\w]?")
"""A word, and the sign behind it; not what a curve goes through."""


def doubled(sentence: str) -> str:
    """Return a sentence with every vowel twice, but for those of its fields."""
    pieces = _FIELD.split(sentence)
    return "".join(
        piece if _FIELD.fullmatch(piece) else _VOWELS.sub(lambda vowel: vowel[0] * 2, piece)
        for piece in pieces
    )


def write_language(data: Path) -> str:
    """Write the language into a user's data folder, with what Korean has a sentence for; return its code."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    korean = next(folder for folder in languages() if folder.name == "ko")
    for path in sorted(korean.glob("*.po")):
        for message in told(read(korean, path.stem)):
            plural = isinstance(message.id, tuple)
            said = tuple(map(doubled, message.id)) if plural else doubled(message.id)
            catalogue.add(message.id, said, context=message.context)
    compiled = data / "tui-backprop" / "locale" / CODE / CATALOGUE
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalogue)
    return CODE


def unsaid(text: str, names: Collection[str]) -> Iterator[str]:
    """Yield the words of a screen that have a vowel once, and are none of the names."""
    for match in _WORD.finditer(text):
        word = match[0] if match[0][-1].isalpha() else match[0][:-1]
        runs = list(_RUNS.finditer(word))
        if match[0].endswith(("…", "~")) and runs and runs[-1].end() == len(word):
            runs.pop()  # it may have been cut between two
        if word not in names and any(len(run[0]) % 2 for run in runs):
            yield word


def in_place(session: Session) -> None:
    """Hold that every row is as wide as the screen, and that the status is there, below all but the keys."""
    width, height = session.app.size
    assert [cell_len(line) for line in session.lines] == [width] * height
    status = session.app.main.query_one("#status").region
    assert (status.width, status.height) == (width, 1)
    assert height - 2 <= status.y < height


def names(app: BackpropApp) -> set[str]:
    """Return the words that stay as they are in any language: names, commands, functions, themes."""
    found = {*HYPERPARAMETERS, *OPTIMIZERS, *INITIALIZERS, *KINDS, *BUILTIN, *TARGETS, *SCHEDULES, *PRESETS}
    found |= {
        *CALLED,
        *(op.name for op in UNWRITTEN),
        *(word for one in SCHEDULES.values() for word in one.takes),
    }
    found |= {
        *app.available_themes,
        "tui-backprop",
        "numpy",
        "NumPy",
        "native",
        "toml",
        "None",
        "none",
        "auto",
    }
    found |= {word for command in COMMANDS for word in (*command.words, command.example)}
    return {word for name in found for word in re.findall("[A-Za-z]+", name)}


def words_to_come() -> set[str]:
    """Return the words in the code of packages that have no catalogue yet."""
    korean = next(folder for folder in languages() if folder.name == "ko")
    found: set[str] = set()
    for package in packages():
        if not (korean / f"{package}.po").exists():
            for path in (SOURCES / package).rglob("*.py"):
                found.update(re.findall("[A-Za-z]+", path.read_text(encoding="utf-8")))
    return found


KEYS = frozenset({"space", "Ctrl", "Enter", "Shift", "Delete", "Home", "PgUp", "PgDn"})
"""Keys as footers write them."""
LESSON = """
format = 1
title = "kk"
summary = "k"
formula = '''
z = X @ w + b
p = sigmoid(z)
L = mean((y - p)**2)
'''
loss = "L"

[samples]
X = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
y = [1.0, 0.0, 1.0]

[parameters]
w = [0.0, 0.0]
b = 0.0

[hyperparameters]
learning_rate = 0.1
iterations = 1000
optimizer = "sgd"
batch_size = "all"
"""
"""A lesson whose own texts are no words of any language."""
