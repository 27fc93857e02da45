"""Which gradient is which: what backward returns and sets, by the names of inputs and arrays of the layer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class Holder(NamedTuple):
    """What arrays stand in: a layer's attributes, those of a layer inside of it, or a dictionary.

    Attributes:
        prefix: what stands before the names of its arrays.
        own: its arrays and all else in it, by name.
        of_gradients: whether it is a dictionary of gradients.
    """

    prefix: str
    own: dict[Any, Any]
    of_gradients: bool


def _holders(layer: Any) -> list[Holder]:
    """Return where the arrays of a layer and of those inside of it may stand, each once."""
    found: list[Holder] = []
    seen: set[int] = set()
    left = [Holder("", vars(layer), False)]
    while left:
        holder = left.pop(0)
        if id(holder.own) in seen:
            continue
        seen.add(id(holder.own))
        found.append(holder)
        for name, value in holder.own.items():
            if isinstance(value, dict):
                left.append(Holder(holder.prefix, value, name in _KEPT_IN))
            elif isinstance(value, list | tuple):
                inside = [(place, part) for place, part in enumerate(value) if _is_layer(part)]
                left += [Holder(f"{holder.prefix}{name}{n}_", vars(part), False) for n, part in inside]
            elif _is_layer(value):
                left.append(Holder(f"{holder.prefix}{name}_", vars(value), False))
    return found


def _is_layer(value: Any) -> bool:
    return hasattr(value, "__dict__") and callable(getattr(value, "forward", None))


def trained_arrays(layer: Any, taken: Sequence[str]) -> dict[str, Any]:
    """Return the arrays of a layer that may be trained, by attribute; those of its dictionaries by key.

    Those of a layer inside of it have its attribute's name before theirs, as in ``hidden_W``.
    """
    arrays: dict[str, Any] = {}
    for holder in _holders(layer):
        if holder.of_gradients:
            continue
        gradients = {form.format(key) for key in holder.own for form in _FORMS[:-1]}
        for key, array in holder.own.items():
            is_array = isinstance(array, np.ndarray | np.floating) and np.asarray(array).dtype.kind == "f"
            name = f"{holder.prefix}{key}"
            if is_array and np.size(array) and key not in gradients and usable(name) and name not in taken:
                arrays.setdefault(name, array)
    return arrays


def put(layer: Any, arrays: Mapping[str, Any]) -> None:
    """Give a layer other arrays for those that :func:`trained_arrays` has found."""
    for holder in _holders(layer):
        if not holder.of_gradients:
            names = {key: f"{holder.prefix}{key}" for key in holder.own}
            holder.own.update({key: arrays[name] for key, name in names.items() if name in arrays})


def claimed(
    returned: Any, layer: Any, inputs: Sequence[str], trained: Sequence[str]
) -> tuple[dict[str, Any], int]:
    """Return the gradients of a backward pass by name, and how many results there are too many.

    What is returned comes first for the inputs, in their order, then for the layer's arrays; a dictionary
    says the names itself, as attributes such as ``dW`` do.
    """
    found: dict[str, Any] = {}
    names = [*inputs, *trained]
    too_many = 0
    if isinstance(returned, dict):
        found |= _by_form(returned, names, _FORMS)
    elif returned is not None:
        results = list(returned) if isinstance(returned, tuple | list) else [returned]
        too_many = max(0, len(results) - len(names))
        found |= {name: result for name, result in zip(names, results, strict=False) if result is not None}
    for holder in _holders(layer):
        forms = _FORMS if holder.of_gradients else _FORMS[:-1]
        bare = [name.removeprefix(holder.prefix) for name in trained if name.startswith(holder.prefix)]
        for name, gradient in _by_form(holder.own, bare, forms).items():
            found.setdefault(f"{holder.prefix}{name}", gradient)
    return found, too_many


def _by_form(given: Mapping[Any, Any], names: Sequence[str], forms: Sequence[str]) -> dict[str, Any]:
    """Return what is given under a name for the gradient of one of these."""
    found = {}
    for name in names:
        key = next((form.format(name) for form in forms if form.format(name) in given), None)
        if key is not None and given[key] is not None:
            found[name] = given[key]
    return found
