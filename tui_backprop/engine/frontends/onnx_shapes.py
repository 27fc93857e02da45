"""ONNX's operations on shapes and places: reshaping, slicing, joining, and the arithmetic of shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from tui_backprop.engine.frontends.onnx_graph import (
    Computed,
    Filled,
    ShapeOf,
    Sizes,
    Value,
    Writer,
    Writing,
)
from tui_backprop.text.sentences import tr

_FAR: Final = 1 << 31


def _tuple(items: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, items))}{',' if len(items) == 1 else ''})"


def _reshape(w: Writing) -> None:
    value = w.value(0)
    if isinstance(value, Sizes | Filled) or (isinstance(value, np.ndarray) and value.dtype.kind in "iu"):
        return w.give(_one(w, value))
    x, target = w.operand(0), list(w.sizes(1))
    if not w.attribute("allowzero", 0):
        target = [f"{x.name}.shape[{axis}]" if size == 0 else size for axis, size in enumerate(target)]
    _say_fixed(w, target)
    w.put(f"reshape({x.name}, {_tuple(tuple(target))})", len(target))
    return None


def _say_fixed(w: Writing, target: list[int | str]) -> None:
    fixed = w.graph.inputs[0].shape[0]
    if fixed is not None and fixed > 1 and fixed in target:
        w.draft.remark(
            tr(
                "the exporter has fixed the batch at {fixed} samples; dynamic_shapes in "
                "torch.onnx.export leaves it open",
                fixed=fixed,
            )
        )


def _flatten(w: Writing) -> None:
    x, axis = w.operand(0), w.attribute("axis", 1)
    if axis not in (0, 1):
        raise w.refuse(tr("axis is {axis}; it must be 0 or 1", axis=axis))
    w.put(f"reshape({x.name}, {f'(len({x.name}), -1)' if axis else '(1, -1)'})", 2)


def _transpose(w: Writing) -> None:
    x, order = w.operand(0), w.attribute("perm", None)
    w.put(f"{x.name}.T" if order is None else f"transpose({x.name}, {_tuple(tuple(order))})", x.rank)


def _squeeze(w: Writing) -> None:
    if isinstance(value := w.value(0), np.ndarray | Sizes | Filled):
        return w.give(_one(w, value))
    x = w.operand(0)
    axes = w.wholes(1) if w.has(1) else None
    rank = None if x.rank is None or axes is None else x.rank - len(axes)
    w.put(f"squeeze({x.name}{'' if axes is None else f', axis={_tuple(axes)}'})", rank)
    return None


def _unsqueeze(w: Writing) -> None:
    value = w.value(0)
    if isinstance(value, Sizes | Filled) or (isinstance(value, np.ndarray) and value.dtype.kind in "iu"):
        return w.give(_one(w, value))
    x, axes = w.operand(0), w.wholes(1)
    rank = None if x.rank is None else x.rank + len(axes)
    if len(axes) > 1 and rank is None:
        raise w.refuse(tr("where its axes go cannot be told"))
    text = x.name
    for axis in sorted(axis + (rank or 0) if axis < 0 and rank is not None else axis for axis in axes):
        text = f"expand_dims({text}, {axis})"
    w.put(text, rank)
    return None


def _one(w: Writing, value: Value) -> Value:
    """Return whole numbers as they are: a shape's arithmetic does not ask for axes."""
    return value if isinstance(value, Filled) else Sizes(w.sizes(0))


def _shape(w: Writing) -> None:
    x = w.operand(0)
    start, end = w.attribute("start", 0), w.attribute("end", None)
    if end is None and start == 0:
        return w.give(ShapeOf(x.name))
    stop = x.rank if end is None else end
    if stop is None or start < 0 or stop < 0:
        raise w.refuse(tr("which axes it means cannot be told"))
    w.give(Sizes(tuple(f"{x.name}.shape[{axis}]" for axis in range(start, stop))))
    return None


