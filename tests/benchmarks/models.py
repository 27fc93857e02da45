"""Models that courses teach, beside PyTorch: digits, pictures, one attention block, an LSTM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.benchmarks.peers import torch_peer
from tests.benchmarks.racing import Contender
from tests.benchmarks.workloads import Workload, ours, started, written

DIGITS = """
formula = '''
h = relu(X @ W1 + b1)
L = cross_entropy(h @ W2 + b2, t)
'''
[samples]
X = {X}
t = {t}
[parameters]
W1 = {{ init = "he", shape = [784, 128] }}
b1 = {{ init = "zeros", shape = [128] }}
W2 = {{ init = "he", shape = [128, 10] }}
b2 = {{ init = "zeros", shape = [10] }}
[hyperparameters]
learning_rate = 0.01
dtype = "{dtype}"
"""

PICTURES = """
formula = '''
h = max_pool2d(relu(conv2d(X, w)), 2)
z = reshape(h, shape=(8, -1)) @ W + b
L = cross_entropy(z, t)
'''
[random]
generator = "pcg64"
[samples]
X = {X}
t = {t}
[parameters]
w = {{ init = "he", shape = [8, 1, 3, 3] }}
W = {{ init = "he", shape = [392, 10], scale = 0.1 }}
b = {{ init = "zeros", shape = [10] }}
[hyperparameters]
learning_rate = 0.01
"""

BLOCK = """
formula = '''
q = transpose(reshape(X @ Wq, shape=(32, 4, 16)), axes=(1, 0, 2))
k = transpose(reshape(X @ Wk, shape=(32, 4, 16)), axes=(1, 0, 2))
v = transpose(reshape(X @ Wv, shape=(32, 4, 16)), axes=(1, 0, 2))
a = attention(q, k, v)
h = reshape(transpose(a, axes=(1, 0, 2)), shape=(32, 64)) @ Wo
L = mse(h, y)
'''
[random]
generator = "pcg64"
[data]
X = {X}
y = {y}
[parameters]
Wq = {{ init = "xavier", shape = [64, 64] }}
Wk = {{ init = "xavier", shape = [64, 64] }}
Wv = {{ init = "xavier", shape = [64, 64] }}
Wo = {{ init = "xavier", shape = [64, 64] }}
[hyperparameters]
learning_rate = 0.01
"""

LSTM = """
formula = '''
h = zeros((16, 32))
c = zeros((16, 32))
for s in range(20):
    a = X[:, s] @ Wx + h @ Wh + b
    i = sigmoid(a[:, :32])
    f = sigmoid(a[:, 32:64])
    g = tanh(a[:, 64:96])
    o = sigmoid(a[:, 96:])
    c = f * c + i * g
    h = o * tanh(c)
L = mse(h, y)
'''
[random]
generator = "pcg64"
[samples]
X = {X}
y = {y}
[parameters]
Wx = {{ init = "xavier", shape = [32, 128] }}
Wh = {{ init = "xavier", shape = [32, 128] }}
b = {{ init = "zeros", shape = [128] }}
[hyperparameters]
learning_rate = 0.1
"""

PRODUCTS = "bare products and update, NumPy"


def digits(dtype: str) -> Workload:
    """784 inputs, 128 hidden units, ten classes, 64 samples an iteration."""
    rng = np.random.default_rng(0)
    X, t = rng.normal(size=(64, 784)).astype(np.float32), np.eye(10)[rng.integers(0, 10, 64)]
    lesson = written(DIGITS.format(X=X.tolist(), t=t.tolist(), dtype=dtype))
    start, rate = started(lesson)

    def loss(torch: Any, W1: Any, b1: Any, W2: Any, b2: Any, X: Any, t: Any) -> Any:
        F = torch.nn.functional
        return F.cross_entropy(F.relu(X @ W1 + b1) @ W2 + b2, t)

    return Workload(
        f"784-128-10, relu, 64 samples, {dtype}",
        [
            *ours(lesson),
            torch_peer(loss, start, (X, t), rate, dtype=dtype),
            products_bound(start, X.astype(dtype)),
        ],
        agreement=1e-9 if dtype == "float64" else 1e-5,
    )


def products_bound(parameters: Mapping[str, Any], X: Any) -> Contender:
    """Do the five matrix products and the update alone, which nothing written in NumPy gets by without.

    Nothing lies between the products, and a rate of 0 leaves what they work on as it is.
    """
    W1, b1, W2, b2 = (np.array(value, X.dtype) for value in parameters.values())
    pairs = [(value, np.zeros_like(value)) for value in (W1, b1, W2, b2)]
    (_, dW1), _, (_, dW2), _ = pairs
    h, scores = X @ W1, X @ W1 @ W2
    dh, dscores, made = np.array(h), np.array(scores), (np.empty_like(h), np.empty_like(scores))

    def run(iterations: int) -> float:
        for _ in range(iterations):
            np.dot(X, W1, out=made[0])
            np.dot(h, W2, out=made[1])
            np.dot(dscores, W2.T, out=made[0])
            np.dot(h.T, dscores, out=dW2)
            np.dot(X.T, dh, out=dW1)
            for value, gradient in pairs:
                np.multiply(gradient, 0.0, out=gradient)
                np.subtract(value, gradient, out=value)
        return float(made[1][0, 0])

    return Contender(PRODUCTS, lambda: run, trains=False)


def pictures() -> Workload:
    """Eight pictures of 16×16, eight filters of 3×3, relu, a pool of two, ten classes."""
    rng = np.random.default_rng(0)
    X, t = rng.normal(size=(8, 1, 16, 16)), np.eye(10)[rng.integers(0, 10, 8)]
    text = PICTURES.format(X=X.tolist(), t=t.tolist())
    lesson = written(text)
    start, rate = started(lesson)

    def loss(torch: Any, w: Any, W: Any, b: Any, X: Any, t: Any) -> Any:
        F = torch.nn.functional
        h = F.max_pool2d(F.relu(F.conv2d(X, w)), 2)
        return F.cross_entropy(h.reshape(8, -1) @ W + b, t)

    return Workload(
        "pictures 8×1×16×16, 8 filters, pool, 10 classes",
        [*ours(lesson), torch_peer(loss, start, (X, t), rate)],
        lesson=lambda: written(text),
    )


def block() -> Workload:
    """One attention block: 32 tokens of width 64, four heads."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, 32, 64))
    lesson = written(BLOCK.format(X=X.tolist(), y=y.tolist()))
    start, rate = started(lesson)

    def loss(torch: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, X: Any, y: Any) -> Any:
        F = torch.nn.functional
        q, k, v = ((X @ W).reshape(32, 4, 16).transpose(0, 1) for W in (Wq, Wk, Wv))
        heads = F.scaled_dot_product_attention(q, k, v)
        return F.mse_loss(heads.transpose(0, 1).reshape(32, 64) @ Wo, y)

    return Workload(
        "attention: 32 tokens, width 64, 4 heads", [*ours(lesson), torch_peer(loss, start, (X, y), rate)]
    )


