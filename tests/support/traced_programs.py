"""Programs as people write them in NumPy, each with arrays to run it on: what tracing is tested with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct

Program = Callable[..., Any]


class Case(Struct, frozen=True):
    function: Program
    parameters: dict[str, Any]
    data: dict[str, Any] = {}
    exact: bool = True  # not where NumPy adds up along a transposed view, in another order


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def rectified(z: Any) -> Any:
    return np.maximum(0, z)


def two_layers(X: Any, t: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = rectified(X @ W1 + b1)
    y = h.dot(W2) + b2
    return 0.5 * np.mean((y - t) ** 2)


def softmax_loss(X: Any, y: Any, params: dict[str, Any], reg: float = 0.1) -> Any:
    W, b = params["W"], params["b"]
    scores = X.dot(W) + b
    scores -= np.max(scores, axis=1, keepdims=True)
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    N = X.shape[0]
    loss = -np.log(p[np.arange(N), y]).sum() / N
    loss += reg * np.sum(W * W)
    dscores = p
    dscores[range(N), y] -= 1  # a backward pass by hand, which the loss does not hang on
    return loss, X.T @ dscores


def hinge(X: Any, y: Any, W: Any) -> Any:
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, np.newaxis] + 1.0)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y)


def convolution(X: Any, K: Any) -> Any:
    out = np.zeros((X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(X[i : i + 2, j : j + 2] * K)
    return np.tanh(out).sum()


def pooled(X: Any) -> Any:
    out = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return (out**2).sum()


def recurrent(X: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    h = np.zeros(3)
    states = []
    for x in X:
        h = np.tanh(Wx @ x + Wh @ h + b)
        states.append(h)
    return np.sum(np.array(states) ** 2)


def in_slices(X: Any, Wx: Any, Wh: Any) -> Any:
    H = np.zeros((X.shape[0] + 1, 3))
    for t in range(X.shape[0]):
        H[t + 1, :] = np.tanh(X[t] @ Wx + H[t] @ Wh)
    return (H[1:] ** 2).mean()


def batch_norm(X: Any, gamma: Any, beta: Any, t: Any) -> Any:
    mu = X.mean(axis=0)
    var = np.var(X, axis=0)
    x_hat = (X - mu) / np.sqrt(var + 1e-5)
    return np.sum((gamma * x_hat + beta - t) ** 2)


def chosen(x: Any, a: Any) -> Any:
    z = x * a
    y = np.where(z > 0.1, z, 0.2 * z)
    return np.sum(np.clip(y, -1.0, 1.5) * np.minimum(z, 0.7)) + np.abs(a).sum() - a.max()


def summed_products(A: Any, B: Any, v: Any) -> Any:
    C = np.einsum("ij,jk->ik", A, B)
    return np.log(1 + np.exp(C @ v)).sum() + np.linalg.norm(A) + np.outer(v, v).sum()


def put_together(a: Any, b: Any) -> Any:
    rows = np.concatenate([a, b], axis=0)
    both = np.stack((rows, rows * 2), axis=0)
    left, right = np.split(np.hstack((a, b)), 2, axis=1)
    return (both.transpose(0, 2, 1).reshape(2, -1) ** 3).mean() + (left * right).sum() + rows.T[0].sum()


def views(x: Any) -> Any:
    grid = np.array(x).reshape(2, 3)
    row = grid[0]
    row *= 3
    grid[1][1] += row[2]
    flat = grid.ravel()
    flat[-1] = flat[0] * flat[1]
    turned = grid.T
    turned[0, 1] = 2.0
    grid[grid < -2] = 0
    return np.sum(grid**2) + flat[3]


def normal_density(x: Any, mu: Any, log_sigma: Any) -> Any:
    """Return the negative logarithm of a likelihood; numbers are parameters as well."""
    sigma = np.exp(log_sigma)
    return -np.sum(-0.5 * ((x - mu) / sigma) ** 2 - log_sigma - 0.5 * np.log(2 * np.pi))


def turns(w: Any, x: Any) -> Any:
    total = 0.0
    for power, factor in enumerate((1.0, -0.5, 0.25)):
        if w.sum() > 100:
            total = total + 1
        total += factor * np.sum((w * x) ** power)
    return total / 3


def made_of_others(w: Any, x: Any, places: Any) -> Any:
    out = np.zeros(4)
    np.add.at(out, places, w)  # a place occurs twice
    grid = np.broadcast_to(np.flip(w), (2, 3)) + np.fliplr(x)
    total = np.average(grid, axis=0, weights=np.array([1.0, 3.0])).sum() + np.vdot(w, x[0])
    return total + (out**2).sum() + np.reciprocal(w).sum() + np.trace(x[:, 1:]) - np.ptp(w)


class Layer:
    def __init__(self, W: Any) -> None:
        self.W = W

    def forward(self, x: Any) -> Any:
        self.x = x
        self.z = x @ self.W
        return 1 / (1 + np.exp(-self.z))


def of_objects(x: Any, W1: Any, W2: Any) -> Any:
    for layer in (Layer(W1), Layer(W2)):
        x = layer.forward(x)
    return -np.log(x).sum()


CASES = (
    Case(two_layers, {"W1": draw(3, 4), "b1": draw(4), "W2": draw(4, 1), "b2": 0.1},
         {"X": draw(5, 3), "t": draw(5, 1, seed=1)}),
    Case(softmax_loss, {"params": {"W": draw(3, 3), "b": np.zeros(3)}},
         {"X": draw(4, 3), "y": np.array([0, 2, 1, 1])}),
    Case(hinge, {"W": draw(3, 4)}, {"X": draw(5, 3), "y": np.array([3, 1, 0, 2, 2])}),
    Case(convolution, {"K": draw(2, 2)}, {"X": draw(4, 5)}),
    Case(pooled, {"X": draw(4, 4)}),
    Case(recurrent, {"Wx": draw(3, 2), "Wh": draw(3, 3), "b": draw(3)}, {"X": draw(4, 2)}),
    Case(in_slices, {"Wx": draw(2, 3), "Wh": draw(3, 3)}, {"X": draw(4, 2)}),
    Case(batch_norm, {"gamma": draw(3), "beta": draw(3, seed=1)}, {"X": draw(6, 3), "t": draw(6, 3, seed=1)}),
    Case(chosen, {"a": draw(7)}, {"x": draw(7, seed=1)}),
    Case(summed_products, {"A": draw(2, 3), "B": draw(3, 2), "v": draw(2)}),
    Case(put_together, {"a": draw(2, 3), "b": draw(2, 3, seed=1)}, exact=False),
    Case(views, {"x": draw(6)}),
    Case(normal_density, {"mu": 0.3, "log_sigma": -0.2}, {"x": draw(9)}),
    Case(turns, {"w": draw(4)}, {"x": draw(4, seed=1)}),
    Case(made_of_others, {"w": draw(3), "x": draw(2, 3)}, {"places": np.array([1, 3, 1])}),
    Case(of_objects, {"W1": draw(3, 4), "W2": draw(4, 2)}, {"x": draw(2, 3)}),
)  # fmt: skip
