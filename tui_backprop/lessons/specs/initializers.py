"""How a parameter may start: each initialiser's draw, and the same as the text of a script.

A matrix has its inputs along axis 0, as in X @ W, and its outputs along axis 1; from three axes on an array
is taken for a convolution's (outputs, inputs, then the window), as PyTorch has it. ``he`` and ``xavier`` are
older: with three axes they take the first for the inputs and the last for the outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.text.sentences import tr

WORK: Final = 10**10
"""Multiplications that an orthogonal matrix may take: some seconds."""


class Fans(NamedTuple):
    """How many inputs each output of a parameter has, and how many outputs each input."""

    inputs: int
    outputs: int


def fans(shape: Shape, inputs: int | None = None, *, convolution: bool = True) -> Fans:
    """Return the fans of a shape; ``inputs`` stands for what the shape says where it is given.

    ``convolution`` tells whether three axes are a convolution's.
    """
    first = shape[0] if shape else 1
    if len(shape) < 2:
        found = Fans(first, 1)
    elif len(shape) == 2 or (len(shape) == 3 and not convolution):
        found = Fans(first, shape[-1])
    else:
        window = math.prod(shape[2:])
        found = Fans(shape[1] * window, first * window)
    return found if inputs is None else found._replace(inputs=inputs)


Draw: TypeAlias = Callable[[Any, Shape], Array]


def truncated_normal(rng: Any, shape: Any) -> Any:
    """Draw standard normal numbers, those beyond 2 deviations again until they are within."""
    values = np.array(rng.standard_normal(shape))
    beyond = np.abs(values) > 2.0
    while beyond.any():
        values[beyond] = rng.standard_normal(int(beyond.sum()))
        beyond = np.abs(values) > 2.0
    return values


def orthogonal(rng: Any, shape: Any) -> Any:
    """Draw a matrix whose rows, or columns if those are fewer, are orthonormal: Q of normal numbers' QR."""
    values = rng.standard_normal(shape).reshape(shape[0], -1)
    wide = values.shape[0] < values.shape[1]
    q, r = np.linalg.qr(values.T if wide else values)
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0)  # which makes all such matrices equally likely
    return (q.T if wide else q).reshape(shape)


