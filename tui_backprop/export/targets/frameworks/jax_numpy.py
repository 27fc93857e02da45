"""JAX: each operation in the words of jax.numpy, and a loop with value_and_grad and updates written out."""

from __future__ import annotations

from collections.abc import Sequence

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

_along = lines("axis", "keepdims")


def _winner(function: str) -> Text:
    def text(call: Call) -> str:
        axis = call.op.options["axis"]
        along = "" if axis is None else f", axis={axis}"
        return f"jnp.reshape(jnp.{function}({call.texts[0]}{along}) * 1.0, {call.shape})"

    return text


def _convolution(call: Call) -> str:
    _, stride, padding = sliding(call)
    sides = [(number, number) for number in padding]
    groups = call.op.options["groups"]
    more = f", feature_group_count={groups}" if groups != 1 else ""
    apart = dilation(call)
    more += f", rhs_dilation={apart}" if apart else ""
    return f"lax.conv_general_dilated({', '.join(call.texts)}, {stride}, {sides}{more})"


def _pool(function: str) -> Text:
    def text(call: Call) -> str:
        size, stride, _ = sliding(call)
        return f"jnp.{function}(windows({call.texts[0]}, {size}, {stride}), axis=0)"

    return text


def _at(call: Call) -> str:
    parts, arrays, _ = index_parts(call)
    left = iter(arrays)
    texts = []
    for part in parts:
        if is_array(part):
            texts.append(f"{next(left)}.astype(int)")
        else:
            texts.append(slice_text(part) if isinstance(part, slice) else str(part))
    return f"({', '.join(texts)},)" if texts else "()"


def _flipped(call: Call, text: str) -> str:
    axes = index_parts(call)[2]
    return f"jnp.flip({text}, {tuple(axes)})" if axes else text


def _index(call: Call) -> str:
    base = call.terms[0].within(5)
    return f"{_flipped(call, base)}[{_at(call)}]"


def _store(call: Call) -> str:
    base = call.terms[0].within(5)
    return _flipped(call, f"{_flipped(call, base)}.at[{_at(call)}].set({call.texts[1]})")


OPS: dict[str, Text] = {
    **shared("jnp"),
    **joining("jnp", "concatenate", "axis"),
    "abs": "absolute({0})",
    "sigmoid": "jax.nn.sigmoid({0})",
    "relu": "jax.nn.relu({0})",
    "leaky_relu": "jnp.where({a} > 0, {0}, {negative_slope} * {a})",
    "erf": "jax.scipy.special.erf({0})",
    "log_sigmoid": "-jnp.logaddexp(-{a}, jnp.zeros_like({0}))",
    "silu": "jax.nn.silu({0})",
    "softsign": "{a} / (1 + absolute({0}))",
    "elu": "jax.nn.elu({0}, {alpha})",
    "selu": "jax.nn.selu({0})",
    "hardtanh": "jnp.where(absolute({0}) < 1, {0}, jnp.sign({0}))",
    "relu6": "jnp.where({a} > 0, jnp.where({a} < 6, {0}, 6.0), 0.0)",
    "stop_gradient": "lax.stop_gradient({0})",
    "sum": _along("jnp.sum({}, {along})"),
    "mean": _along("jnp.mean({}, {along})"),
    "max": _along("jnp.max({}, {along})"),
    "min": _along("jnp.min({}, {along})"),
    "var": lambda call: _along(f"jnp.var({{}}, {{along}}, ddof={ddof(call)})")(call),
    "std": lambda call: _along(f"jnp.std({{}}, {{along}}, ddof={ddof(call)})")(call),
    "prod": _along("jnp.prod({}, {along})"),
    "logsumexp": _along("jax.scipy.special.logsumexp({}, {along})"),
    "norm": _along("norm({}, {along})"),
    "argmax": _winner("argmax"),
    "argmin": _winner("argmin"),
    "transpose": lambda call: f"jnp.transpose({call.texts[0]}, {order(call)})",
    "swapaxes": lambda call: f"jnp.transpose({call.texts[0]}, {order(call)})",
    "repeat": "jnp.repeat({0}, {repeats}, axis={axis})",
    "pad": lambda call: f"jnp.pad({call.texts[0]}, {call.op.widths(call.shapes[0])})",  # type: ignore[attr-defined]
    "roll": "jnp.roll({0}, {shift}, axis={axis})",
    "softmax": "jax.nn.softmax({0}, axis={axis})",
    "log_softmax": "jax.nn.log_softmax({0}, axis={axis})",
    "cumsum": "jnp.cumsum({0}, axis={axis})",
    "conv1d": _convolution,
    "conv2d": _convolution,
    "max_pool2d": _pool("max"),
    "avg_pool2d": _pool("mean"),
    "mae": "jnp.mean(absolute({a} - {b}))",
    "cross_entropy": "-jnp.sum({b} * jax.nn.log_softmax({0}, axis=-1)) / {rows}",
    "index": _index,
    "store": _store,
}
"""How JAX writes each operation."""
HELPERS = {
    "array": '''def array(a):
    """Return numbers as an array of JAX's."""
    return jnp.asarray(a, dtype=float)''',
    **helpers("jnp", "lax.stop_gradient({})"),
    "absolute": '''def absolute(x):
    """Return |x|, whose slope at 0 is 0."""
    return jnp.where(x == 0, 0.0, jnp.abs(x))''',
    "norm": '''def norm(x, axis=None, keepdims=False):
    """Return the Euclidean norm, whose slope at 0 is 0."""
    squares = jnp.sum(x * x, axis=axis, keepdims=keepdims)
    return jnp.where(squares == 0, 0.0, jnp.sqrt(jnp.where(squares == 0, 1.0, squares)))''',
    "windows": '''def windows(x, size, stride):
    """Return the elements of the windows of x, a window's first ones first."""
    (height, width), (down, right) = size, stride
    rows, columns = (x.shape[2] - height) // down, (x.shape[3] - width) // right
    return jnp.stack([
        x[:, :, i : i + rows * down + 1 : down, j : j + columns * right + 1 : right]
        for i in range(height)
        for j in range(width)
    ])''',
}


def _begin(parameters: Sequence[str], functions: Sequence[str], running: bool) -> list[str]:
    places, aux = tuple(range(len(parameters))), ", has_aux=True" if running else ""
    return [
        f"{_differentiated(name)} = jax.jit(jax.value_and_grad({name}, {places}{aux}))" for name in functions
    ]


def _differentiated(function: str) -> str:
    return function.replace("loss_of", "differentiated")


def _forward(results: str, functions: Sequence[str], full: int | None, arguments: str) -> list[str]:
    target = f"({results})" if "," in results else results
    return [f"{target}, gradients = {chosen(list(map(_differentiated, functions)), full)}({arguments})"]


def _gradients(parameters: Sequence[str], gradients: Sequence[str]) -> list[str]:
    return [f"{', '.join(gradients)}{',' * (len(parameters) == 1)} = gradients"]


def _update(parameters: Sequence[str], body: Sequence[str]) -> list[str]:
    return list(body)


JAX = Framework(
    title="JAX",
    array="jnp",
    imports=("import jax", "import jax.numpy as jnp", "from jax import lax"),
    double=('jax.config.update("jax_enable_x64", True)',),
    single=('jax.config.update("jax_enable_x64", False)',),
    ops=OPS,
    helpers=HELPERS,
    begin=_begin,
    forward=_forward,
    gradients=_gradients,
    update=_update,
    least="jnp.minimum({}, {})",
    between="jnp.clip({0}, -{1}, {1})",
)
