"""Finding lessons, and the one line with which a lesson that cannot be found or read is refused."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tui_backprop.engine.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import BUILTIN, FOLDER, load_lesson


def one_plain_line(text: str) -> bool:
    return bool(text) and not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


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
            "unknown lesson 'linaer'; did you mean linear?; a lesson of your own is a path ending in .toml",
        ),
        (
            "Logistic",
            "unknown lesson 'Logistic'; did you mean logistic?; a lesson of your own is a path "
            "ending in .toml",
        ),
        ("", "unknown lesson ''; there are linear, square, "),
        ("zzz", "unknown lesson 'zzz'; there are linear, square, "),
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
    with pytest.raises(LessonError, match=r"unknown lesson 'mine'; did you mean mine\.toml\?"):
        load_lesson("mine")
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

HUGE = "a whole number of five thousand digits"
LEAVES = st.one_of(
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from([2**31, 2**63, 10**400, -1, HUGE]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=12),
    st.sampled_from(
        [
            "normal",
            "he",
            "moons",
            "x",
            "L",
            "w",
            "y",
            "{x}",
            "{",
            "{shape:x}",
            "z <- x",
            "x.T @ x",
            "sum(x)",
            "d",
            "1e400",
            "\x1b[31m",
            "a\u202eb",
            "adam",
            "all",
            "points.csv",
            "../x.csv",
            "\0",
            "x" * 300,
        ]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["init", "value", "shape", "scale", "linspace", "formula", "a", "\x07"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
KEYS = st.one_of(
    st.sampled_from(
        [
            "format",
            "title",
            "summary",
            "formula",
            "loss",
            "random",
            "data",
            "samples",
            "parameters",
            "hyperparameters",
            "why",
            "slip",
            "seed",
            "generator",
            "x",
            "y",
            "w",
            "L",
            "at",
            "text",
            "when",
            "gradient",
            "note",
            "init",
            "shape",
            "dataset",
            "csv",
            "size",
            "noise",
            "learning_rate",
            "batch_size",
            "optimizer",
            "self",
            "µ",
            "μ",
            "\x1b",
            "a b",
            "x` - at `$.a`",
        ]
    ),
    st.text(max_size=6),
)


def containers(value: Any) -> list[Any]:
    """Every table and list of a document, outermost first."""
    found = [value]
    for item in found:
        children = item.values() if isinstance(item, dict) else item
        found += [child for child in children if isinstance(child, dict | list)]
    return found


def toml(value: Any) -> str:
    """Write a value as TOML, tables inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if "e" not in repr(value) else repr(value).replace("e+", "e")
    if isinstance(value, str):
        return quoted(value) if value != HUGE else f"0x{'f' * 5000}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return "{" + ", ".join(f"{quoted(key)} = {toml(item)}" for key, item in value.items()) + "}"


def quoted(text: str) -> str:
    plain = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{plain}"'


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@pytest.mark.slow
def test_mutated_lessons_load_or_are_refused_in_one_plain_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([n for n in BUILTIN if n != "polynomial"]))
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(containers(document)))
        if isinstance(place, list):
            if place and data.draw(st.booleans()):
                place[data.draw(st.integers(0, len(place) - 1))] = data.draw(VALUES)
            else:
                place.append(data.draw(VALUES))
        elif place and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(place)))
            if data.draw(st.booleans()):
                place[key] = data.draw(VALUES)
            else:
                del place[key]
        else:
            place[data.draw(KEYS)] = data.draw(VALUES)
    path = tmp_path_factory.getbasetemp() / "mutated.toml"
    path.write_text("\n".join(f"{quoted(k)} = {toml(v)}" for k, v in document.items()), encoding="utf-8")
    try:
        lesson = load_lesson(path)
    except LessonError as error:
        message = str(error)
    else:
        message = f"{path}: loaded"
    assert one_plain_line(message), message
    assert message.startswith(str(path)[:40])
    if not message.endswith(": loaded"):
        return
    if sum(spec.shape != () for spec in lesson.parameters.values()) < 9 and (lesson.rows or 0) < 1000:
        tb.Trainer(lesson).step()


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
