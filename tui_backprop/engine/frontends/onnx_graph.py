"""An ONNX graph as plain data, and the values that its names stand for while it is being written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.frontends.draft import INPUT, ModelDraft, ModelError, ModelInput
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

OLDEST, NEWEST = 13, 24
"""Opsets that are read."""
MAX_NODES: Final = 5_000


class OnnxNode(Struct, frozen=True):
    """One operation: its kind, the names it takes and gives (empty for one left out), its attributes."""

    kind: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    attributes: Mapping[str, Any] = {}


class OnnxInput(Struct, frozen=True):
    """What goes in: its name, its axes (None for one of any length), whether it is of whole numbers."""

    name: str
    shape: tuple[int | None, ...]
    whole: bool = False


class OnnxGraph(Struct, frozen=True):
    """A model.

    Attributes:
        opset: the version of the operations.
        inputs: what goes in, without weights.
        outputs: names of what comes out.
        nodes: operations, each behind those whose results it takes.
        arrays: weights and constants by name.
        producer: what has written it, such as ``pytorch``.
        beside: files beside it that hold weights.
    """

    opset: int
    inputs: tuple[OnnxInput, ...]
    outputs: tuple[str, ...]
    nodes: tuple[OnnxNode, ...]
    arrays: Mapping[str, Array]
    producer: str = ""
    beside: tuple[str, ...] = ()


class Computed(Struct, frozen=True):
    """A value of the formula: its name there, and how many axes it has if that is known."""

    name: str
    rank: int | None


class ShapeOf(Struct, frozen=True):
    """The shape of a value of the formula, as a list of whole numbers."""

    name: str


class Sizes(Struct, frozen=True):
    """Whole numbers, some of which are known by their text only, such as ``x.shape[0]``."""

    items: tuple[int | str, ...]


class Filled(Struct, frozen=True):
    """An array of one number everywhere, whose shape does not matter."""

    value: float


Value: TypeAlias = Computed | ShapeOf | Sizes | Filled | Array


class Writing:
    """A graph that is being written out: what each of its names is by now.

    Args:
        graph: the model.

    Attributes:
        draft: the formula.
        graph: the model.
        node: the operation that is being written.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self.graph = graph
        self.draft = ModelDraft()
        self.node = OnnxNode("", (), ())
        self._values: dict[str, Value] = dict(graph.arrays)
        self._tensors: dict[str, Computed] = {}

    def refuse(self, reason: str) -> ModelError:
        """Make an error that names the operation."""
        gives = printable(", ".join(self.node.gives), 60)
        return ModelError(f"{printable(self.node.kind, 40)} ({gives}): {reason}")

    def start(self) -> None:
        """Take the graph's input.

        Raises:
            ModelError: there are several, or none.
        """
        if len(self.graph.inputs) != 1:
            raise ModelError(tr("it has {count} inputs; one is read", count=len(self.graph.inputs)))
        (given,) = self.graph.inputs
        if not given.shape:
            raise ModelError(
                tr(
                    "its input {name} is one number; the first axis is samples",
                    name=printable(given.name, 60),
                )
            )
        self._values[given.name] = Computed(INPUT, len(given.shape))
        self.draft.sample = ModelInput(given.shape[1:], 2 if given.whole else 0, samples=given.shape[0])

    def has(self, place: int) -> bool:
        """Tell whether an operand that may be left out is there."""
        return place < len(self.node.takes) and bool(self.node.takes[place])

    def value(self, place: int) -> Value:
        """Return an operand."""
        if not self.has(place):
            raise self.refuse(tr("operand {place} is missing", place=place + 1))
        name = self.node.takes[place]
        if name not in self._values:
            raise self.refuse(tr("{name} is not computed above it", name=printable(name, 60)))
        return self._values[name]

    def known(self, place: int) -> Array | None:
        """Return an operand whose numbers the file has; None for one that is computed."""
        value = self.value(place)
        return value if isinstance(value, np.ndarray) else None

    def wholes(self, place: int) -> tuple[int, ...]:
        """Return an operand that must be whole numbers of the file."""
        value = self.value(place)
        if isinstance(value, Sizes) and all(isinstance(item, int) for item in value.items):
            return tuple(item for item in value.items if isinstance(item, int))
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu" or value.size > 10_000:
            raise self.refuse(tr("operand {place} must be whole numbers that the file has", place=place + 1))
        return tuple(int(item) for item in value.ravel())

    def sizes(self, place: int) -> tuple[int | str, ...]:
        """Return an operand that is whole numbers, known or by their text."""
        value = self.value(place)
        return value.items if isinstance(value, Sizes) else self.wholes(place)

    def operand(self, place: int, role: str = "") -> Computed:
        """Return an operand as the formula has it; an array of the file becomes a parameter.

        Args:
            place: which.
            role: what its name begins with, such as W or gamma.
        """
        value = self.value(place)
        if isinstance(value, Computed):
            return value
        if isinstance(value, Filled):
            return Computed(repr(value.value), 0)
        if not isinstance(value, np.ndarray):
            raise self.refuse(
                tr(
                    "operand {place} is a shape, which goes into Reshape, Expand and Slice only",
                    place=place + 1,
                )
            )
        if not value.ndim or value.dtype.kind in "iub":
            return Computed(_literal(value), value.ndim)
        source = self.node.takes[place]
        if source not in self._tensors:
            path, _, last = source.rpartition(".")
            flat = (path if last in ("weight", "bias") and path else source).replace(".", "_")
            named = f"{role or 'W'}{flat if flat[:1].isdigit() else '_' + flat}"
            name = self.draft.tensor(named, source, value.shape, value=value)
            self._tensors[source] = Computed(name, value.ndim)
        return self._tensors[source]

    def give(self, value: Value, place: int = 0) -> None:
        """Say what a result is."""
        if place < len(self.node.gives) and self.node.gives[place]:
            self._values[self.node.gives[place]] = value

    def put(self, expression: str, rank: int | None, place: int = 0) -> Computed:
        """Compute a result in a line of its own."""
        gives = self.node.gives[place] if place < len(self.node.gives) else ""
        shown = Computed(self.draft.put(f"h_{gives}", expression), rank)
        self.give(shown, place)
        return shown

    def finish(self) -> None:
        """Go on with the graph's first output, which becomes the prediction."""
        names = self.graph.outputs
        if not names or names[0] not in self._values:
            raise ModelError(tr("its output is not computed"))
        value = self._values[names[0]]
        if not isinstance(value, Computed):
            raise ModelError(tr("its output does not depend on its input"))
        if len(names) > 1:
            self.draft.remark(
                tr(
                    "of {count} outputs the first is read: {name}",
                    count=len(names),
                    name=printable(names[0], 60),
                )
            )
        self.draft.at = value.name
        self.draft.finish()

    def attribute(self, name: str, usual: Any) -> Any:
        """Return an attribute; a number as short as single precision tells it, as it was meant."""
        value = self.node.attributes.get(name, usual)
        if isinstance(value, float):
            return float(str(np.float32(value)))
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def unlike(self, **usual: Any) -> None:
        """Refuse attributes that are not as they usually are."""
        for name, right in usual.items():
            found = self.attribute(name, right)
            items: Sequence[Any] = found if isinstance(found, list | tuple) else (found,)
            if any(item != right for item in items):
                raise self.refuse(
                    tr(
                        "{name} is {found}; it must be {right}",
                        name=name,
                        found=printable(str(found), 40),
                        right=right,
                    )
                )


def _literal(value: Array) -> str:
    if value.size > 1_000:
        raise ModelError(
            tr("it has {size:,} whole numbers in one array; at most 1,000 are written out", size=value.size)
        )
    return repr(value.tolist()) if value.dtype.kind in "iu" else repr(value.astype(np.float64).tolist())


Writer: TypeAlias = Callable[[Writing], None]
