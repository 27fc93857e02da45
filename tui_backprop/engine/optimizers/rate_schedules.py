"""Learning-rate schedules: the rate as a function of an iteration's number, by PyTorch's formulas.

A rate, and the momentum beside it, hangs on its iteration alone, in closed form, so that nothing has to be
remembered to go back, to resume or to run on. The formulas are those of torch.optim.lr_scheduler: k is the
number of updates done, η₀ the hyperparameter ``learning_rate``. What PyTorch has a default for has the same
here, but that a momentum cycles only where that is asked for; what it wants to be told follows from
``iterations``. (What was set at which iteration is another schedule: :mod:`tui_backprop.training.schedule`.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any, Final, TypeAlias

from msgspec import Struct

from tui_backprop.text.sentences import later

MOST = 10**9
"""Iterations that a field may name."""
Rate: TypeAlias = "partial[float]"
"""Gives the learning rate, or the momentum, of an iteration."""
Known: TypeAlias = Mapping[str, float]
"""``learning_rate``, ``iterations``, and the fields that are settled already."""
Default: TypeAlias = "float | Callable[[Known], float]"


class RateField(Struct, frozen=True):
    """A number that a schedule is made with.

    Attributes:
        name: PyTorch's name, in lower case.
        text: what it is.
        default: what it is where it is not given, or what gives that.
        said: the same in words, where it is not a number.
        whole: whether it counts iterations.
        low, high: bounds, inclusive unless ``low_open`` or ``high_open``.
        others: what it may be called as well.
        truth: whether it is true or false.
    """

    name: str
    text: str
    default: Default
    said: str = ""
    whole: bool = False
    low: float = 0.0
    high: float = 1e6
    low_open: bool = False
    others: tuple[str, ...] = ()
    high_open: bool = False
    truth: bool = False

    @property
    def default_text(self) -> str:
        """What it is where it is not given, in words."""
        return self.said or field_text(self.default)

    def settled(self, known: Known) -> float:
        """Return what it is where it is not given."""
        return self.default(known) if callable(self.default) else self.default


def field_text(value: Any) -> str:
    """Write a field's value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else f"{value:.10g}"


def _taken(function: Callable[..., float]) -> tuple[str, ...]:
    """Return the names of a function's arguments behind k."""
    code = function.__code__
    return code.co_varnames[1 : code.co_argcount]


class ScheduleKind(Struct, frozen=True):
    """A kind of schedule.

    Attributes:
        name: what it is called.
        function: the rate of iteration k; its other arguments are ``learning_rate`` (where it hangs on it)
            and the fields.
        formula: the same in mathematics.
        text: what it does, for people, in a line.
        fields: what it is made with, in the order in which they settle.
        momentum: the momentum of iteration k, where ``cycle_momentum`` asks for it; None without any.
        momentum_formula: the same in mathematics.
    """

    name: str
    function: Callable[..., float]
    formula: str
    text: str
    fields: tuple[RateField, ...]
    momentum: Callable[..., float] | None = None
    momentum_formula: str = ""

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of the function's arguments behind k."""
        return _taken(self.function)

    @property
    def functions(self) -> tuple[Callable[..., float], ...]:
        """What gives the rate, and what gives the momentum."""
        return (self.function,) if self.momentum is None else (self.function, self.momentum)

    def field(self, name: str) -> RateField | None:
        """Return the field of a name; None where there is none."""
        return next((field for field in self.fields if name in (field.name, *field.others)), None)


SCHEDULES: Final[dict[str, ScheduleKind]] = {}
"""Every kind, by name."""
_SUFFIX = "_rate"


class RateSchedule(Struct, frozen=True):
    """A kind of schedule, with the fields that somebody gave.

    Attributes:
        kind: its name.
        given: those fields in the kind's order, by name.
    """

    kind: str = "constant"
    given: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        """Write it as it is typed: the kind alone, or a table of TOML."""
        if not self.given:
            return self.kind
        values = ((name, str(v).lower() if isinstance(v, bool) else repr(v)) for name, v in self.given)
        fields = "".join(f", {name} = {text}".removesuffix(".0") for name, text in values)
        return f'{{ kind = "{self.kind}"{fields} }}'

    @property
    def varies(self) -> bool:
        """Whether the rate may be another than the hyperparameter ``learning_rate``."""
        return self.kind != "constant" or dict(self.given).get("factor", 1.0) != 1.0

    def uses_learning_rate(self) -> bool:
        """Tell whether the rate hangs on the hyperparameter ``learning_rate``."""
        return "learning_rate" in SCHEDULES[self.kind].takes or "max_lr" not in dict(self.given)

    def fields(self, learning_rate: float, iterations: int) -> dict[str, float]:
        """Return all fields, those that are not given as they follow from the rest."""
        given, settled = dict(self.given), dict[str, float]()
        known: dict[str, float] = {"learning_rate": learning_rate, "iterations": max(1, iterations)}
        for field in SCHEDULES[self.kind].fields:
            settled[field.name] = known[field.name] = (
                given[field.name] if field.name in given else field.settled(known)
            )
        return settled

    def rate(self, learning_rate: float, iterations: int) -> Rate:
        """Return the rate as a function of the iteration's number."""
        return self._filled(SCHEDULES[self.kind].function, learning_rate, iterations)

    def momentum(self, learning_rate: float, iterations: int) -> Rate | None:
        """Return the momentum as a function of the iteration's number; None where it stays as it is set."""
        function = SCHEDULES[self.kind].momentum
        if function is None or not dict(self.given).get("cycle_momentum"):
            return None
        return self._filled(function, learning_rate, iterations)

    def _filled(self, function: Callable[..., float], learning_rate: float, iterations: int) -> Rate:
        known = {"learning_rate": learning_rate, **self.fields(learning_rate, iterations)}
        return partial(function, **{name: known[name] for name in _taken(function)})


