"""Layers with hand-written backward passes: right ones pass, and each slip is named with file, line and cure.

What is right is known by how the layers are made: each slip is one change of a right backward pass.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.frontends.numpy_tracing.places import TraceError

FILE = "test_checking.py"


def draw(*shape: int) -> Any:
    return np.random.default_rng(shape).normal(size=shape)


class Affine:
    def __init__(self) -> None:
        self.W, self.b = draw(3, 2), np.zeros(2)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Negated(Affine):
    def backward(self, dout: Any) -> Any:
        super().backward(dout)
        return -dout @ self.W.T


class Averaged(Affine):
    def backward(self, dout: Any) -> Any:
        dx = super().backward(dout)
        self.dW = self.x.T @ dout / len(dout)
        return dx


class Unsummed(Affine):
    def backward(self, dout: Any) -> Any:
        return dout @ self.W.T, self.x.T @ dout, dout


class SoftmaxLoss:
    def forward(self, scores: Any, y: Any) -> Any:
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.p, self.y = e / e.sum(axis=1, keepdims=True), y
        return -np.log(self.p[np.arange(len(y)), y]).mean()

    def backward(self, dout: Any = 1) -> Any:
        d = self.p.copy()
        d[np.arange(len(self.y)), self.y] -= 1
        return dout * d / len(self.y)


class SummedLoss(SoftmaxLoss):
    def backward(self, dout: Any = 1) -> Any:
        return super().backward(dout) * len(self.y)


class OfScalars:
    def __init__(self) -> None:
        self.params = {"w": np.array([0.5])}

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.tanh(self.params["w"] * x)

    def backward(self, dout: Any) -> Any:
        d = dout * (1 - np.tanh(self.params["w"] * self.x) ** 2)
        return {"x": d * self.params["w"], "w": d * self.x}


class NoReturn:
    def forward(self, x: Any, y: Any) -> Any:
        self._z = x * y

    def backward(self, dz: Any) -> Any:
        dz * self._z


class OtherName:
    def forward(self, x: Any, y: Any) -> Any:
        self._x, self.y = x, y
        return x * y

    def backward(self, dz: Any) -> Any:
        return self._y * dz, self._x * dz


class Network:
    def __init__(self) -> None:
        self.layers = [Affine(), Tanh()]
        self.last = Averaged()
        self.last.W, self.last.b = draw(2, 2), draw(2)
        self.last.dW = np.zeros((2, 2))  # as some set them at first

    def forward(self, x: Any) -> Any:
        for layer in (*self.layers, self.last):
            x = layer.forward(x)
        return x

    def backward(self, dout: Any) -> Any:
        for layer in (self.last, *reversed(self.layers)):
            dout = layer.backward(dout)
        return dout


class Tanh:
    def forward(self, x: Any) -> Any:
        self.a = np.tanh(x)
        return self.a

    def backward(self, dout: Any) -> Any:
        return dout * (1 - self.a**2)


class Misspelt:
    def forward(self, x: Any) -> Any:
        return np.mean(x)

    def backward(self, dz: Any) -> Any:
        return dz * np.one_like(dz)


class WithoutSelf:
    def forward(self, x: Any) -> Any:
        self.x = x
        return x * x

    def backward(self, dz: Any) -> Any:
        return 2 * x * dz  # noqa: F821


def line(kind: type, method: str, text: str) -> int:
    lines, first = inspect.getsourcelines(getattr(kind, method))
    return first + next(number for number, line in enumerate(lines) if text in line)


@pytest.mark.parametrize(
    ("layer", "inputs", "names"),
    [
        (Affine(), (draw(4, 3),), ["x", "W", "b"]),
        (SoftmaxLoss(), (draw(4, 3), np.array([0, 2, 1, 1])), ["scores"]),
        (OfScalars(), (2,), ["x", "w"]),
    ],
)
def test_what_is_right_passes(layer: Any, inputs: tuple[Any, ...], names: list[str]) -> None:
    before = {key: np.array(value) for key, value in vars(layer).items() if isinstance(value, np.ndarray)}
    report = tb.check_layer(layer, *inputs)
    assert report.passed, str(report)
    assert [claim.name for claim in report.claims] == names
    for key, value in before.items():
        np.testing.assert_array_equal(getattr(layer, key), value)
    assert "x" not in vars(layer)  # it is a copy that ran


@pytest.mark.parametrize(
    ("kind", "wrong", "method", "text", "words"),
    [
        (Negated, "x", "backward", "return -dout", "wrong sign"),
        (Averaged, "W", "backward", "self.dW =", "4 is the number of samples"),
        (Unsummed, "b", "backward", "def backward", "did you mean sum(dout, axis=0)?"),
        (SummedLoss, "scores", "backward", "return", "off by n"),
    ],
)
def test_mistakes_are_named_at_their_line(kind: type, wrong: str, method: str, text: str, words: str) -> None:
    inputs = (draw(4, 3), np.array([0, 2, 1, 1]))[: 1 if issubclass(kind, Affine) else 2]
    report = tb.check_layer(kind(), *inputs)
    assert report.wrong == (wrong,)
    (claim,) = [claim for claim in report.claims if claim.name == wrong]
    assert claim.place == f"{FILE}:{line(kind, method, text)}"
    assert words in claim.text
    assert f"{kind.__name__}: wrong" in str(report)


def test_layers_inside_of_a_layer_are_checked_as_well() -> None:
    report = tb.check_layer(Network(), draw(4, 3))
    assert {claim.name for claim in report.claims} == {"x", "layers0_W", "layers0_b", "last_W", "last_b"}
    assert report.wrong == ("last_W",)
    assert report.unclaimed == ()


@pytest.mark.parametrize(
    ("kind", "count", "problems"),
    [
        (NoReturn, 2, [
            ("forward", "self._z = x", "forward returns nothing; write return self._z below"),
            ("backward", "dz * self._z", "backward returns nothing; write return dz * self._z below"),
        ]),
        (OtherName, 2, [("backward", "return self._y",
                         "self._y is read, but self.y is what was set; write self._y in both places")]),
        (Misspelt, 1, [("backward", "one_like", "there is no np.one_like; did you mean np.ones_like?")]),
        (WithoutSelf, 1, [("backward", "2 * x", "x is no variable here; write self.x")]),
    ],
)  # fmt: skip
def test_slips_end_in_one_line_with_a_cure(
    kind: type, count: int, problems: list[tuple[str, str, str]]
) -> None:
    report = tb.check_layer(kind(), *draw(2, 3)[:count])
    assert not report.passed
    assert report.problems == tuple(
        f"{FILE}:{line(kind, method, text)}: {words}" for method, text, words in problems
    )


def test_a_layer_without_the_two_methods_is_refused() -> None:
    with pytest.raises(TraceError, match="int has no method forward; a layer has"):
        tb.check_layer(1, 2)
