"""From what numbers each array of a lesson is drawn: as ``[draw]`` says, or by what the array looks like.

Draws come from SHA-256 of seed, name and place, not from a library's generator: the same seed gives the same
numbers on every machine and with every version of NumPy, and another entry in the file changes no other draw.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.autodiff.graph import Graph, reaches
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import LessonFile
from tui_backprop.lessons.specs.teaching import DrawRule
from tui_backprop.text.sentences import tr

MOST_NUMBERS = 200
"""Numbers of one parameter that are drawn without being asked for; a larger one stays."""
MOST_LISTED = 60
"""The same of data and samples: a longer table is of something, and would be of nothing."""
MOST_ASKED = 10_000
"""Numbers of one array that ``[draw]`` may ask for."""
_LARGEST = 10**9
_BOUNDED = ("sigmoid", "softmax", "bce", "bce_with_logits", "cross_entropy", "log", "nll")
"""Operations beside which a number 0 or 1 is a target or a probability."""


class Drawing(Struct, frozen=True):
    """How one array is drawn.

    Attributes:
        low, high: whole numbers, both included.
        unit: what they are multiplied by: 1, 0.1, 0.01.
        nonzero: whether 0 is left out.
        choices: the numbers themselves, where they are listed.
        shuffled: whether the array's own rows are put into another order instead.
    """

    low: int = 0
    high: int = 0
    decimals: int = 0
    nonzero: bool = False
    choices: tuple[float, ...] = ()
    shuffled: bool = False

    def numbers(self, source: DrawSource, value: Array) -> Any:
        """Return the drawn numbers in a value's shape, as lists that a lesson file may have."""
        if self.shuffled:
            return _plain(value[source.order(len(value))].tolist())
        drawn = [self._one(source, place) for place in range(size_of(value.shape))]
        return _plain(np.array(drawn, dtype=np.float64).reshape(value.shape).tolist())

    def _one(self, source: DrawSource, place: int) -> float:
        if self.choices:
            return self.choices[source.below(len(self.choices), place)]
        skips = self.nonzero and self.low <= 0 <= self.high
        number = self.low + source.below(self.high - self.low + (not skips), place)
        number += skips and number >= 0
        return float(number / 10**self.decimals)  # of integers, so that 0.3 is the double next to 3/10


class DrawSource:
    """Random numbers of one array.

    Args:
        seed: the student's.
        attempt: the how-manieth draw of the lesson it is.
        name: table and name of the array.
    """

    def __init__(self, seed: int, attempt: int, name: str) -> None:
        self._key = f"{seed} {attempt} {name}"

    def below(self, count: int, place: int) -> int:
        """Return a whole number from 0 to ``count`` − 1; 256 bits make all of them as likely."""
        digest = hashlib.sha256(f"{self._key} {place}".encode()).digest()
        return int.from_bytes(digest, "big") % count

    def order(self, count: int) -> list[int]:
        """Return the numbers from 0 to ``count`` − 1 in an order."""
        places = list(range(count))
        for place in range(count - 1, 0, -1):
            other = self.below(place + 1, place)
            places[place], places[other] = places[other], places[place]
        return places


def _plain(value: Any) -> Any:
    """Write whole numbers as such, in lists too."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if float(value).is_integer() else value


# ---------------------------------------------------------------------- as the lesson says


def draw_rules(file: LessonFile) -> dict[str, DrawRule]:
    """Return the entries of ``[draw]`` by name; refuse those that draw nothing.

    Raises:
        LessonError: naming entry and field.
    """
    rules: dict[str, DrawRule] = {}
    for name, table in file.draw.items():
        where = f"draw.{name}"
        rule = rules[name] = convert(table, DrawRule, where)
        given = [key for key in ("integers", "uniform", "choices") if getattr(rule, key) is not None]
        if len(given) != 1:
            raise LessonError(tr("{field}: give integers, uniform or choices, one of the three", field=where))
        _known_entry(file, name, where)
        _as_told(rule, where)
    return rules


def _known_entry(file: LessonFile, name: str, where: str) -> None:
    tables = {"data": file.data, "samples": file.samples, "parameters": file.parameters}
    for table, entries in tables.items():
        if name not in entries:
            continue
        value = entries[name]
        if table != "parameters" and not _are_numbers(value):
            raise LessonError(
                tr("{field}: the numbers of {entry} are made of others; draw numbers that the file lists",
                   field=where, entry=f"{table}.{name}")
            )  # fmt: skip
        return
    known = [one for entries in tables.values() for one in entries]
    raise LessonError(
        tr("{field}: there is no such entry in [data], [samples] or [parameters]{hint}",
           field=where, hint=suggest(name, known))
    )  # fmt: skip


def _are_numbers(value: Any) -> bool:
    """Tell whether an entry lists its numbers; others are made, or are the names of columns."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, int | float)


