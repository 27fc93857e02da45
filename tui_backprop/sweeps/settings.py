"""What is set otherwise in two runs, each setting with the iteration from which on it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.text.numbers import inline
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, later_in, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.schedule import Schedule

SettingKind: TypeAlias = Literal["lesson", "samples", "hyperparameter", "held", "moved"]
FREE = {"held": later_in("input", "computed"), "moved": later("not moved")}


class SettingDifference(Struct, frozen=True):
    """Something that is set otherwise.

    Attributes:
        kind: what it is: the lesson's text, its samples, a hyperparameter, a node held at a value, or a
            parameter moved by hand.
        name: the hyperparameter or the node; for the lesson the line of its text that differs first.
        here, there: how it is set in either run, in words.
        since: the first iteration at which it differs.
        idle: why a hyperparameter has no effect in either run; "" where it has one.
    """

    kind: SettingKind
    name: str
    here: str
    there: str
    since: int
    idle: str = ""

    @property
    def title(self) -> str:
        """What is set, in words."""
        if self.kind == "held":
            return tr("{name} held by hand", name=pretty_text(self.name))
        if self.kind == "moved":
            return tr("{name} moved by hand", name=pretty_text(self.name))
        if self.kind == "lesson":
            return tr("the lesson, {line}", line=self.name)
        return tr("the samples") if self.kind == "samples" else self.name

    @property
    def text(self) -> str:
        """It in a line: ``learning_rate 0.1 here, 0.01 there``."""
        values = {"setting": self.title, "here": self.here, "there": self.there}
        if self.kind == "moved":
            return tr(
                "{setting} at iteration {iteration}: {here} here, {there} there",
                iteration=self.since,
                **values,
            )
        if self.since:
            return tr(
                "{setting} from iteration {iteration} on: {here} here, {there} there",
                iteration=self.since,
                **values,
            )
        if self.kind == "hyperparameter":
            return tr("{setting} {here} here, {there} there", **values)
        return tr("{setting}: {here} here, {there} there", **values)


def setting_differences(here: Schedule, there: Schedule, last: int) -> tuple[SettingDifference, ...]:
    """Return what is set otherwise up to an iteration, that one included, in the order in which it begins."""
    found: dict[tuple[str, str], SettingDifference] = {}
    for one in (*_lessons(here, there), *_by_iteration(here, there, last)):
        found.setdefault((one.kind, one.name), one)
    return tuple(sorted(found.values(), key=lambda one: one.since))


def _lessons(here: Schedule, there: Schedule) -> Iterator[SettingDifference]:
    mine, theirs = here.lesson, there.lesson
    if mine.text != theirs.text:
        lines = zip_longest(mine.text.splitlines(), theirs.text.splitlines(), fillvalue="")
        place, texts = next(
            ((number, pair) for number, pair in enumerate(lines, 1) if pair[0].strip() != pair[1].strip()),
            (1, (mine.name, theirs.name)),
        )
        one, other = (printable(text.strip(), 60) or tr("nothing") for text in texts)
        yield SettingDifference("lesson", tr("line {number} of its file", number=place), one, other, 0)
    elif not equal_values(mine.in_type("float64").samples, theirs.in_type("float64").samples):
        yield SettingDifference("samples", "", tr("as they were read then"), tr("others"), 0)


def _by_iteration(here: Schedule, there: Schedule, last: int) -> Iterator[SettingDifference]:
    begins = {since for schedule in (here, there) for since, _ in schedule.upto(last)}
    for since in sorted(begins):
        mine, theirs = here.at(since), there.at(since)
        one, other = mine.hyperparameters, theirs.hyperparameters
        for name in (*HYPERPARAMETERS, "backend"):
            if getattr(one, name) != getattr(other, name):
                idle = one.why_unused(name) and other.why_unused(name)
                if name == "iterations" and not (one.schedule.varies or other.schedule.varies):
                    idle = tr("iterations is where a run stops, and nothing else")
                texts = one.text_of(name), other.text_of(name)
                yield SettingDifference("hyperparameter", name, *texts, since, idle)
        yield from _put_in("held", mine.overrides, theirs.overrides, since)
        yield from _put_in("moved", here.edits(since), there.edits(since), since)


def _put_in(
    kind: Literal["held", "moved"], mine: Mapping[str, Array], theirs: Mapping[str, Array], since: int
) -> Iterator[SettingDifference]:
    for name in dict.fromkeys((*mine, *theirs)):
        values = mine.get(name), theirs.get(name)
        if values[0] is None or values[1] is None or not equal_arrays(values[0], values[1]):
            texts = (
                tr(FREE[kind]) if value is None else tr("at {value}", value=inline(value)) for value in values
            )
            if kind == "moved":
                texts = (
                    tr(FREE[kind]) if value is None else tr("to {value}", value=inline(value))
                    for value in values
                )
            one, other = texts
            yield SettingDifference(kind, name, one, other, since)


def equal_arrays(one: Array, other: Array) -> bool:
    """Tell whether two arrays have the same shape and numbers; NaN is the same as NaN."""
    return bool(np.array_equal(one, other, equal_nan=True))


def equal_values(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    """Tell whether the same names have the same values."""
    return one.keys() == other.keys() and all(equal_arrays(one[name], other[name]) for name in one)
