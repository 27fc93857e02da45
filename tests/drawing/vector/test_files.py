"""Figures as files: what is in them, whatever the numbers are."""

from __future__ import annotations

import io
import math
from xml.etree import ElementTree

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.support.figures import FIGURES, every_mark
from tests.support.thorough import tried
from tui_backprop.drawing.vector.colours import CLASSES, PAPER
from tui_backprop.drawing.vector.files import png, svg
from tui_backprop.pictures.figure import Axis, Figure, Heat, Plot, Points

SVG = "{http://www.w3.org/2000/svg}"
SOME = every_mark(np.linspace(-1, 1, 9), np.linspace(-2, 2, 9), np.outer(np.linspace(-1, 1, 5), np.ones(6)))


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
    written = svg(every_mark(np.zeros(2), np.ones(2), np.zeros((2, 2)), bad), (bad,), (40, 12))
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


def test_samples_held_back_are_hollow() -> None:
    at, held_back = np.array([0.25, 0.75]), np.array([False, True])
    points = Points(at, at, np.array([0, 0]), held_back=held_back)
    plot = Plot("", Axis("", 0.0, 1.0), Axis("", 0.0, 1.0), (points,))
    discs = ElementTree.fromstring(svg(Figure("", (plot,)), (), (40, 20))).iter(f"{SVG}circle")
    looks = {(disc.get("fill"), disc.get("stroke")) for disc in discs}
    assert looks >= {(CLASSES[0], PAPER), (PAPER, CLASSES[0])}


@tried(figure=FIGURES, size=st.sampled_from([(20, 8), (80, 24)]), few=25, many=150)
def test_no_numbers_end_it(figure: Figure, size: tuple[int, int]) -> None:
    for element in ElementTree.fromstring(svg(figure, (), size)).iter():
        for name in ("x", "y", "width", "height", "cx", "cy"):
            number = element.get(name)
            assert number is None or math.isfinite(float(number))
        assert "nan" not in (element.get("points") or "") + (element.get("d") or "")


@tried(figure=FIGURES, few=10, many=50)
def test_no_numbers_end_painting(figure: Figure) -> None:
    assert png(figure, (), (20, 8)).startswith(b"\x89PNG")
