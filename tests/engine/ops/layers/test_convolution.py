"""Convolutions: PyTorch's numbers, a loop over windows, what an element meets, and what is refused."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.graphs import graph_of, swept
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.ops.structure import selection
from tui_backprop.explain.element.term_formulas import symbolic

X = np.sin(np.arange(40.0)).reshape(1, 2, 4, 5).round(3)
W = np.cos(np.arange(24.0)).reshape(2, 2, 2, 3).round(3)


def windows(x: np.ndarray, size: tuple[int, ...], stride: int, padding: int, dilation: int):
    """Yield the place and the elements of each window, one by one."""
    lengths = x.shape[2:]
    padded = np.zeros((*x.shape[:2], *(length + 2 * padding for length in lengths)))
    padded[(..., *(slice(padding, padding + length) for length in lengths))] = x
    reach = [dilation * (k - 1) + 1 for k in size]
    counts = [(n - k) // stride + 1 for n, k in zip(padded.shape[2:], reach, strict=True)]
    for place in product(*map(range, counts)):
        at = tuple(slice(i * stride, i * stride + k, dilation) for i, k in zip(place, reach, strict=True))
        yield place, padded[(slice(None), slice(None), *at)]


def test_numbers_of_pytorch() -> None:
    """Of PyTorch 2.13.0, in double precision: the result, and the gradients of the sum of its squares."""
    tape = swept("z = conv2d(x, w, stride=(2, 1), padding=(1, 0))\nL = sum(z * z)", {"x": X, "w": W})
    z, x, w = (tape.graph.named[name] for name in "zxw")
    np.testing.assert_allclose(
        tape.value(z)[0, 0],
        [[-1.82588, -2.145372, -0.492743], [1.207314, 2.448327, 1.438255], [-0.170568, -1.975636, -1.96474]],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        tape.gradient(x)[0, 1, 3], [-2.13667332, -9.914229898, -14.142610932, -6.729635822, -0.41420672]
    )
    np.testing.assert_allclose(
        tape.gradient(w)[1, 0], [[-3.343391644, 9.594527368, 13.710031804],
                                 [-8.76581028, -13.42647958, -5.743966018]],
    )  # fmt: skip


def test_numbers_of_pytorch_along_one_axis() -> None:
    tape = swept(
        "z = conv1d(x, w, 2, 1)\nL = sum(z * z)",
        {"x": X.reshape(2, 2, 10), "w": W.reshape(2, 2, 6)[:, :, :3]},
    )
    z, x, w = (tape.graph.named[name] for name in "zxw")
    expected = [-0.541140, 1.06569, 0.141026, -1.1825, 0.842764]
    np.testing.assert_allclose(tape.value(z)[1, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(tape.gradient(x)[0, 0, :3], [-2.170223946, 0.878348186, 0.803150594])
    np.testing.assert_allclose(tape.gradient(w)[1, 1], [-5.32489268, 5.93206189, 12.155582372])


def test_numbers_of_pytorch_of_dilated_windows() -> None:
    """Of PyTorch 2.13.0 as above; ``F.conv1d(x, w, None, 2, 1, 2, 2)``: dilation 2 in 2 groups."""
    text = "z = conv2d(x, w, stride=(2, 1), padding=(1, 0), dilation=(3, 2))\nL = sum(z * z)"
    tape = swept(text, {"x": X, "w": W})
    z, x, w = (tape.graph.named[name] for name in "zxw")
    np.testing.assert_allclose(tape.value(z)[0, :, :, 0], [[1.611097, -0.084564], [0.363828, 0.430399]])
    np.testing.assert_allclose(
        tape.gradient(x)[0, 1, 1:3],
        [[0.4057638, 0, 0.72380671, 0, 0.375898272], [-3.334174222, 0, -3.431076766, 0, -0.374951872]],
    )
    np.testing.assert_allclose(
        tape.gradient(w)[1, 0], [[-0.825505282, 0.565544286, 0.354648776],
                                 [-0.395844864, -0.390751272, 0.721107096]],
    )  # fmt: skip
    leaves = {"x": X.reshape(2, 2, 10), "w": W.reshape(2, 2, 6)[:, :1, :3]}
    tape = swept("z = F.conv1d(x, w, None, 2, 1, 2, 2)\nL = sum(z * z)", leaves)
    z, x, w = (tape.graph.named[name] for name in "zxw")
    np.testing.assert_allclose(tape.value(z)[1, 0], [0.803916, 0.435072, -1.314976, 0.660464])
    np.testing.assert_allclose(
        tape.gradient(x)[0, 0],
        [0, 3.05929072, 0, -0.208015968, 0, -3.348391648, 0, -0.296717856, 0, 0.645309184],
    )
    np.testing.assert_allclose(tape.gradient(w)[1, 0], [2.058536548, 4.955200398, -5.786489838])


@settings(max_examples=25)
@given(
    axes=st.sampled_from([1, 2]), stride=st.integers(1, 3), padding=st.integers(0, 2),
    dilation=st.integers(1, 3), data=st.data(),
)  # fmt: skip
def test_a_loop_over_windows_finds_the_same(
    axes: int, stride: int, padding: int, dilation: int, data: st.DataObject
) -> None:
    lengths = [data.draw(st.integers(1, 5)) for _ in range(axes)]
    size = tuple(data.draw(st.integers(1, (length + 2 * padding - 1) // dilation + 1)) for length in lengths)
    samples, channels, filters = (data.draw(st.integers(1, 3)) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    x, w = rng.normal(size=(samples, channels, *lengths)), rng.normal(size=(filters, channels, *size))
    options = f"stride={stride}, padding={padding}, dilation={dilation}"
    text = f"z = conv{axes}d(x, w, {options})\nL = sum(z * z)"
    tape = swept(text, {"x": x, "w": w})
    z = tape.value(tape.graph.named["z"])
    expected = np.zeros(z.shape)
    dw = np.zeros(w.shape)
    for place, window in windows(x, size, stride, padding, dilation):
        for n, f in product(range(samples), range(filters)):
            expected[(n, f, *place)] = np.sum(window[n] * w[f])
            dw[f] += 2 * expected[(n, f, *place)] * window[n]
    np.testing.assert_allclose(z, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tape.gradient(tape.graph.named["w"]), dw, rtol=1e-10, atol=1e-10)


def met(text: str, name: str, element: tuple[int, ...]) -> tuple[str, list[tuple[int, ...]], np.ndarray]:
    """Return an element's formula, the windows it reaches, and what it meets in the other operand."""
    tape = swept(f"z = {text}\nL = sum(z)", {"x": X, "w": W})
    factor = next(f for f in tape.graph.factors if f.operand.name == name)
    terms = element_terms(*factor, element, tape)
    ((place, pattern),) = factor.structure.account.meeting(factor.index, element, factor.shapes)
    assert place == 1 - factor.index
    marked = np.zeros(factor.shapes[place])
    marked[selection(pattern)] = 1
    return symbolic("L", factor, element), [tuple(at) for at in terms.where.tolist()], marked


