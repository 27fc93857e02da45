"""The table of operations: each as a formula and as autograd has it, with shapes and numbers to draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval
from hypothesis import strategies as st

from tui_backprop.engine.ops.base import Op

SEEDS = st.integers(0, 2**32 - 1)
LENGTH = st.integers(1, 3)
SHAPES = st.lists(LENGTH, max_size=3).map(tuple)


def autograd_erf(x: Any) -> Any:
    """Return erf by its series, 2/√π Σ (-1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1))."""
    term, total = x, x
    for n in range(1, 80):
        term = -term * x * x / n
        total = total + term / (2 * n + 1)
    return 2 / math.sqrt(math.pi) * total


def autograd_copies(x: Any, copy: Callable[..., Any], *options: Any) -> Any:
    """Return copies of elements by an index: autograd's repeat has a wrong gradient along axis -1."""
    shape = np.shape(getval(x))
    return anp.ravel(x)[copy(np.arange(np.prod(shape, dtype=int)).reshape(shape), *options)]


def autograd_sigmoid(x: Any) -> Any:
    return 1 / (1 + anp.exp(-x))


def autograd_log_softmax(x: Any, axis: int = -1) -> Any:
    return x - anp.log(anp.sum(anp.exp(x), axis=axis, keepdims=True))


def autograd_bce(p: Any, t: Any) -> Any:
    return -anp.mean(t * anp.log(p) + (1 - t) * anp.log(1 - p))


def autograd_cross_entropy(z: Any, t: Any) -> Any:
    return -anp.mean(anp.sum(t * autograd_log_softmax(z), axis=-1))


def autograd_huber(e: Any, delta: float) -> Any:
    return anp.mean(anp.where(anp.abs(e) <= delta, e * e / 2, delta * (anp.abs(e) - delta / 2)))


