"""A class with forward and backward: run, traced, and its gradients held against the engine's."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace, TraceError
from tui_backprop.engine.frontends.numpy_tracing.steps import TracedValue
from tui_backprop.engine.frontends.numpy_tracing.text import expression_of
from tui_backprop.exercises.answers import full_gradient, read_answer
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.homework import Mark
from tui_backprop.exercises.hypotheses import gradient_of
from tui_backprop.exercises.layers import claims, slips
from tui_backprop.exercises.layers.report import LayerClaim, LayerReport
from tui_backprop.lessons.traced.tracing import trace
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

_LAST = 10**9
"""Deeper than any call: the name of an output that no variable holds."""
UPSTREAM = "dout"
"""What stands in formulas for the gradient of the layer's output."""


def check_layer(layer: Any, *inputs: Any) -> LayerReport:
    """Compare a layer's hand-written backward pass with the engine's gradients.

    The layer itself is not changed. Its output gets a random upstream gradient, which ``backward`` is given;
    where it takes none, or has a default for it as a loss has, that is the output's gradient. What
    ``backward`` returns is, in this order, for the inputs and then for the layer's own arrays; attributes
    such as ``dW`` and ``grads["W"]`` count as well.

    Args:
        layer: has methods ``forward(*inputs)`` and ``backward(dout)``.
        inputs: arrays and numbers; arrays of whole numbers, such as labels, get no gradient.

    Raises:
        TraceError: it has no such methods, or forward does what cannot be traced.
    """
    for name in ("forward", "backward"):
        if not inspect.ismethod(getattr(layer, name, None)):
            raise TraceError(
                tr(
                    "{layer} has no method {name}; a layer has forward(*inputs) and backward(dout)",
                    layer=type(layer).__name__,
                    name=name,
                )
            )
    return _Check(layer, inputs).report()


