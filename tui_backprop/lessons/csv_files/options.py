"""What [samples] says about a CSV file besides the columns to use."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.sentences import tr

SEPARATORS = {",": ",", ";": ";", "tab": "\t", "\t": "\t", "|": "|", "space": " ", " ": " "}
"""The separators by how they are written."""
SHOWN = {",": '","', ";": '";"', "\t": "tab", "|": '"|"', " ": "space"}
ClassList = list[str]


class CsvOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of ``[samples]`` beside ``csv``; what is not given is looked for in the file.

    Attributes:
        separator: "," ";" "tab" "|" or "space".
        decimal: the decimal sign.
        header: whether a line has the columns' names.
        columns: the columns' names, in place of those of a header.
        classes: which entries are classes: one name, several, or by name "numbers", "one_hot" or the
            classes in their order.
        missing: what becomes of cells without a value.
        standardize: entries from which the mean is taken, and which are divided by the standard deviation;
            true for all that are lists of columns.
    """

    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    header: bool | None = None
    columns: list[str] | None = None
    classes: str | list[str] | dict[str, str | list[str]] = []
    missing: Literal["refuse", "drop", "mean"] = "refuse"
    standardize: bool | str | list[str] = False

    @property
    def between(self) -> str | None:
        """The separator's character; None where it is looked for.

        Raises:
            LessonError: it is none that is known.
        """
        if self.separator is None:
            return None
        if self.separator not in SEPARATORS:
            right = (
                ", ".join(dict.fromkeys(SHOWN.values())).replace("tab", '"tab"').replace("space", '"space"')
            )
            raise LessonError(
                tr(
                    "samples.separator: found {found}; it must be one of {right}",
                    found=found(self.separator),
                    right=right,
                )
            )
        return SEPARATORS[self.separator]

    @property
    def class_entries(self) -> dict[str, str | ClassList]:
        """The entries that are classes, with "numbers", "one_hot" or the classes in their order."""
        if isinstance(self.classes, dict):
            for name, how in self.classes.items():
                if isinstance(how, str) and how not in ("numbers", "one_hot"):
                    raise LessonError(
                        tr(
                            'samples.classes.{name}: found {found}; it must be "numbers", "one_hot" or a '
                            "list of the classes",
                            name=name,
                            found=found(how),
                        )
                    )
            return dict(self.classes)
        names = [self.classes] if isinstance(self.classes, str) else self.classes
        return dict.fromkeys(names, "numbers")
