"""Which array of a file of weights is which parameter of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.draft import ModelDraft, Tensor
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
"""What batch norm keeps beside its parameters."""
_MOST_NAMED = 6


def fit_weights(draft: ModelDraft, arrays: Mapping[str, Array]) -> None:
    """Give every parameter of a model its numbers from a file.

    StepNames may all have one beginning that the model's text does not have, such as ``module.``.

    Raises:
        LessonError: an array is missing, has another shape, or holds what is no finite number.
    """
    wanted = [tensor.source for tensor in draft.tensors]
    before = _beginning(wanted, arrays)
    draft.tensors = [_filled(tensor, before, arrays) for tensor in draft.tensors]
    used = {before + name for name in wanted}
    over = [name for name in arrays if name not in used and not name.endswith(_STATISTICS)]
    if over:
        draft.remark(tr("not used of the weights: {names}", names=_listed(over)))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name, 60) for name in names[:_MOST_NAMED])
    if len(names) <= _MOST_NAMED:
        return shown
    return tr("{names} and {count} more", names=shown, count=len(names) - _MOST_NAMED)


def _beginning(wanted: Sequence[str], arrays: Mapping[str, Array]) -> str:
    """Return what stands before all names in the file; empty where the names are the same."""
    if not wanted or wanted[0] in arrays:
        return ""
    for name in arrays:
        before = name.removesuffix(wanted[0])
        if before != name and all(before + one in arrays for one in wanted):
            return before
    return ""


def _filled(tensor: Tensor, before: str, arrays: Mapping[str, Array]) -> Tensor:
    name = before + tensor.source
    if name not in arrays:
        hint = suggest(name, arrays) or tr("; there are {names}", names=_listed(list(arrays)))
        raise LessonError(tr("the weights have no {name}{hint}", name=found(name, 80), hint=hint))
    array = arrays[name]
    if array.shape != tensor.shape:
        turned = array.ndim > 1 and array.T.shape == tensor.shape
        hint = tr("; it stands the other way round, as in Keras") if turned else ""
        raise LessonError(
            tr(
                "{name} is {shape} in the weights, but {model_shape} in the model{hint}",
                name=printable(name, 80),
                shape=shape_text(array.shape),
                model_shape=shape_text(tensor.shape),
                hint=hint,
            )
        )
    if not np.all(np.isfinite(array)):
        raise LessonError(tr("{name} is not finite everywhere", name=printable(name, 80)))
    return structs.replace(tensor, value=array)
