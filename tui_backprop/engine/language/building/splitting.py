"""``a, b = np.split(x, 2)``: the parts of an array, each by its slice."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.errors import FormulaShapeError
from tui_backprop.engine.language.building.arrays import ExpressionBuilder
from tui_backprop.engine.language.building.nodes import told
from tui_backprop.engine.language.syntax import Instruction
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


def split(builder: ExpressionBuilder, step: Instruction, x: Node, labels: Sequence[str]) -> list[Node]:
    """Return the parts of an array under these labels.

    Raises:
        FormulaShapeError: they are not equal, or not as many as the labels.
    """
    options = builder.options(step)
    given, axis = options["sections"], options.get("axis", 0)
    if step.text == "hsplit" and len(x.shape) > 1:
        axis = 1
    name = told(x)
    if not isinstance(axis, int) or not -len(x.shape) <= axis < len(x.shape):
        reason = tr("{function}: {name} has no axis {axis}", function=step.text, name=name, axis=axis)
        raise FormulaShapeError(reason, step.line, step.column)
    axis %= len(x.shape)
    length = x.shape[axis]
    if isinstance(given, tuple):
        bounds = [0, *given, length]
    elif isinstance(given, int) and given > 0 and length % given == 0:
        bounds = list(range(0, length + 1, length // given))
    else:
        name = printable(x.name, 40)
        reason = tr(
            "{name} has {length} along axis {axis}, which do not make {given} equal parts",
            name=name,
            length=length,
            axis=axis,
            given=given,
        )
        raise FormulaShapeError(reason, step.line, step.column)
    if len(bounds) - 1 != len(labels):
        reason = tr(
            "{function} gives {count} parts for {names} names; write as many of each",
            function=step.text,
            count=len(bounds) - 1,
            names=len(labels),
        )
        raise FormulaShapeError(reason, step.line, step.column)
    nodes = []
    for start, stop, label in zip(bounds, bounds[1:], labels, strict=False):
        parts = [slice(None)] * axis + [slice(start, stop)]
        written = [":"] * axis + [f"{start}:{stop}"]
        nodes.append(builder.indexed(step, x, parts, written, [], label))
    return nodes
