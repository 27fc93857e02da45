"""What can be set: each hyperparameter's range, help text, and whether it applies live or restarts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import DTYPES
from tui_backprop.engine.core.backends import UNDECIDED, Backend, chosen, known
from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS, Coefficients, Optimizer
from tui_backprop.engine.optimizers.rate_schedules import CONSTANT, SCHEDULES, Rate, RateSchedule
from tui_backprop.lessons.errors import HyperparameterError, found, joined_or
from tui_backprop.lessons.specs.hyperparameter import Hyperparameter, value_text
from tui_backprop.lessons.specs.rate_schedule import ScheduleHyperparameter
from tui_backprop.text.sentences import later, tr, tr_count

MAX_ITERATIONS = 10**9
MAX_SEED = 2**32 - 1


HYPERPARAMETERS: Mapping[str, Hyperparameter] = {
    spec.name: spec
    for spec in (
        Hyperparameter(
            "learning_rate", "float", later("η: how far one update moves along the gradient"), high=1e6,
            others="lr eta η alpha α rate lrate learnrate learn_rate learning_rate_init eta0 step_size",
        ),
        Hyperparameter(
            "iterations", "int", later("updates after which a run stops"), high=MAX_ITERATIONS,
            others="epochs epoch n_epochs num_epochs max_epochs nb_epoch iteration iters iter n_iter "
            "max_iter n_iters num_iters n_iterations num_iterations max_iterations steps n_steps num_steps",
        ),
        Hyperparameter(
            "optimizer", "choice",
            later("how a gradient becomes an update; its memory starts anew when changed"),
            choices=tuple(OPTIMIZERS),
            others=f"optim optimiser opt solver method algorithm {' '.join(OPTIMIZERS)}",
        ),
        Hyperparameter(
            "batch_size", "batch", later("samples in one update; all, or that many at a time"),
            live=False, high=MAX_ITERATIONS,
            others="batch batchsize bs minibatch mini_batch minibatch_size mini_batch_size batches",
        ),
        Hyperparameter(
            "shuffle", "bool", later("whether each epoch draws the batches in a new order"), live=False,
            others="shuffled",
        ),
        Hyperparameter(
            "seed", "int", later("start of the random numbers"), live=False, high=MAX_SEED,
            others="random_state random_seed rng rng_seed manual_seed",
        ),
        ScheduleHyperparameter(
            "schedule", "choice", later("η by iteration, which S draws"), choices=tuple(SCHEDULES),
            others="scheduler lr_scheduler lr_schedule lr_scheduler_type learning_rate_schedule annealing "
            f"warmup {' '.join(SCHEDULES)}",
        ),
        Hyperparameter(
            "weight_decay", "float", later("λ: pull of the parameters towards 0"), high=1e6,
            others="wd decay lambda lambd lam λ l2 reg reg_lambda l2_reg regularization regularisation",
        ),
        Hyperparameter(
            "clip_norm", "limit", later("length to which all gradients together are cut"),
            low_open=True, high=1e6,
            others="max_norm max_grad_norm grad_norm clipnorm global_clipnorm clip_grad_norm grad_clip_norm "
            "clip_grad clip_gradient grad_clip gradient_clip gradient_clipping gradient_clip_val clip",
        ),
        Hyperparameter(
            "clip_value", "limit", later("size to which each element of a gradient is cut"),
            low_open=True, high=1e6,
            others="clipvalue clip_grad_value grad_clip_value clip_grad clip_gradient grad_clip "
            "gradient_clip gradient_clipping gradient_clip_val clip",
        ),
        Hyperparameter(
            "momentum", "float", later("μ: share of the last velocity that is kept"), high=1, high_open=True,
            others="mu μ mom",
        ),
        Hyperparameter(
            "rho", "float", later("ρ: memory of the mean square (rmsprop, adadelta)"), high=1, high_open=True,
            others="ρ decay_rate alpha α",
        ),
        Hyperparameter(
            "beta1", "float", later("β₁: memory of the mean gradient (adam)"), high=1, high_open=True,
            others="β1 beta_1 b1 beta β betas",
        ),
        Hyperparameter(
            "beta2", "float", later("β₂: memory of the mean square (adam)"), high=1, high_open=True,
            others="β2 beta_2 b2 beta β betas",
        ),
        Hyperparameter(
            "epsilon", "float", later("ε: keeps the division by the root finite"), low_open=True, high=1,
            others="eps ε",
        ),
        Hyperparameter(
            "dtype", "choice", later("what numbers are of: 64 or 32 bits"), live=False,
            choices=tuple(DTYPES), others="precision data_type float_type floatx",
        ),
    )
}  # fmt: skip
_OF_ALL = ("learning_rate", "weight_decay", "clip_norm", "clip_value")
"""What every optimizer uses."""


class Hyperparameters(Struct, frozen=True):
    """One value of each hyperparameter, checked, and the back end that computes, which no lesson sets.

    Attributes:
        backend: its name, in full once a training has it; the others are :data:`HYPERPARAMETERS`.
    """

    learning_rate: float = 0.01
    iterations: int = 100
    optimizer: str = "sgd"
    schedule: RateSchedule = CONSTANT
    batch_size: int | Literal["all"] = "all"
    shuffle: bool = True
    seed: int = 0
    weight_decay: float = 0.0
    clip_norm: float | Literal["none"] = "none"
    clip_value: float | Literal["none"] = "none"
    momentum: float = 0.9
    rho: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    dtype: str = "float64"
    backend: str = UNDECIDED

    def replace(self, /, **changes: Any) -> Hyperparameters:
        """Return a copy with some of them set; a back end by its name.

        With another optimizer go its own defaults: coefficients that stand at the former one's follow.

        Raises:
            HyperparameterError: an unknown name or a value out of range.
        """
        backend = known(changes.pop("backend", self.backend))
        checked = {name: specification(name).check(value) for name, value in changes.items()}
        if "optimizer" in checked:
            old, new = OPTIMIZERS[self.optimizer], OPTIMIZERS[checked["optimizer"]]
            for name in {*old.defaults, *new.defaults} - checked.keys():
                if getattr(self, name) == old.default(name):
                    checked[name] = new.default(name)
        return structs.replace(self, **checked, backend=backend)

    def under(self, /, backend: str | Backend | None = None, **changes: Any) -> Hyperparameters:
        """Return a copy with some of them set, and under a back end that somebody asks for, if they do.

        Raises:
            HyperparameterError: as :meth:`replace` does.
            BackpropError: the back end is unknown, or cannot compute here; see :func:`chosen`.
        """
        after = self.replace(**changes)
        if backend is None:
            return after
        return structs.replace(after, backend=chosen(backend, single=after.dtype != "float64"))

    def changed_from(self, other: Hyperparameters) -> dict[str, Any]:
        """Return those that have another value than in ``other``, by name; the back end among them."""
        names = (*HYPERPARAMETERS, "backend")
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(other, name)}

    def text_of(self, name: str) -> str:
        """Return the value of one of them as it is typed."""
        return value_text(getattr(self, name))

    def plain(self) -> dict[str, int | float | str | bool]:
        """Return all of them by name, as they are stored: a schedule as its text, and the back end."""
        values = ((name, getattr(self, name)) for name in (*HYPERPARAMETERS, "backend"))
        return {name: str(v) if isinstance(v, RateSchedule) else v for name, v in values}

    @property
    def coefficients(self) -> Coefficients:
        """What updates need, with the learning rate as it is set."""
        values: dict[str, Any] = {name: getattr(self, name) for name in COEFFICIENTS}
        values |= {name: None for name, value in values.items() if value == "none"}
        return Coefficients(**values)

    @property
    def scheduled(self) -> Mapping[str, Rate]:
        """What the schedule gives anew in each iteration, by name: the learning rate, and a momentum."""
        if not self.schedule.varies:
            return {}
        rates = {"learning_rate": self.schedule.rate(self.learning_rate, self.iterations)}
        momentum = self.schedule.momentum(self.learning_rate, self.iterations)
        if momentum is not None and (name := self._momentum):
            rates[name] = momentum
        return rates

    @property
    def _momentum(self) -> str:
        """What the optimizer's momentum is called; empty where it has none."""
        return next((name for name in ("momentum", "beta1") if name in self._optimizer.coefficients), "")

    @property
    def _optimizer(self) -> Optimizer:
        return OPTIMIZERS[self.optimizer]

    def is_used(self, name: str) -> bool:
        """Tell whether a hyperparameter has any effect under the current optimizer and batch size."""
        return not self.why_unused(name)

    def unused(self, names: Iterable[str]) -> list[str]:
        """Say of each of these that is meant to have an effect, and has none, why; a line each."""
        meant = (name for name in dict.fromkeys(names) if name != "shuffle" or self.shuffle)
        return [why for why in map(self.why_unused, meant) if why]

    def why_unused(self, name: str) -> str:
        """Say why a hyperparameter has no effect here, and with what it has one; empty where it has."""
        if name == "shuffle" and self.batch_size == "all":
            return tr("shuffle has no effect: batch_size is all")
        if name == "learning_rate" and not self.schedule.uses_learning_rate():
            return tr(
                "learning_rate has no effect: the schedule is {kind}, with a max_lr", kind=self.schedule.kind
            )
        if name != "learning_rate" and name in self.scheduled:
            return tr(
                "{name} has no effect: the schedule is {kind}, with cycle_momentum",
                name=name,
                kind=self.schedule.kind,
            )
        if name in COEFFICIENTS and name not in (*_OF_ALL, *self._optimizer.coefficients):
            users = [one.name for one in OPTIMIZERS.values() if name in one.coefficients]
            return tr_count(
                "{name} has no effect: the optimizer is {optimizer}; {users} uses it",
                "{name} has no effect: the optimizer is {optimizer}; {users} use it",
                len(users),
                name=name,
                optimizer=self.optimizer,
                users=", ".join(users),
            )
        return ""


