"""Formulas as notebooks have them: what is read from their text is what NumPy computes of it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.support.graphs import swept

_RNG = np.random.default_rng(7)
GIVEN: dict[str, Any] = {
    "X": _RNG.normal(size=(6, 3)), "W": _RNG.normal(size=(3, 4)), "b": _RNG.normal(size=4),
    "w": _RNG.normal(size=3), "C": _RNG.normal(size=(5, 3)), "U": _RNG.normal(size=(4, 4)),
    "s": np.float64(0.7), "ix": np.array([0, 3, 3, 1]), "y": np.array([0, 1, 2, 3, 1, 1]), "o": np.array(2),
}  # fmt: skip
DATA = ("X", "ix", "y", "o")

EXACT = [
    # prefixes, methods, positions of options
    "L = np.sum(X.dot(W) + b)",
    "L = (X @ W).sum(0).mean()",
    "L = np.sum(np.maximum(0, X @ W + b), axis=0, keepdims=True).mean()",
    "L = numpy.mean(numpy.tanh(X.dot(W)))",
    "L = np.power(np.abs(w), 3).sum() - np.divide(np.subtract(w, 1.), 2.).sum() + np.negative(w).sum()",
    "L = np.add(np.multiply(w, w), np.absolute(w)).sum() * np.pi + np.e * np.exp(-s) + .5 * 1e-7",
    "L = np.clip(w, -0.5, 0.5).sum() + w.clip(min=0).sum() + np.clip(w, None, 0.1).sum()",
    "L = X.T.dot(X).T.sum(axis=1).mean() * s",
    "L = (X @ W).reshape(3, 8).sum(0).max() + (X @ W).reshape((2, -1)).min()",
    "L = np.concatenate([w, b], 0).sum() + np.stack((w, w * 2), axis=1).sum(axis=0)[1]",
    "L = np.expand_dims(w, 0).sum() + np.squeeze(w[None, :]).sum() + np.ravel(W).sum()",
    # several assignments
    "z = X @ W + b\nz -= z.max(axis=1, keepdims=True)\np = np.exp(z)\n"
    "p /= p.sum(axis=1, keepdims=True)\nL = p.max()",
    "L = np.stack((1, 2)).sum() + np.expand_dims(2, 0).sum() * s",
    "z = w * 2; z *= z; z += 1; L = z.sum()",
    "a, c = w * 2, w + 1\na, c = c, a\nL = np.sum(a * 3 + c)",
    "a = c = w * 2\nL = np.sum(a) + np.sum(c)",
    "n, d = X.shape\nL = np.sum(X @ W) / n / d",
    "mean = np.mean(X @ W, axis=0)\nvar = np.var(X @ W, axis=0)\n"
    "L = ((X @ W - mean) / np.sqrt(var + 1e-5)).max()",
    # comparisons and choices
    "z = X @ W\nL = np.sum(np.where(z > 0, z, 0.1 * z))",
    "z = X @ W\nm = (z >= 0) * 1.0\nL = np.sum(z * m) + (z < 0.5).mean() + ((z > 0) & (z < 1)).sum()",
    "L = np.where(w == w[1], w, -1.0).sum() + np.where(w != w[1], 0.0, w).sum()",
    # indices
    "L = X[:, 0].sum() + W[1:, ::2].sum() + W[::-1][0].sum() + w[-1] + W[1, 2] * s + W[..., 1].sum()",
    "L = np.sum(w[:, None] * w[None, :]) + np.sum(b[:, np.newaxis] + b)",
    "E = C[ix]\nL = np.sum(np.tanh(E))",
    "L = np.sum(U[o]) + U[o, 1] + np.sum(U[:, o])",
    "z = X @ W\nL = -np.mean(z[range(len(X)), y]) + z[np.arange(X.shape[0]), y].max()",
    "L = np.sum(np.eye(4)[y] * (X @ W)) + W[:, [0, 2]].sum()",
    "L = C[ix[:2] + 1].sum() + C[ix.reshape(2, 2)[:, -1] * 1].max() + C[np.abs(-ix)].sum()",
    "z = X @ W\nL = z[np.arange(len(y)), y].sum() + z[0, y - 1].max() + (np.argmax(z, 1) == y).mean()",
    # NumPy's types
    "z = X @ W\nm = (z > 0).astype(float)\nL = (z * m).sum() + (z * 3).astype(int).sum() + int(2.7) * s",
    "L = np.round(W * 4 / 2).sum() * s + np.round(np.array([0.5, 1.5, 2.5, -0.5, -1.5, 7.0, 0.4999])).sum()",
    "L = np.linalg.norm(W, 'fro') * s + np.linalg.norm(W, ord=2, axis=1).max()",
    "L = (s * w.sum()).item() + X.mean(0).max().item() * s",
    "m = np.zeros((6, 4), dtype=bool)\nm[1:, 2] = 1\nL = np.where(m, X @ W, 1).sum()",
    "L = (np.arange(3, dtype=float) ** -1)[1:].sum() * s + np.ones(shape=(2, 3), dtype=float).sum()",
    "L = np.eye(2, dtype=int)[0].sum() * s + (2 ** np.arange(3)).sum() * s",
    "h = X @ W\nh[h < 0] *= 0.1\nh[h > 2] = 0\nh[~(h > 0) | np.logical_not(h)] += s\nL = h.sum()",
    "m = np.logical_and(w > 0, ~(w > 1))\nL = (w * m).sum() + np.logical_or(m, w).sum() + w[np.argmin(w)]",
    # stores
    "z = np.zeros((6, 4))\nz[:, 0] = w[0]\nz[2:, 1:] = W[0, 1:]\nz[-1] += 3\nL = np.max(z) + z.sum()",
    "d = X @ W\nd[range(6), y] -= 1\nL = d.sum()",
    "V = X @ W\nV[[0, 2, 0]] = V[[2, 3, 4]] * 2\nL = np.sum(V)",
    "z = np.ones_like(W) * W\nz[1] *= 2\nL = z.sum() + np.tril(z[:, :3]).sum() + np.triu(z, 1).sum()",
    "M = np.tril(np.ones((3, 3)))\nL = np.sum(np.exp(np.where(M == 0, -np.inf, w)))",
    # functions and loops
    "def layer(x, W, b):\n    z = x @ W + b\n    return np.maximum(0, z)\n"
    "h = layer(X, W, b)\nL = layer(h, U, b).sum()",
    "def cell(x, h, k=2):\n    h = np.tanh(x @ W + h)\n    return h, k * h\n"
    "h = np.zeros(4)\nfor t in range(len(X)):\n    h, o2 = cell(X[t], h)\nL = o2.sum()",
    "h = np.zeros((7, 4))\nfor t in range(6):\n    h[t + 1] = np.tanh(X[t] @ W + h[t])\nL = h.sum()",
    "L = 0\nfor i in range(3):\n    for j in range(i, 3):\n        L += w[i] * w[j]",
    "def affine(x, w, b=None, mode='train'):\n    out = x @ w\n    if b is not None:\n        out = out + b\n"
    "    if mode == 'train' and not len(x) > 9:\n        out = out * 2\n"
    "    elif mode == 'test':\n        out = out\n"
    "    else:\n        raise ValueError('mode')\n    cache = (x, w, b)\n    return out, cache\n"
    "h, cache = affine(X, W, 0.5)\ng, _ = affine(h, U, mode='test')\nx2, w2, b2 = cache\n"
    "L = g.sum() + x2.max() + (w2 * b2).sum() + cache[1].max()",
    "params = {'W': W * 2, 'b': b}\nbias = params['b']\nL = np.sum(X @ params['W'] + bias)",
    "i, f, o2, g = np.split(X @ W @ U, 4, axis=1)\nu, v = np.split(X, [2])\np, q = np.hsplit(W, 2)\n"
    "L = (i * f * o2 * g).sum() + u.max() * v.sum() + (p * q).sum()",
    "L = s\nfor t in reversed(range(1, 4)):\n    L = L * 0.5 + X[t, 0] * w[0]",
    "sigmoid = lambda z, k=1: 1 / (1 + np.exp(-k * z))\nn = len(X)\nk = 2 if n > 3 else 1\n"
    "L = sigmoid(w, k).sum() + sigmoid(s)",
    "k = X.shape[1] // 2\nL = X[:, k:].sum() * s + np.full((2, 2), 0.5).sum() + np.linspace(0, 1, 5).sum()",
]  # fmt: skip
CLOSE = [
    "L = ((X @ W + b)**2).mean() + 0.5 * np.sum(W * W)",
    "L = np.linalg.norm(w) + np.sqrt(np.sum(w**2))",
    "z = X @ W\np = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n"
    "L = -np.mean(np.log(p[range(6), y]))",
    "L = np.einsum('ij->i', X)[1] + np.einsum('ij->', X * W.sum()) + np.einsum('ij->ji', X)[0].max() * s",
    "mu = C.mean(0)\nsd = C.std(0)\nL = (((C - mu) / sd)**3).sum()",
]
"""Where the product sums otherwise, as inner products."""


def run(text: str) -> float:
    """Execute it as one namespace, as a notebook does."""
    space = {"np": np, "numpy": np, **{name: np.copy(value)[()] for name, value in GIVEN.items()}}
    with np.errstate(all="ignore"):
        exec(text, space)
    return float(np.squeeze(space["L"]))


@pytest.mark.parametrize("text", EXACT)
def test_the_loss_is_numpys_to_the_last_bit(text: str) -> None:
    assert swept(text, GIVEN, DATA).loss() == run(text)


@pytest.mark.parametrize("text", CLOSE)
def test_the_loss_is_numpys_where_sums_are_inner_products(text: str) -> None:
    assert swept(text, GIVEN, DATA).loss() == pytest.approx(run(text), rel=1e-14)


@pytest.mark.parametrize("text", [*EXACT, *CLOSE])
def test_every_gradient_is_that_of_numpys_own_numbers(text: str) -> None:
    """Central differences of the text as NumPy executes it, at a few elements of each parameter."""
    tape = swept(text, GIVEN, DATA)
    step = 1e-6
    for name, value in GIVEN.items():
        if name in DATA:
            continue
        gradient = np.asarray(tape.gradient(tape.graph.named[name]))
        for place in itertools.islice(np.ndindex(value.shape), 0, None, 3):
            before = GIVEN[name]
            losses = []
            for sign in (1, -1):
                moved = np.array(before)
                moved[place] += sign * step
                GIVEN[name] = moved[()]
                losses.append(run(text))
            GIVEN[name] = before
            numeric = (losses[0] - losses[1]) / (2 * step)
            assert gradient[place] == pytest.approx(numeric, rel=2e-5, abs=2e-7), (name, place)


SAME = [
    ("L = torch.sum(X @ W, dim=0, keepdim=True).mean()", "L = sum(X @ W, axis=0, keepdims=True).mean()"),
    ("L = jnp.sum(jnp.tanh(w), 0)", "L = sum(tanh(w))"),
    ("L = torch.sigmoid(w).sum() + F.relu(w).sum()", "L = sum(sigmoid(w)) + sum(relu(w))"),
    ("L = F.softmax(X @ W, dim=1).max()", "L = max(softmax(X @ W, axis=1))"),
    ("L = torch.clamp(w, min=0, max=1).sum()", "L = sum(clip(w, 0, 1))"),
    ("L = torch.cat((w, b), dim=0).sum()", "L = sum(concatenate(w, b))"),
    (
        "L = torch.max(U, 1, keepdim=True).values.sum() + U.max(0).values[1]",
        "L = sum(max(U, axis=1)) + max(U, axis=0)[1]",
    ),
    (
        "m = torch.tril(torch.ones(4, 4))\nL = F.softmax(U.masked_fill(m == 0, -torch.inf), dim=-1)[1].max()",
        "m = tril(ones((4, 4)))\nL = max(softmax(where(m == 0, -inf, U), axis=-1)[1])",
    ),
    (
        "L = C[ix].view(2, -1).sum(0)[3] + W.shape[-1]**-0.5 * s",
        "L = sum(reshape(C[ix], (2, 6)), axis=0)[3] + 4**-0.5 * s",
    ),
    ("L = F.mse_loss(w, w * 2)", "L = mse(w, w * 2)"),
    ("L = torch.mm(X, W).sum() + torch.pow(s, 2)", "L = sum(X @ W) + s**2"),
    ("L = torch.transpose(W, 0, 1).sum(1).max()", "L = max(sum(W.T, axis=1))"),
]


@pytest.mark.parametrize(("text", "plain"), SAME)
def test_other_libraries_names_mean_the_same(text: str, plain: str) -> None:
    assert swept(text, GIVEN, DATA).loss() == swept(plain, GIVEN, DATA).loss()
