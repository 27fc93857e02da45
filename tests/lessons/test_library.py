"""Finding lessons, and the one line with which a lesson that cannot be found or read is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.text import one_plain_line
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import BUILTIN, FOLDER, load_lesson


@pytest.mark.parametrize("name", BUILTIN)
def test_built_in_lessons_load_by_name_and_by_path(name: str) -> None:
    lesson = load_lesson(name)
    assert (lesson.name, lesson.builtin) == (name, True)
    by_path = load_lesson(FOLDER / f"{name}.toml")
    assert (by_path.name, by_path.builtin) == (name, False)
    assert by_path.hyperparameters == lesson.hyperparameters


def test_every_lesson_file_is_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BUILTIN)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "linaer",
            "unknown lesson 'linaer'; did you mean linear?",
        ),
        (
            "Logistic",
            "unknown lesson 'Logistic'; did you mean logistic?",
        ),
        ("", "unknown lesson ''; there are first, linear, square, "),
        ("zzz", "unknown lesson 'zzz'; there are first, linear, square, "),
        ("a\x1b[31m", "unknown lesson 'a\\x1b[31m'; "),
        ("x" * 5000, "unknown lesson 'xxx"),
        ("no.toml", "no.toml: no such file"),
        ("no/such.toml", "no/such.toml: no such file"),
        ("a\0.toml", "a\\x00.toml: no such file"),
        ("a/" + "x" * 5000 + ".toml", "a/xxx"),
    ],
)
def test_lessons_that_are_not_there(name: str, message: str) -> None:
    with pytest.raises(BackpropError) as caught:
        load_lesson(name)
    text = str(caught.value)
    assert text.startswith(message), text
    assert one_plain_line(text)
    assert len(text) < 400


def test_folders_and_links_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    os.symlink("nowhere", tmp_path / "broken.toml")
    os.symlink("loop.toml", tmp_path / "loop.toml")
    with pytest.raises(LessonError, match="this is a folder"):
        load_lesson(tmp_path / "folder.toml")
    for name in ("broken.toml", "loop.toml"):
        with pytest.raises(LessonError, match="this is not a file"):
            load_lesson(tmp_path / name)


def test_a_file_without_its_ending_is_pointed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text('formula = "L = 1"')
    monkeypatch.chdir(tmp_path)
    for name, refusal in (
        ("mine", r"^unknown lesson 'mine'; did you mean mine\.toml\?$"),
        ("./mine", r"^\./mine: no such file; did you mean \./mine\.toml\?$"),
        ("./yours", r"^yours: no such file$"),
    ):
        with pytest.raises(LessonError, match=refusal):
            load_lesson(name)
    assert load_lesson("mine.toml").name == "mine"
    assert load_lesson("./mine.toml").name == "mine"


def test_too_large_a_file(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate((2 << 20) + 1)
    with pytest.raises(LessonError, match="larger than 2 MiB; put the samples into a CSV file"):
        load_lesson(path)


def test_the_public_names() -> None:
    assert sorted(tb.__all__) == dir(tb)
    for name in tb.__all__:
        assert getattr(tb, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tb.nothing  # noqa: B018


# any mutation of a lesson file either loads and steps, or is refused with one plain line


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_bytes_are_refused_in_one_plain_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(content)
    with pytest.raises(LessonError) as caught:
        load_lesson(path)
    assert one_plain_line(str(caught.value))


@pytest.mark.parametrize("name", [3, None, 1.5, ["linear"], b"linear.toml"])
def test_a_lesson_that_is_no_text(name: object) -> None:
    with pytest.raises(LessonError, match=r"a lesson is a built-in name or the path of a \.toml file"):
        load_lesson(name)
