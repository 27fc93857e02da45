"""What a sweep is to train: every combination of the values given, each a setting of one lesson."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import HyperparameterError, found
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.specs.hyperparameter import value_text
from tui_backprop.sweeps.subjects import DATA_OPTIONS, Subject, started, subject, with_data
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import whole_number
from tui_backprop.training.schedule import Schedule, checked

MOST_SETTINGS = 100_000
"""Settings of one sweep: each has a row."""
_OPENING, _CLOSING = "([{", ")]}"

Values: TypeAlias = "Mapping[str, Sequence[Any]]"
"""The values of each thing that is swept, in the order in which they were given."""
_LESSONS = 16
"""Lessons with other data that are kept."""


class SweepPoint(Struct, frozen=True, eq=False):
    """One setting of a sweep.

    Attributes:
        number: its place among all, from 0.
        settings: what was given, and the seed, by name.
    """

    number: int
    settings: Mapping[str, Any]


class SweepPlan(Struct, frozen=True, eq=False):
    """A sweep of one lesson.

    Attributes:
        lesson: what is trained.
        values: by hyperparameter, parameter or option of the data set its values; the last one varies
            fastest.
        iterations: updates of each training; None for what its ``iterations`` hyperparameter says.
        every: the distance of the iterations that have a row; None for the last one alone.
        base: hyperparameters that are set in every training, in place of the lesson's.
    """

    lesson: Lesson
    values: Values
    iterations: int | None = None
    every: int | None = None
    base: Mapping[str, Any] = {}
    _lessons: dict[tuple[Any, ...], Lesson] = {}

    @classmethod
    def of(
        cls,
        lesson: Lesson,
        settings: Mapping[str, Any],
        iterations: int | None = None,
        every: int | None = None,
        base: Mapping[str, Any] | None = None,
    ) -> SweepPlan:
        """Return a plan whose settings all fit the lesson.

        Args:
            lesson: what is trained.
            settings: by hyperparameter its values, or a single one; also by a parameter's name how it
                starts, and for a data set ``noise``, ``size`` and ``data_seed``.
            iterations: updates of each training.
            every: the distance of the iterations that have a row.
            base: hyperparameters that are set in every training, in place of the lesson's.

        Raises:
            BackpropError: an unknown name, a value that is refused, no value or too many settings, or a
                lesson that trains nothing.
        """
        if iterations is not None:
            iterations = whole_number("iterations", iterations)
        if not lesson.trains:
            raise BackpropError(tr("{lesson} trains nothing: there is nothing to sweep", lesson=lesson.name))
        _few(math.prod(len(given) for given in settings.values() if isinstance(given, range)))
        values = {name: _values(subject(lesson, name), given) for name, given in settings.items()}
        _few(math.prod(map(len, values.values())))
        plan = cls(lesson, values, iterations, every, base or {})
        for point in plan:
            try:
                plan.schedule(point.settings)
            except HyperparameterError:
                raise
            except BackpropError as error:
                raise BackpropError(f"{settings_text(point.settings)}: {error}") from None
        return plan

    def __len__(self) -> int:
        return math.prod(map(len, self.values.values()))

    def __iter__(self) -> Iterator[SweepPoint]:
        own_seed = {} if "seed" in self.values else {"seed": self._own("seed")}
        for number, chosen in enumerate(product(*self.values.values())):
            yield SweepPoint(number, {**dict(zip(self.values, chosen, strict=True)), **own_seed})

    @property
    def names(self) -> tuple[str, ...]:
        """What a row names: what was given, and the seed."""
        return tuple(self.values) if "seed" in self.values else (*self.values, "seed")

    def goal(self, point: SweepPoint) -> int:
        """Return the updates of a setting's training."""
        own = point.settings.get("iterations", self._own("iterations"))
        return int(own) if self.iterations is None else self.iterations

    def schedule(self, settings: Mapping[str, Any]) -> Schedule:
        """Return what a training of these settings follows from.

        A parameter that starts elsewhere is one that is moved there before the first update.

        Raises:
            BackpropError: they do not fit the lesson.
        """
        hyper = {name: value for name, value in settings.items() if name in HYPERPARAMETERS}
        lesson = self.lesson
        if len(hyper) < len(settings):
            lesson = self._with_data({n: value for n, value in settings.items() if _of_data(lesson, n)})
        set_ = lesson.hyperparameters.replace(**{**self.base, **hyper})
        starts = {n: v for n, v in settings.items() if n not in hyper and n in lesson.parameters}
        edits = started(lesson, starts, set_.seed)
        return Schedule(lesson, ((0, checked(lesson, set_, edits=edits)),))

    def _with_data(self, options: Mapping[str, Any]) -> Lesson:
        """Return the lesson with other data; those that were made last are kept."""
        key = tuple(options.items())
        if not key:
            return self.lesson
        if key not in self._lessons:
            if len(self._lessons) >= _LESSONS:
                del self._lessons[next(iter(self._lessons))]
            self._lessons[key] = with_data(self.lesson, options)
        return self._lessons[key]

    def _own(self, name: str) -> Any:
        return self.base.get(name, getattr(self.lesson.hyperparameters, name))


