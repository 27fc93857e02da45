"""What an overlay may say, and its texts put in the place of the lesson's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import LessonFile, check_entries
from tui_backprop.lessons.overlays.placeholders import placeholders
from tui_backprop.lessons.toml_text.escapes import check_texts, clean
from tui_backprop.lessons.toml_text.parsing import parse_toml
from tui_backprop.text.sentences import tr


class _Entry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Texts for one entry of the lesson: the next one, or that of the number, of those at a place."""

    number: int | None = None

    @property
    def place(self) -> str:
        """Where the entry belongs; empty where its order alone says which it is."""
        return getattr(self, "at", None) or ""


class WhyTexts(_Entry, frozen=True, kw_only=True):
    """``[[why]]`` of an overlay."""

    at: str
    text: str


class SlipTexts(_Entry, frozen=True, kw_only=True):
    """``[[slip]]`` of an overlay."""

    title: str | None = None
    note: str | None = None


class TaskTexts(_Entry, frozen=True, kw_only=True):
    """``[[task]]`` of an overlay."""

    text: str | None = None


class QuestionTexts(_Entry, frozen=True, kw_only=True):
    """``[[question]]`` of an overlay."""

    at: str | None = None
    text: str | None = None
    hint: str | list[str] | None = None
    choices: list[str] | None = None
    why: str | None = None


class LessonTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole overlay; what it leaves out is said in the lesson's own language."""

    title: str | None = None
    summary: str | None = None
    why: list[WhyTexts] = []
    slip: list[SlipTexts] = []
    task: list[TaskTexts] = []
    question: list[QuestionTexts] = []


KINDS = ("why", "slip", "task", "question")
"""The tables of which a lesson has several."""


def parse_overlay(text: str) -> LessonTexts:
    """Read an overlay.

    Raises:
        LessonError: it is not TOML, or has something else than texts.
    """
    document = parse_toml(text)
    check_texts(text, document)
    overlay = convert(document, LessonTexts, "")
    for kind in KINDS:
        check_entries(kind, len(getattr(overlay, kind)))
    return overlay


def overlaid(file: LessonFile, overlay: LessonTexts) -> LessonFile:
    """Return a lesson with an overlay's texts.

    Raises:
        LessonError: the overlay does not fit the lesson.
    """
    texts: dict[str, Any] = _checked(overlay, ("title", "summary"), "")
    for kind in KINDS:
        if said := getattr(overlay, kind):
            own = getattr(file, kind, ())
            if kind == "question":
                own = [question.numbered() for question in file.question]
            texts[kind] = _entries(kind, own, said)
    return structs.replace(file, **texts)


def _entries(kind: str, own: Sequence[Any], said: Sequence[_Entry]) -> list[Any]:
    """Return a lesson's entries of a kind with their texts."""
    entries, taken, last = list(own), dict[int, int](), dict[str, int]()
    for order, entry in enumerate(said, 1):
        where = f"{kind} {order}"
        place = _place(kind, own, entry, where, last)
        if place in taken:
            raise LessonError(
                tr(
                    "{where}: {kind} {taken} is for the same one of the lesson",
                    where=where,
                    kind=kind,
                    taken=taken[place],
                )
            )
        taken[place] = order
        entries[place] = _with_texts(own[place], entry, where)
    return entries


def _place(kind: str, own: Sequence[Any], entry: _Entry, where: str, last: dict[str, int]) -> int:
    """Return which of the lesson's entries is meant: of those at its place the next, or the numbered one."""
    at = _plain(entry.place)
    places = [place for place, one in enumerate(own) if not at or _plain(one.at) == at]
    if at and not places:
        there = dict.fromkeys(one.at for one in own)
        raise LessonError(
            tr(
                "{where}: found {found}; the lesson has no [[{kind}]] there{hint}",
                where=f"{where}.at",
                found=found(entry.place, 60),
                kind=kind,
                hint=suggest(entry.place, there),
            )
        )
    number = entry.number if entry.number is not None else last.get(at, 0) + 1
    last[at] = number
    if not 1 <= number <= len(places):
        said = {
            "where": f"{where}.number" if entry.number is not None else where,
            "number": number,
            "count": len(places),
            "kind": kind,
        }
        raise LessonError(
            tr("{where}: found {number}; the lesson has {count} [[{kind}]] at {place}", place=at, **said)
            if at
            else tr("{where}: found {number}; the lesson has {count} [[{kind}]]", **said)
        )
    return places[number - 1]


def _plain(at: str) -> str:
    """Return a place without blanks, and with the arrow of ASCII."""
    return "".join(at.split()).replace("←", "<-")


def _with_texts(own: Any, entry: _Entry, where: str) -> Any:
    names = [name for name in entry.__struct_fields__ if name not in ("at", "number")]
    texts = _checked(entry, names, where)
    for name, text in texts.items():
        before = getattr(own, name)
        if isinstance(text, list):
            before = [before] if isinstance(before, str) else before or ()
            if len(text) != len(before):
                raise LessonError(
                    tr(
                        "{where}: found {count} texts; the lesson has {wanted}",
                        where=f"{where}.{name}",
                        count=len(text),
                        wanted=len(before),
                    )
                )
            for place, (one, other) in enumerate(zip(before, text, strict=True), 1):
                _check_placeholders(one, other, f"{where}.{name} {place}")
        elif where.startswith(("why", "question")):
            own_text = " ".join(before) if isinstance(before, list) else before or ""
            _check_placeholders(own_text, text, f"{where}.{name}")
    return structs.replace(own, **texts)


def _check_placeholders(before: str, text: str, where: str) -> None:
    """Refuse a text that does not show the numbers that the lesson's own shows."""
    wanted, given = placeholders(before, where), placeholders(text, where)
    for name in given.keys() - wanted.keys():
        there = (
            tr("; there are {names}", names=", ".join(wanted.values()))
            if wanted
            else tr("; it has none there")
        )
        raise LessonError(
            tr(
                "{where}: found {found}, which the lesson's own text does not have{there}",
                where=where,
                found=given[name],
                there=there,
            )
        )
    if lacking := [shown for name, shown in wanted.items() if name not in given]:
        raise LessonError(
            tr(
                "{where}: {placeholder} is missing, which the lesson's own text has",
                where=where,
                placeholder=lacking[0],
            )
        )


def _checked(entry: Struct, names: Sequence[str], where: str) -> dict[str, Any]:
    """Return the texts that are given, each on one line and plain."""
    given: Mapping[str, Any] = {name: getattr(entry, name) for name in names}
    return {
        name: (
            [clean(one, f"{where}.{name} {number}") for number, one in enumerate(value, 1)]
            if isinstance(value, list)
            else clean(value, f"{where}.{name}".lstrip("."))
        )
        for name, value in given.items()
        if value
    }
