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
        draft.remark(f"not used of the weights: {_listed(over)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(printable(name, 60) for name in names[:_MOST_NAMED]) + more


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
        hint = suggest(name, arrays) or f"; there are {_listed(list(arrays))}"
        raise LessonError(f"the weights have no {found(name, 80)}{hint}")
    array = arrays[name]
    if array.shape != tensor.shape:
        turned = array.ndim > 1 and array.T.shape == tensor.shape
        hint = "; it stands the other way round, as in Keras" if turned else ""
        raise LessonError(
            f"{printable(name, 80)} is {shape_text(array.shape)} in the weights, but "
            f"{shape_text(tensor.shape)} in the model{hint}"
        )
    if not np.all(np.isfinite(array)):
        raise LessonError(f"{printable(name, 80)} is not finite everywhere")
    return structs.replace(tensor, value=array)
