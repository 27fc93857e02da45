"""What a function of the language is called with: its operands, and its options with defaults and ranges."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.listed import all_of
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty
from tui_backprop.text.subscripts import MAX_SUBSCRIPTS

Axis: TypeAlias = int | tuple[int, ...] | None
"""One axis, several, or all of them, as in NumPy."""
MAX_AXIS = 100
MAX_LENGTH = 10**9


_NUMBERS: Final = {
    (False, False, False): later("write a number, such as {example}"),
    (True, False, False): later("write a number from {least} on, such as {example}"),
    (False, True, False): later("write a number above {above}, such as {example}"),
    (False, False, True): later("write a number below {below}, such as {example}"),
    (True, False, True): later("write a number from {least} on and below {below}, such as {example}"),
    (False, True, True): later("write a number above {above} and below {below}, such as {example}"),
}
"""What is right for an option, by which bounds it has: a least, and two that it does not reach."""


class AxisOption(Struct, frozen=True):
    """The option ``axis=``: one axis or several, counted from the front or, negative, from behind.

    Attributes:
        default: the axis where none is given; None for all.
        name: what it is called by.
    """

    default: int | None = None
    name: str = "axis"

    def accept(self, value: Any) -> Axis:
        """Return a value written in a formula; raise ValueError with the form that is right."""
        numbers = value if isinstance(value, tuple) else (value,)
        if numbers and all(type(number) is int and abs(number) < MAX_AXIS for number in numbers):
            return value  # type: ignore[no-any-return]
        raise ValueError(tr("write a whole number such as axis=0 or axis=-1"))


class NumberOption(Struct, frozen=True):
    """An option that is one finite number.

    Attributes:
        name: what it is called by.
        default: the number where none is given.
        above, below: bounds that it does not reach.
        least: a bound that it may have.
    """

    name: str
    default: float
    above: float = -math.inf
    below: float = math.inf
    least: float = -math.inf

    def accept(self, value: Any) -> float:
        """Return a value written in a formula; raise ValueError with the form that is right."""
        number = float(value) if type(value) in (int, float) and abs(value) < 1e300 else math.nan
        if self.above < number < self.below and number >= self.least:
            return number
        bounds = math.isfinite(self.least), math.isfinite(self.above), math.isfinite(self.below)
        reason = tr(
            _NUMBERS[bounds],
            least=written(self.least),
            above=written(self.above),
            below=written(self.below),
            example=self.name + "=" + written(self.default),
        )
        raise ValueError(reason)


class FlagOption(Struct, frozen=True):
    """An option that is True or False.

    Attributes:
        name: what it is called by.
        default: what holds where it is not given.
    """

    name: str
    default: bool = False

    def accept(self, value: Any) -> bool:
        """Return a value written in a formula; raise ValueError with the form that is right."""
        if type(value) is bool:
            return value
        raise ValueError(tr("write {name}=True or {name}=False", name=self.name))


class WholeNumbersOption(Struct, frozen=True):
    """An option of whole numbers, such as a shape or an order of axes.

    Attributes:
        name: what it is called by.
        example: how it may be written.
        default: what holds where it is not given; None where that is something else than numbers.
        least: the smallest number that may be among them.
        single: whether one number alone is meant, and not a tuple.
    """

    name: str
    example: str
    default: tuple[int, ...] | int | None = None
    least: int = -MAX_AXIS
    single: bool = False

    def accept(self, value: Any) -> tuple[int, ...] | int:
        """Return a value written in a formula; raise ValueError with the form that is right."""
        numbers = value if isinstance(value, tuple) and not self.single else (value,)
        if all(type(number) is int and self.least <= number < MAX_LENGTH for number in numbers):
            return numbers[0] if self.single else numbers
        raise ValueError(
            tr("write a whole number such as {example}", example=self.example)
            if self.single
            else tr("write whole numbers such as {example}", example=self.example)
        )


class PerAxisOption(Struct, frozen=True):
    """An option that is one whole number for all axes of a window, or one for each.

    Attributes:
        name: what it is called by.
        default: what holds where it is not given; None where that follows from something else.
        least: the smallest that it may be.
    """

    name: str
    default: int | None
    least: int = 1

    def accept(self, value: Any) -> int | tuple[int, ...]:
        """Return a value written in a formula; raise ValueError with the form that is right."""
        numbers = value if isinstance(value, tuple) else (value,)
        if numbers and all(type(number) is int and self.least <= number < MAX_LENGTH for number in numbers):
            return value  # type: ignore[no-any-return]
        usual = self.default or 1
        raise ValueError(
            tr(
                "write a whole number, {least} or more, such as {name}={usual}, or one for each "
                "axis, such as {name}=({usual}, {usual})",
                least=self.least,
                name=self.name,
                usual=usual,
            )
        )


class SubscriptsOption(Struct, frozen=True):
    """The letters of ``einsum`` for two arrays: each letter once an array, as in ``ij,jk->ik``.

    Attributes:
        name: what it is called by.
        default: what holds where it is not given.
    """

    name: str
    default: str

    def accept(self, value: Any) -> str:
        """Return the letters with the result's written out; raise ValueError with the form that is right."""
        text = value.replace(" ", "") if isinstance(value, str) else ""
        operands, arrow, result = text.partition("->")
        parts = operands.split(",")
        if len(parts) != 2 or not "".join((*parts, result)).isascii() or not _letters(*parts, result):
            raise ValueError(tr('write the letters of two arrays, such as "{default}"', default=self.default))
        for part in (*parts, result):
            if len(set(part)) < len(part):
                raise ValueError(
                    tr("{part} has a letter twice; each axis of an array has a letter of its own", part=part)
                )
        if (count := len(set("".join(parts)))) > MAX_SUBSCRIPTS:
            raise ValueError(
                tr(
                    "found {count} different letters; at most {limit} are taken",
                    count=count,
                    limit=MAX_SUBSCRIPTS,
                )
            )
        if not arrow:  # what occurs once, in the order of the alphabet, as NumPy has it
            both = "".join(parts)
            result = "".join(sorted(letter for letter in both if both.count(letter) == 1))
        if strange := set(result) - set("".join(parts)):
            raise ValueError(tr("{letter} is in the result and in neither array", letter=min(strange)))
        return f"{operands}->{result}"