def specification(name: str) -> Hyperparameter:
    """Return the hyperparameter of that name; raise HyperparameterError with what it is called here."""
    if name not in HYPERPARAMETERS:
        raise HyperparameterError(
            tr(
                "unknown hyperparameter {found}{hint}",
                found=found(name, 80),
                hint=called_here(name),
            )
        )
    return HYPERPARAMETERS[name]


def called_here(name: str) -> str:
    """Return "; it is called ... here" for a name from elsewhere, or what else helps with an unknown one.

    A name that means several of them has all of them named.
    """
    word = re.sub(r"[\s-]+", "_", unicodedata.normalize("NFKC", name[:80]).strip().lower())
    meant = [spec.name for spec in HYPERPARAMETERS.values() if word in (spec.name, *spec.others.split())]
    if word == "backend":
        return tr("; the back end is none: --backend sets it, and the command backend")
    if not meant:
        return suggest(word, HYPERPARAMETERS, cutoff=0.75) or tr(
            "; there are {names}", names=", ".join(HYPERPARAMETERS)
        )
    if word in OPTIMIZERS:
        return tr("; write optimizer={word}", word=word)
    if word in SCHEDULES:
        return tr("; write schedule={word}", word=word)
    if "epoch" in word:
        return tr("; give iterations here: an epoch is one pass over the samples, an iteration one update")
    return tr("; it is called {names} here", names=joined_or(meant))


