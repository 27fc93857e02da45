"""What can be turned: each hyperparameter's range, help text, and whether it applies live or restarts."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tui_backprop.engine.errors import suggest
from tui_backprop.engine.optimizers import COEFFICIENTS_OF, OPTIMIZERS, Coefficients
from tui_backprop.lessons.errors import HyperparameterError, found

MAX_ITERATIONS = 10**9
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One dial.

    Attributes:
        name: the field's standard name.
        kind: what a value is.
        help: one line for the screen.
        live: whether a change applies from the current iteration on; otherwise it restarts the training.
        low, high: bounds of a number, inclusive unless ``high_open`` or ``low_open``.
        choices: the values of a choice.
    """

    name: str
    kind: Literal["float", "int", "choice", "bool", "batch"]
    help: str
    live: bool = True
    low: float = 0.0
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()

    @property
    def range_text(self) -> str:
        """The values allowed, in words."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind == "batch":
            return "all, or a whole number from 1 to the number of samples"
        noun = "a whole number" if self.kind == "int" else "a number"
        low, high = _short(self.low), _short(self.high)
        if self.low_open:
            return f"{noun} above {low} and {'below' if self.high_open else 'at most'} {high}"
        return f"{noun} from {low} to {'below ' if self.high_open else ''}{high}"

    @property
    def applies(self) -> str:
        """When a change takes effect, in words."""
        return "applies live" if self.live else "restarts"

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
        elif self.kind == "float":
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
        if self.kind == "float" and isinstance(value, numbers.Real) and not is_bool:
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            above = number > self.low if self.low_open else number >= self.low
            below = number < self.high if self.high_open else number <= self.high
            if above and below:
                return number
        what = found(value, 30) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        hint = suggest(value, self.choices) if is_text else ""
        raise HyperparameterError(f"{self.name}: found {what}; it must be {self.range_text}{hint}")


def _short(number: float) -> str:
    if number >= 1e5 and math.log10(number).is_integer():
        return f"1e{int(math.log10(number))}"
    return f"{number:.10g}"


HYPERPARAMETERS: Mapping[str, Hyperparameter] = {
    spec.name: spec
    for spec in (
        Hyperparameter("learning_rate", "float", "η: how far one update moves along the gradient", high=1e6),
        Hyperparameter("iterations", "int", "updates after which a run stops", high=MAX_ITERATIONS),
        Hyperparameter(
            "optimizer", "choice", "how a gradient becomes an update; its memory starts anew when changed",
            choices=tuple(OPTIMIZERS),
        ),
        Hyperparameter(
            "batch_size", "batch", "samples in one update; all, or that many at a time",
            live=False, high=MAX_ITERATIONS,
        ),
        Hyperparameter("shuffle", "bool", "whether each epoch draws the batches in a new order", live=False),
        Hyperparameter("seed", "int", "start of the random numbers", live=False, high=MAX_SEED),
        Hyperparameter("weight_decay", "float", "λ: pull of the parameters towards 0", high=1e6),
        Hyperparameter(
            "momentum", "float", "μ: share of the last velocity that is kept", high=1, high_open=True
        ),
        Hyperparameter("rho", "float", "ρ: memory of the mean square (rmsprop)", high=1, high_open=True),
        Hyperparameter("beta1", "float", "β₁: memory of the mean gradient (adam)", high=1, high_open=True),
        Hyperparameter("beta2", "float", "β₂: memory of the mean square (adam)", high=1, high_open=True),
        Hyperparameter("epsilon", "float", "ε: keeps the division by the root finite", low_open=True, high=1),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One setting of all dials, checked."""

    learning_rate: float = 0.01
    iterations: int = 100
    optimizer: str = "sgd"
    batch_size: int | Literal["all"] = "all"
    shuffle: bool = True
    seed: int = 0
    weight_decay: float = 0.0
    momentum: float = 0.9
    rho: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def replace(self, /, **changes: Any) -> Hyperparameters:
        """Return a copy with some dials turned.

        Raises:
            HyperparameterError: an unknown name or a value out of range.
        """
        checked = {name: specification(name).check(value) for name, value in changes.items()}
        return dataclasses.replace(self, **checked)

    def changed_from(self, other: Hyperparameters) -> dict[str, Any]:
        """Return the dials that stand elsewhere than in ``other``, by name."""
        return {
            name: getattr(self, name)
            for name in HYPERPARAMETERS
            if getattr(self, name) != getattr(other, name)
        }

    @property
    def coefficients(self) -> Coefficients:
        """What the optimizer's formulas need."""
        return Coefficients(
            self.learning_rate,
            self.momentum,
            self.rho,
            self.beta1,
            self.beta2,
            self.epsilon,
            self.weight_decay,
        )

    def is_used(self, name: str) -> bool:
        """Tell whether a dial has any effect under the current optimizer and batch size."""
        if name == "shuffle":
            return self.batch_size != "all"
        if name in ("momentum", "rho", "beta1", "beta2", "epsilon"):
            return name in COEFFICIENTS_OF[self.optimizer]
        return True


def specification(name: str) -> Hyperparameter:
    """Return the dial of that name; raise HyperparameterError with the nearest known one."""
    if name not in HYPERPARAMETERS:
        hint = suggest(name, HYPERPARAMETERS) or f"; there are {', '.join(HYPERPARAMETERS)}"
        raise HyperparameterError(f"unknown hyperparameter {found(name, 80)}{hint}")
    return HYPERPARAMETERS[name]


def dial_text(value: Any) -> str:
    """Write a dial's value as it is typed."""
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


def parse_setting(text: str) -> tuple[str, Any]:
    """Parse ``NAME=VALUE`` as typed on the command line."""
    name, equals, value = text.partition("=")
    if not equals:
        raise HyperparameterError(f"found {found(text, 80)}; write NAME=VALUE, such as learning_rate=0.1")
    spec = specification(name.strip())
    return spec.name, spec.parse(value)


def check_batch_size(dials: Hyperparameters, rows: int | None) -> None:
    """Refuse a batch larger than the samples, or batches of a lesson that has none."""
    if dials.batch_size == "all" or (rows is not None and dials.batch_size <= rows):
        return
    right = "all, for there are no [samples]" if rows is None else f"all, or a whole number from 1 to {rows}"
    raise HyperparameterError(f"batch_size: found {dials.batch_size}; it must be {right}")
