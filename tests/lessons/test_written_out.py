"""The lessons of text and sequences: each way back written by hand in NumPy, from the published rules."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import trainer

Array = np.ndarray


def value(t: tb.Trainer, name: str) -> Array:
    return np.asarray(t.tape.value(t.graph.named[name]))


def whole(t: tb.Trainer, name: str) -> Array:
    """Return samples that are whole numbers, as an index wants them."""
    return np.asarray(t.lesson.samples[name]).astype(int)


def agree(t: tb.Trainer, expected: dict[str, Array]) -> None:
    for name, gradient in expected.items():
        np.testing.assert_allclose(t.gradients[name], gradient, rtol=1e-10, atol=1e-16, err_msg=name)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    p = np.exp(x - x.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("rnn", 0.01),
        ("lstm", 0.01),
        ("attention", 0.01),
        ("layer-norm", 0.05),
        ("word2vec", 0.01),
        ("ninja", 0.2),
    ],
)
def test_it_learns_within_its_iterations(name: str, part: float) -> None:
    t = trainer(name)
    t.run()
    assert t.iteration == t.hyperparameters.iterations
    assert t.loss < part * t.losses[0]


def test_embedding_adds_where_a_row_is_used_twice() -> None:
    t = trainer("embedding")
    ix, y = whole(t, "ix"), whole(t, "y")
    C, W = t.parameters["C"], t.parameters["W"]
    p = softmax(C[ix] @ W)
    assert t.loss == pytest.approx(-np.log(p[range(4), y]).mean(), rel=1e-14)
    dz = (p - np.eye(4)[y]) / 4
    de = dz @ W.T
    dC = np.zeros_like(C)
    for place, row in enumerate(ix):
        dC[row] += de[place]
    agree(t, {"z": dz, "e": de, "W": C[ix].T @ dz, "C": dC})
    np.testing.assert_array_equal(ix == 3, [True, False, True, False])
    np.testing.assert_allclose(t.gradients["C"][3], de[0] + de[2], rtol=1e-12)
    assert not t.gradients["C"][2].any()


def test_embedding_s_slip_is_what_numpy_s_assignment_leaves() -> None:
    t = trainer("embedding")
    left = np.zeros((4, 2))
    left[whole(t, "ix")] = t.gradients["e"]
    claimed = tb.check_gradients(t.lesson).slips[0].claimed["C"]
    np.testing.assert_allclose(claimed, left, rtol=1e-12)


def test_embedding_comes_to_a_toss_of_a_coin_behind_the_word_with_two_successors() -> None:
    t = trainer("embedding")
    t.run()
    assert np.log(2) / 2 < t.loss < np.log(2) / 2 + 0.002
    np.testing.assert_allclose(softmax(value(t, "z"))[0, :2], 0.5, atol=0.01)


def test_rnn_backwards_through_time() -> None:
    t = trainer("rnn")
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    u, W, v = (t.parameters[name] for name in "uWv")
    states = [np.zeros((4, 2))]
    for step in range(3):
        states.append(np.tanh(np.outer(X[:, step], u) + states[-1] @ W))
    error = states[3] @ v - y
    assert t.loss == pytest.approx((error**2).mean(), rel=1e-14)
    back = np.outer(2 * error / 4, v)
    du, dW = np.zeros_like(u), np.zeros_like(W)
    lengths = []
    for step in (2, 1, 0):
        lengths.append(np.linalg.norm(back))
        delta = back * (1 - states[step + 1] ** 2)
        du += X[:, step] @ delta
        dW += states[step].T @ delta
        back = delta @ W.T
    agree(t, {"u": du, "W": dW, "v": states[3].T @ (2 * error / 4)})
    assert lengths[0] > 1.5 * lengths[1] > 2 * lengths[2]  # it gets shorter on its way back


def test_lstm_backwards_through_the_gates_and_the_cell() -> None:
    t = trainer("lstm")
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    U, w = (t.parameters[name] for name in "Uw")
    h, c, kept = np.zeros(4), np.zeros(4), []
    for step in range(2):
        a = X[:, step] @ U + np.outer(h, w)
        i, f, o = (sigmoid(a[:, column]) for column in (0, 1, 3))
        g = np.tanh(a[:, 2])
        kept.append((h, c, i, f, g, o))
        c = f * c + i * g
        h = o * np.tanh(c)
    assert t.loss == pytest.approx(((h - y) ** 2).mean(), rel=1e-13)
    dh, dc = 2 * (h - y) / 4, np.zeros(4)
    dU, dw = np.zeros_like(U), np.zeros_like(w)
    for step in (1, 0):
        before, cell, i, f, g, o = kept[step]
        seen = np.tanh(f * cell + i * g)
        dc = dc + dh * o * (1 - seen**2)
        da = np.stack(
            [dc * g * i * (1 - i), dc * cell * f * (1 - f), dc * i * (1 - g**2), dh * seen * o * (1 - o)],
            axis=1,
        )
        dU += X[:, step].T @ da
        dw += before @ da
        dh, dc = da @ w, dc * f
    agree(t, {"U": dU, "w": dw})


def test_attention_by_hand_and_nothing_from_the_future() -> None:
    t = trainer("attention")
    x, y = t.inputs["x"], t.inputs["y"]
    Wq, Wk, Wv = (t.parameters[name] for name in ("Wq", "Wk", "Wv"))
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    p = np.zeros((4, 4))
    for row in range(4):
        p[row, : row + 1] = softmax(q[row] @ k[: row + 1].T / np.sqrt(2))
    np.testing.assert_allclose(value(t, "p"), p, rtol=1e-14)
    assert t.loss == pytest.approx(((p @ v - y) ** 2).mean(), rel=1e-14)
    error = 2 * (p @ v - y) / 4
    ds = np.zeros((4, 4))
    for row in range(4):
        for one in range(row + 1):
            for other in range(row + 1):
                slope = p[row, other] * ((one == other) - p[row, one])
                ds[row, one] += error[row] @ v[other] * slope
    assert not np.triu(t.gradients["s"], 1).any()
    agree(
        t,
        {
            "s": ds,
            "Wq": x.T @ ds @ k / np.sqrt(2),
            "Wk": x.T @ ds.T @ q / np.sqrt(2),
            "Wv": x.T @ p.T @ error,
        },
    )


def test_layer_norm_by_the_formula_of_one_line() -> None:
    t = trainer("layer-norm")
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    z = X @ t.parameters["W"]
    sigma = np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)
    z_hat = (z - z.mean(axis=1, keepdims=True)) / sigma
    np.testing.assert_allclose(value(t, "z_hat"), z_hat, rtol=1e-12)
    error = 2 * (z_hat - y) / 12  # gamma is 1 and beta 0 at the start
    parts = error.mean(axis=1, keepdims=True) + z_hat * (error * z_hat).mean(axis=1, keepdims=True)
    dz = (error - parts) / sigma
    agree(t, {"z": dz, "W": X.T @ dz, "gamma": (error * z_hat).sum(axis=0), "beta": error.sum(axis=0)})


def test_word2vec_pair_by_pair() -> None:
    t = trainer("word2vec")
    center, near, far = (whole(t, name) for name in ("center", "near", "far"))
    U, V = t.parameters["U"], t.parameters["V"]
    dU, dV, loss = np.zeros_like(U), np.zeros_like(V), 0.0
    for word, neighbour, others in zip(center, near, far, strict=True):
        for other, target in [(neighbour, 1), *((other, 0) for other in others)]:
            share = sigmoid(U[word] @ V[other])
            loss -= np.log(share if target else 1 - share) / 4
            dU[word] += (share - target) * V[other] / 4
            dV[other] += (share - target) * U[word] / 4
    assert t.loss == pytest.approx(loss, rel=1e-13)
    agree(t, {"U": dU, "V": dV})


def test_ninja_the_whole_way_back_by_hand() -> None:
    t = trainer("ninja")
    X, y = whole(t, "X"), whole(t, "y")
    C, W1, W2 = (t.parameters[name] for name in ("C", "W1", "W2"))
    n = len(y)
    cat = C[X].reshape(n, 6)
    pre = cat @ W1
    inv = 1 / np.sqrt(pre.var(axis=0, ddof=1) + 1e-5)
    raw = (pre - pre.mean(axis=0)) * inv
    h = np.tanh(raw)
    probs = softmax(h @ W2)
    assert t.loss == pytest.approx(-np.log(probs[range(n), y]).mean(), rel=1e-13)
    dlogits = (probs - np.eye(4)[y]) / n
    dact = dlogits @ W2.T * (1 - h**2)
    dpre = inv / n * (n * dact - dact.sum(axis=0) - n / (n - 1) * raw * (dact * raw).sum(axis=0))
    dC = np.zeros_like(C)
    np.add.at(dC, X.ravel(), (dpre @ W1.T).reshape(-1, 2))
    agree(
        t,
        {
            "logits": dlogits,
            "b2": dlogits.sum(axis=0),
            "W2": h.T @ dlogits,
            "act": dact,
            "beta": dact.sum(axis=0),
        }
        | {"gamma": (dact * raw).sum(axis=0), "pre": dpre, "W1": cat.T @ dpre, "C": dC},
    )
    for name in (
        "b1",
        "top",
    ):  # batch norm takes a bias in front of it away; the largest moves no probability
        np.testing.assert_allclose(t.gradients[name], 0, atol=1e-15)
