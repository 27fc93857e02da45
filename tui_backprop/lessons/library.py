"""List, find and load lessons: built-in ones by name, a user's own by the path of a .toml file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import structs

from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.errors import BackpropError, FormulaError, suggest
from tui_backprop.engine.language.formula import FormulaLine, parse_formula, replaced_lines
from tui_backprop.lessons.beside.arrays import ArraysBeside
from tui_backprop.lessons.csv_files.reading import Reading
from tui_backprop.lessons.entries import read_data, read_name, read_parameters, read_samples
from tui_backprop.lessons.errors import LessonError, found, found_form, is_file
from tui_backprop.lessons.evaluation.validation import Validation, check_ways, divided, held_back
from tui_backprop.lessons.format import LessonFile, parse_lesson, read_lesson_file
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.making.checks import (
    check_batches,
    check_names,
    check_validation,
    own_hyperparameters,
)
from tui_backprop.lessons.notes import Places, make_slip, make_why
from tui_backprop.lessons.overlays.reading import (
    OverlayError,
    in_spoken_language,
    overlaid_by,
    where_it_fits,
)
from tui_backprop.lessons.specs.picks import check_picks
from tui_backprop.lessons.specs.source import ProgramSource
from tui_backprop.lessons.specs.teaching import DrawRule
from tui_backprop.lessons.text_samples import vocabulary_of
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class SamplesRead(NamedTuple):
    """Samples that are read already: those that are trained on, and those of [validation].

    Attributes:
        beside: arrays of other files, by entry.
        reading: how those of a CSV file were read.
    """

    samples: Mapping[str, Array]
    validation: Mapping[str, Array] = {}
    beside: Mapping[str, Array] = {}
    reading: Reading = Reading()


MAX_SLIP_NODES = 100_000
"""Slips times nodes: every slip builds the graph once more, at about 12 µs a node."""
FOLDER = Path(__file__).parent / "builtin"
_ORDER = (
    "first", "linear", "square", "chain", "neuron", "relu-net", "guess", "nodes", "theta", "polynomial",
    "logistic", "logistic-ce", "two-layer", "softmax", "famous-slip", "vanishing", "schedules", "iris",
    "conv", "dropout", "batch-norm", "layer-norm", "embedding", "rnn", "lstm", "attention", "word2vec",
    "ninja",
)  # fmt: skip
"""Lessons in the order in which a beginner would take them; the first opens where none is named."""
BUILTIN = (*_ORDER, *sorted({path.stem for path in FOLDER.glob("*.toml")} - set(_ORDER)))
"""The built-in lessons: the files of the folder, those without a place of their own last."""


def load_lesson(name: str | os.PathLike[str], sandbox: Sandbox = OPEN) -> Lesson:
    """Load a built-in lesson by name, or any lesson by the path of its .toml file.

    Args:
        name: the name, or the path; where the sandbox confines, a name in its folder.
        sandbox: what may be read, and how much the lesson may take.

    Raises:
        LessonError: no such lesson, or the file is refused; the message names file, key and rule.
    """
    text = name if isinstance(name, str) else os.fspath(name) if isinstance(name, os.PathLike) else None
    if not isinstance(text, str):
        raise LessonError(
            tr("found {found}; a lesson is a built-in name or the path of a .toml file", found=found(name))
        )
    if text in BUILTIN:
        return load_file(FOLDER / f"{text}.toml", text, sandbox=sandbox)
    if sandbox.confined:
        return load_file(sandbox.locate(text), sandbox=sandbox)
    path = found_form(Path(text))
    looks_like_path = path.suffix == ".toml" or os.sep in text or (os.altsep or os.sep) in text
    ending = (
        tr("; did you mean {name}.toml?", name=printable(text, 200)) if is_file(Path(f"{text}.toml")) else ""
    )
    if not looks_like_path:
        there = tr(
            "; there are {names}; a lesson of your own is a path ending in .toml",
            names=", ".join(BUILTIN),
        )
        raise LessonError(
            tr(
                "unknown lesson {name}{hint}",
                name=found(text, 60),
                hint=ending or suggest(text, BUILTIN) or there,
            )
        )
    if ending and path.suffix != ".toml" and not os.path.lexists(path):
        raise LessonError(tr("{name}: no such file{hint}", name=printable(text, 200), hint=ending))
    return load_file(path, sandbox=sandbox)


def load_file(path: Path, builtin: str | None = None, *, sandbox: Sandbox) -> Lesson:
    """Load one lesson file; every error starts with the file's name."""
    if builtin is not None and sandbox.confined:
        path = FOLDER / f"{builtin}.toml"  # whatever a saved session says
    shown = printable(sandbox.shown_path(path), 200)
    try:
        struct, text = read_lesson_file(path, sandbox)
        struct = in_spoken_language(struct, path, builtin, sandbox)
        return _make(struct, text, path, builtin, sandbox=sandbox)
    except FormulaError as error:
        refused = LessonError(f"{shown}: {_in_formula(error)}")
        refused.further = tuple(f"{shown}: {_in_formula(other)}" for other in error.others)
        raise refused from None
    except OverlayError:
        raise
    except BackpropError as error:
        if lesson := overlaid_by(path, sandbox):
            raise LessonError(
                tr(
                    "{shown}: this has texts for {lesson}; open that one",
                    shown=shown,
                    lesson=printable(lesson),
                )
            ) from None
        raise LessonError(f"{shown}: {error}") from None


