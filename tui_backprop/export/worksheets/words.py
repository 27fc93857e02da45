"""What worksheets say, whatever they are written as."""

from __future__ import annotations

from tui_backprop.export.worksheets.worksheet import Item, Section, Worksheet
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.sentences import tr, tr_in


def section_title(section: Section) -> str:
    """Return what a section is called."""
    return {"forward": tr("Forward"), "backward": tr("Backward"), "update": tr("Update")}[section]


def sheet_title(sheet: Worksheet) -> str:
    """Return the title of the page."""
    return tr("Worksheet: {title}", title=sheet.title)


def key_title(sheet: Worksheet) -> str:
    """Return the title of the key."""
    return tr("Key: {title}", title=sheet.title)


def place(sheet: Worksheet) -> str:
    """Return which sheet it is, by which its key is found."""
    return tr("{lesson}, sheet {seed}", lesson=sheet.lesson, seed=sheet.seed)


def task(sheet: Worksheet) -> str:
    """Return what is to be done."""
    return tr(
        "One iteration of {lesson}, by hand. Fill in the blanks (1) to ({last}): six significant digits are "
        "enough. A gradient has the shape of what it is the gradient of.",
        lesson=sheet.lesson,
        last=len(sheet.blanks),
    )


def rate(sheet: Worksheet) -> str:
    """Return how parameters are updated."""
    return tr("Learning rate η = {rate}, plain gradient descent.", rate=number(sheet.rate))


def shape(item: Item) -> str:
    """Return what a blank's value looks like: ``a number``, ``shape (2×3)``."""
    return (
        tr("shape {shape}", shape=shape_text(item.value.shape))
        if item.value.shape
        else tr_in("blank", "a number")
    )
