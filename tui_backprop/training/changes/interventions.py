"""Interventions: hyperparameters set, values put in, parameters moved; each as settings that then hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tui_backprop.engine.autodiff.element_terms import check_element
from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.names import resolve
from tui_backprop.engine.language.nodes import find
from tui_backprop.lessons.hyperparameters import specification
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.undo import HyperparametersSet, Released, Restarted, ValuePut, What
from tui_backprop.training.changes.whatif import element_text
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.schedule import checked, settled
from tui_backprop.training.settings import NOTHING, Settings
from tui_backprop.training.values import as_value, fit


class Alteration(Struct, frozen=True, eq=False):
    """A value put in by hand that is in force.

    Attributes:
        name: the node, as the lesson writes it.
        kind: "override", held until it is released, or "edit", a parameter moved at this iteration's start.
        since: the iteration from which it holds.
        value: what was put in, read-only.
    """

    name: str
    kind: Literal["override", "edit"]
    since: int
    value: Array


class Intervention(Struct, frozen=True):
    """What somebody wants to hold from an iteration on.

    Attributes:
        what: what it changes.
        settings: what holds with it.
        nbytes: memory of the value put in.
        restarts: whether training begins anew with it.
    """

    what: What
    settings: Settings
    nbytes: int = 0
    restarts: bool = False


def alterations(at: Iteration) -> tuple[Alteration, ...]:
    """Return the values put in by hand that are in force at an iteration."""
    schedule, number = at.schedule, at.number
    held = (
        Alteration(name, "override", schedule.held_since(name, number), value)
        for name, value in at.settings.overrides.items()
    )
    moved = (Alteration(name, "edit", number, value) for name, value in schedule.edits(number).items())
    return *held, *moved


def set_hyperparameters(at: Iteration, hyperparameters: Mapping[str, Any]) -> Intervention | None:
    """Return an iteration's settings with these hyperparameters; None where they are what they were.

    Raises:
        BackpropError: a value is refused, or does not go with the formula or an override.
    """
    before = at.settings.hyperparameters
    after = settled(at.lesson, before.under(**hyperparameters))
    later = bool(hyperparameters) and at.schedule.next_change(at.number) is not None
    if after == before and not later:
        return None
    changed = after.changed_from(before).keys() - {"backend"}
    restarts = any(not specification(name).live for name in changed)
    edits = NOTHING if restarts else at.schedule.edits(at.number)
    settings = checked(at.lesson, after, at.settings.overrides, edits)
    return Intervention(HyperparametersSet.between(before, after), settings, restarts=restarts)


def override(at: Iteration, name: str, value: Any) -> Intervention:
    """Return an iteration's settings with a value in place of what a node's operation gives.

    Raises:
        BackpropError: an unknown node, a sub-expression that occurs in several shapes, or a value that
            does not fit.
    """
    node = find(at.graph, name)[0]
    array = as_value(node, value)
    return _override(at, node, array, ValuePut.of(node.name, array))


def edit(at: Iteration, name: str, value: Any) -> Intervention:
    """Return an iteration's settings with a parameter moved to a value at its start.

    Raises:
        BackpropError: not a parameter, one whose value is held by an override, or a value that does not fit.
    """
    node = find(at.graph, name)[0]
    array = as_value(node, value)
    return _edit(at, node, array, ValuePut.of(node.name, array))


def put(at: Iteration, name: str, value: Any, element: Sequence[int] | None = None) -> Intervention:
    """Return what :func:`edit` does for a parameter, and :func:`override` for any other node.

    Args:
        at: the iteration.
        name: the node.
        value: the value; a number where an element is given.
        element: the place of the one element to change, counted from 0.

    Raises:
        BackpropError: as those two do, or an element that the node does not have.
    """
    node = find(at.graph, name)[0]
    array = as_value(node, value)
    what = ValuePut.of(node.name, array)
    if element is not None:
        place = check_element(node, element)
        if array.ndim:
            where, shape = f"{pretty_text(node.name)}{element_text(place)}", shape_text(array.shape)
            raise BackpropError(
                tr("{name}: found shape {shape}; it must be a number", name=where, shape=shape)
            )
        what = ValuePut.of(node.name, array, place, _sample(at, node, place))
        array = _with_element(at, node, place, array)
    return (_edit if node.kind is Kind.PARAMETER else _override)(at, node, array, what)


def release(at: Iteration, name: str) -> Intervention:
    """Return an iteration's settings without an override, or without an edit of this iteration's.

    Raises:
        BackpropError: the node is not overridden or edited, or it was edited at an earlier iteration.
    """
    overrides, edits = dict(at.settings.overrides), dict(at.schedule.edits(at.number))
    try:
        known = resolve(name, [*overrides, *edits], "override")
    except BackpropError:
        _refuse_earlier_edit(at, name)
        raise
    overrides.pop(known, None) if known in overrides else edits.pop(known)
    settings = checked(
        at.lesson, at.settings.hyperparameters, MappingProxyType(overrides), MappingProxyType(edits)
    )
    return Intervention(Released(known), settings)


def reset(at: Iteration) -> Intervention:
    """Return an iteration's settings for a new start."""
    return Intervention(Restarted(), replace(at.settings, edits=NOTHING), restarts=True)


def _override(at: Iteration, node: Node, value: Array, what: What) -> Intervention:
    overrides = MappingProxyType({**at.settings.overrides, node.name: value})
    settings = checked(at.lesson, at.settings.hyperparameters, overrides, at.schedule.edits(at.number))
    return Intervention(what, settings, value.nbytes)


def _edit(at: Iteration, node: Node, value: Array, what: What) -> Intervention:
    shown = pretty_text(node.name)
    if node.kind is not Kind.PARAMETER:
        raise BackpropError(tr("{name} is no parameter and cannot be moved; override it", name=shown))
    if node.name in at.settings.overrides:
        raise BackpropError(tr("{name} is held at a value put in; release it before it is moved", name=shown))
    whole = frozen(np.array(fit(node, value), order="C"))
    edits = MappingProxyType({**at.schedule.edits(at.number), node.name: whole})
    return Intervention(what, replace(at.settings, edits=edits), whole.nbytes)


def _with_element(at: Iteration, node: Node, place: tuple[int, ...], number: Array) -> Array:
    """Return the value that a node has now, or that all samples have, with one element new.

    An override of samples that is meant for every batch alike, and not for all samples, stays one.
    """
    value = at.parameters[node.name] if node.kind is Kind.PARAMETER else at.tape.value(node)
    chosen = at.sample_indices
    if node.kind is Kind.SAMPLES and chosen is not None:
        samples = at.lesson.samples[node.name]
        held = at.settings.overrides.get(node.name, samples)
        try:
            value = np.broadcast_to(held, samples.shape)
            place = (int(chosen[place[0]]), *place[1:])
        except ValueError:
            value = at.tape.value(node)
    changed = np.array(value)
    changed[place] = number
    return frozen(changed)


def _sample(at: Iteration, node: Node, place: tuple[int, ...]) -> int | None:
    """Return which sample an element is of, where a batch has not all of them."""
    chosen = at.sample_indices
    return int(chosen[place[0]]) if node.kind is Kind.SAMPLES and chosen is not None else None


def _refuse_earlier_edit(at: Iteration, name: str) -> None:
    for since, settings in reversed(at.schedule.upto(at.number)):
        for known in settings.edits:
            if pretty_text(known) == pretty_text(str(name)):
                raise BackpropError(
                    tr(
                        "{name} was moved at iteration {iteration}, and training went on from there; "
                        "undo takes it back",
                        name=pretty_text(known),
                        iteration=since,
                    )
                )
