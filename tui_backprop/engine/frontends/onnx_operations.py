"""ONNX's operations, each as the expression that it computes, and a whole graph as a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.draft import ModelDraft, ModelError
from tui_backprop.engine.frontends.onnx_graph import (
    MAX_NODES,
    NEWEST,
    OLDEST,
    Computed,
    OnnxGraph,
    ShapeOf,
    Sizes,
    Writer,
    Writing,
)
from tui_backprop.engine.frontends.onnx_layers import LAYERS
from tui_backprop.engine.frontends.onnx_recurrent import RECURRENT
from tui_backprop.engine.frontends.onnx_shapes import SHAPES
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_PYTORCH: Final = "pytorch"


def draft_onnx(graph: OnnxGraph) -> ModelDraft:
    """Write a graph as a formula.

    Raises:
        ModelError: an operation, or a way of using it, that formulas cannot say.
    """
    if not OLDEST <= graph.opset <= NEWEST:
        raise ModelError(
            tr(
                "its opset is {opset}; {first} to {last} are read",
                opset=graph.opset,
                first=OLDEST,
                last=NEWEST,
            )
        )
    if len(graph.nodes) > MAX_NODES:
        raise ModelError(
            tr(
                "it has {count:,} operations; at most {limit:,} are read",
                count=len(graph.nodes),
                limit=MAX_NODES,
            )
        )
    writing = Writing(graph)
    writing.start()
    for node in graph.nodes:
        writing.node = node
        if node.kind not in OPERATIONS:
            hint = suggest(node.kind, OPERATIONS) or tr("; there are {known}", known=", ".join(OPERATIONS))
            raise writing.refuse(tr("this operation is not known here{hint}", hint=hint))
        OPERATIONS[node.kind](writing)
    writing.finish()
    _say_surprises(writing)
    return writing.draft


def _say_surprises(w: Writing) -> None:
    """Say what exporters do that those who look for their own parameters do not expect."""
    graph, remark = w.graph, w.draft.remark
    if graph.beside:
        remark(
            tr(
                "weights were read from {files}, beside the model",
                files=printable(", ".join(graph.beside), 80),
            )
        )
    for node in graph.nodes:
        folded = node.kind in ("Gemm", "Conv") and node.gives[:1] and node.gives[0].startswith("getitem")
        if folded and graph.producer == _PYTORCH and len(node.takes) > 1:
            remark(
                tr(
                    "PyTorch's exporter has folded a batch norm into the layer before it: {name} has "
                    "the product of both",
                    name=printable(node.takes[1], 60),
                )
            )
    if any(re.fullmatch(r"val_\d+", tensor.source) for tensor in w.draft.tensors):
        remark(
            tr(
                "names such as val_41 are the exporter's; of recurrent layers they are weights in ONNX's "
                "order"
            )
        )
    if graph.producer == _PYTORCH:
        remark(
            tr(
                "for gradients of the model's own parameters give the text of print(model), and its weights "
                "as .safetensors"
            )
        )


def _reduction(text: str) -> Writer:
    def write(w: Writing) -> None:
        x = w.operand(0)
        if w.has(1):
            axes: tuple[int, ...] | None = w.wholes(1)
        else:
            given = w.attribute("axes", None)
            axes = None if given is None else tuple(given)
        if not axes and w.attribute("noop_with_empty_axes", 0):
            raise w.refuse(tr("without axes it does nothing"))
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
                raise w.refuse(tr("this arithmetic of shapes is not known here"))
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


def _highest(parts: list[Computed]) -> int | None:
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
    w.draft.remark(tr("dropout is exported for evaluation: it does nothing"))


OPERATIONS: Final[Mapping[str, Writer]] = {
    **SHAPES,
    **RECURRENT,
    **LAYERS,
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
