"""ONNX's layers, each as the expression that it computes: products, convolutions, norms, pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tui_backprop.engine.frontends.onnx_graph import Writer, Writing
from tui_backprop.text.sentences import tr


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
    x, W = w.operand(0), w.operand(1, "W")
    if W.rank not in (3, 4):
        raise w.refuse(tr("weights of a window along one or two axes are read"))
    axes = W.rank - 2
    words = [f"conv{axes}d({x.name}, {W.name}"]
    words += [f"bias={w.operand(2, 'b').name}"] if w.has(2) else []
    strides, padding = _per_axis(w, "strides", axes, 1), _padding(w, axes)
    words += [f"stride={strides}"] if strides != "1" else []
    words += [f"padding={padding}"] if padding != "0" else []
    groups = w.attribute("group", 1)
    words += [f"groups={groups}"] if groups != 1 else []
    dilations = _per_axis(w, "dilations", axes, 1)
    words += [f"dilation={dilations}"] if dilations != "1" else []
    w.put(", ".join(words) + ")", W.rank)


def _per_axis(w: Writing, name: str, axes: int, usual: int) -> str:
    values = tuple(w.attribute(name, [usual] * axes))
    if len(values) != axes:
        raise w.refuse(tr("{name} must have {axes} numbers", name=name, axes=axes))
    return str(values[0]) if len(set(values)) == 1 else str(values)


def _padding(w: Writing, axes: int) -> str:
    how = w.attribute("auto_pad", "NOTSET")
    if how not in ("NOTSET", "VALID"):
        raise w.refuse(tr("auto_pad is {how}; give pads", how=how))
    pads = tuple(w.attribute("pads", [0] * (2 * axes)))
    if pads[:axes] != pads[axes:]:
        raise w.refuse(tr("pads are {pads}; both ends of an axis must be padded alike", pads=pads))
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
        raise w.refuse(tr("how many axes it has cannot be told"))
    behind = f"[:{', None' * (x.rank - 2)}]" if x.rank > 2 else ""
    g, b, m, v = (f"{name}{behind}" for name in (gamma.name, beta.name, mean, var))
    w.put(f"{g} * (({x.name} - {m}) / sqrt({v} + {eps!r})) + {b}", x.rank)
    w.draft.remark(tr("batch norm is exported for evaluation: it takes the running statistics of the file"))


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
        raise w.refuse(tr("a norm runs over the last one, two or three axes here"))
    axes = "" if axis == -1 else f", axis={tuple(range(axis, 0))}"
    w.put(f"layer_norm({x.name}, {gamma.name}, {beta}{axes}, eps={eps!r})", x.rank)


def _prelu(w: Writing) -> None:
    x, a = w.operand(0), w.operand(1, "a")
    w.put(f"where({x.name} > 0, {x.name}, {a.name} * {x.name})", x.rank)


def _pooling(kind: str) -> Writer:
    def write(w: Writing) -> None:
        w.unlike(ceil_mode=0, dilations=1, pads=0, storage_order=0)
        x, size = w.operand(0), list(w.attribute("kernel_shape", []))
        if len(size) not in (1, 2) or len(w.node.gives) > 1:
            raise w.refuse(tr("windows along one or two axes are read, and one result"))
        if w.attribute("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
            raise w.refuse(tr("auto_pad must be NOTSET"))
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
        raise w.refuse(tr("how many axes it has cannot be told"))
    w.put(f"mean({x.name}, axis={tuple(range(2, x.rank))}, keepdims=True)", x.rank)


LAYERS: Final[Mapping[str, Writer]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "PRelu": _prelu,
    "MaxPool": _pooling("max"),
    "AveragePool": _pooling("avg"),
    "GlobalAveragePool": _global_pooling,
}
"""Layers by name."""
