"""The tables of a lesson file that hold what a teacher says and asks, as typed structs."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, structs

MAX_SEED = 2**32 - 1  # as NumPy's generators have it, and the hyperparameter
Ask: TypeAlias = Literal["value", "formula", "shape", "sign", "choice"]
"""In what form a question is answered."""
Of: TypeAlias = Literal["local", "upstream", "downstream", "gradient", "value", "after"]
"""What of a place is asked for; ``after`` is a parameter behind its update."""


class WhyTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[why]]``: a note at an edge of the graph."""

    at: str
    text: str
    when: str | None = None


class SlipTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[slip]]``: a mistake made by hand, as gradients or as another line of the formula."""

    title: str
    gradient: dict[str, str] = {}
    formula: dict[str, str] = {}
    note: str = ""


class TaskTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[task]]``: something to reach, in the breakpoints' language, at a place, or by an act."""

    goal: str
    text: str = ""
    name: str = ""


class QuestionTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[question]]``: something to answer at a place of the graph."""

    at: str
    ask: Ask
    of: Of | None = None
    text: str = ""
    name: str = ""
    points: Annotated[float, Meta(ge=0, le=1000)] = 1.0
    tolerance: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    hint: str | list[str] = []
    choices: list[str] = []
    answer: str | int | None = None
    why: str = ""

    def numbered(self) -> QuestionTable:
        """Return it with the right choice by its number, which stays when choices are said otherwise."""
        flat = [" ".join(choice.split()) for choice in self.choices]
        answer = " ".join(self.answer.split()) if isinstance(self.answer, str) else ""
        if self.ask != "choice" or flat.count(answer) != 1:
            return self
        return structs.replace(self, answer=flat.index(answer) + 1)


class DrawnTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``drawn = { seed = 7, values = { "data.x" = 3 } }``: what was drawn; the program writes it in front.

    ``start`` takes the place of the seed in ``[random]``.
    """

    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)]
    whole: bool = False
    start: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None
    values: dict[str, Any] = {}


class DrawRule(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of ``[draw]``: from what numbers one array of the lesson is drawn."""

    integers: tuple[int, int] | None = None
    uniform: tuple[float, float] | None = None
    choices: list[float] | None = None
    nonzero: bool = False
    decimals: Annotated[int, Meta(ge=0, le=9)] | None = None
