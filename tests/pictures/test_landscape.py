"""The loss over a plane, against the lesson's formula in NumPy at points of the grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.trainers import mine, trainer
from tui_backprop.engine.core.errors import BackpropError, Interrupted
from tui_backprop.pictures.figure import Heat
from tui_backprop.pictures.landscape import Landscape
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.registry import make_picture
from tui_backprop.training.trainer import Trainer

GRAIN = Grain(23, 17)


def landscape(t: Trainer, *of: str) -> Landscape:
    found = make_picture(t, "landscape", Wanted(of, GRAIN))
    assert isinstance(found, Landscape)
    return found


def polynomial_loss(t: Trainer, **moved: float) -> float:
    """Return the loss of the notes' regression, Σ(a + b x + c x² + d x³ − sin x)², in NumPy."""
    p = {name: float(t.parameters[name]) for name in "abcd"} | moved
    x = np.linspace(-np.pi, np.pi, 2000)
    return float(np.sum((p["a"] + p["b"] * x + p["c"] * x**2 + p["d"] * x**3 - np.sin(x)) ** 2))


def test_fifty_points_of_two_parameters() -> None:
    t = trainer("polynomial")
    t.run(iterations=100)
    found = landscape(t, "b", "d")
    assert found.numbers()["names"] == ("b", "d")
    assert found.z.shape == (17, 23), "a row for each y"
    rng = np.random.default_rng(5)
    for row, column in zip(rng.integers(0, 17, 50), rng.integers(0, 23, 50), strict=True):
        expected = polynomial_loss(t, b=float(found.x[column]), d=float(found.y[row]))
        assert found.z[row, column] == pytest.approx(expected, rel=1e-10)


def test_two_directions_meet_at_the_parameters() -> None:
    t = trainer("two-layer")
    t.run(iterations=200)
    found = landscape(t)
    one, other = (np.concatenate([a.ravel() for a in way]) for way in (found.plane.across, found.plane.up))
    assert [one @ one, other @ other, one @ other] == pytest.approx([1, 1, 0], abs=1e-12)
    assert found.elsewhere.at(found.plane.values(0.0, 0.0)) == pytest.approx(t.loss, rel=1e-12)
    start = trainer("two-layer")
    way = np.concatenate(
        [(start.parameters[n.name] - t.parameters[n.name]).ravel() for n in found.plane.nodes]
    )
    assert found.plane.path[0] == pytest.approx([way @ one, way @ other], rel=1e-9)
    assert found.plane.path[-1] == pytest.approx([0, 0])


def test_the_path_of_two_parameters() -> None:
    t = trainer("linear")
    values = [(t.parameters["w"].item(), t.parameters["b"].item())]
    for _ in range(6):
        t.next()
        values.append((t.parameters["w"].item(), t.parameters["b"].item()))
    np.testing.assert_array_equal(landscape(t).plane.path, values)


def test_the_grid_has_room_around_a_long_path() -> None:
    t = trainer("linear")
    t.set(learning_rate=0.3)
    t.edit("w", 30.0)
    t.run(iterations=20)
    picture = landscape(t)
    for axis, place in ((picture.x, 0), (picture.y, 1)):
        path = picture.plane.path[:, place]
        room = 0.5 * (path.max() - path.min())
        assert (axis[0], axis[-1]) == pytest.approx((path.min() - room, path.max() + room))


def test_it_fills_from_coarse_to_fine() -> None:
    t = trainer("two-layer")
    begun = Landscape.of(t, Wanted((), GRAIN))
    assert begun.left
    once = begun.grow(0.0)
    assert np.isfinite(once.z).sum() == 1, "one point at least"
    assert np.isnan(begun.z).all(), "what was shown is not written to"
    grown = once
    while np.isnan(grown.z[::8, ::8]).any():
        grown = grown.grow(0.0)
    (heat,) = (mark for mark in grown.figure().parts[0].marks if isinstance(mark, Heat))  # type: ignore[union-attr]
    assert np.isfinite(heat.z).all(), "every eighth point, and there is something to see everywhere"
    while grown.left:
        grown = grown.grow(0.01)
    assert np.isfinite(grown.z).all()
    assert len(set(begun.ahead)) == begun.z.size


@pytest.mark.parametrize(("lesson", "shades"), [("linear", "log10 of the loss"), ("two-layer", "loss")])
def test_losses_of_many_sizes_are_shaded_by_their_logarithm(lesson: str, shades: str) -> None:
    picture = make_picture(trainer(lesson), "landscape", Wanted((), GRAIN))
    assert isinstance(picture, Landscape)
    assert (picture.z.max() > 30 * picture.z.min()) == (shades != "loss")
    figure = picture.figure()
    heat = figure.parts[0].marks[0]
    assert isinstance(heat, Heat)
    assert figure.title.startswith(f"{shades} over ")
    assert heat.label == shades
    np.testing.assert_array_equal(heat.z, picture.z if shades == "loss" else np.log10(picture.z))


def test_it_can_be_given_up() -> None:
    with pytest.raises(Interrupted):
        make_picture(trainer("two-layer"), "landscape", Wanted((), GRAIN), lambda: True)


ONE = """
formula = "L = (w - 1)**2"
[parameters]
w = 0.0
"""


def test_what_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(BackpropError, match="landscape lies over two numbers, and mine trains 1; slice"):
        landscape(mine(tmp_path, ONE))
    with pytest.raises(BackpropError, match=r"found 8: name two elements, such as W1\[0, 0\],W1\[0, 1\]"):
        landscape(trainer("two-layer"), "W1")
    with pytest.raises(BackpropError, match=r"found b twice"):
        landscape(trainer("linear"), "b", "b")


def test_a_network_with_many_numbers_has_a_coarser_grid(tmp_path: Path) -> None:
    text = """
formula = "L = mean((X @ W)**2)"
[samples]
X = { formula = "sin(arange(300000)).reshape(1000, 300)" }
[parameters]
W = { init = "he", shape = [300, 300] }
"""
    t = mine(tmp_path, text)
    found = Landscape.of(t, Wanted((), Grain(200, 100)))
    assert 20 <= len(found.x) < 80
    assert found.left == found.z.size
    assert found.left * found.elsewhere.cost <= 1.1e9
    fine = Landscape.of(trainer("two-layer"), Wanted((), Grain(200, 100)))
    assert fine.z.shape == (40, 80)


def test_where_no_loss_is_finite_there_are_no_shades() -> None:
    t = trainer("polynomial", learning_rate=1.0)
    t.run(iterations=400)
    found = landscape(t)
    assert not np.isfinite(found.z).any()
    assert "no loss here is finite" in found.words()
    assert not any(isinstance(mark, Heat) for mark in found.figure().parts[0].marks)  # type: ignore[union-attr]
