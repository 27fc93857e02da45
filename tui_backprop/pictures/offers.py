"""What a front end goes through as what a picture is about: layers, inputs, pairs of both.

What the kind chooses by itself comes before these, so it is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.elements import offer_elements
from tui_backprop.pictures.predictions.probe import probe_of
from tui_backprop.training.view import TrainingView

MOST = 6
"""Inputs, or elements, of which all pairs are offered; any others can be named."""


def offer_parameters(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each parameter alone, where there are several."""
    return _unless_alone([(node.name,) for node in view.graph.parameters])


def offer_lines(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each name that the formula assigns, but for the loss, where there are several."""
    named = view.graph.named.items()
    lines = [(name,) for name, node in named if node.op is not None and node is not view.graph.loss]
    return _unless_alone(lines)


def offer_inputs(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each input that a prediction depends on, but for the first."""
    return [(name,) for name in _inputs(view)[1:]]


def offer_pairs(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each pair of the first inputs, but for the first pair."""
    return list(combinations(_inputs(view)[:MOST], 2))[1:]


def offer_planes(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each pair of the first elements of what is trained, where there are several."""
    elements = [name for (name,) in offer_elements(view)]
    return _unless_alone(list(combinations(elements[:MOST], 2)))


def offer_held_back(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer the samples that are held back, where there are some."""
    return [("validation",)] if view.lesson.validation is not None else []


def _unless_alone(offers: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    return offers if len(offers) > 1 else ()


def _inputs(view: TrainingView) -> list[str]:
    try:
        return [feature.name for feature in probe_of(view.lesson).features]
    except BackpropError:  # the picture itself says why there is none
        return []