def test_an_element_meets_the_windows_that_cover_it() -> None:
    text, where, weights = met("conv2d(x, w)", "x", (0, 1, 1, 0))
    assert text == "∂L/∂x₀,₁,₁,₀ = Σⱼₖₗ wⱼ,₁,₁₋ₖ,₀₋ₗ · (∂L/∂z)₀ⱼₖₗ"
    assert where == [(0, f, o, 0) for f in (0, 1) for o in (0, 1)]
    np.testing.assert_array_equal(np.argwhere(weights), [(f, 1, k, 0) for f in (0, 1) for k in (0, 1)])
    _, where, weights = met("conv2d(x, w, stride=3)", "x", (0, 0, 2, 3))
    assert where == []
    assert not weights.any()


def test_a_weight_meets_every_window() -> None:
    text, where, elements = met("conv2d(x, w, stride=2, padding=1)", "w", (1, 0, 0, 2))
    assert text == "∂L/∂w₁,₀,₀,₂ = Σᵢₖₗ xᵢ,₀,₂ₖ₋₁,₂ₗ₊₁ · (∂L/∂z)ᵢ₁ₖₗ"
    assert where == [(0, 1, k, j) for k in range(3) for j in range(3)]
    np.testing.assert_array_equal(np.argwhere(elements), [(0, 0, i, j) for i in (1, 3) for j in (1, 3)])


