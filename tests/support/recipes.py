"""The recipes of CONTRIBUTING.md, and doing to a tree of the project what they say.

A recipe is a heading "Add …" and what stands below it. A place is said in a line of its own, with the block
that belongs there behind it: ``New file `PATH`:``, ``In `PATH`, at the end:``, ``In `PATH`, above `PART OF
A LINE`:`` or ``below``; or, without a block, ``In `PATH`, `ONE` becomes `OTHER`.`` A class or a function has
two empty lines between it and its neighbour, which no block says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
_PLACE = re.compile(
    r"(?:New file `(?P<new>[^`]+)`:"
    r"|[Ii]n `(?P<path>[^`]+)`, (?:(?P<end>at the end):|(?P<side>above|below) `(?P<line>[^`]+)`:"
    r"|`(?P<one>[^`]+)` becomes `(?P<other>[^`]+)`\.))$"
)


class Edit(NamedTuple):
    """A change of one file: where, and what is put there (or in place of that)."""

    path: str
    how: str
    where: str
    text: str

    def apply(self, tree: Path) -> None:
        """Do it; what it is about must be there once."""
        path = tree / self.path
        if self.how == "new":
            assert not path.exists(), path
            path.write_text(self.text, encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        path.write_text(self._changed(before), encoding="utf-8")

    def _changed(self, before: str) -> str:
        apart = "\n\n" if self.text.startswith(("class ", "def ", "@")) else ""
        if self.how == "end":
            return before + apart + self.text
        assert before.count(self.where) == 1, (self.path, self.where, before.count(self.where))
        if self.how == "becomes":
            return before.replace(self.where, self.text)
        at = before.index(self.where)
        at = before.rindex("\n", 0, at) + 1 if self.how == "above" else before.index("\n", at) + 1
        return before[:at] + self.text + apart + before[at:]


def recipes() -> dict[str, list[Edit]]:
    """Return the edits of each recipe, by its heading without "Add"."""
    part = CONTRIBUTING.read_text(encoding="utf-8").partition("\n## Recipes\n")[2].partition("\n## ")[0]
    headed = (section.partition("\n") for section in part.split("\n### Add ")[1:])
    return {title: list(_edits(text)) for title, _, text in headed}


def _edits(text: str) -> Iterator[Edit]:
    lines = iter(text.splitlines())
    found: re.Match[str] | None = None
    for line in lines:
        if (place := _PLACE.search(line)) is not None:
            assert found is None, f"there is no block for: {found and found[0]}"
            if place["one"]:
                yield Edit(place["path"], "becomes", place["one"], place["other"])
            else:
                found = place
        elif line.startswith("```"):
            assert found is not None, f"a block that belongs nowhere: {line}"
            block = "".join(f"{one}\n" for one in iter(lambda: next(lines), "```"))
            how = "new" if found["new"] else "end" if found["end"] else found["side"]
            yield Edit(found["new"] or found["path"], how, found["line"] or "", block)
            found = None
    assert found is None, f"there is no block for: {found and found[0]}"


def product_files(edits: list[Edit]) -> set[str]:
    """Return the files of the product that a recipe touches."""
    return {edit.path for edit in edits if edit.path.startswith("tui_backprop/")}
