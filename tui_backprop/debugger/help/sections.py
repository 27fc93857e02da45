"""What help has besides the commands: sections, a row each, and what belongs to a place of the screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from tui_backprop.debugger.help.glossary import ENTRIES, Entry
from tui_backprop.exercises.words.quiz import POINTS
from tui_backprop.explain import kinks
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS


class Section(Struct, frozen=True):
    """A part of help: a title, a text, lines of a word and what is said of it; the topic of plain help."""

    title: str
    text: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    topic: str = ""


SECTIONS: tuple[Section, ...] = (
    Section(
        "What a step is",
        "One record: first each value forward, in the formula's order; then each chain-rule factor backward, "
        "upstream gradient times local derivative; then the update of each parameter. "
        "An iteration is one update of the parameters, an epoch one pass over the samples.",
        topic="steps",
    ),
    Section(
        "Signs",
        "∂L/∂w is the gradient of the loss L in w. ⊙ multiplies element by element, @ is the matrix product, "
        "Xᵀ the transpose. ✓ done, ▶ current, · to come; ▸ several records folded into one line, ▾ unfolded. "
        "(2×3) is a shape.",
        topic="signs",
    ),
    Section("Quiz", POINTS),
    Section(
        "Each hyperparameter",
        lines=tuple(
            (name, f"{one.help}: {one.range_text}; {one.applies}.") for name, one in HYPERPARAMETERS.items()
        ),
    ),
    Section(
        "Remarks",
        "A line that begins with remark names what is legal in the lesson but almost surely not meant, with "
        "its cure: when the lesson opens, in the model panel, and at the record. "
        'quiet = ["KIND"] in the lesson silences a kind.',
        topic="remarks",
    ),
    Section(
        "Health of layers",
        "A layer is a parameter with rows and columns, or each part of one that is cut along its first axis.",
        (
            ("gradient", "the length √Σg² of its gradient, of this batch."),
            ("step", "log10 of update over weight, by their lengths: −3 is a thousandth and usual."),
            (
                "saturated",
                "the share of what sigmoid or tanh gives behind it where their slope is next to 0.",
            ),
            ("dead", "the share of relu units behind it that are 0 for every sample."),
            (
                "alarms",
                "break alarm stops a run at the first, break NAME at one: "
                "data, dead, saturated, vanishing, exploding, diverging, overfitting, stuck.",
            ),
        ),
        topic="layers",
    ),
    Section(
        "The clipboard",
        "What is copied is sent to the terminal's clipboard by OSC 52. GNU screen and Apple's Terminal do "
        "not take that, and tmux only with set -g set-clipboard on: there select with the mouse, or print a "
        "record with tui-backprop explain.",
        topic="clipboard",
    ),
    Section(kinks.TITLE, kinks.about(), kinks.entries(), topic="kinks"),
)
"""The sections that both faces have, in order; the glossary comes behind them."""
TOPICS = tuple(section.topic for section in SECTIONS if section.topic)
"""What may stand behind ``help`` for a section that no command has."""
PLACES = {
    "chain": "The chain rule",
    "chart": "The loss chart",
    "graph": "The graph",
    "model": "The model",
    "parameters": "The parameters",
    "hyperparameters": "The hyperparameters",
    "examine": "Examining an element",
    "check": "The gradient check",
    "program": "The program",
    "homework": "Homework",
    "quiz": "The quiz",
}
"""The places of the screen that words belong to, and their titles."""


def glossary(entries: Sequence[Entry] = ENTRIES, title: str = "Glossary") -> Section:
    """Return entries as a section."""
    return Section(title, lines=tuple((entry.term, entry.text) for entry in entries))


def of_place(place: str, labels: Collection[str] = ()) -> Section | None:
    """Return what the words of a place mean; None of a place that has none.

    Args:
        place: its name.
        labels: the labels that it shows now, where that is known: what is not there need not be explained.
    """
    entries = [entry for entry in ENTRIES if place in entry.at]
    if seen := [entry for entry in entries if not set(labels).isdisjoint(entry.words)]:
        entries = seen
    return glossary(entries, f"{PLACES[place]}: its words") if entries else None


def find_hyperparameter(word: str) -> Section | None:
    """Return what is said of a hyperparameter, by its name or by what it is called elsewhere."""
    wanted = word.strip().lower().replace(" ", "_")
    others = (name for name, one in HYPERPARAMETERS.items() if wanted in one.others.split())
    name = wanted if wanted in HYPERPARAMETERS else next(others, None)
    lines = tuple(line for section in SECTIONS for line in section.lines if line[0] == name)
    return Section("Hyperparameter", lines=lines) if lines else None


def find_section(title: str) -> Section | None:
    """Return the section of a topic, of a title, or of the beginning of one."""
    wanted = title.strip().lower()
    known = (*SECTIONS, glossary())
    return next(
        (one for one in known if wanted and (wanted == one.topic or one.title.lower().startswith(wanted))),
        None,
    )