def test_an_element_meets_the_dilated_windows_that_have_a_place_on_it() -> None:
    """Windows of (2×3) with gaps are 2 by 5 wide: one stands on columns 0, 2 and 4."""
    text, where, weights = met("conv2d(x, w, padding=(0, 2), dilation=(1, 2))", "x", (0, 1, 1, 2))
    assert text == "∂L/∂x₀,₁,₁,₂ = Σⱼₖₗ wⱼ,₁,₁₋ₖ,₍₄₋ₗ₎⁄₂ · (∂L/∂z)₀ⱼₖₗ"
    assert where == [(0, f, k, j) for f in (0, 1) for k in (0, 1) for j in (0, 2, 4)]
    np.testing.assert_array_equal(
        np.argwhere(weights), [(f, 1, k, j) for f in (0, 1) for k in (0, 1) for j in (0, 1, 2)]
    )
    _, where, weights = met("conv2d(x, w, stride=(1, 2), dilation=(1, 2))", "x", (0, 1, 1, 1))
    assert where == []
    assert not weights.any()
    text, where, elements = met("conv2d(x, w, padding=(0, 2), dilation=(1, 2))", "w", (1, 0, 0, 2))
    assert text == "∂L/∂w₁,₀,₀,₂ = Σᵢₖₗ xᵢ,₀,ₖ,ₗ₊₂ · (∂L/∂z)ᵢ₁ₖₗ"
    assert where == [(0, 1, k, j) for k in range(3) for j in range(5)]
    np.testing.assert_array_equal(np.argwhere(elements), [(0, 0, i, j) for i in range(3) for j in (2, 3, 4)])


def test_groups_meet_their_own_filters_only() -> None:
    """Of 2 groups, channel 1 of x meets filters 2 and 3, whose only channel it is."""
    x, w = np.arange(12.0).reshape(1, 2, 6), np.arange(8.0).reshape(4, 1, 2) + 1
    tape = swept("z = conv1d(x, w, groups=2)\nL = sum(z)", {"x": x, "w": w})
    to_x, to_w = (next(f for f in tape.graph.factors if f.operand.name == name) for name in "xw")
    terms = element_terms(*to_x, (0, 1, 0), tape)
    assert terms.where.tolist() == [[0, 2, 0], [0, 3, 0]]
    np.testing.assert_array_equal(terms.local, w[2:, 0, 0])
    assert symbolic("L", to_x, (0, 1, 0)) == "∂L/∂x₀,₁,₀ = Σⱼₖ wⱼ,₀,₀₋ₖ · (∂L/∂z)₀ⱼₖ"
    ((_, pattern),) = to_x.structure.account.meeting(0, (0, 1, 0), to_x.shapes)
    assert pattern[:2] == (range(2, 4), 0)
    np.testing.assert_array_equal(element_terms(*to_w, (3, 0, 1), tape).local, x[0, 1, 1:])
    assert symbolic("L", to_w, (3, 0, 1)) == "∂L/∂w₃,₀,₁ = Σᵢₖ xᵢ,₁,ₖ₊₁ · (∂L/∂z)ᵢ₃ₖ"


