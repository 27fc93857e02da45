"""PyTorch's layers, each as the lines of formula that it computes; weights stand as PyTorch keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.draft import ModelDraft
from tui_backprop.engine.frontends.torch_recurrent import RECURRENT
from tui_backprop.engine.frontends.torch_text import LayerList, TorchLayer
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

Writer: TypeAlias = Callable[[ModelDraft, TorchLayer], None]
_LINE: Final = 15.0
"""From where on softplus is a straight line in PyTorch, at the least: there it differs by 3e-7."""


def draft_torch(layers: LayerList, *, every_step: bool = False) -> ModelDraft:
    """Write layers that follow one another as a formula.

    Args:
        layers: the layers.
        every_step: whether the last recurrent layer hands on what it says at every step, not at the last.

    Raises:
        ModelError: a layer that formulas cannot say, with its line.
    """
    draft = ModelDraft()
    if layers.unsure:
        draft.remark(
            tr(
                "print does not show what the forward of {classes} does: layers are read one after "
                "the other, as they are printed; functions such as F.relu between them are not seen",
                classes=", ".join(layers.unsure),
            )
        )
    for place, layer in enumerate(layers.members):
        if layer.kind in RECURRENT:
            behind = any(later.kind in RECURRENT for later in layers.members[place + 1 :])
            draft.write(f"# {_titled(layer)}")
            RECURRENT[layer.kind](draft, layer, behind or every_step)
            layer.check_asked()
        elif layer.kind in LAYERS:
            if LAYERS[layer.kind] is not _nothing:
                draft.write(f"# {_titled(layer)}")
            LAYERS[layer.kind](draft, layer)
            layer.check_asked()
        else:
            known = [*LAYERS, *RECURRENT]
            hint = suggest(layer.kind, known) or tr("; there are {known}", known=", ".join(known))
            raise layer.refuse(tr("this layer is not known here{hint}", hint=hint))
    draft.finish()
    return draft


def _titled(layer: TorchLayer) -> str:
    text = printable(layer.text, 200).replace('"', "'")  # which stands in a TOML text of three quotes
    return f"({layer.path}): {text}" if layer.path else text


def _then(draft: ModelDraft, layer: TorchLayer, expression: str) -> None:
    """Go on with an expression in which {x} is what has been computed so far."""
    draft.put(f"h{layer.suffix}", expression.format(x=draft.at))


# ---------------------------------------------------------------------- with weights


def _linear(draft: ModelDraft, layer: TorchLayer) -> None:
    inputs, outputs = layer.number(0, "in_features"), layer.number(1, "out_features")
    draft.takes((inputs,))
    W = draft.tensor(f"W{layer.suffix}", _of(layer, "weight"), (outputs, inputs), "torch_linear", inputs)
    text = f"{{x}} @ {W}.T"
    if layer.flag("bias", True):
        text += (
            f" + {draft.tensor(f'b{layer.suffix}', _of(layer, 'bias'), (outputs,), 'torch_linear', inputs)}"
        )
    _then(draft, layer, text)


def _of(layer: TorchLayer, name: str) -> str:
    return f"{layer.path}.{name}" if layer.path else name


def _convolution(axes: int) -> Writer:
    def write(draft: ModelDraft, layer: TorchLayer) -> None:
        layer.unlike(padding_mode="zeros")
        inputs, filters = layer.number(0, "in_channels"), layer.number(1, "out_channels")
        size = layer.per_axis("kernel_size", axes)
        stride, groups = layer.per_axis("stride", axes, 1), layer.option("groups", 1)
        dilation = layer.per_axis("dilation", axes, 1)
        padding = _padding(layer, axes, size, stride, dilation)
        if type(groups) is not int or groups < 1 or inputs % groups or filters % groups:
            raise layer.refuse(tr("groups is {groups!r}; it must divide the channels", groups=groups))
        draft.takes((inputs, *(None,) * axes))
        shape = (filters, inputs // groups, *size)
        fan_in = shape[1]
        for length in size:
            fan_in *= length
        W = draft.tensor(f"W{layer.suffix}", _of(layer, "weight"), shape, "torch_linear")
        words = [f"conv{axes}d({{x}}, {W}"]
        if layer.flag("bias", True):
            b = draft.tensor(f"b{layer.suffix}", _of(layer, "bias"), (filters,), "torch_linear", fan_in)
            words.append(f"bias={b}")
        words += [f"stride={_per_axis(stride)}"] if set(stride) != {1} else []
        words += [f"padding={_per_axis(padding)}"] if any(padding) else []
        words += [f"groups={groups}"] if groups > 1 else []
        words += [f"dilation={_per_axis(dilation)}"] if set(dilation) != {1} else []
        _then(draft, layer, ", ".join(words) + ")")

    return write


def _padding(
    layer: TorchLayer, axes: int, size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[int, ...]:
    given = layer.option("padding", 0)
    if given == "valid":
        return (0,) * axes
    if given != "same":
        return layer.per_axis("padding", axes, 0)
    both = [apart * (length - 1) for length, apart in zip(size, dilation, strict=True)]
    if set(stride) != {1} or any(zeros % 2 for zeros in both):
        raise layer.refuse(tr("padding=same goes with a stride of 1 and a window of odd size here"))
    return tuple(zeros // 2 for zeros in both)


def _per_axis(values: tuple[int, ...]) -> str:
    return str(values[0]) if len(set(values)) == 1 else str(values)


def _embedding(draft: ModelDraft, layer: TorchLayer) -> None:
    layer.unlike(max_norm=None, scale_grad_by_freq=False, sparse=False)
    count, width = layer.number(0, "num_embeddings"), layer.number(1, "embedding_dim")
    draft.takes((None,), count, sequence=True)
    E = draft.tensor(f"E{layer.suffix}", _of(layer, "weight"), (count, width), "normal")
    ids = draft.at
    _then(draft, layer, f"{E}[{{x}}]")
    padding = layer.option("padding_idx")
    if padding is None:
        return
    if type(padding) is not int or not -count <= padding < count:
        raise layer.refuse(
            tr("padding_idx is {found!r}; it must be one of the {count} rows", found=padding, count=count)
        )
    text = f"where(expand_dims({ids} != {padding % count}, -1), {{x}}, stop_gradient({{x}}))"
    _then(draft, layer, text)
    draft.remark(
        tr("row {row} of {array} has no gradient, as padding_idx has it", row=padding % count, array=E)
    )


def _batch_norm(axes: int) -> Writer:
    def write(draft: ModelDraft, layer: TorchLayer) -> None:
        features = layer.number(0, "num_features")
        draft.takes((features, *(None,) * axes))
        gamma, beta = "1.0", "0.0"
        biased = layer.flag("bias", True)
        if layer.flag("affine", True):
            gamma = draft.tensor(f"gamma{layer.suffix}", _of(layer, "weight"), (features,), "ones")
            if biased:
                beta = draft.tensor(f"beta{layer.suffix}", _of(layer, "bias"), (features,))
        words = _unusual(layer, eps=1e-5, momentum=0.1)
        _then(draft, layer, f"batch_norm({{x}}, {gamma}, {beta}{words})")
        draft.remark(
            tr(
                "batch norm takes the statistics of the batch, as PyTorch in training mode; the running ones "
                "start at 0 and 1 and are not taken from a file"
            )
        )

    return write


def _unusual(layer: TorchLayer, **usual: float) -> str:
    found = {name: layer.real(name, value) for name, value in usual.items()}
    return "".join(f", {name}={value!r}" for name, value in found.items() if value != usual[name])


def _normalized(layer: TorchLayer) -> tuple[tuple[int, ...], str]:
    """Return the shape that a norm runs over, and its axes as text."""
    shape = layer.given[0] if layer.given else None
    right = isinstance(shape, tuple) and all(type(length) is int and length > 0 for length in shape)
    if not right or not shape or len(shape) > 3:
        raise layer.refuse(tr("a norm runs over the last one, two or three axes here"))
    axes = tuple(range(-len(shape), 0))
    return shape, "" if len(axes) == 1 else f", axis={axes}"


def _layer_norm(draft: ModelDraft, layer: TorchLayer) -> None:
    shape, axis = _normalized(layer)
    draft.takes(shape)
    weights, biased = "", layer.flag("bias", True)
    if layer.flag("elementwise_affine", True):
        gamma = draft.tensor(f"gamma{layer.suffix}", _of(layer, "weight"), shape, "ones")
        beta = "0.0"
        if biased:
            beta = draft.tensor(f"beta{layer.suffix}", _of(layer, "bias"), shape)
        weights = f", {gamma}, {beta}"
    _then(draft, layer, f"layer_norm({{x}}{weights}{axis}{_unusual(layer, eps=1e-5)})")


def _rms_norm(draft: ModelDraft, layer: TorchLayer) -> None:
    shape, axis = _normalized(layer)
    draft.takes(shape)
    eps = "" if layer.option("eps") is None else f", eps={layer.real('eps', 0.0)!r}"
    weights = ""
    if layer.flag("elementwise_affine", True):
        weights = f", {draft.tensor(f'gamma{layer.suffix}', _of(layer, 'weight'), shape, 'ones')}"
    _then(draft, layer, f"rms_norm({{x}}{weights}{axis}{eps})")


def _prelu(draft: ModelDraft, layer: TorchLayer) -> None:
    layer.unlike(num_parameters=1)
    a = draft.tensor(f"a{layer.suffix}", _of(layer, "weight"), (1,), "ones")
    _then(draft, layer, f"where({{x}} > 0, {{x}}, {a} * {{x}})")


# ---------------------------------------------------------------------- without


def _pooling(kind: str, axes: int) -> Writer:
    def write(draft: ModelDraft, layer: TorchLayer) -> None:
        layer.unlike(padding=0, dilation=1, ceil_mode=False, return_indices=False, divisor_override=None)
        size = layer.per_axis("kernel_size", axes)
        stride = layer.per_axis("stride", axes) if "stride" in layer.options else size
        sizes = _per_axis(size) if axes == 2 else str((1, *size))
        steps = _per_axis(stride) if axes == 2 else str((1, *stride))
        if not all(size) or not all(stride):
            raise layer.refuse(tr("a window and its stride have at least 1"))
        x = "{x}" if axes == 2 else "{x}[:, :, None]"
        text = f"{kind}_pool2d({x}, {sizes}" + ("" if stride == size else f", stride={steps}") + ")"
        _then(draft, layer, text if axes == 2 else f"{text}[:, :, 0]")

    return write


def _global_pooling(draft: ModelDraft, layer: TorchLayer) -> None:
    layer.unlike(output_size=1)
    _then(draft, layer, "mean({x}, axis=(2, 3), keepdims=True)")


def _flatten(draft: ModelDraft, layer: TorchLayer) -> None:
    layer.unlike(start_dim=1, end_dim=-1)
    if draft.sample is None:
        return  # of what is flat already, as it is drawn
    _then(draft, layer, "reshape({x}, (len({x}), -1))")


def _softmax(name: str) -> Writer:
    def write(draft: ModelDraft, layer: TorchLayer) -> None:
        axis = layer.option("dim", -1)
        if axis is None:
            axis = 1
            draft.remark(
                tr("{kind} without dim runs along axis 1, as PyTorch's does over matrices", kind=layer.kind)
            )
        if type(axis) is not int:
            raise layer.refuse(tr("dim is {axis!r}; it must be a whole number", axis=axis))
        _then(draft, layer, f"{name}({{x}}, axis={axis})")

    return write


def _softplus(draft: ModelDraft, layer: TorchLayer) -> None:
    beta = layer.real("beta", 1.0)
    if beta <= 0 or layer.real("threshold", 20.0) < _LINE:
        raise layer.refuse(tr("beta must be above 0, and threshold at least {least:g}", least=_LINE))
    _then(draft, layer, "softplus({x})" if beta == 1 else f"softplus({beta!r} * {{x}}) / {beta!r}")


def _leaky_relu(draft: ModelDraft, layer: TorchLayer) -> None:
    slope = layer.real("negative_slope", 0.01)
    _then(draft, layer, f"where({{x}} > 0, {{x}}, {slope!r} * {{x}})" if slope != 0.01 else "leaky_relu({x})")


def _hardtanh(draft: ModelDraft, layer: TorchLayer) -> None:
    low, high = layer.real("min_val", -1.0), layer.real("max_val", 1.0)
    _then(draft, layer, "hardtanh({x})" if (low, high) == (-1, 1) else f"clip({{x}}, {low!r}, {high!r})")


def _gelu(draft: ModelDraft, layer: TorchLayer) -> None:
    kind = layer.option("approximate", "none")
    if kind not in ("none", "tanh"):
        raise layer.refuse(tr("approximate must be none or tanh"))
    _then(draft, layer, "gelu({x})" if kind == "none" else 'gelu({x}, approximate="tanh")')


def _elu(draft: ModelDraft, layer: TorchLayer) -> None:
    alpha = layer.real("alpha", 1.0)
    _then(draft, layer, "elu({x})" if alpha == 1 else f"elu({{x}}, alpha={alpha!r})")


def _dropout(draft: ModelDraft, layer: TorchLayer) -> None:
    p = layer.real("p", 0.5)
    if not 0 <= p < 1:
        raise layer.refuse(tr("p={p:g}; it must be from 0 to below 1", p=p))
    _then(draft, layer, f"dropout({{x}}, {p!r})")
    draft.remark(tr("dropout draws another mask than PyTorch, so losses of the two differ while it is on"))


def _nothing(draft: ModelDraft, layer: TorchLayer) -> None:
    """Do what Identity does."""


def _plain(expression: str) -> Writer:
    return lambda draft, layer: _then(draft, layer, expression)


LAYERS: Final[Mapping[str, Writer]] = {
    "Linear": _linear,
    "NonDynamicallyQuantizableLinear": _linear,
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "MaxPool1d": _pooling("max", 1),
    "MaxPool2d": _pooling("max", 2),
    "AvgPool1d": _pooling("avg", 1),
    "AvgPool2d": _pooling("avg", 2),
    "AdaptiveAvgPool2d": _global_pooling,
    "Flatten": _flatten,
    "BatchNorm1d": _batch_norm(0),
    "BatchNorm2d": _batch_norm(2),
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "Dropout": _dropout,
    "Embedding": _embedding,
    "Identity": _nothing,
    "ReLU": _plain("relu({x})"),
    "ReLU6": _plain("relu6({x})"),
    "LeakyReLU": _leaky_relu,
    "PReLU": _prelu,
    "ELU": _elu,
    "SELU": _plain("selu({x})"),
    "GELU": _gelu,
    "SiLU": _plain("silu({x})"),
    "Mish": _plain("mish({x})"),
    "Hardswish": _plain("{x} * relu6({x} + 3) / 6"),
    "Hardsigmoid": _plain("relu6({x} + 3) / 6"),
    "Hardtanh": _hardtanh,
    "Sigmoid": _plain("sigmoid({x})"),
    "LogSigmoid": _plain("log_sigmoid({x})"),
    "Tanh": _plain("tanh({x})"),
    "Softplus": _softplus,
    "Softsign": _plain("softsign({x})"),
    "Softmax": _softmax("softmax"),
    "LogSoftmax": _softmax("log_softmax"),
}
"""Layers by their class, but for the recurrent ones."""