def parse_setting(text: str) -> tuple[str, Any]:
    """Parse ``NAME=VALUE`` as typed on the command line."""
    name, equals, value = text.partition("=")
    if not equals:
        raise HyperparameterError(
            tr("found {found}; write NAME=VALUE, such as learning_rate=0.1", found=found(text, 80))
        )
    spec = specification(name.strip())
    return spec.name, spec.parse(value)


def check_batch_size(hyperparameters: Hyperparameters, rows: int | None) -> None:
    """Refuse a batch larger than the samples, or batches of a lesson that has none."""
    size = hyperparameters.batch_size
    if size == "all" or (rows is not None and size <= rows):
        return
    raise HyperparameterError(
        tr("batch_size: found {size}; it must be all, for there are no [samples]", size=size)
        if rows is None
        else tr(
            "batch_size: found {size}; it must be all, or a whole number from 1 to {rows}",
            size=size,
            rows=rows,
        )
    )


def check_dtype(hyperparameters: Hyperparameters) -> None:
    """Refuse single precision where NumPy computes single numbers of it in double."""
    if hyperparameters.dtype != "float64" and np.lib.NumpyVersion(np.__version__) < "2.0.0":
        raise HyperparameterError(
            tr(
                "dtype: {dtype} needs NumPy 2, found {version}; it must be float64",
                dtype=hyperparameters.dtype,
                version=np.__version__,
            )
        )
