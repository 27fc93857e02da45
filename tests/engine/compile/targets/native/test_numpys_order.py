"""Sums and products of machine code have NumPy's bits, for every layout that arrays may have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from tests.support.thorough import tried

pytest.importorskip("llvmlite")

from tests.support.machine_functions import computed
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.products import Products
from tui_backprop.engine.compile.targets.native.instructions.sums import reduced
from tui_backprop.engine.core.numpys_blas import numpys_blas

LENGTHS = st.sampled_from([1, 2, 3, 7, 8, 9, 17, 40, 129, 300])


def array(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Draw an array that may lie in another order, or be part of a larger one."""
    seed = draw(st.integers(0, 2**16))
    order = draw(st.permutations(range(len(shape))))
    wider = draw(st.booleans())
    lengths = [shape[axis] + wider for axis in order]
    whole = np.random.default_rng(seed).normal(size=lengths)
    back = np.argsort(order)
    return whole.transpose(back)[tuple(slice(0, length) for length in shape)]


def reduction(call: str, axes: tuple[int, ...]) -> Any:
    return lambda places, given, out: reduced(places.assembly, call, given[0], axes, out, places.copy)


@st.composite
def reductions(draw: st.DrawFn) -> tuple[np.ndarray, tuple[int, ...]]:
    shape = tuple(draw(st.lists(LENGTHS, min_size=1, max_size=3)))
    assume(np.prod(shape) < 40_000)
    axes = draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
    return array(draw, shape), tuple(sorted(axes))


@tried(reductions(), st.sampled_from(["add", "maximum", "minimum", "multiply"]), few=8, many=60)
def test_reductions(case: tuple[np.ndarray, tuple[int, ...]], name: str) -> None:
    of, axes = case
    wanted = getattr(np, name).reduce(of, axis=axes)
    if of.size > 8192 and not (of.flags.c_contiguous or of.flags.f_contiguous):
        return  # NumPy goes through it in parts, which is left to it
    got = computed(
        lambda places, given, out: reduced(
            places.assembly, f"{name}.reduce", given[0], axes, out, places.copy
        ),
        [of],
        np.shape(wanted),
    )
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("size", [1, 7, 8, 127, 128, 129, 1000, 100_003])
def test_a_long_sum(size: int) -> None:
    of = np.random.default_rng(size).normal(size=size)
    got = computed(
        lambda places, given, out: reduced(places.assembly, "add.reduce", given[0], (0,), out, places.copy),
        [of],
        (),
    )
    assert got == np.add.reduce(of)


@st.composite
def products(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    m, k, n = (draw(st.sampled_from([1, 2, 3, 5, 8, 33])) for _ in range(3))
    left = draw(st.sampled_from([(m, k), (k,)]))
    right = draw(st.sampled_from([(k, n), (k,)]))
    return array(draw, left), array(draw, right)


BLAS = numpys_blas()
assert BLAS is not None


def product(kind: str) -> Any:
    def write(places: Any, given: Any, out: Any) -> None:
        getattr(Products(places.assembly, BLAS.whole, places.copy), kind)(given[0], given[1], out)

    return write


@tried(products(), few=8, many=80)
def test_dot(case: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = case
    wanted = np.dot(a, b)
    np.testing.assert_array_equal(computed(product("dot"), [a, b], np.shape(wanted)), wanted)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    m, k, n = (draw(st.sampled_from([1, 2, 3, 5, 9])) for _ in range(3))
    heads = draw(st.sampled_from([((), (3,)), ((3,), ()), ((2,), (2,)), ((2, 1), (3,)), ((2, 3), (2, 3))]))
    return array(draw, (*heads[0], m, k)), array(draw, (*heads[1], k, n))


@tried(stacks(), few=8, many=80)
def test_matmul(case: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = case
    wanted = a @ b
    try:
        got = computed(product("matmul"), [a, b], wanted.shape)
    except NotNativeError:  # stacks that BLAS cannot go through, which NumPy copies
        assert not (a.flags.c_contiguous and b.flags.c_contiguous)
        return
    np.testing.assert_array_equal(got, wanted)