def _as_told(rule: DrawRule, where: str) -> Drawing:
    """Return how an entry of ``[draw]`` is drawn.

    Raises:
        LessonError: its numbers are no range, or only 0 is left.
    """
    decimals = rule.decimals if rule.decimals is not None else 0 if rule.integers else 2
    if rule.choices is not None:
        return _of_choices(rule, rule.choices, where)
    field, (first, last) = (
        ("integers", rule.integers) if rule.integers else ("uniform", rule.uniform or (0, 0))
    )
    if rule.integers and decimals:
        raise LessonError(tr("{field}: found decimals, which go with uniform", field=f"{where}.decimals"))
    if not all(math.isfinite(end) and abs(end) <= _LARGEST for end in (first, last)) or first >= last:
        raise LessonError(
            tr("{field}: found {found}; write the least and the greatest number, such as [-3, 3]",
               field=f"{where}.{field}", found=found([first, last]))
        )  # fmt: skip
    unit = 10**decimals
    low, high = math.ceil(first * unit - 1e-9), math.floor(last * unit + 1e-9)
    if low > high or (rule.nonzero and low == high == 0):
        raise LessonError(
            tr("{field}: between {low} and {high} there is no number with so many decimals",
               field=f"{where}.{field}", low=first, high=last)
        )  # fmt: skip
    return Drawing(low, high, decimals, rule.nonzero)


def _of_choices(rule: DrawRule, choices: Sequence[float], where: str) -> Drawing:
    kept = tuple(float(one) for one in choices if one or not rule.nonzero)
    if not kept or len(kept) > MOST_ASKED or not all(map(math.isfinite, kept)):
        raise LessonError(
            tr("{field}: found {found}; list the numbers to choose from", field=f"{where}.choices",
               found=found(list(choices)))
        )  # fmt: skip
    return Drawing(choices=kept)


def told(file: LessonFile, starts: Mapping[str, Array]) -> dict[str, Drawing]:
    """Return how the entries of ``[draw]`` are drawn, by table and name."""
    found: dict[str, Drawing] = {}
    for name, rule in draw_rules(file).items():
        entry = entry_of(file, name)
        size = value_of(file, starts, entry).size
        if size > MOST_ASKED:
            raise LessonError(
                tr("{field}: {count} numbers; at most {most} are drawn",
                   field=f"draw.{name}", count=f"{size:,}", most=f"{MOST_ASKED:,}")
            )  # fmt: skip
        found[entry] = _as_told(rule, f"draw.{name}")
    return found


# ---------------------------------------------------------------------- by what it looks like


def looked_up(
    graph: Graph, file: LessonFile, starts: Mapping[str, Array], *, whole: bool, tame: bool = False
) -> dict[str, Drawing]:
    """Return how each array is drawn that the file lists, by table and name; counts and places stay.

    Args:
        graph: the lesson's graph.
        file: its file.
        starts: what parameters start with; zeros where that is a rule.
        whole: whether all are drawn from small whole numbers.
        tame: whether from the smallest.
    """
    reaching = reaches(graph.nodes, graph.loss)
    places = _in_places(graph)
    lengths = {length for node in graph.given for length in node.shape}
    bounded = any(node.op is not None and node.op.name in _BOUNDED for node in graph.nodes)
    found: dict[str, Drawing] = {}
    for node in graph.given:
        entry = _listed(file, node.name)
        if entry is None or not reaching[node.index]:
            continue
        value = value_of(file, starts, entry)
        parameter = entry.startswith("parameters.")
        if value.size > (MOST_NUMBERS if parameter else MOST_LISTED):
            continue
        if parameter:
            drawing = _parameter(value, whole=whole)
            found[entry] = Drawing(-2, 2, nonzero=True) if whole and tame else _tamed(drawing, tame)
            continue
        counts = not value.shape and float(value) in lengths
        if places[node.index] or counts:
            if value.ndim and len(value) > 1:
                found[entry] = Drawing(shuffled=True)
            continue
        found[entry] = _tamed(_alike(value, whole=whole, bounded=bounded), tame)
    return found


