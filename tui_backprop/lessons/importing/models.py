"""A model file, its weights and an input become a lesson's text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array, Shape, frozen
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.frontends.draft import INPUT, OUTPUT, ModelDraft, ModelInput
from tui_backprop.engine.frontends.onnx_operations import draft_onnx
from tui_backprop.engine.frontends.torch_layers import draft_torch
from tui_backprop.engine.frontends.torch_text import MAX_TEXT, read_torch_text
from tui_backprop.lessons.beside.array_files import read_arrays
from tui_backprop.lessons.errors import LessonError, is_file
from tui_backprop.lessons.importing.lesson_text import LessonText, LessonWriter, NamedArray
from tui_backprop.lessons.importing.onnx_file import read_onnx
from tui_backprop.lessons.importing.samples import drawn_input, drawn_target, given_samples, loss_line
from tui_backprop.lessons.importing.weights import fit_weights
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import SamplesRead, lesson_of_text
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

SEED: Final = 0
_PICKLES: Final = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")


class ModelChoices(Struct, frozen=True):
    """What is to be made of a model.

    Attributes:
        loss: the loss, by name.
        weights: a file with numbers for the parameters.
        input: a file with x, and maybe y.
        every_step: whether the last recurrent layer hands on all its steps.
        beside: the name of the file for large arrays; empty where there is none.
    """

    loss: str = "mse"
    weights: Path | None = None
    input: Path | None = None
    every_step: bool = False
    beside: str = ""


class Imported(Struct, frozen=True):
    """A model that is a lesson now.

    Attributes:
        lesson: it.
        written: its file.
        remarks: what its reader has to know.
    """

    lesson: Lesson
    written: LessonText
    remarks: tuple[str, ...]


def read_model(path: Path, sandbox: Sandbox, *, every_step: bool = False) -> ModelDraft:
    """Read a model: an .onnx file, or the text that ``print(model)`` writes.

    Raises:
        LessonError: the file cannot be read, or is none of these.
        ModelError: it says something that a formula cannot.
    """
    ending = path.suffix.lower()
    if ending in _PICKLES:
        raise LessonError(
            tr(
                "never a pickle, which can run code when it is read; write print(model) into a text file, "
                "and save the weights with safetensors.torch.save_file(model.state_dict(), FILE)"
            )
        )
    if not is_file(path):
        raise LessonError(tr("no such file"))
    if ending == ".onnx":
        return draft_onnx(read_onnx(path, sandbox))
    return draft_torch(read_torch_text(_text(path, sandbox)), every_step=every_step)


def _text(path: Path, sandbox: Sandbox) -> str:
    try:
        with sandbox.open_file(path) as file:
            raw = file.read(4 * MAX_TEXT + 1)
    except OSError as error:
        raise LessonError(tr("cannot be read: {reason}", reason=system_reason(error))) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError(
            tr("this is not text; a model is what print(model) writes, or an .onnx file")
        ) from None


def import_model(path: Path, wanted: ModelChoices, sandbox: Sandbox) -> Imported:
    """Make a lesson of a model.

    Raises:
        BackpropError: a file is refused, or they do not fit together; the message begins with its name.
    """
    shown = printable(path.name, 200)
    try:
        draft = read_model(path, sandbox, every_step=wanted.every_step)
        if wanted.weights is not None:
            fit_weights(draft, read_arrays(wanted.weights, sandbox))
        elif all(tensor.value is None for tensor in draft.tensors) and draft.tensors:
            draft.remark(tr("without --weights the parameters are drawn as PyTorch's layers start"))
        return _made(path, draft, wanted, sandbox)
    except BackpropError as error:
        raise LessonError(f"{shown}: {error}") from None


def _made(path: Path, draft: ModelDraft, wanted: ModelChoices, sandbox: Sandbox) -> Imported:
    x, y = None, None
    if wanted.input is not None:
        x, y = given_samples(read_arrays(wanted.input, sandbox))
    rng = np.random.default_rng(SEED)
    sample = draft.sample or ModelInput((1,))
    if x is None:
        x = drawn_input(sample, lambda shape: _output(draft, shape, sandbox), rng)
        draft.remark(
            tr("the input is drawn: x is {shape}; give one with --input FILE", shape=shape_text(x.shape))
        )
    output = _output(draft, x.shape, sandbox)
    if y is None:
        y = drawn_target(wanted.loss, output, rng, -1)
        draft.remark(
            tr("the target is drawn: y is {shape}; give one with --input FILE", shape=shape_text(y.shape))
        )
    if sample.axis == 0 and (x.ndim == 0 or y.ndim == 0 or len(x) != len(y)):
        raise LessonError(
            tr(
                "x is {shape} and y {target_shape}; they must have as many samples",
                shape=shape_text(x.shape),
                target_shape=shape_text(y.shape),
            )
        )
    formula = [*draft.lines, loss_line(wanted.loss, output)]
    writer = LessonWriter(wanted.beside)
    writer.head(path.stem, (f"{one[0].upper()}{one[1:]}." for one in draft.remarks), formula)
    table = "samples" if sample.axis == 0 else "data"
    writer.table(table, (NamedArray("x", "x", x), NamedArray("y", "y", y)))
    writer.parameters(draft.tensors)
    written = writer.finished()
    samples = {INPUT: frozen(x), "y": frozen(y)} if table == "samples" else {}
    return Imported(
        _lesson(written, path.with_suffix(".toml"), samples, sandbox), written, tuple(draft.remarks)
    )


def _output(draft: ModelDraft, shape: Shape, sandbox: Sandbox) -> Shape:
    """Return the shape of what the model says to an input of this shape.

    Raises:
        BackpropError: the input does not fit.
    """
    writer = LessonWriter("")
    writer.head("", (), [*draft.lines, f"L = sum({OUTPUT})"])
    writer.zeros("data", INPUT, shape)
    writer.parameters(structs.replace(one, value=None, start="zeros", fan_in=None) for one in draft.tensors)
    lesson = _lesson(writer.finished(), Path("model.toml"), {}, sandbox)
    return lesson.graph().named[OUTPUT].shape


def _lesson(written: LessonText, path: Path, samples: Mapping[str, Array], sandbox: Sandbox) -> Lesson:
    """Make the lesson and its graph; what is refused in its formula is told with the line."""
    known = SamplesRead(samples, beside=written.entries)
    try:
        lesson = lesson_of_text(written.text, path, None, known, sandbox=sandbox)
        lesson.graph()
    except FormulaError as error:
        lines = written.formula
        line = tr("in {line}: ", line=lines[error.line - 1].strip()) if 0 < error.line <= len(lines) else ""
        raise LessonError(f"{printable(line, 120)}{error.reason}") from None
    return lesson
