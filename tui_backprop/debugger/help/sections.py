"""What help has besides the commands: sections, a row each, and what belongs to a place of the screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

from msgspec import Struct

from tui_backprop.debugger.help.entry import Entry
from tui_backprop.debugger.help.field import FIELD
from tui_backprop.debugger.help.glossary import ENTRIES
from tui_backprop.exercises.words.quiz import POINTS
from tui_backprop.explain import kinks
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.text.sentences import ENGLISH, later, spoken, tr


class Section(Struct, frozen=True):
    """A part of help in the language that is spoken: a title, a text, lines of a word and what is said of it.

    Attributes:
        title: its title.
        text: its text.
        lines: its lines.
        topic: what plain help knows it by.
        name: its title in English, by which it can be found as well.
    """

    title: str
    text: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    topic: str = ""
    name: str = ""


class _Kept(Struct, frozen=True):
    """A section as it stands here; all is said by ``tr``."""

    title: str
    text: str
    lines: tuple[tuple[str, str], ...] = ()
    topic: str = ""

    @property
    def said(self) -> Section:
        """The section in the language that is spoken."""
        lines = tuple((tr(word), tr(text)) for word, text in self.lines)
        return Section(tr(self.title), tr(self.text), lines, self.topic, self.title)


_EACH, _GLOSSARY = later("Each hyperparameter"), later("Glossary")
_BEFORE = (
    _Kept(
        later("What a step is"),
        later(
            "One record: first each value forward, in the formula's order; then each chain-rule factor "
            "backward, upstream gradient times local derivative; then the update of each parameter. An "
            "iteration is one update of the parameters, an epoch one pass over the samples."
        ),
        topic="steps",
    ),
    _Kept(
        later("Signs"),
        later(
            "∂L/∂w is the gradient of the loss L in w. ⊙ multiplies element by element, @ is the matrix "
            "product, Xᵀ the transpose. ✓ done, ▶ current, · to come; ▸ several records folded into one "
            "line, ▾ unfolded. (2×3) is a shape."
        ),
        topic="signs",
    ),
    _Kept(later("Quiz"), POINTS),
)
_BEHIND = (
    _Kept(
        later("Remarks"),
        later(
            "A line that begins with remark names what is legal in the lesson but almost surely not meant, "
            "with "
            'its cure: when the lesson opens, in the model panel, and at the record. quiet = ["KIND"] in the '
            "lesson silences a kind."
        ),
        topic="remarks",
    ),
    _Kept(
        later("Health of layers"),
        later(
            "A layer is a parameter with rows and columns, or each part of one that is cut along its first "
            "axis."
        ),
        (
            (later("gradient"), later("the length √Σg² of its gradient, of this batch.")),
            (
                later("step"),
                later("log10 of update over weight, by their lengths: −3 is a thousandth and usual."),
            ),
            (
                later("saturated"),
                later("the share of what sigmoid or tanh gives behind it where their slope is next to 0."),
            ),
            (later("dead"), later("the share of relu units behind it that are 0 for every sample.")),
            (
                later("alarms"),
                later(
                    "break alarm stops a run at the first, break NAME at one: data, dead, saturated, "
                    "vanishing, exploding, diverging, overfitting, stuck."
                ),
            ),
        ),
        topic="layers",
    ),
    _Kept(
        later("The clipboard"),
        later(
            "What is copied is sent to the terminal's clipboard by OSC 52. GNU screen and Apple's Terminal "
            "do not take that, and tmux only with set -g set-clipboard on: there select with the mouse, or "
            "print a record with tui-backprop explain."
        ),
        topic="clipboard",
    ),
)


def sections() -> tuple[Section, ...]:
    """Return the sections that both faces have, in order; the glossary comes behind them."""
    numbers = tuple(
        (name, f"{tr(one.help)}: {one.range_text}; {one.applies}.") for name, one in HYPERPARAMETERS.items()
    )
    hyperparameters = Section(tr(_EACH), lines=numbers, name=_EACH)
    about = Section(tr(kinks.TITLE), kinks.about(), kinks.entries(), "kinks", kinks.TITLE)
    said = (one.said for one in _BEFORE), (hyperparameters,), (one.said for one in _BEHIND), (about,)
    return (*chain.from_iterable(said), *_field())


def topics() -> tuple[str, ...]:
    """Return what may stand behind ``help`` for a section that no command has."""
    return tuple(section.topic for section in sections() if section.topic)


def _field() -> tuple[Section, ...]:
    """Return the field's terms beside the English ones, where another language is spoken."""
    if spoken() == ENGLISH:
        return ()
    title = later("Terms of the field, and their English names")
    return (Section(tr(title), lines=tuple((tr(term), term) for term in FIELD), topic="terms", name=title),)


PLACES = {
    "chain": later("The chain rule"),
    "chart": later("The loss chart"),
    "graph": later("The graph"),
    "model": later("The model"),
    "parameters": later("The parameters"),
    "hyperparameters": later("The hyperparameters"),
    "examine": later("Examining an element"),
    "check": later("The gradient check"),
    "program": later("The program"),
    "homework": later("Homework"),
    "quiz": later("The quiz"),
}
"""The places of the screen that words belong to, and their titles, which are said by ``tr``."""


def glossary(entries: Sequence[Entry] = ENTRIES, title: str = "") -> Section:
    """Return entries as a section."""
    lines = tuple(entry.line for entry in entries)
    return Section(title or tr(_GLOSSARY), lines=lines, name=title or _GLOSSARY)


def of_place(place: str, labels: Collection[str] = ()) -> Section | None:
    """Return what the words of a place mean; None of a place that has none.

    Args:
        place: its name.
        labels: the labels that it shows now, where that is known: what is not there need not be explained.
    """
    entries = [entry for entry in ENTRIES if place in entry.at]
    if seen := [entry for entry in entries if not set(labels).isdisjoint(entry.words)]:
        entries = seen
    return glossary(entries, tr("{place}: its words", place=tr(PLACES[place]))) if entries else None


def find_hyperparameter(word: str) -> Section | None:
    """Return what is said of a hyperparameter, by its name or by what it is called elsewhere."""
    wanted = word.strip().lower().replace(" ", "_")
    others = (name for name, one in HYPERPARAMETERS.items() if wanted in one.others.split())
    name = wanted if wanted in HYPERPARAMETERS else next(others, None)
    lines = tuple(line for section in sections() for line in section.lines if line[0] == name)
    return Section(tr("Hyperparameter"), lines=lines) if lines else None


def find_section(title: str) -> Section | None:
    """Return the section of a topic, of a title, or of the beginning of one."""
    wanted = title.strip().lower()
    if not wanted:
        return None
    for one in (*sections(), glossary()):
        if wanted == one.topic or any(name.lower().startswith(wanted) for name in (one.title, one.name)):
            return one
    return None
