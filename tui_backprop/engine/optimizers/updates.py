"""One update of all parameters: their gradients clipped, then the optimizer's rule for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers.base import Coefficients, Optimizer, State, Update
from tui_backprop.engine.optimizers.clipping import CLIPPING, clipped

_FRESH: Final = State()


def updates(
    optimizer: Optimizer,
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    memory: Mapping[str, State],
    coefficients: Coefficients,
) -> dict[str, Update]:
    """Make the updates of the parameters that have a gradient; nothing is changed in place.

    Args:
        optimizer: the rule.
        parameters: values by name.
        gradients: those of all trainable parameters, by name.
        memory: the optimizer's, by name; none before its first update.
        coefficients: what its formulas need, with the learning rate of this iteration.
    """
    made = {}
    for name, (gradient, terms) in clipped(gradients, coefficients).items():
        update = optimizer(parameters[name], gradient, memory.get(name, _FRESH), coefficients)
        if terms:
            update = structs.replace(
                update, values={**terms, **update.values}, terms=(*CLIPPING, *update.terms)
            )
        made[name] = update
    return made
