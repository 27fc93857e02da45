"""The loss along one line through the parameters, with its tangent: what each rate or value would do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.elements import ParameterElement, element_named
from tui_backprop.pictures.elsewhere import LossElsewhere
from tui_backprop.pictures.figure import Axis, Curve, Figure, Level, Mark, Plot, Points, axis_around
from tui_backprop.pictures.picture import Wanted
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView

LEAST, MOST = 41, 161
"""Points along the line."""
_DOUBLINGS = 40
"""How often a rate is doubled to find where the loss is higher than here, at most."""


class Slice(Struct, frozen=True, eq=False):
    """Losses along a line.

    Attributes:
        name: the parameter, or "rate" along the negative gradient.
        t: shape (n,), the parameter's values, or the rates: at rate t the parameters are θ − t ∂L/∂θ.
        loss: of that shape.
        tangent: of that shape, the straight line that touches the loss where the parameters are.
        here: where the parameters are, and the loss there.
        step: where the next update leads, and the loss there.
        slope: the tangent's.
    """

    name: str
    t: Array
    loss: Array
    tangent: Array
    here: tuple[float, float]
    step: tuple[float, float]
    slope: float

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Slice:
        """Return the losses along a parameter's element, or along the negative gradient where none is named.

        Raises:
            BackpropError: more than one is named, or there is nothing that is trained.
        """
        if len(wanted.of) > 1:
            raise BackpropError(
                tr("slice goes along one parameter; found {names}", names=", ".join(wanted.of))
            )
        points = min(max(2 * wanted.grain.columns, LEAST), MOST)
        if wanted.of:
            return _along_element(view, element_named(view, wanted.of[0]), points)
        return _along_gradient(view, points)

    @property
    def lowest(self) -> tuple[float, float]:
        """Where on the line the loss is lowest, of the points that are drawn, and the loss there."""
        finite = np.where(np.isfinite(self.loss), self.loss, np.inf)
        at = int(finite.argmin())
        return float(self.t[at]), float(self.loss[at])

    def numbers(self) -> Mapping[str, Any]:
        """Return the points of the curve and of its tangent."""
        here, step = ({"t": t, "loss": loss} for t, loss in (self.here, self.step))
        return {
            "name": self.name, "t": self.t, "loss": self.loss, "tangent": self.tangent, "here": here,
            "step": step, "slope": self.slope,
        }  # fmt: skip

    def figure(self) -> Figure:
        """Draw the loss, its tangent where the parameters are, and the step that comes."""
        y = axis_around(tr("loss"), np.append(self.loss, [self.here[1]]))
        marks: list[Mark] = [
            Curve(self.t, self.tangent, "tangent", tr("tangent")),
            Curve(self.t, self.loss, "line", tr("loss")),
        ]
        if math.isfinite(self.step[1]):
            marks.append(Level(self.step[0], across=False, role="path", label=tr("the step taken")))
            marks.append(_point(self.step, "path", tr("after it")))
        marks.append(_point(self.here, "here", tr("here")))
        x = Axis(self._axis, float(self.t[0]), float(self.t[-1]))
        return Figure(
            tr("loss along {line}", line=self._line),
            (Plot(tr("slice"), x, y, tuple(marks)),),
            tuple(self.words()[1:]),
        )

    @property
    def _line(self) -> str:
        return tr("the negative gradient") if self.name == "rate" else self.name

    @property
    def _axis(self) -> str:
        return tr("learning rate") if self.name == "rate" else self.name

    def words(self) -> Sequence[str]:
        """Say where we are, where the step leads, and where the loss is lowest."""
        at, loss = self.lowest
        unit = tr("rate") if self.name == "rate" else self.name
        here = tr(
            "loss along {line}: {loss} here, at {unit} {place}, slope {slope}",
            line=self._line,
            loss=number(self.here[1]),
            unit=unit,
            place=number(self.here[0]),
            slope=number(self.slope),
        )
        step = tr(
            "the step taken leads to {unit} {place}, loss {loss}",
            unit=unit,
            place=number(self.step[0]),
            loss=number(self.step[1]),
        )
        lowest = tr(
            "the lowest drawn: loss {loss} at {unit} {place}", loss=number(loss), unit=unit, place=number(at)
        )
        if self.name == "rate" and math.isfinite(self.loss[-1]) and self.loss[-1] > self.here[1]:
            above = self.t[np.flatnonzero(self.loss <= self.here[1])[-1]]
            rise = tr("above about {rate} the loss would rise", rate=number(float(above)))
            lowest = f"{lowest}; {rise}"
        return here, step, lowest


def _point(at: tuple[float, float], role: Any, label: str) -> Points:
    return Points(frozen([at[0]]), frozen([at[1]]), role=role, label=label)


def _along_gradient(view: TrainingView, points: int) -> Slice:
    """Return the losses at θ − t ∂L/∂θ, for rates from 0 to where the loss is higher than here."""
    moved = tuple(node for node in view.graph.parameters if node.trainable)
    if not moved:
        raise BackpropError(
            tr("{lesson} trains nothing: there is no step to look along", lesson=view.lesson.name)
        )
    elsewhere, starts = LossElsewhere(view, moved), view.leaves
    gradients = {node.index: view.tape.gradient(node) for node in moved}
    square = float(sum(np.sum(np.square(g, dtype=np.float64)) for g in gradients.values()))
    dtype = view.graph.dtype

    def at(rate: float) -> float:
        with np.errstate(all="ignore"):
            values = {
                n.index: np.asarray(starts[n.name] - rate * gradients[n.index], dtype)[()] for n in moved
            }
        return elsewhere.at(values)

    here, rate = view.loss, view.learning_rate
    furthest = _furthest(at, here, rate)
    t = np.linspace(0.0, furthest, points)
    return Slice("rate", t, _losses(at, t), here - t * square, (0.0, here), (rate, at(rate)), -square)


def _furthest(at: Callable[[float], float], here: float, rate: float) -> float:
    """Return the first rate of those doubled that raises the loss; twice the rate set where none does."""
    tried = rate if rate > 0 else 1.0
    if not at(tried) <= here:  # NaN too
        return tried
    for _ in range(_DOUBLINGS):
        tried *= 2
        if not at(tried) <= here:
            return tried
    return 2 * rate if rate > 0 else 1.0


def _along_element(view: TrainingView, element: ParameterElement, points: int) -> Slice:
    """Return the losses for values of one element, to both sides of where it is."""
    node, place = element
    elsewhere, start = LossElsewhere(view, (node,)), view.leaves[node.name]
    slope = float(view.tape.gradient(node)[place])

    def at(value: float) -> float:
        moved = np.array(start)
        moved[place] = value
        return elsewhere.at({node.index: moved[()]})

    value, here = float(start[place]), view.loss
    after = float(view.next_parameters[node.name][place]) if node.trainable else value
    reach = _reach(at, value, here, slope, abs(after - value))
    t = np.unique(np.append(np.linspace(value - reach, value + reach, points), value))
    return Slice(
        element.name, t, _losses(at, t), here + (t - value) * slope, (value, here), (after, at(after)), slope
    )


def _reach(at: Callable[[float], float], value: float, here: float, slope: float, step: float) -> float:
    """Return how far to look to each side: twice as far as the lowest point of the parabola through here."""
    scale = max(abs(value), 1e-3)
    h = 1e-3 * scale
    bend = (at(value + h) - 2 * here + at(value - h)) / (h * h)  # h**2 raises where it overflows
    distance = abs(slope / bend) if bend > 0 and math.isfinite(bend) else 0.0
    return min(max(2 * distance, 4 * step, 0.5 * scale), 20 * max(scale, 1.0))


def _losses(at: Callable[[float], float], t: Array) -> Array:
    return frozen([at(float(one)) for one in t])