def autograd_windows(
    x: Any, size: tuple[int, ...], stride: int, padding: int = 0, dilation: int = 1
) -> Iterator[tuple[Any, Any]]:
    """Return the windows of x one by one, and how many there are along each axis."""
    x = anp.pad(x, [(0, 0), (0, 0)] + [(padding, padding)] * len(size), "constant")
    reach = [dilation * (k - 1) + 1 for k in size]
    counts = [(n - k) // stride + 1 for n, k in zip(x.shape[2:], reach, strict=True)]
    for place in np.ndindex(*counts):
        at = tuple(slice(i * stride, i * stride + k, dilation) for i, k in zip(place, reach, strict=True))
        yield x[(slice(None), slice(None), *at)], counts


def autograd_conv(x: Any, w: Any, stride: int = 1, padding: int = 0, dilation: int = 1) -> Any:
    found = list(autograd_windows(x, w.shape[2:], stride, padding, dilation))
    axes = tuple(range(2, w.ndim + 1))
    places = [anp.sum(window[:, None] * w[None], axis=axes) for window, _ in found]
    return anp.reshape(anp.stack(places, axis=2), (len(x), len(w), *found[0][1]))


def autograd_pool(pool: Any, x: Any, size: tuple[int, int], stride: int) -> Any:
    found = list(autograd_windows(x, size, stride))
    places = [pool(window, axis=(2, 3)) for window, _ in found]
    return anp.reshape(anp.stack(places, axis=2), (*x.shape[:2], *found[0][1]))


def autograd_conv_in_groups(x: Any, w: Any, groups: int) -> Any:
    """Return the results of convolutions, one of each group of channels, side by side."""
    channels, filters = w.shape[1], len(w) // groups
    parts = [
        autograd_conv(x[:, g * channels : (g + 1) * channels], w[g * filters : (g + 1) * filters])
        for g in range(groups)
    ]
    return anp.concatenate(parts, axis=1)


@st.composite
def windows(draw: st.DrawFn, axes: int, groups: int = 1) -> tuple[tuple[int, ...], ...]:
    """Draw a stack of signals or pictures, and weights of a window that is no larger."""
    lengths = [draw(st.integers(2, 4)) for _ in range(axes)]
    size = [draw(st.integers(1, length)) for length in lengths]
    samples, channels, filters = draw(LENGTH), draw(LENGTH), draw(LENGTH)
    return (samples, groups * channels, *lengths), (groups * filters, channels, *size)


@st.composite
def unary(draw: st.DrawFn, least: int = 0) -> tuple[tuple[int, ...], ...]:
    return (tuple(draw(st.lists(LENGTH, min_size=least, max_size=3))),)


@st.composite
def broadcast(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    """Two shapes that broadcast: scalars, axes of length 1, missing leading axes, on either side."""
    target = draw(SHAPES)

    def part() -> tuple[int, ...]:
        kept = target[draw(st.integers(0, len(target))) :]
        return tuple(1 if draw(st.booleans()) else length for length in kept)

    whole = draw(st.integers(0, 2))
    return (target if whole == 0 else part(), target if whole == 1 else part())


@st.composite
def equal(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    shape = tuple(draw(st.lists(LENGTH, min_size=1, max_size=3)))
    return shape, shape


MATMUL_DIMENSIONS = [(a, b) for a in (1, 2, 3, 4) for b in (1, 2, 3, 4)]


@st.composite
def matrices(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    left, right = draw(st.sampled_from(MATMUL_DIMENSIONS))
    return draw(product_shapes(left, right))


@st.composite
def product_shapes(draw: st.DrawFn, left: int, right: int) -> tuple[tuple[int, ...], ...]:
    n, k, m = (draw(LENGTH) for _ in range(3))
    stacked = draw(st.lists(st.integers(1, 2), min_size=2, max_size=2))
    # a stack of one matrix broadcasts against a stack of several
    alone = draw(st.sampled_from([None, 0, 1]))
    stacks = [[1 if side == alone else length for length in stacked] for side in (0, 1)]
    return (
        (k,) if left == 1 else (*stacks[0][4 - left :], n, k),
        (k,) if right == 1 else (*stacks[1][4 - right :], k, m),
    )


@dataclass(frozen=True)
class Case:
    """One use of an operation: as formula, as autograd has it, on which numbers and shapes."""

    op: str
    formula: str
    reference: Callable[..., Any]
    low: float = -2.0
    high: float = 2.0
    shapes: Any = None

    def __str__(self) -> str:
        return self.formula


COMPARED = {
    ">": anp.greater, ">=": anp.greater_equal, "<": anp.less, "<=": anp.less_equal,
    "==": anp.equal, "!=": anp.not_equal,
}  # fmt: skip
EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 2)),
    ("bhqd,bhkd->bhqk", (2, 1, 3, 2), (2, 1, 2, 2)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,k->k", (2, 3), (2,)),
    ("bij,b->ji", (2, 3, 2), (2,)),
    ("i,j->ji", (2,), (3,)),
    ("i,i->i", (3,), (3,)),
]
"""Letters with shapes: products of stacks, sums over one array alone, all in the result, none in it."""
LOSS = {"low": 0.05, "high": 0.95, "shapes": broadcast()}
CASES = [
    Case("+", "x + y", lambda x, y: x + y, shapes=broadcast()),
    Case("-", "x - y", lambda x, y: x - y, shapes=broadcast()),
    Case("*", "x * y", lambda x, y: x * y, shapes=broadcast()),
    Case("/", "x / y", lambda x, y: x / y, low=0.3, shapes=broadcast()),
    Case("**", "x ** y", lambda x, y: x**y, low=0.3, shapes=broadcast()),
    Case("**", "x ** 2", lambda x: x**2),
    Case("**", "x ** 3", lambda x: x**3),
    Case("**", "x ** 1", lambda x: x**1),
    Case("**", "x ** 0", lambda x: x * 0 + 1),
    Case("**", "x ** -2", lambda x: x**-2.0, low=0.3),
    Case("**", "x ** 0.5", lambda x: x**0.5, low=0.3),
    Case("**", "2 ** x", lambda x: 2.0**x),
    Case("@", "x @ y", lambda x, y: x @ y, shapes=matrices()),
    Case("negate", "-x", lambda x: -x),
    Case(".T", "x.T", lambda x: x.T),
    Case("identity", "x", lambda x: x * 1),
    Case("+", "x + 3", lambda x: x + 3),
    Case("-", "3 - x", lambda x: 3 - x),
    Case("*", "3 * x", lambda x: 3 * x),
    Case("/", "3 / x", lambda x: 3 / x, low=0.3),
    Case("sum", "sum(x)", anp.sum),
    Case("sum", "sum(x, axis=0)", lambda x: anp.sum(x, axis=0), shapes=unary(1)),
    Case("sum", "sum(x, axis=-1)", lambda x: anp.sum(x, axis=-1), shapes=unary(1)),
    Case("sum", "sum(x, axis=(0, -1))", lambda x: anp.sum(x, axis=(0, -1)), shapes=unary(2)),
    Case("mean", "mean(x)", anp.mean),
    Case("mean", "mean(x, axis=0)", lambda x: anp.mean(x, axis=0), shapes=unary(1)),
    Case("mean", "mean(x, axis=1)", lambda x: anp.mean(x, axis=1), shapes=unary(2)),
    Case("mean", "mean(x, axis=(1, 0))", lambda x: anp.mean(x, axis=(1, 0)), shapes=unary(2)),
    Case("exp", "exp(x)", anp.exp),
    Case("log", "log(x)", anp.log, low=0.3),
    Case("sqrt", "sqrt(x)", anp.sqrt, low=0.3),
    Case("square", "square(x)", anp.square),
    Case("abs", "abs(x)", anp.abs),
    Case("sin", "sin(x)", anp.sin),
    Case("cos", "cos(x)", anp.cos),
    Case("tanh", "tanh(x)", anp.tanh),
    Case("sigmoid", "sigmoid(x)", autograd_sigmoid),
    Case("relu", "relu(x)", lambda x: anp.where(x > 0, x, 0.0)),
    Case("leaky_relu", "leaky_relu(x)", lambda x: anp.where(x > 0, x, 0.01 * x)),
    Case("leaky_relu", "leaky_relu(x, negative_slope=0.3)", lambda x: anp.where(x > 0, x, 0.3 * x)),
    Case("softplus", "softplus(x)", lambda x: anp.log(1 + anp.exp(x))),
    Case("maximum", "maximum(x, y)", anp.maximum, shapes=broadcast()),
    Case("maximum", "maximum(x, 0)", lambda x: anp.maximum(x, 0.0)),
    Case(
        "sum", "sum(x, axis=0, keepdims=True)",
        lambda x: anp.sum(x, axis=0, keepdims=True), shapes=unary(1),
    ),
    Case("mean", "mean(x, keepdims=True)", lambda x: anp.mean(x, keepdims=True), shapes=unary(1)),
    Case("max", "max(x)", anp.max),
    Case("max", "max(x, axis=-1, keepdims=True)", lambda x: anp.max(x, -1, keepdims=True), shapes=unary(1)),
    Case("min", "min(x, axis=0)", lambda x: anp.min(x, axis=0), shapes=unary(1)),
    Case("var", "var(x)", anp.var),
    Case("var", "var(x, axis=-1)", lambda x: anp.var(x, axis=-1), shapes=unary(1)),
    Case(
        "std", "std(x, axis=1, keepdims=True)",
        lambda x: anp.std(x, axis=1, keepdims=True), shapes=st.just(((2, 3),)),
    ),
    Case("var", "var(x, ddof=1)", lambda x: anp.var(x, ddof=1), shapes=st.just(((3,),))),
    Case("prod", "prod(x)", anp.prod),
    Case("prod", "prod(x, axis=0)", lambda x: anp.prod(x, axis=0), shapes=unary(1)),
    Case("logsumexp", "logsumexp(x)", lambda x: anp.log(anp.sum(anp.exp(x)))),
    Case(
        "logsumexp", "logsumexp(x, axis=-1)",
        lambda x: anp.log(anp.sum(anp.exp(x), axis=-1)), shapes=unary(1),
    ),
    Case("norm", "norm(x)", lambda x: anp.sqrt(anp.sum(x**2))),
    Case("norm", "norm(x, axis=0)", lambda x: anp.sqrt(anp.sum(x**2, axis=0)), shapes=unary(1)),
    Case("min", "min(x, keepdims=True)", lambda x: anp.min(x, keepdims=True), shapes=unary(1)),
    Case("prod", "prod(x, keepdims=True)", lambda x: anp.prod(x, keepdims=True), shapes=unary(1)),
    Case("var", "var(x, keepdims=True)", lambda x: anp.var(x, keepdims=True), shapes=unary(1)),
    Case("std", "std(x, ddof=1)", lambda x: anp.std(x, ddof=1), shapes=st.just(((2, 2),))),
    Case(
        "logsumexp", "logsumexp(x, keepdims=True)",
        lambda x: anp.log(anp.sum(anp.exp(x), keepdims=True)), shapes=unary(1),
    ),
    Case("norm", "norm(x, keepdims=True)", lambda x: anp.sqrt(anp.sum(x**2, keepdims=True)), shapes=unary(1)),
    Case("reshape", "reshape(x, shape=(3, -1))", lambda x: x.reshape(3, -1), shapes=st.just(((2, 3),))),
    Case("ravel", "ravel(x)", anp.ravel),
    Case("expand_dims", "expand_dims(x, axis=-1)", lambda x: anp.expand_dims(x, -1)),
    Case("squeeze", "squeeze(x)", anp.squeeze),
    Case("squeeze", "squeeze(x, axis=0)", lambda x: anp.squeeze(x, axis=0), shapes=st.just(((1, 3),))),
    Case(
        "swapaxes", "swapaxes(x, axis1=0, axis2=-1)", lambda x: anp.swapaxes(x, 0, -1), shapes=unary(1)
    ),
    Case("concatenate", "concatenate(x, y)", lambda x, y: anp.concatenate((x, y)), shapes=equal()),
    Case(
        "concatenate", "concatenate(x, y, x, axis=-1)",
        lambda x, y: anp.concatenate((x, y, x), axis=-1), shapes=equal(),
    ),
    Case("stack", "stack(x, y)", lambda x, y: anp.stack((x, y)), shapes=equal()),
    Case("stack", "stack(x, y, axis=-1)", lambda x, y: anp.stack((x, y), axis=-1), shapes=equal()),
    Case("vstack", "vstack(x, y)", lambda x, y: anp.vstack((x, y)), shapes=st.just(((2, 3), (3,)))),
    Case("vstack", "vstack(x, y)", lambda x, y: anp.vstack((x, y)), shapes=st.just(((3,), (1, 3)))),
    Case("hstack", "hstack(x, y)", lambda x, y: anp.hstack((x, y)), shapes=st.just(((2,), (3,)))),
    Case("hstack", "hstack(x, y)", lambda x, y: anp.hstack((x, y)), shapes=st.just(((2, 3), (2, 1)))),
    Case(
        "column_stack", "column_stack(x, y)",
        lambda x, y: anp.concatenate((x, y[:, None]), axis=1), shapes=st.just(((2, 3), (2,))),
    ),
    Case("tile", "tile(x, reps=(2, 1))", lambda x: autograd_copies(x, np.tile, (2, 1))),
    Case("tile", "tile(x, reps=3)", lambda x: autograd_copies(x, np.tile, 3), shapes=unary(1)),
    Case("repeat", "repeat(x, repeats=2)", lambda x: autograd_copies(x, np.repeat, 2)),
    Case(
        "repeat", "repeat(x, repeats=3, axis=-1)", lambda x: autograd_copies(x, np.repeat, 3, -1),
        shapes=unary(1),
    ),
    Case("pad", "pad(x, pad_width=1)", lambda x: anp.pad(x, 1, "constant"), shapes=unary(1)),
    Case(
        "pad", "pad(x, pad_width=((0, 1), (2, 0)))",
        lambda x: anp.pad(x, ((0, 1), (2, 0)), "constant"), shapes=st.just(((2, 3),)),
    ),
    Case("roll", "roll(x, shift=2)", lambda x: anp.roll(x, 2)),
    Case("roll", "roll(x, shift=-1, axis=0)", lambda x: anp.roll(x, -1, axis=0), shapes=unary(1)),
    Case("transpose", "transpose(x)", lambda x: anp.transpose(x)),
    Case(
        "transpose", "transpose(x, axes=(2, 0, 1))",
        lambda x: anp.transpose(x, (2, 0, 1)), shapes=st.just(((2, 3, 4),)),
    ),
    Case("outer", "outer(x, y)", lambda x, y: anp.outer(x, y), shapes=st.just(((2,), (3,)))),
    Case("inner", "inner(x, y)", lambda x, y: anp.inner(x, y), shapes=st.just(((3,), (3,)))),
    Case("inner", "inner(x, y)", lambda x, y: anp.inner(x, y), shapes=st.just(((2, 3), (4, 3)))),
    *(
        Case(
            "einsum", f'einsum("{letters}", x, y)',
            lambda x, y, letters=letters: anp.einsum(letters, x, y), shapes=st.just(shapes),
        )
        for letters, *shapes in EINSUMS
    ),
    Case("einsum", 'einsum(x, y, subscripts="ij,jk")', lambda x, y: x @ y, shapes=st.just(((2, 3), (3, 2)))),
    Case("log1p", "log1p(x)", lambda x: anp.log(1 + x), low=-0.7),
    Case("expm1", "expm1(x)", lambda x: anp.exp(x) - 1),
    Case("log2", "log2(x)", lambda x: anp.log(x) / anp.log(2), low=0.3),
    Case("log10", "log10(x)", lambda x: anp.log(x) / anp.log(10), low=0.3),
    Case("tan", "tan(x)", lambda x: anp.sin(x) / anp.cos(x), low=-1.2, high=1.2),
    Case("sinh", "sinh(x)", lambda x: (anp.exp(x) - anp.exp(-x)) / 2),
    Case("cosh", "cosh(x)", lambda x: (anp.exp(x) + anp.exp(-x)) / 2),
    Case("arctan", "arctan(x)", anp.arctan),
    Case("erf", "erf(x)", autograd_erf),
    Case("log_sigmoid", "log_sigmoid(x)", lambda x: -anp.log(1 + anp.exp(-x))),
    Case("silu", "silu(x)", lambda x: x / (1 + anp.exp(-x))),
    Case("mish", "mish(x)", lambda x: x * anp.tanh(anp.log(1 + anp.exp(x)))),
    Case("softsign", "softsign(x)", lambda x: x / (1 + anp.abs(x))),
    Case("elu", "elu(x)", lambda x: anp.where(x > 0, x, anp.exp(x) - 1)),
    Case("elu", "elu(x, alpha=0.5)", lambda x: anp.where(x > 0, x, 0.5 * (anp.exp(x) - 1))),
    Case(
        "selu", "selu(x)",
        lambda x: 1.0507009873554805 * anp.where(x > 0, x, 1.6732632423543772 * (anp.exp(x) - 1)),
    ),
    Case("hardtanh", "hardtanh(x)", lambda x: anp.where(anp.abs(x) < 1, x, anp.where(x > 0, 1.0, -1.0))),
    Case("relu6", "relu6(x)", lambda x: anp.where(x > 6, 6.0, anp.where(x > 0, x, 0.0)), low=-3, high=9),
    Case("minimum", "minimum(x, y)", anp.minimum, shapes=broadcast()),
    Case("minimum", "minimum(x, 0)", lambda x: anp.minimum(x, 0.0)),
    Case("clip", "clip(x, -1, y)", lambda x, y: anp.minimum(anp.maximum(x, -1.0), y), shapes=broadcast()),
    Case("clip", "clip(x, -0.52, 1)", lambda x: anp.clip(x, -0.52, 1.0)),
    Case("clip", "clip(0.32, x, 1)", lambda x: anp.minimum(anp.maximum(0.32, x), 1.0)),
    Case("where", "where(x > 0, x, y)", lambda x, y: anp.where(x > 0, x, y), shapes=equal()),
    Case("where", "where(y < x, x * y, 0.5)", lambda x, y: anp.where(y < x, x * y, 0.5), shapes=broadcast()),
    *(
        Case(
            sign, f"x * (x {sign} y)",
            lambda x, y, compare=compare: x * compare(x, y) + 0 * y, shapes=broadcast(),
        )
        for sign, compare in COMPARED.items()
    ),
    Case("stop_gradient", "x + 0 * stop_gradient(y)", lambda x, y: x + 0 * y, shapes=equal()),
    Case("sign", "sign(x)", lambda x: x * 0 + anp.sign(x)),
    Case("floor", "floor(x)", lambda x: x * 0 + anp.floor(x)),
    Case("round", "round(0.9 * x)", lambda x: x * 0 + np.round(0.9 * getval(x))),
    Case("trunc", "trunc(x)", lambda x: x * 0 + anp.sign(x) * anp.floor(anp.abs(x))),
    Case("argmax", "x * argmax(x)", lambda x: x * anp.argmax(getval(x))),
    Case(
        "argmax", "argmax(x, axis=-1, keepdims=True) * x",
        lambda x: x * anp.argmax(getval(x), axis=-1, keepdims=True), shapes=unary(1),
    ),
    Case(
        "argmin", "argmin(x, axis=0, keepdims=True) * x",
        lambda x: x * anp.argmin(getval(x), axis=0, keepdims=True), shapes=unary(1),
    ),
    Case("softmax", "softmax(x)", lambda x: anp.exp(autograd_log_softmax(x)), shapes=unary(1)),
    Case("softmax", "softmax(x, axis=0)", lambda x: anp.exp(autograd_log_softmax(x, 0)), shapes=unary(1)),
    Case("mse", "mse(x, y)", lambda x, y: anp.mean((x - y) ** 2), shapes=broadcast()),
    Case("mse", "mse(0.5, x)", lambda x: anp.mean((0.5 - x) ** 2)),
    Case("bce", "bce(x, y)", autograd_bce, **LOSS),
    Case("bce", "bce(0.3, x)", lambda x: autograd_bce(0.3, x)),
    Case("bce", "bce(x, 1)", lambda x: autograd_bce(x, 1), low=0.05, high=0.95),
    Case(
        "bce_with_logits", "bce_with_logits(x, y)",
        lambda x, y: autograd_bce(autograd_sigmoid(x), y), shapes=broadcast(),
    ),
    Case("bce_with_logits", "bce_with_logits(0.7, x)", lambda x: autograd_bce(autograd_sigmoid(0.7), x)),
    Case("cross_entropy", "cross_entropy(x, y)", autograd_cross_entropy, shapes=equal()),
    Case(
        "cross_entropy", "cross_entropy(x, y, label_smoothing=0.2)",
        lambda x, y: autograd_cross_entropy(x, 0.8 * y + 0.2 / x.shape[-1]), shapes=equal(),
    ),
    Case("nll", "nll(x, y)", lambda x, y: -anp.mean(anp.sum(x * y, axis=-1)), shapes=equal()),
    Case("log_softmax", "log_softmax(x)", autograd_log_softmax, shapes=unary(1)),
    Case("log_softmax", "log_softmax(x, axis=0)", lambda x: autograd_log_softmax(x, 0), shapes=unary(1)),
    Case("cumsum", "cumsum(x, axis=0)", lambda x: anp.cumsum(x, axis=0), shapes=unary(1)),
    Case("cumsum", "cumsum(x, axis=-1)", lambda x: anp.cumsum(x, axis=-1), shapes=unary(1)),
    Case("conv1d", "conv1d(x, y)", autograd_conv, shapes=windows(1)),
    Case(
        "conv1d", "conv1d(x, y, stride=2, padding=1)",
        lambda x, y: autograd_conv(x, y, 2, 1), shapes=windows(1),
    ),
    *(
        Case(
            f"conv{axes}d", f"conv{axes}d(x, y, groups=2)",
            lambda x, y: autograd_conv_in_groups(x, y, 2), shapes=windows(axes, groups=2),
        )
        for axes in (1, 2)
    ),
    *(
        Case(
            f"conv{axes}d", f"conv{axes}d(x, y, stride={stride}, padding=2, dilation=2)",
            lambda x, y, stride=stride: autograd_conv(x, y, stride, 2, 2), shapes=windows(axes),
        )
        for axes, stride in ((1, 3), (2, 1))
    ),
    Case("conv2d", "conv2d(x, y)", autograd_conv, shapes=windows(2)),
    Case(
        "conv2d", "conv2d(x, y, stride=2, padding=1)",
        lambda x, y: autograd_conv(x, y, 2, 1), shapes=windows(2),
    ),
    Case(
        "max_pool2d", "max_pool2d(x, 2)", lambda x: autograd_pool(anp.max, x, (2, 2), 2), shapes=windows(2)
    ),
    Case(
        "max_pool2d", "max_pool2d(x, kernel_size=(2, 1), stride=1)",
        lambda x: autograd_pool(anp.max, x, (2, 1), 1), shapes=windows(2),
    ),
    Case(
        "avg_pool2d", "avg_pool2d(x, 2)", lambda x: autograd_pool(anp.mean, x, (2, 2), 2), shapes=windows(2)
    ),
    Case(
        "avg_pool2d", "avg_pool2d(x, kernel_size=2, stride=1)",
        lambda x: autograd_pool(anp.mean, x, (2, 2), 1), shapes=windows(2),
    ),
    Case("mae", "mae(x, y)", lambda x, y: anp.mean(anp.abs(x - y)), shapes=broadcast()),
    Case("huber", "huber(x, y)", lambda x, y: autograd_huber(x - y, 1.0), shapes=broadcast()),
    Case("huber", "huber(x, y, delta=0.31)", lambda x, y: autograd_huber(x - y, 0.31), shapes=broadcast()),
    Case("hinge", "hinge(x, y)", lambda x, y: anp.mean(anp.maximum(0, 1 - x * y)), shapes=broadcast()),
    Case("kl_div", "kl_div(x, y)", lambda x, y: anp.mean(y * (anp.log(y) - x)), **LOSS),
]  # fmt: skip


def numbers(seed: int, shape: tuple[int, ...], low: float, high: float, odd: int) -> np.ndarray:
    """Draw numbers no two of which, and none of which and 0, are closer than 1/50: clear of every kink."""
    grid = np.random.default_rng(seed).integers(int(low * 25) + 1, int(high * 25), size=shape)
    return (grid + (0.5 if odd else 0.0)) / 25


def drawn(case: Case, data: st.DataObject) -> dict[str, np.ndarray]:
    shapes = data.draw(case.shapes if case.shapes is not None else unary())
    seed = data.draw(SEEDS)
    return {
        name: np.asarray(numbers(seed + i, shape, case.low, case.high, odd=i == 0), dtype=np.float64)
        for i, (name, shape) in enumerate(zip("xy", shapes, strict=False))
        if name in case.formula
    }


def all_subclasses(cls: type[Op]) -> set[type[Op]]:
    return {cls}.union(*(all_subclasses(sub) for sub in cls.__subclasses__()))
