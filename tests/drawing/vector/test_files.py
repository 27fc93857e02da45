"""Figures as files: what is in them, whatever the numbers are."""

from __future__ import annotations

import io
import math
from xml.etree import ElementTree

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from tui_backprop.drawing.vector.files import png, svg
from tui_backprop.pictures.figure import (
    Axis,
    Bars,
    Cells,
    Contour,
    Curve,
    Figure,
    Heat,
    Level,
    Listing,
    Plot,
    Points,
    Sticks,
    Table,
)

SVG = "{http://www.w3.org/2000/svg}"
any_numbers = st.floats(allow_nan=True, allow_infinity=True)


def figure(x: np.ndarray, y: np.ndarray, z: np.ndarray, name: str = "θ<b> & ŷ") -> Figure:
    ones = np.ones(len(x), np.bool_)
    marks = (
        Heat(z, (-1.0, 1.0), (-1.0, 1.0), -1.0, 1.0, 0.0),
        Contour(z, np.linspace(-1, 1, z.shape[1]), np.linspace(-1, 1, z.shape[0]), (0.0,)),
        Sticks(x, y, y[::-1]), Curve(x, y, "tangent", name), Level(0.5, label="best constant"),
        Bars(np.linspace(-1, 1, len(y) + 1), y),
        Points(x, y, classes=np.arange(len(x)) % 7, wrong=ones, held_back=~ones, names=("a", "b")),
    )  # fmt: skip
    plot = Plot(name, Axis(name, -1.0, 1.0), Axis("y", -2.0, 2.0), marks)
    cells = Cells(z, tuple(tuple("1" for _ in row) for row in z), tuple(map(str, z)), tuple(map(str, z.T)))
    listing = Listing("rows", (name, "b"), ((name, "2"),), (0.5,), (True,))
    return Figure(name, (plot, Table("table", "target", "prediction", cells), listing), (f"note {name}",))


SOME = figure(np.linspace(-1, 1, 9), np.linspace(-2, 2, 9), np.outer(np.linspace(-1, 1, 5), np.ones(6)))


def test_svg_is_well_formed_and_says_what_there_is_to_see() -> None:
    root = ElementTree.fromstring(svg(SOME, ("a line", "of five & more"), (80, 24)))
    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == ("800", "480")
    assert root.find(f"{SVG}desc").text == "a line of five & more"  # type: ignore[union-attr]
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {"best constant", "prediction", "target", "note θ<b> & ŷ"} <= texts
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "polyline", "polygon", "circle", "text", "path"}


def test_control_characters_do_not_get_into_files() -> None:
    bad = "a\x1b[31mb\x00\u202ec"
    written = svg(figure(np.zeros(2), np.ones(2), np.zeros((2, 2)), bad), (bad,), (40, 12))
    ElementTree.fromstring(written)
    assert not set("\x1b\x00\u202e") & set(written)
    told = Image.open(io.BytesIO(png(SOME, (bad,), (40, 12)))).info["Description"]
    assert "\x1b" not in told


def test_png_has_the_size_and_the_words() -> None:
    image = Image.open(io.BytesIO(png(SOME, ("a line",), (60, 20))))
    assert image.size == (600, 400)
    assert image.info["Description"] == "a line"
    assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 20, "something is on it"


def test_a_heat_has_its_largest_y_at_the_top() -> None:
    z = np.array([[0.0, 0.0], [1.0, 1.0]])  # the second row is that of the larger y
    plot = Plot("", Axis("", 0.0, 1.0), Axis("", 0.0, 1.0), (Heat(z, (0, 1), (0, 1), 0.0, 1.0),))
    image = Image.open(io.BytesIO(png(Figure("", (plot,)), (), (40, 20)))).convert("L")
    assert image.getpixel((200, 100)) < image.getpixel((200, 300)), "the strong shade is above"


@settings(max_examples=30)
@given(
    arrays(np.float64, 6, elements=any_numbers), arrays(np.float64, 6, elements=any_numbers),
    arrays(np.float64, (3, 4), elements=any_numbers), st.sampled_from([(20, 8), (80, 24)]),
)  # fmt: skip
def test_no_numbers_end_it(x: np.ndarray, y: np.ndarray, z: np.ndarray, size: tuple[int, int]) -> None:
    text = svg(figure(x, y, z), (), size)
    root = ElementTree.fromstring(text)
    for element in root.iter():
        for name in ("x", "y", "width", "height", "cx", "cy"):
            number = element.get(name)
            assert number is None or math.isfinite(float(number))
        assert "nan" not in (element.get("points") or "") + (element.get("d") or "")


@settings(max_examples=10)
@given(arrays(np.float64, 6, elements=any_numbers), arrays(np.float64, (3, 4), elements=any_numbers))
def test_no_numbers_end_painting(y: np.ndarray, z: np.ndarray) -> None:
    assert png(figure(np.linspace(-1, 1, 6), y, z), (), (20, 8)).startswith(b"\x89PNG")
