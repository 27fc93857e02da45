"""A learning-rate schedule as a lesson, a command line or a program writes it, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Literal

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.optimizers.rate_schedules import (
    SCHEDULES,
    RateField,
    RateSchedule,
    ScheduleKind,
)
from tui_backprop.lessons.errors import HyperparameterError, found, nearest
from tui_backprop.lessons.specs.hyperparameter import Hyperparameter
from tui_backprop.text.sentences import tr

LONGEST = 400
"""Characters of a schedule that is typed."""
EXAMPLE = '{ kind = "cosine", t_max = 50 }'


class ScheduleHyperparameter(Hyperparameter, frozen=True):
    """The hyperparameter that is a schedule: a kind alone, or a table with its fields."""

    @property
    def range_text(self) -> str:
        """The values allowed, in words."""
        return tr("{choices}, or a table such as {example}", choices=", ".join(self.choices), example=EXAMPLE)

    def parse(self, text: str) -> RateSchedule:
        """Turn typed text into a schedule; raises as :meth:`check` does."""
        return self.check(text.strip())

    def check(self, value: Any) -> RateSchedule:
        """Return a schedule from its text, a table or one that was made already.

        Raises:
            HyperparameterError: what was found and what would be right.
        """
        if isinstance(value, str) and value.startswith("{"):
            value = self._table(value)
        if isinstance(value, RateSchedule):
            value = {"kind": value.kind, **dict(value.given)}
        if isinstance(value, str):
            value = {"kind": value}
        if not isinstance(value, Mapping):
            raise HyperparameterError(
                tr(
                    "{name}: found {what}; it must be {right}",
                    name=self.name,
                    what=_what(value),
                    right=self.range_text,
                )
            )
        if "kind" not in value:
            raise HyperparameterError(
                tr("{name}: the key kind is missing; write {example}", name=self.name, example=EXAMPLE)
            )
        kind = value["kind"]
        if not isinstance(kind, str) or kind not in SCHEDULES:
            hint = suggest(kind, SCHEDULES) if isinstance(kind, str) else ""
            right = hint or tr("; it must be {right}", right=self.range_text)
            raise HyperparameterError(
                tr("{name}: found {what}{hint}", name=self.name, what=_what(kind), hint=right)
            )
        given = self._fields(SCHEDULES[kind], {name: v for name, v in value.items() if name != "kind"})
        order = [field.name for field in SCHEDULES[kind].fields if field.name in given]
        return RateSchedule(kind, tuple((name, given[name]) for name in order))

    def _table(self, text: str) -> Any:
        """Read a table of TOML that is typed on one line."""
        if len(text) <= LONGEST and "\n" not in text:
            try:
                return tomllib.loads(f"table = {text}")["table"]
            except (ValueError, RecursionError):
                pass
        raise HyperparameterError(
            tr(
                "{name}: found {found}; write a table such as {example}",
                name=self.name,
                found=found(text, 80),
                example=EXAMPLE,
            )
        )

    def _fields(self, kind: ScheduleKind, table: Mapping[Any, Any]) -> dict[str, float]:
        given: dict[str, float] = {}
        for name, value in table.items():
            field = kind.field(str(name))
            if field is None:
                names = [known.name for known in kind.fields]
                hint = nearest(str(name), names)
                raise HyperparameterError(
                    tr(
                        "{where}: unknown key {key} of {kind}{hint}",
                        where=self.name,
                        key=found(str(name), 80),
                        kind=kind.name,
                        hint=hint,
                    )
                )
            if field.name in given:
                raise HyperparameterError(
                    tr("{where}: {name} is given twice", where=self.name, name=field.name)
                )
            given[field.name] = _spec(f"{self.name}.{field.name}", field).check(value)
        return given


def _what(value: object) -> str:
    return (
        found(value, 30)
        if isinstance(value, str | int | float)
        else tr("a {type}", type=type(value).__name__)
    )


def _spec(name: str, field: RateField) -> Hyperparameter:
    """Return the range of a field."""
    kind: Literal["bool", "int", "float"] = "bool" if field.truth else "int" if field.whole else "float"
    return Hyperparameter(
        name, kind, field.text,
        low=field.low, high=field.high, low_open=field.low_open, high_open=field.high_open,
    )  # fmt: skip
