"""A lesson with numbers of its own: drawn from a seed, and written into the lesson's text.

The drawn numbers stand in the first line of the text, ``drawn = {…}``; they are not drawn again when it is
read. So a session, an export or a shared string of such a lesson has them too, and a later version of this
program, whose draws may be others, reads the same lesson.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.format import LessonFile, parse_lesson
from tui_backprop.lessons.hyperparameters import MAX_SEED
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.lessons.teaching.drawing import Drawing, DrawSource, looked_up, told, value_of
from tui_backprop.text.sentences import tr

ATTEMPTS = 60
"""Draws that are tried until one is fit to be taught with."""
LARGEST = 1000.0
"""What the largest number in the graph should not exceed, where whole numbers are asked for."""
_SLOPES = (1e-3, 1e-9)
"""What a parameter's gradient must reach: first one that shows, later one that is not nothing."""
_LINE = re.compile(r"\Adrawn = \{[^\n]*\}\n")


def seed_of(student: str, lesson: str) -> int:
    """Return the seed of a student's numbers in a lesson, the same on every machine.

    Args:
        student: a name; upper and lower case, spaces at its ends and forms of Unicode make no difference.
        lesson: the lesson's name.
    """
    name = unicodedata.normalize("NFKC", student).strip().casefold()
    digest = hashlib.sha256(f"{name}\0{lesson}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (MAX_SEED + 1)


def redrawn(lesson: Lesson, seed: int, *, whole: bool = False) -> Lesson:
    """Return a lesson with its own numbers.

    What ``[draw]`` names is drawn as it says. A lesson without that table has all numbers drawn that its file
    lists, of the same kind (sign, size, decimals; classes are shuffled), and parameters that start at random.
    Numbers with which nothing can be learnt are drawn again: a loss or gradient that is not finite, a
    parameter whose gradient is zero though in the lesson it is not, such as behind relus that are shut.

    Args:
        lesson: the lesson; one that was drawn is drawn anew.
        seed: where the numbers come from.
        whole: whether they are small whole numbers, where ``[draw]`` does not say.

    Raises:
        LessonError: no draw is fit.
    """
    text = undrawn(lesson.text)
    file = parse_lesson(text)
    plain = _made(lesson, text) if text != lesson.text else lesson
    starts = {
        name: np.zeros(spec.shape) if spec.value is None else spec.value
        for name, spec in plain.parameters.items()
    }
    ways: tuple[dict[str, Drawing], ...]
    if lesson.draws:
        ways = (told(file, starts),)
    else:  # with large numbers a sigmoid is all but flat, and numbers near to zero are taken at last
        ways = tuple(looked_up(plain.graph(), file, starts, whole=whole, tame=tame) for tame in (False, True))
    again = not file.draw and _starts_at_random(plain, file)
    if not ways[0] and not again:
        return lesson
    before = _start(plain)
    refused: BackpropError | None = None
    for attempt in range(ATTEMPTS):
        strict = attempt < ATTEMPTS // 2
        drawings = ways[-1 if attempt >= 2 * ATTEMPTS // 3 else 0]
        values = _values(file, starts, drawings, seed, attempt)
        start = DrawSource(seed, attempt, "random.seed").below(10**6, 0) if again else None
        if _stands(plain, file, drawings):
            tried = _start(plain, values, start)
            if not _is_fit(tried, before, strict=strict, whole=whole):
                continue
        try:
            candidate = _made(lesson, _line(seed, values, start, whole=whole) + text)
        except BackpropError as error:
            refused = refused or error
            continue
        if _is_fit(_start(candidate), before, strict=strict, whole=whole):
            return candidate
    if refused is not None:
        raise LessonError(tr("draw: the numbers drawn do not fit the lesson: {reason}", reason=refused))
    nothing = tr(
        "draw: {count} draws were tried, and with none of them there is a gradient that teaches anything; "
        "give other ranges in [draw]",
        count=ATTEMPTS,
    )
    raise LessonError(nothing)


def undrawn(text: str) -> str:
    """Return a lesson's text as its file has it, without what was drawn."""
    return _LINE.sub("", text.removeprefix("\ufeff"))


def _made(lesson: Lesson, text: str) -> Lesson:
    name = lesson.name if lesson.builtin else None
    return lesson_of_text(text, lesson.path, name, sandbox=lesson.sandbox)


def _values(
    file: LessonFile, starts: Mapping[str, Array], drawings: Mapping[str, Drawing], seed: int, attempt: int
) -> dict[str, Any]:
    """Draw the numbers of all entries."""
    drawn = {}
    for entry, drawing in drawings.items():
        source = DrawSource(seed, attempt, _stream(entry, drawing))
        drawn[entry] = drawing.numbers(source, value_of(file, starts, entry))
    return drawn


def _line(seed: int, values: Mapping[str, Any], start: int | None, *, whole: bool) -> str:
    """Write the line of one draw."""
    listed = ", ".join(f"{json.dumps(entry, ensure_ascii=False)} = {_toml(v)}" for entry, v in values.items())
    kind = ", whole = true" if whole else ""
    begun = "" if start is None else f", start = {start}"
    return f"drawn = {{ seed = {seed}{kind}{begun}, values = {{ {listed} }} }}\n"


def _stream(entry: str, drawing: Drawing) -> str:
    """Return whose numbers an entry is drawn with: samples that are shuffled keep together."""
    return "samples" if drawing.shuffled and entry.startswith("samples.") else entry


def _toml(value: Any) -> str:
    return json.dumps(value)  # of numbers and lists of them TOML has the same form


def _starts_at_random(lesson: Lesson, file: LessonFile) -> bool:
    return "dataset" in file.samples or any(spec.value is None for spec in lesson.parameters.values())


def _stands(lesson: Lesson, file: LessonFile, drawings: Mapping[str, Drawing]) -> bool:
    """Tell whether all arrays that are not drawn stay as they are, so that a draw is tried quickly."""
    if "dataset" in file.samples:
        return False
    parameters = all(entry.startswith("parameters.") for entry in drawings)
    return parameters or (not lesson.recipes and lesson.validation is None)


def _start(lesson: Lesson, values: Mapping[str, Any] | None = None, seed: int | None = None) -> Tape:
    """Return the lesson's first iteration over all samples, swept both ways.

    Args:
        lesson: the lesson.
        values: numbers in place of its own, by table and name.
        seed: the seed of random starts; None for its own.
    """
    graph = lesson.graph()
    seed = lesson.hyperparameters.seed if seed is None else seed
    given = {**lesson.data, **lesson.samples, **lesson.start(seed), **graph.draw(seed, 0)}
    for entry, value in (values or {}).items():
        name = unicodedata.normalize("NFKC", entry.partition(".")[2])
        given[name] = np.broadcast_to(np.array(value, dtype=np.float64), given[name].shape)
    with np.errstate(all="ignore"):
        return swept(graph, given)


def _is_fit(tape: Tape, before: Tape, *, strict: bool, whole: bool) -> bool:
    """Tell whether there is something to learn from these numbers, as there was from the lesson's own."""
    graph = tape.graph
    learnt = graph.trainable or tuple(node for node in graph.given if graph.factors_to(node))
    reached: list[Array | float] = [tape.loss(), *(tape.gradient(node) for node in learnt)]
    if not all(np.all(np.isfinite(value)) for value in reached):
        return False
    least = _SLOPES[0] if strict else _SLOPES[1]
    for node in learnt:
        had = _largest(before.gradient(before.graph.named[node.name])) > _SLOPES[1]  # rounding is none
        if had and _largest(tape.gradient(node)) < least:
            return False
    if whole and strict:
        return all(_largest(tape.value(node)) <= LARGEST for node in graph.assignments)
    return True


def _largest(value: Any) -> float:
    """Return the largest magnitude of an array's elements; NaN where one is."""
    return float(np.max(np.abs(np.asarray(value, dtype=np.float64)), initial=0.0))