def _tamed(drawing: Drawing, tame: bool) -> Drawing:
    """Return the same nearer to zero."""
    if not tame or drawing.shuffled:
        return drawing
    most = 2 * 10**drawing.decimals
    return structs.replace(drawing, low=max(drawing.low, -most), high=min(drawing.high, most))


def _listed(file: LessonFile, name: str) -> str | None:
    """Return table and name of an entry whose numbers stand in the file; a parameter may have a rule."""
    if name in file.parameters:
        value = file.parameters[name]
        return None if isinstance(value, Mapping) and "file" in value else f"parameters.{name}"
    if name in file.data:
        return f"data.{name}" if _are_numbers(file.data[name]) else None
    return f"samples.{name}" if _are_numbers(file.samples.get(name)) else None


def _parameter(value: Array, *, whole: bool) -> Drawing:
    if not np.any(value):  # a rule, or a start at zero, which teaches little
        return Drawing(-3, 3, nonzero=True) if whole else Drawing(-10, 10, 1, nonzero=True)
    return _alike(value, whole=whole, bounded=False)


def _alike(value: Array, *, whole: bool, bounded: bool) -> Drawing:
    """Return what draws numbers of the same kind: signs, size and decimals are kept, classes are shuffled."""
    kinds = set(np.unique(value).tolist())
    if kinds <= {0.0, 1.0} and (value.size > 1 or bounded):
        return Drawing(shuffled=True) if value.ndim and len(value) > 1 else Drawing(0, 1)
    if kinds <= {-1.0, 1.0} and value.size > 1:
        return Drawing(shuffled=True)
    positive, least = bool(np.all(value > 0)), bool(np.all(value >= 0))
    decimals = 0 if whole else _decimals(value)
    if not decimals:
        high = 6 if value.size > 1 else 9
        return Drawing(1 if positive else 0, high) if least else Drawing(-4, 4, nonzero=True)
    unit = 10**decimals
    most = max(2, math.ceil(float(np.max(np.abs(value))) * unit))
    if most > 100 * unit:
        most = 100 * unit
    return Drawing(1, most, decimals) if least else Drawing(-most, most, decimals, nonzero=True)


def _decimals(value: Array) -> int:
    """Return how many decimals its numbers have, two at most."""
    return next((n for n in (0, 1) if np.allclose(value, np.round(value, n), rtol=0, atol=1e-9)), 2)


def _in_places(graph: Graph) -> list[bool]:
    """Tell for each node whether a place of an array is made of it, which is no quantity."""
    found = [False] * len(graph.nodes)
    for node in reversed(graph.nodes):
        for place, operand in enumerate(node.operands):
            is_place = (
                node.op is not None and not node.op.elementwise and place > 0 and node.op.is_blind(place)
            )
            found[operand.index] |= found[node.index] or is_place
    return found


# ---------------------------------------------------------------------- the lesson's entries


def entry_of(file: LessonFile, name: str) -> str:
    """Return table and name of an entry of the file."""
    tables = {"data": file.data, "samples": file.samples, "parameters": file.parameters}
    return next(f"{table}.{name}" for table, entries in tables.items() if name in entries)


def value_of(file: LessonFile, starts: Mapping[str, Array], entry: str) -> Array:
    """Return an array as the file lists it, samples that are held back included; a parameter's start."""
    table, _, name = entry.partition(".")
    if table == "parameters":
        return starts[unicodedata.normalize("NFKC", name)]
    return np.array((file.data if table == "data" else file.samples)[name], dtype=np.float64)


def with_drawn(file: LessonFile) -> LessonFile:
    """Return a lesson file with the numbers that stand in its ``drawn``, in place of those in its tables.

    Raises:
        LessonError: it names an entry that the file does not have.
    """
    drawn = file.drawn
    if drawn is None:
        return file
    tables = {"data": dict(file.data), "samples": dict(file.samples), "parameters": dict(file.parameters)}
    for entry, value in drawn.values.items():
        table, _, name = entry.partition(".")
        if name not in tables.get(table, ()):
            raise LessonError(tr("drawn: there is no entry {entry}", entry=entry))
        old = tables[table][name]
        kept = isinstance(old, dict) and "trainable" in old
        tables[table][name] = {"value": value, "trainable": old["trainable"]} if kept else value
    random = file.random if drawn.start is None else structs.replace(file.random, seed=drawn.start)
    return structs.replace(file, **tables, random=random)
