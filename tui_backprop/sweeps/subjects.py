"""What can be swept beside hyperparameters: how a parameter starts, and the options of a data set."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.lessons.beside.arrays import ArraysBeside
from tui_backprop.lessons.entries import read_parameters
from tui_backprop.lessons.errors import HyperparameterError, found
from tui_backprop.lessons.format import parse_lesson, to_array
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, specification
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.lessons.specs.hyperparameter import Hyperparameter
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.settings import NOTHING

DATA_OPTIONS: Mapping[str, Hyperparameter] = {
    spec.name: spec
    for spec in (
        Hyperparameter("noise", "float", later("deviation added to the points of the data set"), high=1e6),
        Hyperparameter("size", "int", later("samples of the data set"), low=1, high=1e7),
        Hyperparameter("data_seed", "int", later("seed of the data set"), high=2**32 - 1),
    )
}
"""Options of ``dataset = "moons"`` in [samples]."""
_KEYS = {"noise": "noise", "size": "size", "data_seed": "seed"}
"""What they are called in [samples]."""


class StartValue(Struct, frozen=True):
    """How a parameter starts, in place of what the lesson says: numbers, or an initialiser's name.

    Attributes:
        name: the parameter.
        lesson: its lesson.
    """

    name: str
    lesson: Lesson

    def parse(self, text: str) -> Any:
        """Turn typed text into a checked value; raise a HyperparameterError with what would be right."""
        value: Any = text.strip()
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(text)
        return self.check(value)

    def check(self, value: Any) -> Any:
        """Return a value: a number, an initialiser, or numbers as tuples; raise a HyperparameterError."""
        value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        if not isinstance(value, str | int | float | list | tuple) or isinstance(value, bool):
            raise HyperparameterError(
                tr(
                    "{name}: found a {type}; it must be numbers or an initialiser",
                    name=self.name,
                    type=type(value).__name__,
                )
            )
        checked: Any = _tuples(value)
        self.spec(checked)
        return checked

    def spec(self, value: Any) -> Any:
        """Return how the parameter starts then."""
        own = self.lesson.parameters[self.name]
        if isinstance(value, tuple):
            shape = to_array(_lists(value), self.name, self.lesson.sandbox).shape
            if shape != own.shape:
                raise HyperparameterError(
                    tr(
                        "{name}: found shape {found}; it must be shape {right}, or one number",
                        name=self.name,
                        found=shape_text(shape),
                        right=shape_text(own.shape),
                    )
                    if own.shape
                    else tr(
                        "{name}: found shape {found}; it must be one number",
                        name=self.name,
                        found=shape_text(shape),
                    )
                )
        table: dict[str, Any] = {"init": _lists(value)}
        if own.shape:
            table["shape"] = list(own.shape)
        if own.fan_in is not None and isinstance(value, str):
            spread = INITIALIZERS[value].spread if value in INITIALIZERS else None
            table |= {"fan_in": own.fan_in} if spread is not None else {}
        beside = ArraysBeside(self.lesson.path, self.lesson.sandbox, {})
        try:
            return read_parameters({self.name: table}, self.lesson.sandbox, beside)[self.name]
        except BackpropError as error:
            raise HyperparameterError(str(error).removeprefix("parameters.")) from None


Subject: TypeAlias = "Hyperparameter | StartValue"
"""Something that can be swept: it checks values, and reads them as they are typed."""


def subject(lesson: Lesson, name: str) -> Subject:
    """Return what a name means in a lesson: a hyperparameter, an option of its data set, or a parameter.

    Raises:
        HyperparameterError: nothing, or an option of data that are no data set.
    """
    if name in HYPERPARAMETERS:
        return specification(name)
    if name in lesson.parameters:
        return StartValue(name, lesson)
    if name in DATA_OPTIONS:
        if "dataset" not in parse_lesson(lesson.text).samples:
            raise HyperparameterError(
                tr(
                    "{name}: the samples of {lesson} are no data set",
                    name=name,
                    lesson=printable(lesson.name, 40),
                )
            )
        return DATA_OPTIONS[name]
    if hint := suggest(name, lesson.parameters, cutoff=0.8):
        raise HyperparameterError(
            tr("unknown hyperparameter or parameter {name}", name=found(name, 80)) + hint
        )
    return specification(name)


def started(lesson: Lesson, values: Mapping[str, Any], seed: int) -> Mapping[str, Array]:
    """Return what parameters are put at before the start, by name.

    Args:
        lesson: the lesson.
        values: how some of them start, as :meth:`StartValue.check` returns it.
        seed: what others are drawn from: as the lesson would draw them, were that written in it.
    """
    if not values:
        return NOTHING
    specs = {name: StartValue(name, lesson).spec(value) for name, value in values.items()}
    specs = {
        name: structs.replace(spec, trainable=lesson.parameters[name].trainable)
        for name, spec in specs.items()
    }
    other = structs.replace(lesson, parameters={**lesson.parameters, **specs}, _others={})
    before, after = lesson.start(seed), other.start(seed)
    return {name: after[name] for name in lesson.parameters if not np.array_equal(before[name], after[name])}


def with_data(lesson: Lesson, values: Mapping[str, Any]) -> Lesson:
    """Return a lesson whose data set has other options, its text included.

    Raises:
        BackpropError: its text cannot be changed so, or the lesson does not take such samples.
    """
    if not values:
        return lesson
    text = lesson.text
    for name, value in values.items():
        text = _replaced(text, _KEYS[name], value)
    wanted = {**parse_lesson(lesson.text).samples, **{_KEYS[name]: value for name, value in values.items()}}
    if parse_lesson(text).samples != wanted:
        raise BackpropError(
            tr("{names}: write [samples] with a line for each option", names=", ".join(values))
        )
    return lesson_of_text(text, lesson.path, None, sandbox=lesson.sandbox)


def _replaced(text: str, key: str, value: Any) -> str:
    """Return a lesson's text in which an option of [samples] has another value; it is checked later."""
    head = re.search(r"^[ \t]*\[samples\][^\n]*\n", text, re.MULTILINE)
    if head is None:
        return text
    end = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, head.end())
    table = text[head.end() : end.start() if end else len(text)]
    line = re.compile(rf"^[ \t]*{key}[ \t]*=[^\n]*$", re.MULTILINE)
    written = f"{key} = {value!r}"
    table = line.sub(written, table, count=1) if line.search(table) else f"{written}\n{table}"
    return text[: head.end()] + table + (text[end.start() :] if end else "")


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def _lists(value: Any) -> Any:
    return list(map(_lists, value)) if isinstance(value, tuple) else value