def _in_formula(error: FormulaError) -> str:
    if not error.line:
        return f"formula: {error.reason}"
    place = tr("formula line {line}, column {column}", line=error.line, column=error.column)
    return f"{place}: {error.reason}"


def describe(name: str, sandbox: Sandbox) -> tuple[str, str]:
    """Return title and summary of a lesson of the folder, or why it cannot be read; nothing is computed."""
    try:
        path = sandbox.locate(name)
        struct = in_spoken_language(read_lesson_file(path, sandbox)[0], path, None, sandbox)
        return clean(struct.title, "title"), clean(struct.summary, "summary")
    except OverlayError as error:
        return tr("(cannot be opened)"), str(error)
    except BackpropError as error:
        return tr("(cannot be opened)"), f"{name}.toml: {error}"


def lesson_of_text(
    text: str,
    path: Path,
    builtin: str | None = None,
    known: SamplesRead | None = None,
    *,
    sandbox: Sandbox,
) -> Lesson:
    """Make a lesson of a file's text as it once was; the file itself is not read.

    Args:
        text: the text.
        path: the file that it came from.
        builtin: the name of a built-in lesson.
        known: the samples as they were then, in place of what would be read now.
        sandbox: what may be read, and how much the lesson may take.

    Raises:
        BackpropError: the text is refused.
    """
    file = where_it_fits(parse_lesson(text), path, builtin, sandbox)
    return _make(file, text, path, builtin, known, sandbox=sandbox)


