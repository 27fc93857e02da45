"""A lesson's model for any samples: which leaves have a row for each of them, and what these share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import DTYPES, Array, size_of
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.lessons.evaluation.pair import pair_of
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.sample_axis import grown_axes, lasting
from tui_backprop.pictures.predictions.cone import ForwardCone
from tui_backprop.text.sentences import tr

CHUNK: Final = 1024
"""Rows that are computed in one go, at most: what they need stays in the processor's cache."""
Values: TypeAlias = Mapping[str, Array]
End: TypeAlias = Literal["prediction", "target", "loss"]


class SampledModel:
    """Prediction, target and loss of a lesson in evaluation mode, for any samples.

    What a formula works out of all samples together, such as a mean over them, is given to those that are
    asked about: it is not what these few would have.

    Args:
        lesson: the lesson.

    Attributes:
        graph: the graph for all that is trained on.
        pair: what its loss compares.
        rowed: the leaves that have a row for each sample, be they samples or data; empty for one sample.
        rows: how many samples are trained on.
        free: whether the formula takes any number of samples.

    Raises:
        BackpropError: the loss does not tell a prediction from a target, or predictions have no row for each
            sample.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.graph = lesson.graph(None, Mode.EVALUATION)
        pair = pair_of(self.graph)
        if pair is None:
            raise BackpropError(
                tr(
                    "{lesson} has no prediction to show: its loss does not compare one with a target, as "
                    "mse(y_hat, y) does",
                    lesson=lesson.name,
                )
            )
        self.pair = pair
        self.rowed, self.rows, larger = self._layout()
        self.free = not self.rowed or larger is not None
        self._graphs: dict[int, Graph] = {self.rows: self.graph}
        self._cones: dict[tuple[int, End], ForwardCone] = {}
        self._axes: Mapping[int, int | None] = {}
        self._shared: tuple[int, ...] = ()
        self._most = self.rows
        if larger is not None and self._is_like(larger):
            self._most = CHUNK
            self._axes = grown_axes(self.graph, larger, self.rows)
            self._shared = tuple(self._found_shared(lasting(larger)))
        for node in (pair.prediction, pair.target) if self.rowed else ():
            if self._axis(node) is None and self._hangs_on_rows(node):
                raise BackpropError(
                    tr(
                        "{lesson} has no prediction for each sample: {name} has no row for it",
                        lesson=lesson.name,
                        name=node.name,
                    )
                )

    def _layout(self) -> tuple[frozenset[str], int, Graph | None]:
        """Return the leaves with a row for each sample, how many there are, and the graph for one more."""
        lesson, prediction = self.lesson, self.pair.prediction
        if lesson.rows is not None:
            names = frozenset(lesson.samples)
            return names, lesson.rows, self._built(names, lesson.rows + 1)
        # data may be samples as well: where everything is one longer, the prediction is
        rows = prediction.shape[0] if prediction.shape else 0
        names = frozenset(name for name, array in lesson.data.items() if array.shape[:1] == (rows,))
        larger = self._built(names, rows + 1) if names and rows else None
        if larger is None or not self._is_like(larger):
            return frozenset(), 1, None
        if grown_axes(self.graph, larger, rows).get(prediction.index) == 0:
            return names, rows, larger
        return frozenset(), 1, None

    def _built(self, rowed: frozenset[str], rows: int) -> Graph | None:
        """Return the graph for so many samples; None where the formula does not take them."""
        lesson, leaves = self.lesson, dict[str, Leaf]()
        for arrays, kind in ((lesson.data, Kind.DATA), (lesson.samples, Kind.SAMPLES)):
            for name, array in arrays.items():
                leaves[name] = Leaf(kind, (rows, *array.shape[1:]) if name in rowed else array.shape)
        for name, spec in lesson.parameters.items():
            leaves[name] = Leaf(Kind.PARAMETER, spec.shape, spec.trainable)
        try:
            dtype, backend = DTYPES[lesson.dtype], self.graph.backend.name
            return build_graph(lesson.lines, leaves, lesson.loss, Mode.EVALUATION, dtype, backend)
        except FormulaError:
            return None

    def _is_like(self, other: Graph) -> bool:
        """Tell whether a graph has the same nodes: a loop over samples has more where these are more."""
        return len(lasting(other)) == len(lasting(self.graph))

    def _found_shared(self, larger: Sequence[Node]) -> Sequence[int]:
        """Return the nodes that predictions depend on and that have no row for each sample, yet hang on them.

        Raises:
            BackpropError: one of them has another shape with other samples.
        """
        found, hangs = [], [False] * len(self.graph.nodes)
        below, places = (
            ancestors(self.pair.prediction),
            {n.index: k for k, n in enumerate(lasting(self.graph))},
        )
        for node in self.graph.nodes:
            hangs[node.index] = self._is_rowed(node) or any(hangs[one.index] for one in node.operands)
            together = node.op is not None and not node.is_broadcast and self._axes[node.index] is None
            if not (hangs[node.index] and together and node.index in below):
                continue
            if larger[places[node.index]].shape != node.shape:
                raise BackpropError(
                    tr(
                        "{lesson} has no prediction for each sample alone: by {name} it depends on the "
                        "others",
                        lesson=self.lesson.name,
                        name=node.name,
                    )
                )
            found.append(places[node.index])
        return found

    def _is_rowed(self, node: Node) -> bool:
        return node.op is None and node.name in self.rowed

    def _hangs_on_rows(self, node: Node) -> bool:
        below = ancestors(node)
        return any(self._is_rowed(one) and one.index in below for one in self.graph.nodes)

    def _axis(self, node: Node) -> int | None:
        """Return which axis counts samples."""
        if self._is_rowed(node):
            return 0
        if self._axes:
            return self._axes.get(node.index)
        return 0 if self.rowed and node.shape[:1] == (self.rows,) else None

    @property
    def reads(self) -> tuple[Node, ...]:
        """The data and samples that predictions depend on, in file order."""
        below = ancestors(self.pair.prediction)
        return tuple(node for node in self.graph.inputs if node.index in below)

    @property
    def width(self) -> int:
        """Numbers in a row of predictions."""
        shape, axis = self.pair.prediction.shape, self._axis(self.pair.prediction)
        return size_of(shape[:axis] + shape[axis + 1 :]) if axis is not None else size_of(shape)

    @cached_property
    def numbers_a_row(self) -> int:
        """How many numbers are computed for each sample, on the way to its prediction."""
        below = ancestors(self.pair.prediction)
        every = sum(size_of(node.shape) for node in self.graph.nodes if node.index in below)
        return -(-every // max(1, self.rows))

    # ------------------------------------------------------------------ computing

    def shared(self, parameters: Values, rows: Values, count: int) -> list[Array]:
        """Return what samples share, worked out of all of these.

        Args:
            parameters: values by name.
            rows: values of all leaves that have rows.
            count: how many rows these have.
        """
        if not self._shared:
            return []
        nodes = lasting(self._graph(count))
        cone = ForwardCone(self._graph(count), [nodes[place] for place in self._shared])
        return cone.values({**self.lesson.data, **parameters, **rows})

    def rows_of(
        self, end: End, parameters: Values, rows: Values, count: int, shared: Sequence[Array] = ()
    ) -> Array:
        """Return the prediction or the target of some samples.

        Args:
            end: which of both.
            parameters: values by name, with running statistics; of a target none are needed.
            rows: values of some leaves, with an axis in front that counts these samples; of other leaves
                the lesson's values hold.
            count: how many samples these are.
            shared: what :meth:`shared` gives.

        Returns:
            An array of shape (count, numbers in a row).
        """
        given = {**self.lesson.data, **self.lesson.samples, **parameters}
        if not self.rowed:
            cone = self._cone(1, end)
            each = [{name: array[k] for name, array in rows.items()} for k in range(count)]
            return np.array([cone.values({**given, **one})[0].reshape(-1) for one in each])
        axis = self._axis(self.pair.prediction if end == "prediction" else self.pair.target)
        most = -(-count // -(-count // self._most)) if end == "prediction" else count  # equal pieces
        pieces = []
        for start in range(0, count, most):
            here = min(most, count - start)
            size = self._size(here) if end == "prediction" else count
            part = {name: _filled(array[start : start + here], size) for name, array in rows.items()}
            value = self._cone(size, end).values({**given, **part}, shared)[0]
            flat = (
                value.reshape(1, -1) if axis is None else np.moveaxis(value, axis, 0)[:here].reshape(here, -1)
            )
            pieces.append(np.broadcast_to(flat, (here, flat.shape[1])))
        return np.concatenate(pieces) if len(pieces) != 1 else pieces[0]

    def loss_of_one(self, parameters: Values, row: Values, shared: Sequence[Array]) -> float:
        """Return what the loss is for one sample alone.

        Args:
            parameters: values by name.
            row: values of the leaves, with an axis of length 1 in front.
            shared: what :meth:`shared` gives.

        Raises:
            FormulaError: the formula does not take one sample.
        """
        if not self.free:  # it may take one all the same, by repeating it beside the others' data
            raise FormulaError(
                tr("the formula of {lesson} takes {count} samples", lesson=self.lesson.name, count=self.rows)
            )
        given = {**self.lesson.data, **parameters}
        if self.rowed:
            return float(self._cone(1, "loss").values({**given, **row}, shared)[0].item())
        return float(self._cone(1, "loss").values({**given, **{k: v[0] for k, v in row.items()}})[0].item())

    def _size(self, count: int) -> int:
        """Return for how many rows a graph is made to compute some: few graphs serve all numbers."""
        if count == self.rows or self._most != CHUNK:
            return self.rows
        return min(1 << (count - 1).bit_length(), -(-count // 64) * 64)

    def _graph(self, rows: int) -> Graph:
        graph = self._graphs.get(rows) or self._built(self.rowed, rows)
        if graph is None:
            raise FormulaError(
                tr(
                    "the formula of {lesson} does not take {count} samples",
                    lesson=self.lesson.name,
                    count=rows,
                )
            )
        self._graphs[rows] = graph
        return graph

    def _cone(self, rows: int, end: End) -> ForwardCone:
        found = self._cones.get((rows, end))
        if found is None:
            graph = self._graph(rows)
            pair = pair_of(graph)
            assert pair is not None  # as of the graph for all samples
            node = {"prediction": pair.prediction, "target": pair.target, "loss": graph.loss}[end]
            nodes = lasting(graph) if end != "target" and self._shared else []
            held = [nodes[place] for place in self._shared] if nodes else []
            found = ForwardCone(graph, (node,), held)
            self._cones[rows, end] = found
        return found


def ancestors(end: Node) -> set[int]:
    """Return what a node is computed from, itself included, by index."""
    seen, open_ = {end.index}, [end]
    while open_:
        for operand in open_.pop().operands:
            if operand.index not in seen:
                seen.add(operand.index)
                open_.append(operand)
    return seen


def _filled(rows: Array, size: int) -> Array:
    """Return rows in an array of so many, of which the last one fills the rest."""
    if len(rows) == size:
        return rows
    filled = np.empty((size, *rows.shape[1:]), rows.dtype)
    filled[: len(rows)] = rows
    filled[len(rows) :] = rows[-1]
    return filled
