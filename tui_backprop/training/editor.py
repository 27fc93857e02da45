"""Changing a training: dials, values put in and parameters moved, all of which can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Kind, Node
from tui_backprop.engine.names import pretty_text, resolve
from tui_backprop.engine.terms import check_element
from tui_backprop.lessons.hyperparameters import Hyperparameters, dial_text, specification
from tui_backprop.training.settings import NOTHING, as_value, find, fit
from tui_backprop.training.undoing import Undoing
from tui_backprop.training.whatif import element_text, written


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


class Editor(Undoing):
    """A training whose dials and values can be changed; its arguments are those of Course."""

    # ------------------------------------------------------------------ what is changed

    @property
    def alterations(self) -> tuple[Alteration, ...]:
        """The values put in by hand that are in force at this iteration."""
        held = (Alteration(n, "override", self._held_since(n), v) for n, v in self.overrides.items())
        moved = (Alteration(name, "edit", self._iteration, v) for name, v in self.edits.items())
        return *held, *moved

    @property
    def altered(self) -> frozenset[int]:
        """Indices of the nodes whose value is put in, or depends on one that is, at this iteration."""
        graph = self.graph
        altered = {graph.named[name].index for name in self.edits}
        for index, value in self._settings.overrides_in(graph, self.sample_indices).items():
            name = graph.nodes[index].name
            rows = name in self._settings.whole and self.sample_indices is not None
            if not rows or not np.array_equal(value, self.inputs[name]):  # else: another batch's sample
                altered.add(index)
        if altered:
            for node in graph.nodes:
                if any(operand.index in altered for operand in node.operands):
                    altered.add(node.index)
        return frozenset(altered)

    def _held_since(self, name: str) -> int:
        """Return the iteration since which an override holds without a break."""
        value, since = self.overrides[name], self._iteration
        for start, settings in reversed(self._log[: self._place_in_log(self._iteration) + 1]):
            if settings.overrides.get(name) is not value:
                break
            since = start
        return since

    # ------------------------------------------------------------------ changing

    def set(self, /, **hyperparameters: Any) -> bool:
        """Turn dials; return whether that restarted the training.

        A dial that applies live holds from this iteration on; going back undoes it, going forward redoes it.
        After going back, any dial set drops the changes made later, even one set to the value it has here.

        Raises:
            BackpropError: a value is refused, or does not go with the formula or an override; nothing has
                changed then.
        """
        before = self.hyperparameters
        dials = before.replace(**hyperparameters)
        later = bool(hyperparameters) and self._log[-1][0] > self._iteration
        if dials == before and not later:
            return False
        restarts = any(not specification(name).live for name in dials.changed_from(before))
        settings = self._checked(dials, self.overrides, NOTHING if restarts else self.edits)
        self._change(_turned(before, dials), settings, restarts=restarts)
        return restarts

    def override(self, name: str, value: Any) -> None:
        """Put a value in place of what a node's operation gives, until :meth:`release`.

        Everything behind it is recomputed; backward goes on as if the operation had produced it, which makes
        the gradients an exercise and not the derivative of anything. ``name`` may be in either spelling, or
        the text of a sub-expression, which is replaced wherever it occurs; the value must fit every batch, or
        have a row for each of the lesson's samples, of which each batch takes its own.

        Raises:
            BackpropError: an unknown node, a sub-expression that occurs in several shapes, or a value that
                does not fit.
        """
        node = find(self.graph, name)[0]
        self._override(node, as_value(node, value))

    def edit(self, name: str, value: Any) -> None:
        """Move a parameter to a value at the start of this iteration; training goes on from there.

        The optimizer's memory stays. Inside an iteration the records done are recomputed.

        Raises:
            BackpropError: not a parameter, one whose value is held by an override, or a value that does not
                fit.
        """
        node = find(self.graph, name)[0]
        self._edit(node, as_value(node, value))

    def put(self, name: str, value: Any, element: Sequence[int] | None = None) -> None:
        """Put a value in: :meth:`edit` for a parameter, :meth:`override` for any other node.

        Args:
            name: the node.
            value: the value; a number where an element is given.
            element: the place of the one element to change, counted from 0; the others keep the values that
                they have at this iteration. For samples it is the sample behind that row that is changed, in
                whatever batch it comes again.

        Raises:
            BackpropError: as those two do, or an element that the node does not have.
        """
        node = find(self.graph, name)[0]
        array, what = as_value(node, value), ""
        if element is not None:
            at = check_element(node, element)
            if array.ndim:
                found = f"{pretty_text(node.name)}{element_text(at)}: found shape {shape_text(array.shape)}"
                raise BackpropError(f"{found}; it must be a number")
            what = pretty_text(node.name) + element_text(at) + self._sample_text(node, at)
            what += f" put in as {written(array)}"
            array = self._with_element(node, at, array)
        if node.kind is Kind.PARAMETER:
            self._edit(node, array, what)
        else:
            self._override(node, array, what)

    def release(self, name: str) -> None:
        """Lift an override, or take an edit of this iteration's back.

        Raises:
            BackpropError: the node is not overridden or edited, or it was edited at an earlier iteration.
        """
        try:
            known = resolve(name, [*self.overrides, *self.edits], "override")
        except BackpropError:
            self._refuse_earlier_edit(name)
            raise
        overrides, edits = dict(self.overrides), dict(self.edits)
        overrides.pop(known, None) if known in overrides else edits.pop(known)
        settings = self._checked(self.hyperparameters, MappingProxyType(overrides), MappingProxyType(edits))
        self._change(f"{pretty_text(known)} released", settings)

    def reset(self) -> None:
        """Start anew from the starting parameters, with dials and overrides as they are now."""
        settings = replace(self._settings, edits=NOTHING)
        if len(self._log) > 1 or self._log[0][1].edits:
            self._change("reset", settings, restarts=True)
        else:  # nothing is lost that going forward does not bring again
            self._begin([(0, settings)])

    # ------------------------------------------------------------------ inside

    def _override(self, node: Node, value: Array, what: str = "") -> None:
        overrides = MappingProxyType({**self.overrides, node.name: value})
        settings = self._checked(self.hyperparameters, overrides, self.edits)
        self._change(what or f"{pretty_text(node.name)} put in as {written(value)}", settings, value.nbytes)

    def _edit(self, node: Node, value: Array, what: str = "") -> None:
        shown = pretty_text(node.name)
        if node.kind is not Kind.PARAMETER:
            raise BackpropError(f"{shown} is no parameter and cannot be moved; override it")
        if node.name in self.overrides:
            raise BackpropError(f"{shown} is held at a value put in; release it before it is moved")
        whole = frozen(np.array(fit(node, value), order="C"))
        settings = replace(self._settings, edits=MappingProxyType({**self.edits, node.name: whole}))
        self._change(what or f"{shown} put in as {written(value)}", settings, whole.nbytes)

    def _with_element(self, node: Node, at: tuple[int, ...], number: Array) -> Array:
        """Return the value that a node has now, or that all samples have, with one element new.

        An override of samples that is meant for every batch alike, and not for all samples, stays one.
        """
        value = self._parameters[node.name] if node.kind is Kind.PARAMETER else self.tape.value(node)
        chosen = self.sample_indices
        if node.kind is Kind.SAMPLES and chosen is not None:
            samples = self.lesson.samples[node.name]
            held = self.overrides.get(node.name, samples)
            try:
                value = np.broadcast_to(held, samples.shape)
                at = (int(chosen[at[0]]), *at[1:])
            except ValueError:
                value = self.tape.value(node)
        changed = np.array(value)
        changed[at] = number
        return frozen(changed)

    def _sample_text(self, node: Node, at: tuple[int, ...]) -> str:
        chosen = self.sample_indices
        is_row = node.kind is Kind.SAMPLES and chosen is not None
        return f", sample {chosen[at[0]]}," if is_row and chosen is not None else ""

    def _refuse_earlier_edit(self, name: str) -> None:
        for since, settings in reversed(self._log[: self._place_in_log(self._iteration) + 1]):
            for known in settings.edits:
                if pretty_text(known) == pretty_text(str(name)):
                    raise BackpropError(
                        f"{pretty_text(known)} was moved at iteration {since}, and training went on from "
                        "there; undo takes it back"
                    )


def _turned(before: Hyperparameters, after: Hyperparameters) -> str:
    """Write which dials were turned: ``learning_rate 0.1 → 0.5``."""
    turned = (
        f"{name} {dial_text(getattr(before, name))} → {dial_text(value)}"
        for name, value in after.changed_from(before).items()
    )
    return ", ".join(turned) or "later changes dropped"
