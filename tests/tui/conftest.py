"""The app on a lesson at a size, driven without a terminal."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.support.pilot import launched
from tests.support.pseudo import LESSON, write_language
from tui_backprop.text.language.speaking import speaking
from tui_backprop.tui.panels.chart import plot as chart_plot


@pytest.fixture(scope="session", autouse=True)
def _fewer_collections() -> Iterator[None]:
    """Collect garbage less often: every app is ten thousand objects, and a quarter of the time went there."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def _styles_parsed_once() -> Iterator[None]:
    """Parse each rule once for all apps of one theme: an eighth of the time of a start went there."""
    parsed: dict[tuple[Any, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def once(sheet: Stylesheet, *source: Any, **options: Any) -> list[RuleSet]:
        key = (*sheet._variables.items(), source, *options.items())
        if key not in parsed:
            parsed[key] = parse(sheet, *source, **options)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _chart_at_once() -> None:
    """Import plotext first, so that no test has to wait for its first chart."""
    chart_plot.load()


@pytest.fixture
def launch() -> Callable[..., Any]:
    """Start the app on a lesson at a size; an async context manager that yields a Session."""
    return launched


@pytest.fixture
def lesson_file(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a lesson's file."""

    def write(text: str, name: str = "own.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Speak the language that doubles every vowel, and return a lesson without words."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    code = write_language(tmp_path)
    lesson = tmp_path / "kk.toml"
    lesson.write_text(LESSON, encoding="utf-8")
    with speaking(code):
        yield lesson