def _make(
    file: LessonFile,
    text: str,
    path: Path,
    builtin: str | None,
    known: SamplesRead | None = None,
    *,
    sandbox: Sandbox,
) -> Lesson:
    draws: Mapping[str, DrawRule] = {}
    if file.draw or file.drawn is not None:
        from tui_backprop.lessons.teaching.drawing import draw_rules, with_drawn  # few lessons have these

        draws, file = draw_rules(file), with_drawn(file)
    lines = parse_formula(file.formula)
    beside = ArraysBeside(path, sandbox, None if known is None else known.beside)
    data = read_data(file.data, sandbox, beside)
    samples, held, _, reading = _read_samples(file, data, beside) if known is None else known
    parameters = read_parameters(file.parameters, sandbox, beside)
    check_names(data, samples, parameters, lines)
    name = clean(path.stem if builtin is None else builtin, tr("file name"))
    lesson = Lesson(
        name=name,
        title=clean(file.title, "title") or name,
        summary=clean(file.summary, "summary"),
        path=path,
        text=text,
        formula=file.formula,
        lines=lines,
        loss=read_name(file.loss, "loss") if file.loss is not None else None,
        data=data,
        samples=samples,
        parameters=parameters,
        hyperparameters=own_hyperparameters(file, samples),
        generator=file.random.generator,
        builtin=builtin is not None,
        quiet=_quiet(file),
        validation=_validation(file, samples, held),
        recipes=_recipes(file),
        beside=beside.taken,
        vocabulary=vocabulary_of(file.samples),
        reading=reading,
        chosen=tuple(file.hyperparameters),
        source=None if file.source is None else ProgramSource(file.source, lines),
        draws=draws,
        drawn=file.drawn,
        sandbox=sandbox,
    )
    sandbox.check_rows(lesson.rows)
    graph = lesson.graph()
    sandbox.check_graph(len(graph.nodes), sum(size_of(node.shape) for node in graph.nodes))
    check_picks(graph, {"data": data, "samples": samples, "validation": held})
    check_batches(lesson)
    check_validation(lesson)
    places = Places(graph)
    whys = tuple(make_why(table, number, places) for number, table in enumerate(file.why, 1))
    by_name = {line.name: line for line in lines if isinstance(line, FormulaLine)}
    slips = tuple(make_slip(table, number, places, by_name) for number, table in enumerate(file.slip, 1))
    structs.force_setattr(lesson, "whys", whys)
    structs.force_setattr(lesson, "slips", slips)
    if file.task or file.question:
        from tui_backprop.lessons.teaching.lesson_parts import parts_of

        for kind, parts in parts_of(file, places).items():
            structs.force_setattr(lesson, kind, parts)
    if len(slips) * len(graph.nodes) > MAX_SLIP_NODES:
        raise LessonError(
            tr(
                "slip: {count} slips in a graph of {nodes:,} nodes; slips times nodes may be "
                "{most:,}, since each builds the graph again",
                count=len(slips),
                nodes=len(graph.nodes),
                most=MAX_SLIP_NODES,
            )
        )
    for number, slip in enumerate(slips, 1):
        try:
            lesson.build(replaced_lines(lines, slip.lines), lesson.rows)
        except FormulaError as error:
            raise LessonError(f"slip {number}.formula: {error.reason}") from None
    return lesson


def _read_samples(file: LessonFile, data: Mapping[str, Array], beside: ArraysBeside) -> SamplesRead:
    """Read [samples], and take out those that are not trained on."""
    table, seed = file.validation, file.random.seed
    if table is None:
        samples, reading = read_samples(file, data, beside)
        return SamplesRead(samples, reading=reading)
    check_ways(table)
    held = partial(held_back, table, seed=seed) if table.csv is None else None
    samples, reading = read_samples(file, data, beside, held=held)

    def read(csv: str) -> Mapping[str, Array]:
        if "csv" not in file.samples:
            raise LessonError(
                tr("validation.csv: [samples] are not read from a CSV file, so there are no columns")
            )
        try:
            return read_samples(file, data, beside, csv=csv, known=reading)[0]
        except LessonError as error:
            raise LessonError(f"validation.csv: {str(error).removeprefix('samples.csv: ')}") from None

    return SamplesRead(*divided(table, samples, seed, read), reading=reading)


def _validation(
    file: LessonFile, samples: Mapping[str, Array], held: Mapping[str, Array]
) -> Validation | None:
    if file.validation is None:
        return None
    if held.keys() != samples.keys() or not held:
        raise LessonError(
            tr("validation: its samples are missing, or have other names than those of [samples]")
        )
    return Validation(held, tuple(dict.fromkeys(file.validation.metrics)), file.validation.early_stop)


def _recipes(file: LessonFile) -> dict[str, Mapping[str, Any]]:
    """Return the entries of [data] and [samples] that are made rather than listed."""
    tables = [*file.data.items()]
    if file.validation is None:  # else what is trained on is a part of what the table makes
        tables += file.samples.items()
    return {read_name(name, ""): table for name, table in tables if isinstance(table, Mapping)}


def _quiet(file: LessonFile) -> tuple[str, ...]:
    """Return the kinds of remarks that a lesson silences."""
    if not file.quiet:
        return ()  # their registry is not wanted before the first screen
    from tui_backprop.lessons.remarks.registry import check_quiet

    return check_quiet(file.quiet)
