"""What a front end goes through as what a picture is about: layers, inputs, pairs of both."""

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
    """Offer each parameter alone."""
    return [(node.name,) for node in view.graph.parameters]


def offer_lines(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each name that the formula assigns, but for the loss."""
    named = view.graph.named.items()
    return [(name,) for name, node in named if node.op is not None and node is not view.graph.loss]


def offer_inputs(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each input that a prediction depends on."""
    return [(name,) for name in _inputs(view)]


def offer_pairs(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each pair of the first inputs."""
    return list(combinations(_inputs(view)[:MOST], 2))


def offer_planes(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer each pair of the first elements of what is trained."""
    elements = [name for (name,) in offer_elements(view)]
    return list(combinations(elements[:MOST], 2))


def offer_held_back(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer the samples that are held back, where there are some."""
    return [("validation",)] if view.lesson.validation is not None else []


def _inputs(view: TrainingView) -> list[str]:
    try:
        return [feature.name for feature in probe_of(view.lesson).features]
    except BackpropError:  # the picture itself says why there is none
        return []
