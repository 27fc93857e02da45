"""Whole numbers of the data that pick: the places of an axis, and the classes of samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.ops.arrays.indexing import ARRAY, ByIndex, located
from tui_backprop.lessons.errors import LessonError
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr


def check_picks(graph: Graph, tables: Mapping[str, Mapping[str, Array]]) -> None:
    """Refuse numbers of [data], [samples] and [validation] that are no places of what they pick from.

    NumPy counts places from behind where they are negative; classes are not, or −1 would be the last one.

    Args:
        graph: the lesson's graph.
        tables: the arrays by name, by the name of their table.

    Raises:
        LessonError: naming table, array, what was found there and what would be right.
    """
    for node in graph.nodes:
        op = node.op
        if not isinstance(op, ByIndex) or not op.has_arrays:
            continue
        picked = node.operands[0]
        arrays = iter(node.operands[op.arrays :])
        axis = 0
        for part in located(op.parts, picked.shape):
            if part is ARRAY:
                leaf = next(arrays)
                if leaf.kind in (Kind.DATA, Kind.SAMPLES):
                    for table, values in tables.items():
                        if leaf.name in values:
                            _check(f"{table}.{leaf.name}", values[leaf.name], picked, axis)
            axis += part is not None


def _check(where: str, places: Array, picked: Node, axis: int) -> None:
    length = picked.shape[axis]
    classes = picked.expression == f"eye({length})"
    wrong = (places != np.floor(places)) | (places < (0 if classes else -length)) | (places >= length)
    if not np.any(wrong):
        return
    found = number(float(places[wrong].flat[0]))
    if not classes:
        name = picked.name
        if len(picked.shape) > 1:
            name = tr("axis {axis} of {name}", axis=axis, name=picked.name)
        raise LessonError(
            tr(
                "{where}: found {found}; {name} has {length}, so places are whole numbers from 0 to {last}",
                where=where,
                found=found,
                name=name,
                length=length,
                last=length - 1,
            )
        )
    right = tr(
        "{where}: found {found}; there are {length} classes, whole numbers from 0 to {last}",
        where=where,
        found=found,
        length=length,
        last=length - 1,
    )
    ones = np.array_equal(places, np.floor(places)) and places.min() == 1 and places.max() == length
    raise LessonError(
        right + (tr(": take 1 from each, they are 1 to {length}", length=length) if ones else "")
    )