LOOP, LAYER = "torch, a loop over its cell", "torch, nn.LSTM's call"


def lstm() -> Workload:
    """Twenty steps, width 32, 16 samples."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(16, 20, 32)), rng.normal(size=(16, 32))
    text = LSTM.format(X=X.tolist(), y=y.tolist())
    lesson = written(text)
    start, rate = started(lesson)
    theirs = {name: np.ascontiguousarray(value.T) for name, value in start.items()}

    def by_cell(torch: Any, Wx: Any, Wh: Any, b: Any, X: Any, y: Any, nothing: Any, none: Any) -> Any:
        h = c = nothing
        for s in range(20):
            h, c = torch.lstm_cell(X[:, s], (h, c), Wx, Wh, b, none)
        return torch.nn.functional.mse_loss(h, y)

    def by_layer(torch: Any, Wx: Any, Wh: Any, b: Any, X: Any, y: Any, nothing: Any, none: Any) -> Any:
        state = nothing[None], nothing[None]
        _, h, _ = torch.lstm(X, state, (Wx, Wh, b, none), True, 1, 0.0, True, False, True)
        return torch.nn.functional.mse_loss(h[0], y)

    data = X, y, np.zeros((16, 32)), np.zeros(128)
    return Workload(
        "LSTM: 20 steps, width 32, 16 samples",
        [
            *ours(lesson),
            torch_peer(by_cell, theirs, data, rate, name=LOOP),
            torch_peer(by_layer, theirs, data, rate, name=LAYER),
        ],
        lesson=lambda: written(text),
    )
