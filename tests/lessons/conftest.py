"""What the tests of lesson files share: writing one, loading it, and the line with which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.text import one_plain_line
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_lesson


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Lesson]:
    """Write a lesson file (and files beside it) and load it."""

    def load(text: str, **files: str | bytes) -> Lesson:
        folder = tmp_path / "lessons"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name.replace("_csv", ".csv")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (folder / "mine.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        return load_lesson(folder / "mine.toml")

    return load


@pytest.fixture
def refusal(load: Callable[..., Lesson]) -> Callable[..., str]:
    """Load a lesson that is refused, and return the message without the folder's name."""

    def refusal(text: str, **files: str | bytes) -> str:
        with pytest.raises(LessonError) as caught:
            load(text, **files)
        message = str(caught.value)
        assert isinstance(caught.value, BackpropError)
        assert isinstance(caught.value, ValueError)
        assert one_plain_line(message)
        folder, name, rule = message.partition("mine.toml: ")
        assert folder.endswith("/lessons/")
        assert name, message
        return rule

    return refusal