def _slice(w: Writing) -> None:
    value = w.value(0)
    if isinstance(value, Filled):
        return w.give(value)
    starts, ends = w.wholes(1), w.wholes(2)
    axes = w.wholes(3) if w.has(3) else tuple(range(len(starts)))
    steps = w.wholes(4) if w.has(4) else (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise w.refuse(tr("starts, ends, axes and steps are not equally many"))
    if isinstance(value, ShapeOf):
        if axes != (0,) or steps != (1,) or starts[0] < 0 or not 0 <= ends[0] <= 64:
            raise w.refuse(tr("which axes of a shape it means cannot be told"))
        return w.give(Sizes(tuple(f"{value.name}.shape[{axis}]" for axis in range(starts[0], ends[0]))))
    if isinstance(value, Sizes):
        return w.give(Sizes(value.items[starts[0] : ends[0] : steps[0]]))
    x = w.operand(0)
    texts = {}
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step == 0 or (axis < 0 and x.rank is None):
            raise w.refuse(tr("its axes or steps cannot be told"))
        texts[axis if axis >= 0 else axis + (x.rank or 0)] = _span(start, end, step)
    indices = [texts.get(axis, ":") for axis in range(max(texts, default=0) + 1)]
    w.put(f"{x.name}[{', '.join(indices)}]", x.rank)
    return None


def _span(start: int, end: int, step: int) -> str:
    first = "" if (start == 0 and step > 0) or start >= _FAR else str(start)
    last = "" if abs(end) >= _FAR else str(end)
    return f"{first}:{last}" + ("" if step == 1 else f":{step}")


def _gather(w: Writing) -> None:
    axis, indices = w.attribute("axis", 0), w.value(1)
    source = w.value(0)
    if isinstance(source, ShapeOf | Sizes):
        (place,) = w.wholes(1) or (0,)
        text = f"{source.name}.shape[{place}]" if isinstance(source, ShapeOf) else source.items[place]
        return w.give(Sizes((text,)))
    x = w.operand(0, "E")
    index = w.operand(1)
    if isinstance(source, np.ndarray) and isinstance(indices, Computed):
        _count_classes(w, indices, source.shape[axis])
    if axis < 0:
        if x.rank is None:
            raise w.refuse(tr("its axis cannot be told"))
        axis += x.rank
    rank = None if x.rank is None or index.rank is None else x.rank - 1 + index.rank
    w.put(f"{x.name}[{':, ' * axis}{index.name}]", rank)
    return None


def _count_classes(w: Writing, indices: Computed, count: int) -> None:
    sample = w.draft.sample
    if sample is not None and sample.classes and indices.name == "x":
        w.draft.sample = type(sample)(sample.shape, count, True, sample.samples, sample.axis)


def _concat(w: Writing) -> None:
    places, axis = range(len(w.node.takes)), w.attribute("axis", 0)
    values = [w.value(place) for place in places]
    if any(isinstance(value, Sizes) for value in values):
        return w.give(Sizes(tuple(item for place in places for item in w.sizes(place))))
    parts = [w.operand(place) for place in places]
    w.put(f"concatenate({_tuple(tuple(part.name for part in parts))}, axis={axis})", parts[0].rank)
    return None


def _split(w: Writing) -> None:
    x, axis = w.operand(0), w.attribute("axis", 0)
    if axis < 0 and x.rank is not None:
        axis += x.rank
    if not w.has(1) or axis < 0:
        raise w.refuse(tr("how long its parts are must be given"))
    start = 0
    for place, length in enumerate(w.wholes(1)):
        w.put(f"{x.name}[{':, ' * axis}{start}:{start + length}]", x.rank, place)
        start += length


def _expand(w: Writing) -> None:
    value = w.known(0)
    if value is None or value.size != 1:
        raise w.refuse(tr("only one number is expanded; elsewhere shapes are broadcast by themselves"))
    w.give(Filled(float(value.ravel()[0])))


def _constant_of_shape(w: Writing) -> None:
    value = w.attribute("value", None)
    w.give(Filled(0.0 if value is None else float(np.ravel(value)[0])))


def _constant(w: Writing) -> None:
    found: Any = w.node.attributes
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in found:
            return w.give(np.asarray(found[name]))
    raise w.refuse(tr("it must be a number or an array of numbers"))


SHAPES: Final[Mapping[str, Writer]] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Shape": _shape,
    "Slice": _slice,
    "Gather": _gather,
    "Concat": _concat,
    "Split": _split,
    "Expand": _expand,
    "ConstantOfShape": _constant_of_shape,
    "Constant": _constant,
}
"""Operations on shapes and places, by name."""
