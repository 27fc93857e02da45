"""One hyperparameter: its range in words, and what is typed for it as a checked value."""

from __future__ import annotations

import contextlib
import math
import numbers
from typing import Any, Literal

from msgspec import Struct

from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.errors import HyperparameterError, found
from tui_backprop.text.sentences import tr, tr_in


class Hyperparameter(Struct, frozen=True):
    """One hyperparameter: what it is called and what it may be.

    Attributes:
        name: the field's standard name.
        kind: what a value is; "batch" is a whole number or ``all``, "limit" a number or ``none``.
        about: one line for the screen, in English.
        live: whether a change applies from the current iteration on; otherwise it restarts the training.
        low, high: bounds of a number, inclusive unless ``high_open`` or ``low_open``.
        choices: the values of a choice, or words to suggest.
        others: what it is called elsewhere; nobody is asked to guess what it is called here.
    """

    name: str
    kind: Literal["float", "int", "choice", "bool", "batch", "limit"]
    about: str
    live: bool = True
    low: float = 0.0
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    others: str = ""

    @property
    def help(self) -> str:
        """The line for the screen."""
        return tr(self.about)

    @property
    def range_text(self) -> str:
        """The values allowed, in words."""
        if self.kind == "choice":
            return tr_in("choices", "{names}", names=", ".join(self.choices))
        if self.kind == "bool":
            return tr("true or false")
        if self.kind == "batch":
            return tr("all, or a whole number from 1 to the number of samples")
        kind = tr("a whole number") if self.kind == "int" else tr("a number")
        low, high = _short(self.low), _short(self.high)
        if self.low_open and self.high_open:
            right = tr("{kind} above {low} and below {high}", kind=kind, low=low, high=high)
        elif self.low_open:
            right = tr("{kind} above {low} and at most {high}", kind=kind, low=low, high=high)
        elif self.high_open:
            right = tr("{kind} from {low} to below {high}", kind=kind, low=low, high=high)
        else:
            right = tr("{kind} from {low} to {high}", kind=kind, low=low, high=high)
        return tr("none, or {right}", right=right) if self.kind == "limit" else right

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Words that a value may be."""
        words = {"bool": ("true", "false"), "batch": ("all",), "limit": ("none",)}
        return self.choices or words.get(self.kind, ())

    @property
    def applies(self) -> str:
        """When a change takes effect, in words."""
        return tr("applies live") if self.live else tr_in("change", "restarts")

    def parse(self, text: str) -> Any:
        """Turn typed text into a checked value.

        Raises:
            HyperparameterError: what was found and what would be right.
        """
        word = text.strip()
        value: Any = word
        if self.kind == "bool":
            value = {"true": True, "false": False, "yes": True, "no": False}.get(word.lower(), word)
        elif self.kind in ("int", "batch"):
            value = _whole(word)
        elif self.kind in ("float", "limit"):
            try:
                value = float(word)
            except ValueError:
                value = word
        return self.check(value)

    def check(self, value: Any) -> Any:
        """Return a value as its proper type.

        Raises:
            HyperparameterError: what was found and what would be right.
        """
        is_bool = type(value).__name__ in ("bool", "bool_")
        is_text = isinstance(value, str)
        if self.kind == "choice" and is_text and value in self.choices:
            return value
        if self.kind == "bool" and is_bool:
            return bool(value)
        if self.kind == "batch" and is_text and value == "all":
            return "all"
        if self.kind in ("int", "batch") and isinstance(value, numbers.Integral) and not is_bool:
            low = 1 if self.kind == "batch" else self.low
            if low <= int(value) <= self.high:
                return int(value)
        if self.kind == "limit" and (value is None or (is_text and value == "none")):
            return "none"
        if self.kind in ("float", "limit") and isinstance(value, numbers.Real) and not is_bool:
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            above = number > self.low if self.low_open else number >= self.low
            below = number < self.high if self.high_open else number <= self.high
            if above and below:
                return number
        what = (
            found(value, 30)
            if isinstance(value, str | int | float)
            else tr("a {type}", type=type(value).__name__)
        )
        hint = suggest(value, self.suggestions) if is_text else ""
        raise HyperparameterError(
            tr(
                "{name}: found {what}; it must be {right}{hint}",
                name=self.name,
                what=what,
                right=self.range_text,
                hint=hint,
            )
        )


def _short(number: float) -> str:
    if number >= 1e5 and math.log10(number).is_integer():
        return f"1e{int(math.log10(number))}"
    return f"{number:.10g}"


def value_text(value: Any) -> str:
    """Write a hyperparameter's value as it is typed."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(word: str) -> int | str:
    """Read a whole number, also as ranges write it: 1e9; return what is none as it stands."""
    with contextlib.suppress(ValueError):
        return int(word)
    with contextlib.suppress(ValueError):
        value = float(word)
        if "e" in word.lower() and value.is_integer() and abs(value) < 2**53:
            return int(value)
    return word