def _letters(*parts: str) -> bool:
    return all(part.isalpha() or not part for part in parts)


Option: TypeAlias = (
    AxisOption | NumberOption | FlagOption | WholeNumbersOption | SubscriptsOption | PerAxisOption
)


class Signature(Struct, frozen=True):
    """Operands and options of an operation.

    Attributes:
        operands: their names, in order; a last one with a star stands for one or more, as in ``*xs``.
        options: what may be given by name.
    """

    operands: tuple[str, ...] = ("x",)
    options: tuple[Option, ...] = ()

    @property
    def is_variadic(self) -> bool:
        """Whether there may be any number of operands from some number on."""
        return self.operands[-1].startswith("*")

    def takes(self, count: int) -> bool:
        """Tell whether so many operands fit."""
        least = len(self.operands)
        return count >= least if self.is_variadic else count == least

    def option(self, name: str) -> Option | None:
        """Return the option of that name, in either spelling (``alpha`` or ``α``), if there is one."""
        return next((option for option in self.options if name in (option.name, pretty(option.name))), None)

    def filled(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return all options, those not given by their defaults.

        Raises:
            TypeError: there is no option of a name that is given.
        """
        if not self.options and not given:
            return {}
        options = {option.name: given.get(option.name, option.default) for option in self.options}
        if unknown := given.keys() - options.keys():
            raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
        return options

    @property
    def positional(self) -> str:
        """The operands as a call has them, such as ``(a, b)``."""
        return f"({', '.join(self.operands)})"

    @property
    def by_name(self) -> str:
        """The options as a hint names them, such as ``axis=``; empty where there are none."""
        return all_of(f"{option.name}=" for option in self.options)


def written(value: Any) -> str:
    """Write an option's value so that it reads back to the same."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)


def complaint(option: Option, value: Any) -> str:
    """Return what an option has against a value, or an empty text."""
    try:
        option.accept(value)
    except (ValueError, TypeError) as error:
        return str(error)
    return ""
