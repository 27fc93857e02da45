"""What an optimizer is: a rule, and the names of all that it keeps, uses and shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tui_backprop.engine.autodiff.records import UpdateTerm
from tui_backprop.engine.core.arrays import SINGLE, Array, Shape, frozen, in_type

T = TypeVar("T")
Values: TypeAlias = Mapping[str, Array]
"""Arrays by code."""


class Coefficients(Struct, frozen=True):
    """What the formulas need; the names are the hyperparameters'. None stands for what is not done."""

    learning_rate: float
    momentum: float = 0.9
    rho: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None

    @property
    def done(self) -> tuple[str, ...]:
        """The names of those that updates may do without and that are set."""
        return tuple(name for name in OPTIONAL if getattr(self, name))

    def at(self, scheduled: Mapping[str, float]) -> Coefficients:
        """Return the same with those of an iteration that a schedule gives, by name."""
        return replace(self, **scheduled)


OPTIONAL: Final = ("weight_decay", "clip_norm", "clip_value")
"""Those without which there are no such terms, and no code for them."""
COEFFICIENTS: Final = Coefficients.__struct_fields__
"""Their names."""
_USUAL: Final = Coefficients(learning_rate=math.nan)


class State(Struct, frozen=True):
    """An optimizer's memory of one parameter: updates done and arrays of the parameter's shape, by code."""

    count: int = 0
    arrays: Values = {}


class Memory(NamedTuple):
    """An array that an optimizer keeps for each parameter, all zero before its first update.

    Attributes:
        code: what it is stored under.
        letter: what formulas and programs call it.
        once: the name that it has in sessions of format 1, if that is another one.
    """

    code: str
    letter: str
    once: str | None = None


class TermSpec(Struct, frozen=True):
    """A part of an update that is shown by itself.

    Attributes:
        code: what it is found by.
        name: what it is called.
        formula: how it is computed, over θ (parameter), g (gradient) and η (learning rate).
        single: whether it is one number, whatever the parameter's shape.
    """

    code: str
    name: str
    formula: str
    single: bool = False

    def shown(self, value: Array, shape: Shape) -> UpdateTerm:
        """Return it as records of a parameter of this shape hold it."""
        whole = np.asarray(value) if self.single else np.broadcast_to(value, shape)
        return UpdateTerm(self.code, self.name, self.formula, frozen(whole))


class Update(Struct, frozen=True):
    """The result of one update.

    Attributes:
        after: the parameter's new value.
        state: the optimizer's new memory.
        values: the terms on the way, by code; what broadcasts to the parameter's shape.
        terms: what they are, in the order in which they are computed.
    """

    after: Array
    state: State
    values: Values
    terms: tuple[TermSpec, ...]

    def shown_terms(self, shape: Shape) -> tuple[UpdateTerm, ...]:
        """Return the terms as records hold them; those that were not computed are left out."""
        return tuple(
            term.shown(self.values[term.code], shape) for term in self.terms if term.code in self.values
        )


Result: TypeAlias = tuple[Array, Values, Values]
"""The parameter's new value, the new memory, and the terms on the way."""
Rule: TypeAlias = Callable[[Array, Array, State, Coefficients], Result]
"""Makes one of θ, g, the memory and the coefficients."""


class Optimizer(Struct, frozen=True):
    """How a gradient becomes an update.

    Attributes:
        name: the hyperparameter's value.
        rule: the formulas.
        memory: the arrays that it keeps for each parameter.
        coefficients: the hyperparameters that it uses, besides those that all do.
        terms: what it shows, in the order in which it is computed.
        defaults: coefficients that it has others of than most, where none are given.
    """

    name: str
    rule: Rule
    memory: tuple[Memory, ...]
    coefficients: tuple[str, ...]
    terms: tuple[TermSpec, ...]
    defaults: Mapping[str, float] = {}

    def default(self, coefficient: str) -> float:
        """Return what a coefficient is where it is not given."""
        usual: float = getattr(_USUAL, coefficient)
        return self.defaults.get(coefficient, usual)

    def __call__(self, theta: Array, gradient: Array, state: State, coefficients: Coefficients) -> Update:
        """Make one update of a parameter; nothing is changed in place."""
        after, arrays, values = self.rule(theta, gradient, state, coefficients)
        if theta.dtype == SINGLE:
            after, arrays = in_type(after, SINGLE), {code: in_type(a, SINGLE) for code, a in arrays.items()}
        return Update(after, State(state.count + 1, arrays), values, self.terms)

    def by_code(self, arrays: Mapping[str, T]) -> dict[str, T]:
        """Return saved arrays by their codes, whatever names their session's format has."""
        codes = {memory.once: memory.code for memory in self.memory}
        return {codes.get(name, name): array for name, array in arrays.items()}


OPTIMIZERS: Final[dict[str, Optimizer]] = {}
"""Every optimizer, by name."""


def optimizer(
    *,
    terms: tuple[TermSpec, ...],
    memory: tuple[Memory, ...] = (),
    coefficients: tuple[str, ...] = (),
    defaults: Mapping[str, float] | None = None,
) -> Callable[[Rule], Rule]:
    """Enter a rule in the list of optimizers, under its own name; the arguments are :class:`Optimizer`'s."""

    def register(rule: Rule) -> Rule:
        name = rule.__name__
        OPTIMIZERS[name] = Optimizer(name, rule, memory, coefficients, terms, defaults or {})
        return rule

    return register
