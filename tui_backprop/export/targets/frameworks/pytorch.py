"""PyTorch: each operation in its words, and a loop with autograd and updates written out."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.engine.ops.reduction import check_axis
from tui_backprop.export.targets.frameworks.framework import Call, Framework, Text, chosen
from tui_backprop.export.targets.frameworks.shared import (
    ddof,
    dilation,
    helpers,
    index_parts,
    is_array,
    joining,
    lines,
    order,
    shared,
    slice_text,
    sliding,
)

_along = lines("dim", "keepdim")


def _prod(call: Call) -> str:
    """Write a product: torch.prod is along one axis at a time."""
    text, kept = call.texts[0], bool(call.op.options["keepdims"])
    for axis in reversed(check_axis(call.op.options["axis"], call.shapes[0])):
        text = f"torch.prod({text}, dim={axis}{', keepdim=True' if kept else ''})"
    return text


def _winner(function: str) -> Text:
    def text(call: Call) -> str:
        axes = check_axis(call.op.options["axis"], call.shapes[0])
        along = f", dim={axes[0]}" if len(axes) == 1 else ""
        return f"torch.reshape(torch.{function}({call.texts[0]}{along}) * 1.0, {call.shape})"

    return text


def _repeat(call: Call) -> str:
    axis = call.op.options["axis"]
    along = "" if axis is None else f", dim={axis}"
    return f"torch.repeat_interleave({call.texts[0]}, {call.op.options['repeats']}{along})"


def _pad(call: Call) -> str:
    widths = call.op.widths(call.shapes[0])  # type: ignore[attr-defined]
    flat = [number for pair in reversed(widths) for number in pair]  # the last axis comes first
    return f"F.pad({call.texts[0]}, {flat})" if flat else call.texts[0]


def _roll(call: Call) -> str:
    axis = call.op.axis(call.shapes[0])  # type: ignore[attr-defined]
    along = "" if axis is None else f", dims={axis}"
    return f"torch.roll({call.texts[0]}, {call.op.options['shift']}{along})"


def _convolution(call: Call) -> str:
    _, stride, padding = sliding(call)
    groups = call.op.options["groups"]
    more = f", groups={groups}" if groups != 1 else ""
    apart = dilation(call)
    more += f", dilation={apart}" if apart else ""
    return f"F.{call.op.name}({', '.join(call.texts)}, stride={stride}, padding={padding}{more})"


def _pool(function: str) -> Text:
    def text(call: Call) -> str:
        (height, width), (down, right), _ = sliding(call)
        windows = f"{call.terms[0].within(5)}.unfold(2, {height}, {down}).unfold(3, {width}, {right})"
        return f"torch.{function}({windows}, dim=(-2, -1))"

    return text


def _at(call: Call) -> tuple[str, list[int]]:
    """Write an index, and the axes that are turned round before: slices do not run backwards here."""
    parts, arrays, turned = index_parts(call)
    op_arrays = call.shapes[len(call.shapes) - len(arrays) :]
    whole = any(op_arrays)
    left = iter(zip(arrays, op_arrays, strict=True))
    texts = []
    for part in parts:
        if is_array(part):
            text, shape = next(left)
            texts.append(f"{text}.long()" + (".reshape(1)" if whole and not shape else ""))
        elif isinstance(part, int) and whole:  # as NumPy has it: it stands with the arrays
            texts.append(f"torch.tensor([{part}])")
        else:
            texts.append(slice_text(part) if isinstance(part, slice) else str(part))
    return f"({', '.join(texts)},)" if texts else "()", turned


def _flipped(text: str, axes: Sequence[int]) -> str:
    return f"torch.flip({text}, {tuple(axes)})" if axes else text


def _index(call: Call) -> str:
    index, turned = _at(call)
    base = _flipped(call.texts[0], turned) if turned else call.terms[0].within(5)
    return f"{base}[{index}]"


def _store(call: Call) -> str:
    index, turned = _at(call)
    stored = f"stored({_flipped(call.texts[0], turned)}, {index}, {call.texts[1]})"
    return _flipped(stored, turned)


OPS: dict[str, Text] = {
    **shared("torch"),
    **joining("torch", "cat", "dim"),
    "sigmoid": "torch.sigmoid({0})",
    "relu": "torch.relu({0})",
    "leaky_relu": "F.leaky_relu({0}, {negative_slope})",
    "erf": "torch.erf({0})",
    "log_sigmoid": "F.logsigmoid({0})",
    "silu": "F.silu({0})",
    "elu": "F.elu({0}, {alpha})",
    "selu": "F.selu({0})",
    "hardtanh": "F.hardtanh({0})",
    "relu6": "F.relu6({0})",
    "stop_gradient": "{a}.detach()",
    "sum": _along("torch.sum({}, {along})"),
    "mean": _along("torch.mean({}, {along})"),
    "max": _along("torch.amax({}, {along})"),  # which shares among those that tie
    "min": _along("torch.amin({}, {along})"),
    "var": lambda call: _along(f"torch.var({{}}, {{along}}, correction={ddof(call)})")(call),
    "std": lambda call: _along(f"torch.std({{}}, {{along}}, correction={ddof(call)})")(call),
    "prod": _prod,
    "logsumexp": lambda call: (
        _along("torch.logsumexp({}, {along})")(call) if call.shapes[0] else call.texts[0]
    ),
    "norm": _along("torch.linalg.vector_norm({}, {along})"),
    "argmax": _winner("argmax"),
    "argmin": _winner("argmin"),
    "transpose": lambda call: f"torch.permute({call.texts[0]}, {order(call)})",
    "swapaxes": lambda call: f"torch.permute({call.texts[0]}, {order(call)})",
    "repeat": _repeat,
    "pad": _pad,
    "roll": _roll,
    "softmax": "torch.softmax({0}, dim={axis})",
    "log_softmax": "torch.log_softmax({0}, dim={axis})",
    "cumsum": "torch.cumsum({0}, dim={axis})",
    "conv1d": _convolution,
    "conv2d": _convolution,
    "max_pool2d": _pool("amax"),  # which shares among those that tie
    "avg_pool2d": _pool("mean"),
    "mae": "torch.mean(torch.abs({a} - {b}))",
    "cross_entropy": "-torch.sum({b} * torch.log_softmax({0}, dim=-1)) / {rows}",
    "index": _index,
    "store": _store,
}
"""How PyTorch writes each operation."""
STORED = '''def stored(x, index, a):
    """Return x with a at an index."""
    x = x.clone()
    x[index] = a
    return x'''
ARRAY = '''def array(a):
    """Return numbers as a tensor."""
    return torch.tensor(a, dtype=torch.get_default_dtype())'''


def _begin(parameters: Sequence[str], functions: Sequence[str], running: bool) -> list[str]:
    return [f"{name}.requires_grad_()" for name in parameters]


def _forward(results: str, functions: Sequence[str], full: int | None, arguments: str) -> list[str]:
    return [f"{results} = {chosen(functions, full)}({arguments})"]


def _gradients(parameters: Sequence[str], gradients: Sequence[str]) -> list[str]:
    one = "," * (len(parameters) == 1)
    which = f"({', '.join(parameters)}{one})"
    return [f"{', '.join(gradients)}{one} = torch.autograd.grad(loss, {which}, materialize_grads=True)"]


def _update(parameters: Sequence[str], body: Sequence[str]) -> list[str]:
    lines_ = ["with torch.no_grad():", *(f"    {line}" for line in body)]
    return [*lines_, *(f"{name}.requires_grad_()" for name in parameters)]


PYTORCH = Framework(
    title="PyTorch",
    array="torch",
    imports=("import torch", "import torch.nn.functional as F"),
    double=("torch.set_default_dtype(torch.float64)",),
    single=("torch.set_default_dtype(torch.float32)",),
    ops=OPS,
    helpers={"array": ARRAY, **helpers("torch", "{}.detach()"), "stored": STORED},
    begin=_begin,
    forward=_forward,
    gradients=_gradients,
    update=_update,
    least="torch.clamp({}, max={})",
    between="torch.clamp({0}, -{1}, {1})",
)
