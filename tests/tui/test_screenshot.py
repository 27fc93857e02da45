"""The screen as a picture in a file, and the presenter's view."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.support.pilot import launched


async def test_the_screen_behind_becomes_an_svg_with_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with launched("linear") as session:
        await session.press("X")
        assert session.overlay == "ScreenshotScreen"
        await session.press("enter")
        (path,) = tmp_path.glob("*.svg")
        assert session.note == f"{path.name} written"
    root = ElementTree.parse(path).getroot()
    words = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("Start of iteration 0" in text for text in words)
    assert not any("Write the screen" in text for text in words)
    assert "http" not in path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")


async def test_a_png_has_20_by_40_points_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with launched("linear") as session:
        await session.press("X")
        await session.type("one.png", "enter")
        if session.overlay and "no font" in session.message:
            pytest.skip("no font here")
        assert session.note == "one.png written"
    image = Image.open(io.BytesIO((tmp_path / "one.png").read_bytes()))
    assert image.size == (80 * 20, 24 * 40)
    assert len(image.getcolors(10**6) or ()) > 4


async def test_other_endings_and_files_that_are_there_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.svg").write_text("mine")
    async with launched("linear") as session:
        await session.press("X")
        await session.type("one.gif", "enter")
        assert session.message == "✗ found 'one.gif'; a name must end in .svg or .png"
        await session.type("mine.svg", "enter")
        assert session.message == "✗ mine.svg: there is such a file already"
        await session.type("mine.svg/one.svg", "enter")
        assert session.message == "✗ mine.svg/one.svg: mine.svg is no folder"
    assert (tmp_path / "mine.svg").read_text() == "mine"


async def test_the_presenters_view_follows_the_steps_and_goes_again() -> None:
    async with launched("linear") as session:
        await session.press("V")
        assert "y = w * x + b" in session.screen
        assert "Parameters" not in session.screen
        await session.press("s", "s")
        assert "y = w · x + b" in session.screen
        assert "┏━┓" in session.screen  # 0.9934 in large digits
        await session.press("V")
        assert "Loss" in session.screen