@dataclass
class _Check:
    """One check.

    Attributes:
        problems: what was found so far that is no wrong gradient.
        ended: whether a method ended with an error.
    """

    layer: Any
    inputs: tuple[Any, ...]
    problems: list[str] = field(default_factory=list)
    ended: bool = False

    @property
    def rows(self) -> int | None:
        """How many samples there are: the first axis of the first input that has one."""
        return next((len(value) for value in self.inputs if np.ndim(value)), None)

    def report(self) -> LayerReport:
        name = type(self.layer).__name__
        names = claims.input_names(self.layer.forward, self.inputs)
        trained = claims.trained_arrays(self.layer, [*names, UPSTREAM])
        ran = copy.deepcopy(self.layer)
        output = self._run(ran, "forward", self.inputs)
        if output is None:
            return LayerReport(name, tuple(self.problems))
        if isinstance(output, tuple | list):
            self.problems.append(
                tr(
                    "{place}: forward returns {count} values; return one array",
                    place=_place(ran.forward),
                    count=len(output),
                )
            )
            return LayerReport(name, tuple(self.problems))
        takes = list(inspect.signature(ran.backward).parameters.values())
        upstream = _upstream(takes, np.shape(output))
        returned = self._run(ran, "backward", (upstream,) if takes else (), required=False)
        found, too_many = claims.claimed(returned, ran, names, list(trained))
        if returned is None and not found and not self.ended:
            self.problems.append(slips.missing_return(ran.backward)[0])
        if too_many:
            known = ", ".join((*names, *trained))
            self.problems.append(
                tr(
                    "{place}: backward returns more gradients than there are: {known}",
                    place=_place(ran.backward),
                    known=known,
                )
            )
        if not found:
            return LayerReport(name, tuple(self.problems))
        marked = self._marks(names, trained, upstream, bool(takes), found)
        unclaimed = tuple(key for key in trained if key not in found)
        return LayerReport(name, tuple(self.problems), marked, unclaimed)

    def _run(self, layer: Any, name: str, given: tuple[Any, ...], *, required: bool = True) -> Any:
        """Run a method of the layer; note what ends it, and that it returns nothing."""
        method = getattr(layer, name)
        try:
            result = method(*given)
        except Exception as error:
            self.problems.append(slips.told_slip(error))
            self.ended = True
            return None
        if result is None and required:
            problem, attribute = slips.missing_return(method)
            self.problems.append(problem)
            result = getattr(layer, attribute, None) if attribute else None
        return result

    def _marks(
        self, names: list[str], trained: dict[str, Any], upstream: Any, takes: bool, found: dict[str, Any]
    ) -> tuple[LayerClaim, ...]:
        values = dict(zip(names, self.inputs, strict=True))
        whole = {key: value for key, value in values.items() if _is_whole(value)}
        parameters = {key: _double(value) for key, value in (values | trained).items() if key not in whole}
        backward: dict[str, Any] = {}

        def loss(**arrays: Any) -> Any:
            layer = copy.deepcopy(self.layer)
            claims.put(layer, {key: arrays[key] for key in trained})
            output = layer.forward(*(arrays[key] for key in names))
            if output is None:
                output = getattr(layer, slips.missing_return(layer.forward)[1])
            if isinstance(output, TracedValue):
                output.recorder.name(output.step, "out", _LAST)
            result = np.sum(output * arrays[UPSTREAM])
            try:
                returned = layer.backward(*((arrays[UPSTREAM],) if takes else ()))
                backward.update(claims.claimed(returned, layer, names, list(trained))[0])
            except (BackpropError, ArithmeticError, TypeError, ValueError, AttributeError):
                backward.clear()  # its numbers are compared all the same
            return result

        trainer = Trainer(trace(loss, parameters, {UPSTREAM: upstream, **whole}))
        return tuple(
            LayerClaim(
                key, self._where(backward.get(key)), self._mark(trainer, key, value, backward.get(key))
            )
            for key, value in found.items()
            if key not in whole and key in trainer.graph.named
        )

    def _mark(self, trainer: Trainer, name: str, value: Any, traced: Any) -> Mark:
        """Mark a gradient as the formula that it was worked out by; else as its numbers."""
        graph = trainer.double_tape.graph
        node, numbers = graph.named[name], np.asarray(value, np.float64)

        def marked(text: str) -> Mark:
            answer = read_answer(text, graph, node, rows=self.rows)
            diagnosis = diagnose(gradient_of(graph, node), answer, trainer.double_tape, self.rows)
            return Mark(node, text, diagnosis, frozen(full_gradient(trainer.double_tape, node)), graph)

        alone = numbers.size == 1 and not node.shape
        text = expression_of(traced.step) if isinstance(traced, TracedValue) else ""
        if text:
            try:
                return marked(f"np.sum({text})" if alone and numbers.shape else text)
            except BackpropError:
                pass  # it is no formula of the language
        if numbers.size == int(np.prod(node.shape)) == 1:
            numbers = numbers.reshape(node.shape)
        return marked(_listed(numbers))

    def _where(self, traced: Any) -> str:
        if isinstance(traced, TracedValue) and not traced.step.given:
            return str(traced.step.place)
        return str(_place(self.layer.backward))


def _place(method: Any) -> SourcePlace:
    """Return where a method begins."""
    return SourcePlace(method.__func__.__code__.co_filename, method.__func__.__code__.co_firstlineno)


def _listed(numbers: Any) -> str:
    """Write numbers to so many digits that rounding is not taken for a mistake."""
    return f"{numbers:.12g}" if not numbers.ndim else f"[{', '.join(map(_listed, numbers))}]"


def _upstream(takes: list[inspect.Parameter], shape: tuple[int, ...]) -> Any:
    """Return the gradient of the output."""
    if not takes:
        return np.ones(shape)
    default = takes[0].default
    if default is not inspect.Parameter.empty and default is not None:
        return np.broadcast_to(np.float64(default), shape).copy()
    return np.random.default_rng(0).normal(size=shape)


def _is_whole(value: Any) -> bool:
    return np.ndim(value) > 0 and np.asarray(value).dtype.kind in "iub"


def _double(value: Any) -> Any:
    return np.asarray(value, np.float64)