def _few(count: int) -> None:
    """Refuse what is too many: of ranges, such as seeds, before they are made."""
    if count > MOST_SETTINGS:
        raise BackpropError(
            tr("found {count:,} settings; a sweep has at most {most:,}", count=count, most=MOST_SETTINGS)
        )


def _of_data(lesson: Lesson, name: str) -> bool:
    return name in DATA_OPTIONS and name not in lesson.parameters and name not in HYPERPARAMETERS


def _values(of: Subject, given: Any) -> tuple[Any, ...]:
    """Return checked values, each once."""
    single = isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable)
    values = [of.check(value) for value in ([given] if single else given)]
    if not values:
        raise HyperparameterError(tr("{name}: found no value; give at least one", name=of.name))
    return tuple(dict.fromkeys(values))


def parse_values(lesson: Lesson, texts: Iterable[str], seeds: int | None = None) -> dict[str, Sequence[Any]]:
    """Read ``NAME=VALUE,VALUE,…`` as it is typed, each name once.

    Args:
        lesson: what is to be swept.
        texts: what was typed.
        seeds: how many seeds, from 0 on.

    Raises:
        HyperparameterError: what was found and what would be right.
    """
    values: dict[str, Sequence[Any]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        if not equals:
            raise HyperparameterError(
                tr(
                    "found {text}; write NAME=VALUE,VALUE, such as learning_rate=0.01,0.1",
                    text=found(text, 80),
                )
            )
        spec = subject(lesson, name.strip())
        if spec.name in values:
            raise HyperparameterError(
                tr(
                    "{name} is given twice; write all its values behind one {typed}=",
                    name=spec.name,
                    typed=name,
                )
            )
        values[spec.name] = [spec.parse(one) for one in split_values(listed)]
    if seeds is not None:
        if "seed" in values:
            raise HyperparameterError(tr("the seeds are given twice; write seed=… or their number, not both"))
        values["seed"] = range(seeds)
    return values


def split_values(text: str) -> list[str]:
    """Split a list of values at its commas; a schedule's table has some of its own."""
    return split_list(text, ",")


def split_list(text: str, separator: str) -> list[str]:
    """Split a text at each of these signs, but not at those within brackets or quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth = max(0, depth - 1)
        elif sign == separator and not depth:
            parts.append("")
            continue
        parts[-1] += sign
    return [part.strip() for part in parts]


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write settings in a line, such as ``learning_rate 0.1, seed 3``."""
    return ", ".join(f"{name} {setting_text(value)}" for name, value in settings.items())


def setting_text(value: Any) -> str:
    """Write a value as it is typed: numbers of a parameter in brackets."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(setting_text, value))}]"
    return value_text(value)
