"""Elements of parameters, as people name them: ``w``, ``b1[0]``, ``W1[0, 2]``."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

import numpy as np

from tui_backprop.engine.autodiff.element_terms import parse_element
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.names import resolve
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView

OFFERED = 8
"""Elements of one parameter that are offered; any other can be named."""
_NAMED = re.compile(r"(?s)\s*(.*?[^\s])\s*(\[[^\[\]]*\])?\s*")


class ParameterElement(NamedTuple):
    """One number of a parameter.

    Attributes:
        node: the parameter.
        at: its place, an index for each axis.
    """

    node: Node
    at: tuple[int, ...]

    @property
    def name(self) -> str:
        """How it is written."""
        return f"{self.node.name}[{', '.join(map(str, self.at))}]" if self.at else self.node.name


def offer_elements(view: TrainingView) -> list[tuple[str, ...]]:
    """Return the names of elements of what is trained, the first few of each parameter."""
    return [
        (ParameterElement(node, tuple(map(int, at))).name,)
        for node in view.graph.trainable
        for at in islice(np.ndindex(node.shape), OFFERED)
    ]


def elements_named(view: TrainingView, text: str) -> tuple[ParameterElement, ...]:
    """Return what a name stands for: one element, or all of a parameter's.

    Raises:
        BackpropError: an unknown parameter, or an element that it does not have.
    """
    found = _NAMED.fullmatch(text)
    if found is None:
        raise BackpropError(
            tr("found '{found}'; name a parameter, or an element of one as b1[0]", found=printable(text, 40))
        )
    name, place = found.groups()
    node = view.graph.named[resolve(name, [node.name for node in view.graph.parameters], "parameter")]
    if place is not None:
        return (ParameterElement(node, parse_element(place, node)),)
    return tuple(ParameterElement(node, tuple(map(int, at))) for at in np.ndindex(node.shape))


def element_named(view: TrainingView, text: str) -> ParameterElement:
    """Return the one element that a name stands for.

    Raises:
        BackpropError: as for several, or the parameter has more than one.
    """
    node_elements = elements_named(view, text)
    if len(node_elements) != 1:
        first = node_elements[0]
        raise BackpropError(
            tr(
                "{name} has {count} elements {shape}: name one, such as {first}",
                name=first.node.name,
                count=size_of(first.node.shape),
                shape=shape_text(first.node.shape),
                first=first.name,
            )
        )
    return node_elements[0]
