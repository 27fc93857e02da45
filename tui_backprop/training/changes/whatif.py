"""Values typed in: ``y_hat = [0.8, 0.3, 0.4]`` or ``X[1, 0] = 7``, read as literals and never evaluated."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from tui_backprop.engine.autodiff.element_terms import check_element
from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.values import as_value, fit

MAX_TYPED = 100_000
"""Characters that are read."""
FULL = 12
"""Elements up to which a value is written out."""

_ELEMENT = r"(?s)(.*)\[([^\[\]]*)\]\s*"
_RIGHT = later("write NAME = VALUE, such as y_hat = [0.8, 0.3, 0.4] or X[1, 0] = 7")


class WhatIf(Struct, frozen=True, eq=False):
    """A value to put in for a node, or for one element of it.

    Attributes:
        name: the node, as the lesson writes it.
        element: the place of the element, counted from 0; None for the whole value.
        value: the value, read-only; a number where there is an element.
    """

    name: str
    element: tuple[int, ...] | None
    value: Array


def parse_whatif(text: str, graph: Graph, samples: Mapping[str, Array] | None = None) -> WhatIf:
    """Read what was typed; either spelling of names, and the true minus as well as the hyphen.

    Args:
        text: ``NAME = VALUE`` or ``NAME[I, J] = VALUE``; NAME may be the text of a sub-expression.
        graph: the batch's graph, which the value must fit.
        samples: the lesson's samples by name; a value may also have the shape of all of them.

    Raises:
        BackpropError: what was found and what would be right, on one line.
    """
    if len(text) > MAX_TYPED:
        raise BackpropError(
            tr("found {count:,} characters; at most {most:,} are read", count=len(text), most=MAX_TYPED)
        )
    # values have no =, but sub-expressions may: sum(h, axis=0)
    name, equals, value = (part.strip() for part in text.rpartition("="))
    if not equals or not name or name[-1] in "=<>!":
        found = printable(text.strip(), 40)
        raise BackpropError(
            tr("found {found}; {right}", found=found, right=tr(_RIGHT))
            if found
            else tr("found nothing; {right}", right=tr(_RIGHT))
        )
    indexed = re.fullmatch(_ELEMENT, name)
    if indexed is None:
        node = find(graph, name)[0]
        array = as_value(node, _literal(value, node.name))
        whole = (samples or {}).get(node.name)
        if whole is None or array.shape != whole.shape:
            fit(node, array)
        return WhatIf(node.name, None, array)
    node = find(graph, indexed[1].strip())[0]
    element = check_element(node, [_index(part) for part in indexed[2].split(",")])
    label = node.name + element_text(element)
    array = as_value(node, _literal(value, label))
    if array.ndim:
        shape = shape_text(array.shape)
        raise BackpropError(tr("{name}: found shape {shape}; it must be a number", name=label, shape=shape))
    return WhatIf(node.name, element, array)


def written(value: Array) -> str:
    """Write a value that was typed as it was typed: every digit, the true minus; a large one by its shape."""
    if value.size > FULL:
        return tr("an array {shape}", shape=shape_text(value.shape))
    return _number(value) if value.ndim == 0 else f"[{', '.join(map(written, value))}]"


def element_text(element: Iterable[int]) -> str:
    """Write the place of an element: ``[1, 0]``."""
    return f"[{', '.join(map(str, element))}]"


def _number(value: Array) -> str:
    return repr(float(value)).removesuffix(".0").replace("-", "−")


def _index(text: str) -> int | str:
    word = text.strip().replace("−", "-")
    return int(word) if re.fullmatch(r"-?[0-9]{1,9}", word) else word


def _literal(text: str, label: str) -> Any:
    """Return the Python literal that a text is; whatever the parser raises becomes one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "invalid decimal literal"
            return ast.literal_eval(text.replace("−", "-"))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        found = printable(text, 40) or tr("nothing")
        raise BackpropError(
            tr("{name}: found {found}; it must be a number or a list of numbers", name=label, found=found)
        ) from None
