"""The lesson conv: its numbers by a loop over windows, and those that PyTorch trains to."""

from __future__ import annotations

import numpy as np

from tests.support.trainers import trainer


def value(t, name: str) -> np.ndarray:
    return np.array(t.tape.value(t.graph.named[name]))[0, 0]


def test_every_number_of_the_first_iteration_by_a_loop_over_windows() -> None:
    t = trainer("conv")
    w = np.random.default_rng(5).normal(size=(3, 3)) * 0.5
    np.testing.assert_array_equal(t.parameters["w"][0, 0], w)
    x, y = np.pad(t.inputs["x"][0, 0], 1), t.inputs["y"][0, 0]
    z = np.array([[np.sum(x[i : i + 3, j : j + 3] * w) for j in range(6)] for i in range(6)])
    h, p, dz, dw = np.maximum(z, 0), np.zeros((3, 3)), np.zeros((6, 6)), np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):
        window = h[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        p[i, j] = window.max()
        a, b = np.unravel_index(window.argmax(), (2, 2))
        a, b = 2 * i + a, 2 * j + b
        dz[a, b] = 2 * (p[i, j] - y[i, j]) / 9 * (z[a, b] > 0)
        dw += dz[a, b] * x[a : a + 3, b : b + 3]
    for name, expected in (("z", z), ("h", h), ("p", p)):
        np.testing.assert_allclose(value(t, name), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(t.gradients["z"][0, 0], dz, rtol=1e-12)
    np.testing.assert_allclose(t.gradients["w"][0, 0], dw, rtol=1e-12)
    assert t.loss == np.mean((p - y) ** 2)


def test_it_learns_what_pytorch_learns_an_edge_detector() -> None:
    """PyTorch 2.13.0, same start, data and rate, in double precision: losses, and w after 300 updates."""
    t = trainer("conv")
    t.run()
    assert t.iteration == 300
    np.testing.assert_allclose(
        t.losses[[0, 1, 10, 100]],
        [1.3843970208432297, 1.1225276252576335, 0.356404449882375, 0.00010112932058647954],
    )
    np.testing.assert_allclose(
        t.parameters["w"][0, 0],
        [
            [-0.600513003166, -0.861726788354, 1.000014359682],
            [-0.689531876612, 0.151762387647, 0.901949580343],
            [-0.853097225406, -0.60910376573, 1.098035626082],
        ],
        rtol=1e-9,
    )
    left, _, right = t.parameters["w"][0, 0].T
    assert (left < -0.5).all()
    assert (right > 0.5).all()
