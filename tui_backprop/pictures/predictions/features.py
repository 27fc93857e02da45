"""What a model can be asked about: the numbers of one sample that its prediction depends on, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.csv_files.reading import Reading
from tui_backprop.text.numbers import number
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text

MOST = 1000
"""Features that have a name, at most; an image of more pixels is none to choose from."""


class Feature(Struct, frozen=True):
    """One number of a sample.

    Attributes:
        name: the column of a CSV file, else the leaf's name as the lesson writes it, with a place in it.
        shown: the same for people.
        leaf: the leaf that has it.
        place: where in a row; () where a row is one number.
        mean: what it is held at in a picture of others: the mean of what is trained on.
        names: all that it may be called.
        unit: what was done to it, in words; empty where nothing was.
    """

    name: str
    shown: str
    leaf: str
    place: tuple[int, ...]
    mean: float
    names: tuple[str, ...]
    unit: str = ""

    def of(self, rows: Mapping[str, Array]) -> Array:
        """Return its numbers in some rows, of shape (n,)."""
        at: Any = (slice(None), *self.place)
        return np.asarray(rows[self.leaf][at])


def features_of(rows: Mapping[str, Array], reading: Reading) -> tuple[Feature, ...]:
    """Return the features of some leaves.

    Args:
        rows: by name, arrays whose first axis counts samples.
        reading: how the cells of a CSV file became them.
    """
    found: list[Feature] = []
    for leaf, array in rows.items():
        shape, columns = array.shape[1:], reading.columns.get(leaf, ())
        scales = {scale.column: scale for scale in reading.scales.get(leaf, ())}
        with np.errstate(all="ignore"):
            means = np.asarray(np.mean(array, axis=0, dtype=np.float64))
        for k, place in enumerate(np.ndindex(shape)):
            if len(found) == MOST:
                return tuple(found)
            at = ", ".join(map(str, place))
            plain = f"{leaf}[{at}]" if place else leaf
            one = plain if len(place) != 1 or shape[0] > 1 else leaf
            column = columns[k] if len(columns) == len(means.reshape(-1)) else None
            scale = scales.get(column) if column is not None else None
            unit = (
                tr(
                    "{name} standardised: mean {mean}, deviation {deviation}",
                    name=printable(column or "", 40),
                    mean=number(scale.mean),
                    deviation=number(scale.deviation),
                )
                if scale
                else ""
            )
            name, shown = (one, pretty_text(one)) if column is None else (column, printable(column, 40))
            names = (plain, leaf, f"{leaf}[0]") if one == leaf else (plain, f"{leaf}[:, {at}]")
            known = tuple(dict.fromkeys((name, shown, *names, pretty_text(plain))))
            found.append(Feature(name, shown, leaf, place, float(means[place]), known, unit))
    return tuple(found)


def picks(graph: Graph, leaf: Node) -> bool:
    """Tell whether a leaf's numbers only pick rows of something, so that none lies between two of them."""
    uses = [
        node.op.name == "index" and k > 0
        for node in graph.nodes
        if node.op is not None
        for k, operand in enumerate(node.sources)
        if operand is leaf
    ]
    return bool(uses) and all(uses)


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return names with commas, the first of many."""
    first = ", ".join(names[:most])
    return tr("{names}, … ({count} in all)", names=first, count=len(names)) if len(names) > most else first
