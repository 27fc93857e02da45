"""Lines of equal height over a grid, by marching squares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.core.arrays import Array

# A corner's bit is set where it lies above the level: 1 at (x0, y0), 2 at (x1, y0), 4 at (x1, y1), 8
# at (x0, y1).
# Edges: 0 below, 1 right, 2 above, 3 left. Saddles are cut so that the corners above stay apart.
_JOINED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 5: ((3, 0), (1, 2)), 6: ((0, 2),), 7: ((3, 2),),
    8: ((2, 3),), 9: ((0, 2),), 10: ((0, 1), (2, 3)), 11: ((1, 2),), 12: ((1, 3),), 13: ((0, 1),),
    14: ((0, 3),),
}  # fmt: skip


def contour_segments(z: Array, x: Array, y: Array, level: float) -> Array:
    """Return the pieces of a line of equal height.

    Args:
        z: heights of shape (rows, columns), a row for each y; squares with a height that is not finite have
            no line.
        x: where the columns stand, ascending, of shape (columns,).
        y: where the rows stand, ascending, of shape (rows,).
        level: the height.

    Returns:
        Pieces of shape (n, 2, 2): for each its two ends, x and y.
    """
    z = np.asarray(z, np.float64)
    if z.ndim != 2 or min(z.shape) < 2:
        return np.zeros((0, 2, 2))
    corners = np.stack([z[:-1, :-1], z[:-1, 1:], z[1:, 1:], z[1:, :-1]])
    known = np.isfinite(corners).all(axis=0)
    case = np.zeros(known.shape, np.intp)
    for bit in range(4):
        case |= np.where(known & (corners[bit] > level), 1 << bit, 0)
    case[~known] = 0
    found = [
        np.stack([_place(corners, x, y, level, case == which, edge) for edge in ends], axis=1)
        for which, joined in _JOINED.items()
        for ends in joined
        if (case == which).any()
    ]
    pieces = np.concatenate(found) if found else np.zeros((0, 2, 2))
    return pieces[np.isfinite(pieces).all(axis=(1, 2))]


def _place(
    corners: Array, x: Array, y: Array, level: float, where: npt.NDArray[np.bool_], edge: int
) -> Array:
    """Return where the line crosses an edge of these squares, shape (n, 2)."""
    row, column = np.nonzero(where)
    one, other = corners[edge][where], corners[(edge + 1) % 4][where]
    with np.errstate(over="ignore", invalid="ignore"):
        share = (level - one) / (other - one)
    x0, x1, y0, y1 = x[column], x[column + 1], y[row], y[row + 1]
    ends = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    (from_x, from_y), (to_x, to_y) = ends[edge], ends[(edge + 1) % 4]
    return np.stack([from_x + share * (to_x - from_x), from_y + share * (to_y - from_y)], axis=1)
