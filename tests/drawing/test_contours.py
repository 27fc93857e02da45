"""Lines of equal height, on surfaces whose lines are known."""

from __future__ import annotations

import numpy as np
import pytest

from tui_backprop.drawing.contours import contour_segments


def grid(n: int = 41) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    x, y = np.linspace(-2, 2, n), np.linspace(-1, 3, n + 6)
    return x, y, *np.meshgrid(x, y)


def test_a_circle() -> None:
    x, y, across, up = grid(161)
    pieces = contour_segments(across**2 + (up - 1) ** 2, x, y, 1.5)
    radius = np.hypot(pieces[..., 0], pieces[..., 1] - 1)
    np.testing.assert_allclose(radius, np.sqrt(1.5), atol=2e-3)
    length = np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=1).sum()
    assert length == pytest.approx(2 * np.pi * np.sqrt(1.5), rel=1e-3), "closed, each piece once"


@pytest.mark.parametrize("slope", [(1.0, 0.0), (0.0, 1.0), (1.0, -2.0), (-3.0, 0.5)])
def test_a_plane(slope: tuple[float, float]) -> None:
    x, y, across, up = grid()
    a, b = slope
    pieces = contour_segments(a * across + b * up, x, y, 0.25)
    assert len(pieces)
    np.testing.assert_allclose(a * pieces[..., 0] + b * pieces[..., 1], 0.25, atol=1e-12)


def test_a_saddle_has_two_pieces_in_its_square() -> None:
    z = np.array([[1.0, -1.0], [-1.0, 1.0]])
    pieces = contour_segments(z, np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.0)
    assert sorted(map(sorted, pieces.tolist())) == [[[0.0, 0.5], [0.5, 0.0]], [[0.5, 1.0], [1.0, 0.5]]]


def test_what_is_not_known_has_no_line() -> None:
    x, y, across, up = grid()
    z = across + up
    z[:, :20] = np.nan
    z[0, -1] = np.inf
    pieces = contour_segments(z, x, y, 1.0)
    assert np.isfinite(pieces).all()
    assert (pieces[..., 0] >= x[20]).all()
    assert contour_segments(np.full((3, 3), 2.0), x[:3], y[:3], 2.0).shape == (0, 2, 2)
    assert contour_segments(np.zeros((1, 5)), x[:5], y[:1], 0.0).shape == (0, 2, 2)
