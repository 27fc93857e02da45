"""An input to try a model on, and a target for its loss: given, or drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.engine.frontends.draft import ModelInput
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

SAMPLES: Final = 4
"""Samples that are drawn."""
_STEPS: Final = (5, *range(1, 41), 50, 64, 100, 128)
_PLACES: Final = (8, 28, 32, *range(1, 41), 48, 64, 96, 128, 224)
"""Lengths that are tried for an axis whose length the model does not say; common ones first."""

LOSSES: Final[Mapping[str, str]] = {
    "mse": "real", "mae": "real", "huber": "real", "bce": "share", "bce_with_logits": "share",
    "cross_entropy": "class", "nll": "class", "hinge": "sign",
}  # fmt: skip
"""The losses by name, with what their targets are."""
OTHER_NAMES: Final[Mapping[str, str]] = {
    "MSELoss": "mse", "L1Loss": "mae", "HuberLoss": "huber", "BCELoss": "bce",
    "BCEWithLogitsLoss": "bce_with_logits", "CrossEntropyLoss": "cross_entropy", "NLLLoss": "nll",
}  # fmt: skip
"""PyTorch's names for them."""


def loss_called(name: str) -> str:
    """Return a loss's name here; PyTorch's are known too.

    Raises:
        LessonError: there is no such loss.
    """
    called = OTHER_NAMES.get(name, name)
    if called not in LOSSES:
        hint = suggest(name, [*LOSSES, *OTHER_NAMES]) or tr("; there are {names}", names=", ".join(LOSSES))
        raise LessonError(tr("the loss is {name}, which is not known{hint}", name=found(name, 40), hint=hint))
    return called


def drawn_input(sample: ModelInput, fits: Callable[[Shape], object], rng: np.random.Generator) -> Array:
    """Draw an input: normal numbers of two decimals, or whole numbers.

    Args:
        sample: what the model takes.
        fits: raises where a shape does not fit the model.
        rng: what draws.

    Raises:
        LessonError: no length that is tried fits.
    """
    shape = _fitting(sample, fits)
    if sample.classes:
        return rng.integers(0, sample.classes, shape).astype(np.float64)
    return np.round(rng.standard_normal(shape), 2)


def _fitting(sample: ModelInput, fits: Callable[[Shape], object]) -> Shape:
    lengths: Iterable[int] = _STEPS if sample.sequence else _PLACES
    if None not in sample.shape:
        lengths = (1,)
    error: BackpropError | None = None
    for length in lengths:
        behind = [length if one is None else one for one in sample.shape]
        shape = tuple(np.insert(behind, sample.axis, sample.samples or SAMPLES).tolist())
        try:
            fits(shape)
        except BackpropError as refused:
            if str(refused) == str(error):
                break  # it is not the length
            error = error or refused
        else:
            return shape
    raise LessonError(
        tr("no input of a common shape fits, so give one with --input FILE ({error})", error=error)
    )


def drawn_target(loss: str, output: Shape, rng: np.random.Generator, classes_axis: int) -> Array:
    """Draw a target for an output of this shape."""
    kind = LOSSES[loss]
    if kind == "class":
        if len(output) < 2:
            raise LessonError(
                tr(
                    "{loss} needs an output of rows, a number for each class; it is {shape}",
                    loss=loss,
                    shape=shape_text(output),
                )
            )
        shape = tuple(length for axis, length in enumerate(output) if axis != classes_axis % len(output))
        return rng.integers(0, output[classes_axis], shape).astype(np.float64)
    if kind == "real":
        return np.round(rng.standard_normal(output), 2)
    whole = rng.integers(0, 2, output).astype(np.float64)
    return 2 * whole - 1 if kind == "sign" else whole


def loss_line(loss: str, output: Shape) -> str:
    """Return the line of the formula that is the loss."""
    if LOSSES[loss] == "class" and len(output) > 2:
        return f"L = {loss}(reshape(y_hat, (-1, {output[-1]})), ravel(y))"
    return f"L = {loss}(y_hat, y)"


def given_samples(arrays: Mapping[str, Array]) -> tuple[Array, Array | None]:
    """Return input and target of a file of arrays, which are called x and y where there are several.

    Raises:
        LessonError: it is not clear which array is the input.
    """
    by_name = {name.lower(): array for name, array in arrays.items()}
    target = next((by_name[name] for name in ("y", "target", "targets", "labels") if name in by_name), None)
    for name in ("x", "input", "inputs"):
        if name in by_name:
            return by_name[name], target
    if len(by_name) == 1:
        return next(iter(by_name.values())), None
    raise LessonError(tr("the input must be called x in its file, and the target y"))