CONSTANT: Final = RateSchedule()
"""The learning rate as it is set."""


def rate_schedule(
    formula: str,
    text: str,
    *fields: RateField,
    momentum: Callable[..., float] | None = None,
    momentum_formula: str = "",
) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Enter a function in the list of schedules, named after it; see :class:`ScheduleKind`."""

    def register(function: Callable[..., float]) -> Callable[..., float]:
        name = function.__name__.removesuffix(_SUFFIX)
        kind = ScheduleKind(name, function, formula, text, fields, momentum, momentum_formula)
        taken = dict.fromkeys(name for one in kind.functions for name in _taken(one))
        if taken.keys() - {"learning_rate"} != {field.name for field in fields if not field.truth}:
            raise TypeError(f"{function.__name__} takes other arguments than its fields")
        SCHEDULES[name] = kind
        return function

    return register


def _iterations(
    name: str, text: str, default: Default, said: str = "", low: int = 1, others: tuple[str, ...] = ()
) -> RateField:
    return RateField(name, text, default, said, True, low, MOST, others=others)


ETA_MIN = RateField("eta_min", later("the lowest rate"), 0.0)
START_FACTOR = RateField("start_factor", later("what η₀ is multiplied by at the start"), 1 / 3, "1/3")
FASTEST = 10.0
"""The largest factor that is multiplied by again and again."""


def growth(gamma: float, n: int) -> float:
    """Return gamma**n, and Infinity where Python refuses to compute it."""
    return math.inf if gamma > 1.0 and n * math.log(gamma) > 709.0 else gamma**n


@rate_schedule(
    later("factor·η₀ for k < total_iters, then η₀"),
    later("the learning rate as it is set; with a factor, another one in the first iterations"),
    RateField("factor", later("what η₀ is multiplied by at first"), 1.0),
    _iterations("total_iters", later("iterations with the factor"), 5),
)
def constant_rate(k: int, learning_rate: float, factor: float, total_iters: int) -> float:
    """Return the rate of iteration k; ConstantLR, whose factor is 1/3 unless it is given."""
    return factor * learning_rate if k < total_iters else learning_rate


@rate_schedule(
    "η₀·gamma^⌊k / step_size⌋",
    later("multiplied by gamma every step_size iterations"),
    _iterations(
        "step_size", later("iterations from one step down to the next"),
        lambda known: max(1, known["iterations"] // 3), later("a third of iterations"),
    ),
    RateField("gamma", later("what the rate is multiplied by at each"), 0.1, high=FASTEST, low_open=True),
)  # fmt: skip
def step_rate(k: int, learning_rate: float, step_size: int, gamma: float) -> float:
    """Return the rate of iteration k; StepLR."""
    return learning_rate * growth(gamma, k // step_size)


@rate_schedule(
    "η₀·gamma^k",
    later("multiplied by gamma in every iteration"),
    RateField(
        "gamma", later("what the rate is multiplied by in every iteration"),
        lambda known: 0.01 ** (1 / known["iterations"]), later("0.01^(1/iterations): a hundredth at the end"),
        high=FASTEST, low_open=True,
    ),
)  # fmt: skip
def exponential_rate(k: int, learning_rate: float, gamma: float) -> float:
    """Return the rate of iteration k; ExponentialLR."""
    return learning_rate * growth(gamma, k)


@rate_schedule(
    "η₀·(start_factor + (end_factor − start_factor)·min(k, total_iters) / total_iters)",
    later("a straight line from one factor to another"),
    START_FACTOR,
    RateField("end_factor", later("what η₀ is multiplied by at the end"), 1.0),
    _iterations("total_iters", later("iterations of the line"), 5),
)
def linear_rate(
    k: int, learning_rate: float, start_factor: float, end_factor: float, total_iters: int
) -> float:
    """Return the rate of iteration k; LinearLR."""
    return learning_rate * (start_factor + (end_factor - start_factor) * min(k, total_iters) / total_iters)


@rate_schedule(
    "eta_min + (η₀ − eta_min)·(1 + cos(π·k / t_max)) / 2",
    later("half a wave down to eta_min in t_max iterations, then up again"),
    _iterations(
        "t_max", later("iterations from the top to the bottom"), itemgetter("iterations"), "iterations",
        others=("T_max",),
    ),
    ETA_MIN,
)  # fmt: skip
def cosine_rate(k: int, learning_rate: float, t_max: int, eta_min: float) -> float:
    """Return the rate of iteration k; CosineAnnealingLR."""
    return eta_min + (learning_rate - eta_min) * (1.0 + math.cos(math.pi * k / t_max)) / 2.0


@rate_schedule(
    later("η₀·(start_factor + (1 − start_factor)·k / warmup) for k < warmup, then cosine from k − warmup"),
    later("a straight line up to η₀, then cosine"),
    _iterations(
        "warmup", later("iterations of the line"), lambda known: max(1, known["iterations"] // 10),
        later("a tenth of iterations"), low=0,
        others=("total_iters", "warmup_iters", "warmup_steps", "milestone"),
    ),
    START_FACTOR,
    _iterations(
        "t_max", later("iterations from the top to the bottom, behind the warm-up"),
        lambda known: max(1, known["iterations"] - known["warmup"]), "iterations − warmup",
        others=("T_max",),
    ),
    ETA_MIN,
)  # fmt: skip
def warmup_cosine_rate(
    k: int, learning_rate: float, warmup: int, start_factor: float, t_max: int, eta_min: float
) -> float:
    """Return the rate of iteration k; LinearLR and CosineAnnealingLR, joined by SequentialLR."""
    if k < warmup:
        return learning_rate * (start_factor + (1.0 - start_factor) * k / warmup)
    return eta_min + (learning_rate - eta_min) * (1.0 + math.cos(math.pi * (k - warmup) / t_max)) / 2.0


def cycle(k: int, first: float, top: float, last: float, total_steps: int, pct_start: float) -> float:
    """Return what goes along half a wave from its first value to its top, and along another to its last."""
    turn = pct_start * total_steps - 1.0
    k = min(k, total_steps - 1)
    if k < turn:
        return top + (first - top) / 2.0 * (math.cos(math.pi * k / turn) + 1.0)
    if total_steps - 1 <= turn:
        return top
    share = (k - turn) / (total_steps - 1 - turn)
    return last + (top - last) / 2.0 * (math.cos(math.pi * share) + 1.0)


def one_cycle_momentum(
    k: int, total_steps: int, pct_start: float, base_momentum: float, max_momentum: float
) -> float:
    """Return the momentum of iteration k; OneCycleLR, which turns it the other way than the rate."""
    return cycle(k, max_momentum, base_momentum, max_momentum, total_steps, pct_start)


@rate_schedule(
    later("cosine from max_lr / div_factor up to max_lr at k = pct_start·total_steps − 1, then down to "
    "max_lr / div_factor / final_div_factor at total_steps − 1"),
    later("up to max_lr and down again, far below where it began; then it stays there"),
    RateField("max_lr", later("the highest rate"), lambda known: known["learning_rate"], "learning_rate"),
    _iterations("total_steps", later("iterations of the cycle"), itemgetter("iterations"), "iterations"),
    RateField("pct_start", later("share of the way up"), 0.3, high=1.0),
    RateField("div_factor", later("max_lr divided by the first rate"), 25.0, low_open=True),
    RateField("final_div_factor", later("the first rate divided by the last"), 1e4, high=1e12, low_open=True),
    RateField("cycle_momentum", later("whether momentum, or beta1, turns the other way"), False, truth=True),
    RateField("base_momentum", later("the lowest momentum, where it turns"), 0.85, high=1.0, high_open=True),
    RateField("max_momentum", later("the highest momentum, where it turns"), 0.95, high=1.0, high_open=True),
    momentum=one_cycle_momentum, momentum_formula=later(
        "cosine from max_momentum down to base_momentum at the highest rate, then up again"),
)  # fmt: skip
def one_cycle_rate(
    k: int, max_lr: float, total_steps: int, pct_start: float, div_factor: float, final_div_factor: float
) -> float:
    """Return the rate of iteration k; OneCycleLR, which has no rate behind its last."""
    first = max_lr / div_factor
    return cycle(k, first, max_lr, first / final_div_factor, total_steps, pct_start)