def test_an_exact_zero_shuts_out_an_infinity() -> None:
    leaves = {"x": np.array([[[1.0, 4.0]]]), "w": np.array([[[0.0]], [[1.0]]])}
    tape = swept("z = conv1d(x, w)\nL = sum(sqrt(z[:, 0]))", leaves)  # steep at 0
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]), np.zeros((1, 1, 2)))
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["w"]).ravel(), [np.inf, 0.0])
    leaves["x"] = np.array([[[1.0, 4.0], [1.0, 9.0]]])  # the second group: 1/(2√z) at z = 1 and 9
    tape = swept("z = conv1d(x, w, groups=2)\nL = sum(sqrt(z))", leaves)
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"])[0, 0], np.zeros(2))
    np.testing.assert_allclose(tape.gradient(tape.graph.named["w"]).ravel(), [np.inf, 0.5 + 9 / 6])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("conv2d(x, v)", "x has 2 channels and w is for 3 channels, each on axis 1; these must be equal"),
        ("conv2d(m, w)", "x has 2 axes and needs 4, samples, channels, height and width; "
                         "write x[None, None] for one sample of one channel"),
        ("conv2d(x, m)", "w has shape (4×5) and needs 4 axes: filters, channels, height and width"),
        ("conv1d(x, w)", "x has 4 axes and needs 3, samples, channels and length"),
        ("conv2d(w, x)", "a window of (4×5) is larger than the (2×3) it slides over; write one that fits"),
        ("conv2d(w, x, padding=(1, 0))", "larger than the (2×3) it slides over, (4×3) with its padding"),
        ("conv2d(x, w, stride=0)", "found stride=0; write a whole number, 1 or more, such as stride=1"),
        ("conv2d(x, w, stride=1.5)", "found stride=1.5; write a whole number, 1 or more"),
        ("conv2d(x, w, padding=-1)", "found padding=-1; write a whole number, 0 or more"),
        ("conv2d(x, w, stride=(1, 2, 3))", "found stride=(1, 2, 3); windows slide along 2 axes"),
        ("conv2d(x, w, dilation=0)", "found dilation=0; write a whole number, 1 or more"),
        ("conv2d(x, w, dilation=3)", "(2×3), (4×7) with its dilation, is larger than the (4×5) it"),
        ("conv2d(x, w, groups=2)", "x has 2 channels and w is for 2 channels in each of 2 groups, each on"),
        ("conv2d(x, w[:1, :1], groups=2)", "axis 0 of w, the filters, has length 1; groups=2 must divide"),
        ("conv2d(x, w, groups=0)", "found groups=0; write a whole number such as groups=2"),
        ("conv2d(x, w, bias=b, stride=0)", "found stride=0; write a whole number, 1 or more"),
        ("F.conv2d(x, w, b, bias=b)", "found bias= a second time in conv2d; give it once"),
        ("conv2d(x, w, bias=ones(3))", "(1×2×3×3) and (3×1×1) do not broadcast"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_one_line(call: str, said: str) -> None:
    leaves = {"x": X, "w": W, "v": np.ones((2, 3, 2, 2)), "m": X[0, 0], "b": np.ones(2)}
    with pytest.raises(FormulaError) as refused:
        graph_of(f"L = sum({call})", leaves)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("F.conv2d(x, w, b)", "conv2d(x, w) + b[:, None, None]"),
        ("conv2d(x, w, bias=b, stride=2)", "conv2d(x, w, stride=2) + b[:, None, None]"),
        (
            "F.conv2d(x, w, 2 * b, (2, 1), 1)",
            "conv2d(x, w, stride=(2, 1), padding=1) + (2 * b)[:, None, None]",
        ),
        ("F.conv2d(x, w, None, 2)", "conv2d(x, w, stride=2)"),
        ("F.conv1d(x[:, :, 0], w[:, :, 0], bias=b)", "conv1d(x[:, :, 0], w[:, :, 0]) + b[:, None]"),
    ],
)
def test_a_bias_is_added_behind(call: str, meant: str) -> None:
    """PyTorch's definition: each filter's number is added in all its places."""
    leaves = {"x": X, "w": W, "b": np.array([0.5, -2.0])}
    found, expected = (swept(f"z = {text}\nL = sum(z * z)", leaves) for text in (call, meant))
    assert [node.name for node in found.graph.nodes] == [node.name for node in expected.graph.nodes]
    for name in ("z", "b") if "+" in meant else ("z",):
        one, other = (tape.gradient(tape.graph.named[name]) for tape in (found, expected))
        np.testing.assert_array_equal(one, other)


def test_windows_that_take_too_much_are_refused_before_they_are_made() -> None:
    with pytest.raises(FormulaError, match="past 1 GiB side by side"):
        graph_of("L = sum(conv2d(x, w))", {"x": np.ones((1, 1, 900, 900)), "w": np.ones((1, 1, 60, 60))})
    with pytest.raises(FormulaError, match="has 40,000 places; write one of at most 10,000"):
        graph_of("L = sum(conv2d(x, x))", {"x": np.ones((1, 1, 200, 200))})