class Initializer(Struct, frozen=True):
    """One way for a parameter to start.

    Attributes:
        name: what it is called.
        text: what is drawn, for people; "scale" times that is the start.
        distribution: "constant", "normal" (standard deviation ``spread``), "uniform" (from −spread to
            spread), or "function".
        spread: what the draw is multiplied by, as a text of Python over ``{inputs}``, ``{outputs}`` and
            ``{both}``, and as a function of the fans; neither where it is 1.
        constant: what stands everywhere, of a constant.
        function: what draws it, of a function.
        convolution: whether three axes are a convolution's.
        others: what it is called elsewhere.
    """

    name: str
    text: str
    distribution: str
    spread: tuple[str, Callable[[Fans], float]] | None = None
    constant: float = 0.0
    function: Draw | None = None
    convolution: bool = True
    others: tuple[str, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Whether it takes random numbers."""
        return self.distribution != "constant"

    def refusal(self, shape: Shape) -> str:
        """Say why a shape cannot start so; empty where it can."""
        if self.function is not orthogonal:
            return ""
        if len(shape) < 2:
            return tr("orthogonal needs a matrix: at least two axes")
        rows, columns = shape[0], math.prod(shape[1:])
        if rows * columns * min(rows, columns) > WORK:
            return tr(
                "orthogonal: a matrix of {rows:,}×{columns:,} takes too long; give a smaller shape",
                rows=rows,
                columns=columns,
            )
        return ""

    def start(self, rng: Callable[[], Any], shape: Shape, scale: float, inputs: int | None) -> Array:
        """Draw a parameter's start.

        Args:
            rng: gives what draws; not called for a constant.
            shape: the parameter's.
            scale: what the draw is multiplied by.
            inputs: the fan-in, where it is not what the shape says.
        """
        if self.distribution == "constant":
            return np.full(shape, scale * self.constant)
        factor = scale * self._spread(shape, inputs)
        if self.distribution == "uniform":
            made = rng().uniform(-factor, factor, shape)
        elif self.function is not None:
            made = factor * self.function(rng(), shape)
        else:
            made = factor * rng().standard_normal(shape)
        return np.asarray(made, dtype=np.float64)

    def _spread(self, shape: Shape, inputs: int | None) -> float:
        found = fans(shape, inputs, convolution=self.convolution)
        return 1.0 if self.spread is None else self.spread[1](found)

    def statement(self, shape: Shape, scale: float, inputs: int | None) -> str:
        """Write what draws the same from ``rng`` in a script."""
        size = str(shape[0]) if len(shape) == 1 else str(shape) if shape else ""
        if self.distribution == "uniform":
            bound = scale * self._spread(shape, inputs)
            return f"rng.uniform({-bound!r}, {bound!r}{', ' if size else ''}{size})"
        found = fans(shape, inputs, convolution=self.convolution)
        factors = [repr(scale)] if scale != 1.0 else []
        if self.spread is not None:
            text = self.spread[0]
            factors.append(text.format(inputs=found.inputs, outputs=found.outputs, both=sum(found)))
        if self.function is not None:
            return " * ".join([*factors, f"{self.function.__name__}(rng, {shape})"])
        return " * ".join([*factors, f"rng.standard_normal({size})"])


def _root(numerator: int, under: str, of: Callable[[Fans], int]) -> tuple[str, Callable[[Fans], float]]:
    """Return √(numerator / under)."""
    return f"({numerator} / {{{under}}}) ** 0.5", lambda found: (numerator / of(found)) ** 0.5


def _inputs(numerator: int) -> tuple[str, Callable[[Fans], float]]:
    return _root(numerator, "inputs", lambda found: found.inputs)


def _both(numerator: int) -> tuple[str, Callable[[Fans], float]]:
    return _root(numerator, "both", sum)


def _also(*names: str) -> tuple[str, ...]:
    """Return names, and the same with the line below with which PyTorch ends them."""
    return (*names, *(f"{name}_" for name in names))


INITIALIZERS: Final = {
    one.name: one
    for one in (
        Initializer("normal", "normal, σ = 1", "normal", others=_also("randn")),
        Initializer("uniform", "uniform from −1 to 1", "uniform", others=_also("rand")),
        Initializer("zeros", "0", "constant", others=_also("zero")),
        Initializer("ones", "1", "constant", constant=1.0, others=_also("one")),
        Initializer("xavier", "as xavier_normal", "normal", _both(2), convolution=False),
        Initializer("he", "as he_normal", "normal", _inputs(2), convolution=False),
        Initializer(
            "xavier_normal", "normal, σ = √(2 / (in + out))", "normal", _both(2),
            others=_also("glorot_normal", "glorot"),
        ),
        Initializer(
            "xavier_uniform", "uniform within ±√(6 / (in + out))", "uniform", _both(6),
            others=_also("glorot_uniform"),
        ),
        Initializer(
            "he_normal", "normal, σ = √(2 / in)", "normal", _inputs(2), others=_also("kaiming_normal")
        ),
        Initializer(
            "he_uniform", "uniform within ±√(6 / in)", "uniform", _inputs(6), others=_also("kaiming_uniform")
        ),
        Initializer("lecun_normal", "normal, σ = √(1 / in)", "normal", _inputs(1)),
        Initializer(
            "torch_linear", "uniform within ±√(1 / in), as nn.Linear and nn.Conv2d start", "uniform",
            _inputs(1), others=("linear",),
        ),
        Initializer(
            "orthogonal", "orthonormal rows or columns", "function", function=orthogonal,
            others=_also("orthonormal"),
        ),
        Initializer(
            "truncated_normal", "normal, σ = 1, drawn again beyond ±2", "function",
            function=truncated_normal, others=_also("trunc_normal"),
        ),
    )
}  # fmt: skip
"""Every initialiser, by name."""


def called_here(name: str) -> str:
    """Return what another name's initialiser is called here; empty where there is none."""
    return next((one.name for one in INITIALIZERS.values() if name in one.others), "")
