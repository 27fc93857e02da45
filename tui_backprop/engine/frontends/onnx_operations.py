"""ONNX's operations, each as the expression that it computes, and a whole graph as a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.onnx_graph import (
    MAX_NODES,
    NEWEST,
    OLDEST,
    OnnxGraph,
    ShapeOf,
    Shown,
    Sizes,
    Writer,
    Writing,
)
from tui_backprop.engine.frontends.onnx_recurrent import RECURRENT
from tui_backprop.engine.frontends.onnx_shapes import SHAPES
from tui_backprop.engine.frontends.program import ModelError, Program
from tui_backprop.text.printable import printable

_PYTORCH: Final = "pytorch"


def onnx_program(graph: OnnxGraph) -> Program:
    """Write a graph as a formula.

    Raises:
        ModelError: an operation, or a way of using it, that formulas cannot say.
    """
    if not OLDEST <= graph.opset <= NEWEST:
        raise ModelError(f"its opset is {graph.opset}; {OLDEST} to {NEWEST} are read")
    if len(graph.nodes) > MAX_NODES:
        raise ModelError(f"it has {len(graph.nodes):,} operations; at most {MAX_NODES:,} are read")
    writing = Writing(graph)
    writing.start()
    for node in graph.nodes:
        writing.node = node
        if node.kind not in OPERATIONS:
            hint = suggest(node.kind, OPERATIONS) or f"; there are {', '.join(OPERATIONS)}"
            raise writing.refuse(f"this operation is not known here{hint}")
        OPERATIONS[node.kind](writing)
    writing.finish()
    _say_surprises(writing)
    return writing.program


def _say_surprises(w: Writing) -> None:
    """Say what exporters do that those who look for their own parameters do not expect."""
    graph, remark = w.graph, w.program.remark
    if graph.beside:
        remark(f"weights were read from {printable(', '.join(graph.beside), 80)}, beside the model")
    for node in graph.nodes:
        folded = node.kind in ("Gemm", "Conv") and node.gives[:1] and node.gives[0].startswith("getitem")
        if folded and graph.producer == _PYTORCH and len(node.takes) > 1:
            remark(
                f"PyTorch's exporter has folded a batch norm into the layer before it: "
                f"{printable(node.takes[1], 60)} has the product of both"
            )
    if any(re.fullmatch(r"val_\d+", tensor.source) for tensor in w.program.tensors):
        remark(
            "names such as val_41 are the exporter's; of recurrent layers they are weights in ONNX's order"
        )
    if graph.producer == _PYTORCH:
        remark(
            "for gradients of the model's own parameters give the text of print(model), and its weights "
            "as .safetensors"
        )


# ---------------------------------------------------------------------- weights


def _gemm(w: Writing) -> None:
    a, b = w.operand(0), w.operand(1, "W")
    left = f"{a.name}.T" if w.attribute("transA", 0) else a.name
    right = f"{b.name}.T" if w.attribute("transB", 0) else b.name
    alpha, beta = w.attribute("alpha", 1.0), w.attribute("beta", 1.0)
    text = f"{left} @ {right}" if alpha == 1 else f"{alpha!r} * ({left} @ {right})"
    if w.has(2):
        c = w.operand(2, "b").name
        text += f" + {c}" if beta == 1 else f" + {beta!r} * {c}"
    w.put(text, 2)


def _matmul(w: Writing) -> None:
    a, b = w.operand(0, "W"), w.operand(1, "W")
    ranks = [rank for rank in (a.rank, b.rank) if rank is not None]
    w.put(f"{a.name} @ {b.name}", max(ranks) if len(ranks) == 2 else None)


def _conv(w: Writing) -> None:
    w.unlike(dilations=1)
    x, W = w.operand(0), w.operand(1, "W")
    if W.rank not in (3, 4):
        raise w.refuse("weights of a window along one or two axes are read")
    axes = W.rank - 2
    words = [f"conv{axes}d({x.name}, {W.name}"]
    words += [f"bias={w.operand(2, 'b').name}"] if w.has(2) else []
    strides, padding = _per_axis(w, "strides", axes, 1), _padding(w, axes)
    words += [f"stride={strides}"] if strides != "1" else []
    words += [f"padding={padding}"] if padding != "0" else []
    groups = w.attribute("group", 1)
    words += [f"groups={groups}"] if groups != 1 else []
    w.put(", ".join(words) + ")", W.rank)


def _per_axis(w: Writing, name: str, axes: int, usual: int) -> str:
    values = tuple(w.attribute(name, [usual] * axes))
    if len(values) != axes:
        raise w.refuse(f"{name} must have {axes} numbers")
    return str(values[0]) if len(set(values)) == 1 else str(values)


def _padding(w: Writing, axes: int) -> str:
    how = w.attribute("auto_pad", "NOTSET")
    if how not in ("NOTSET", "VALID"):
        raise w.refuse(f"auto_pad is {how}; give pads")
    pads = tuple(w.attribute("pads", [0] * (2 * axes)))
    if pads[:axes] != pads[axes:]:
        raise w.refuse(f"pads are {pads}; both ends of an axis must be padded alike")
    return str(pads[0]) if len(set(pads)) == 1 else str(pads[:axes])


def _batch_norm(w: Writing) -> None:
    x, gamma, beta = w.operand(0), w.operand(1, "gamma"), w.operand(2, "beta")
    eps = w.attribute("epsilon", 1e-5)
    if w.attribute("training_mode", 0):
        momentum = 1.0 - w.attribute("momentum", 0.9)
        w.put(
            f"batch_norm({x.name}, {gamma.name}, {beta.name}, eps={eps!r}, momentum={momentum:.10g})", x.rank
        )
        return
    mean, var = _constant(w, 3, "mean"), _constant(w, 4, "var")
    if x.rank is None:
        raise w.refuse("how many axes it has cannot be told")
    behind = f"[:{', None' * (x.rank - 2)}]" if x.rank > 2 else ""
    g, b, m, v = (f"{name}{behind}" for name in (gamma.name, beta.name, mean, var))
    w.put(f"{g} * (({x.name} - {m}) / sqrt({v} + {eps!r})) + {b}", x.rank)
    w.program.remark("batch norm is exported for evaluation: it takes the running statistics of the file")


def _constant(w: Writing, place: int, role: str) -> str:
    """Return what is no parameter: it is held by stop_gradient and not trained."""
    return f"stop_gradient({w.operand(place, role).name})"


def _layer_norm(w: Writing) -> None:
    x, gamma = w.operand(0), w.operand(1, "gamma")
    beta = w.operand(2, "beta").name if w.has(2) else "0.0"
    axis, eps = w.attribute("axis", -1), w.attribute("epsilon", 1e-5)
    if axis >= 0 and x.rank is not None:
        axis -= x.rank
    if not -3 <= axis < 0:
        raise w.refuse("a norm runs over the last one, two or three axes here")
    axes = "" if axis == -1 else f", axis={tuple(range(axis, 0))}"
    w.put(f"layer_norm({x.name}, {gamma.name}, {beta}{axes}, eps={eps!r})", x.rank)


def _prelu(w: Writing) -> None:
    x, a = w.operand(0), w.operand(1, "a")
    w.put(f"where({x.name} > 0, {x.name}, {a.name} * {x.name})", x.rank)


# ---------------------------------------------------------------------- without


def _pooling(kind: str) -> Writer:
    def write(w: Writing) -> None:
        w.unlike(ceil_mode=0, dilations=1, pads=0, storage_order=0)
        x, size = w.operand(0), list(w.attribute("kernel_shape", []))
        if len(size) not in (1, 2) or len(w.node.gives) > 1:
            raise w.refuse("windows along one or two axes are read, and one result")
        if w.attribute("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
            raise w.refuse("auto_pad must be NOTSET")
        strides = list(w.attribute("strides", [1] * len(size)))
        if len(size) == 2:
            w.put(f"{kind}_pool2d({x.name}, {tuple(size)}, stride={tuple(strides)})", 4)
            return
        text = f"{kind}_pool2d({x.name}[:, :, None], (1, {size[0]}), stride=(1, {strides[0]}))"
        w.put(f"{text}[:, :, 0]", 3)

    return write


def _global_pooling(w: Writing) -> None:
    x = w.operand(0)
    if x.rank is None:
        raise w.refuse("how many axes it has cannot be told")
    w.put(f"mean({x.name}, axis={tuple(range(2, x.rank))}, keepdims=True)", x.rank)


def _reduction(text: str) -> Writer:
    def write(w: Writing) -> None:
        x = w.operand(0)
        if w.has(1):
            axes: tuple[int, ...] | None = w.wholes(1)
        else:
            given = w.attribute("axes", None)
            axes = None if given is None else tuple(given)
        if not axes and w.attribute("noop_with_empty_axes", 0):
            raise w.refuse("without axes it does nothing")
        keepdims = bool(w.attribute("keepdims", 1))
        words = f", axis={axes}" if axes else ""
        words += ", keepdims=True" if keepdims else ""
        count = len(axes) if axes else x.rank
        rank = x.rank if keepdims else None if x.rank is None or count is None else x.rank - count
        w.put(text.format(x=x.name, words=words), rank)

    return write


def _softmax(name: str) -> Writer:
    def write(w: Writing) -> None:
        x = w.operand(0)
        w.put(f"{name}({x.name}, axis={w.attribute('axis', -1)})", x.rank)

    return write


def _pointwise(text: str, **usual: float) -> Writer:
    """Write an expression of one operand {x}, with attributes and what they are when left out."""

    def write(w: Writing) -> None:
        x = w.operand(0)
        values = {name: repr(float(w.attribute(name, value))) for name, value in usual.items()}
        w.put(text.format(x=x.name, **values), x.rank)

    return write


def _two(sign: str) -> Writer:
    """Write an expression of two operands; of shapes it is arithmetic of whole numbers."""

    def write(w: Writing) -> None:
        values = (w.value(0), w.value(1))
        if any(isinstance(value, Sizes | ShapeOf) for value in values):
            first, second = w.sizes(0), w.sizes(1)
            if len(first) != len(second) or sign not in "+-*":
                raise w.refuse("this arithmetic of shapes is not known here")
            pairs = zip(first, second, strict=True)
            w.give(Sizes(tuple(f"({a} {sign} {b})" for a, b in pairs)))
            return
        a, b = w.operand(0), w.operand(1)
        ranks = [rank for rank in (a.rank, b.rank) if rank is not None]
        w.put(f"{a.name} {sign} {b.name}", max(ranks) if len(ranks) == 2 else None)

    return write


def _several(form: Callable[[str, str], str]) -> Writer:
    def write(w: Writing) -> None:
        parts = [w.operand(place) for place in range(len(w.node.takes))]
        text = parts[0].name
        for part in parts[1:]:
            text = form(text, part.name)
        w.put(text, _highest(parts))

    return write


def _highest(parts: list[Shown]) -> int | None:
    ranks = [part.rank for part in parts if part.rank is not None]
    return max(ranks) if len(ranks) == len(parts) else None


def _where(w: Writing) -> None:
    parts = [w.operand(place) for place in range(3)]
    condition, a, b = (part.name for part in parts)
    w.put(f"where({condition}, {a}, {b})", _highest(parts))


def _clip(w: Writing) -> None:
    x, text = w.operand(0), w.operand(0).name
    if w.has(1):
        text = f"maximum({text}, {w.operand(1).name})"
    if w.has(2):
        text = f"minimum({text}, {w.operand(2).name})"
    if w.has(1) and w.has(2):
        text = f"clip({x.name}, {w.operand(1).name}, {w.operand(2).name})"
    w.put(text, x.rank)


def _gelu(w: Writing) -> None:
    x = w.operand(0)
    tanh = w.attribute("approximate", "none") == "tanh"
    w.put(f'gelu({x.name}, approximate="tanh")' if tanh else f"gelu({x.name})", x.rank)


def _same(w: Writing) -> None:
    """Hand a value on."""
    w.give(w.value(0))


def _dropout(w: Writing) -> None:
    if w.has(2) and (training := w.known(2)) is not None and bool(np.any(training)):
        x, ratio = w.operand(0), w.known(1) if w.has(1) else None
        w.put(f"dropout({x.name}, {0.5 if ratio is None else float(ratio)!r})", x.rank)
        return
    w.give(w.value(0))
    w.program.remark("dropout is exported for evaluation: it does nothing")


OPERATIONS: Final[Mapping[str, Writer]] = {
    **SHAPES,
    **RECURRENT,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "PRelu": _prelu,
    "MaxPool": _pooling("max"),
    "AveragePool": _pooling("avg"),
    "GlobalAveragePool": _global_pooling,
    "ReduceMean": _reduction("mean({x}{words})"),
    "ReduceSum": _reduction("sum({x}{words})"),
    "ReduceMax": _reduction("max({x}{words})"),
    "ReduceMin": _reduction("min({x}{words})"),
    "ReduceL2": _reduction("sqrt(sum({x}**2{words}))"),
    "Softmax": _softmax("softmax"),
    "LogSoftmax": _softmax("log_softmax"),
    "Relu": _pointwise("relu({x})"),
    "LeakyRelu": _pointwise("where({x} > 0, {x}, {alpha} * {x})", alpha=0.01),
    "Elu": _pointwise("elu({x}, alpha={alpha})", alpha=1.0),
    "Selu": _pointwise("selu({x})"),
    "Gelu": _gelu,
    "Mish": _pointwise("mish({x})"),
    "HardSwish": _pointwise("{x} * relu6({x} + 3) / 6"),
    "HardSigmoid": _pointwise("clip({alpha} * {x} + {beta}, 0, 1)", alpha=0.2, beta=0.5),
    "Sigmoid": _pointwise("sigmoid({x})"),
    "Tanh": _pointwise("tanh({x})"),
    "Softplus": _pointwise("softplus({x})"),
    "Softsign": _pointwise("softsign({x})"),
    **{name: _pointwise(f"{name.lower()}({{x}})") for name in (
        "Abs", "Cos", "Cosh", "Erf", "Exp", "Floor", "Log", "Sign", "Sin", "Sinh", "Sqrt", "Tan",
    )},
    "Atan": _pointwise("arctan({x})"),
    "Neg": _pointwise("-{x}"),
    "Reciprocal": _pointwise("1 / {x}"),
    "Add": _two("+"),
    "Sub": _two("-"),
    "Mul": _two("*"),
    "Div": _two("/"),
    "Pow": _two("**"),
    "Greater": _two(">"),
    "GreaterOrEqual": _two(">="),
    "Less": _two("<"),
    "LessOrEqual": _two("<="),
    "Equal": _two("=="),
    "Where": _where,
    "Clip": _clip,
    "Sum": _several(lambda a, b: f"{a} + {b}"),
    "Max": _several(lambda a, b: f"maximum({a}, {b})"),
    "Min": _several(lambda a, b: f"minimum({a}, {b})"),
    "Identity": _same,
    "Cast": _same,
    "Dropout": _dropout,
}  # fmt: skip
"""Every operation by name."""
