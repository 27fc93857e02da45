"""Lesson files with one thing in them made strange load, or are refused in one line."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.text import one_plain_line
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import BUILTIN, FOLDER, load_lesson

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
