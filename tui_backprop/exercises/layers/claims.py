"""Which gradient is which: what backward returns and sets, by the names of inputs and arrays of the layer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing.names import usable

_FORMS = ("d{}", "d_{}", "grad_{}", "{}_grad", "{}.grad", "g{}", "{}")
_KEPT_IN = ("grads", "gradients", "grad")
"""Attributes that are dictionaries of gradients."""


def input_names(forward: Any, inputs: Sequence[Any]) -> list[str]:
    """Return what forward calls its inputs; those of ``*args`` are numbered."""
    parameters = list(inspect.signature(forward).parameters.values())
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [
        names[place] if place < len(names) and usable(names[place]) else f"x{place + 1}"
        for place in range(len(inputs))
    ]


def trained_arrays(layer: Any, taken: Sequence[str]) -> dict[str, Any]:
    """Return the arrays of a layer that may be trained, by attribute; those of its dictionaries by key."""
    arrays: dict[str, Any] = {}
    for name, value in vars(layer).items():
        for key, array in value.items() if isinstance(value, dict) else ((name, value),):
            is_array = isinstance(array, np.ndarray | np.floating) and np.asarray(array).dtype.kind == "f"
            if is_array and np.size(array) and usable(str(key)) and key not in taken:
                arrays[str(key)] = array
    return arrays


def put(layer: Any, arrays: Mapping[str, Any]) -> None:
    """Give a layer other arrays for those that :func:`trained_arrays` has found."""
    for name, value in list(vars(layer).items()):
        if isinstance(value, dict):
            value.update({key: arrays[key] for key in value if key in arrays})
        elif name in arrays:
            setattr(layer, name, arrays[name])


def claimed(
    returned: Any, layer: Any, inputs: Sequence[str], trained: Sequence[str]
) -> tuple[dict[str, Any], int]:
    """Return the gradients of a backward pass by name, and how many results there are too many.

    What is returned comes first for the inputs, in their order, then for the layer's arrays; a dictionary
    says the names itself, as attributes such as ``dW`` do.
    """
    found: dict[str, Any] = {}
    names = [*inputs, *trained]
    given = {} if returned is None else returned
    too_many = 0
    if not isinstance(given, dict):
        results = list(given) if isinstance(given, tuple | list) else [given]
        too_many = max(0, len(results) - len(names))
        found |= {name: result for name, result in zip(names, results, strict=False) if result is not None}
    else:
        found |= _by_form(given, names)
    for attribute in _KEPT_IN:
        kept = getattr(layer, attribute, None)
        if isinstance(kept, dict):
            found |= {k: v for k, v in _by_form(kept, names).items() if k not in found}
    attributes = {name: value for name, value in vars(layer).items() if name not in names}
    return found | {k: v for k, v in _by_form(attributes, trained).items() if k not in found}, too_many


def _by_form(given: Mapping[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what is given under a name for the gradient of one of these."""
    found = {}
    for name in names:
        key = next((form.format(name) for form in _FORMS if form.format(name) in given), None)
        if key is not None and given[key] is not None:
            found[name] = given[key]
    return found
