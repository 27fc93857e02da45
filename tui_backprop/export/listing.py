"""A compiled program as people read it: what is computed once, and the loop with its parts by name."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node, reaches
from tui_backprop.engine.compile.compiler import CompiledProgram, write
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.guards import guard_of
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.compile.targets.python.program import ProgramText
from tui_backprop.engine.core.elementary import ELEMENTARY
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.helpers import HELPERS
from tui_backprop.engine.core.helpers import definition as helper
from tui_backprop.engine.core.settled import KERNELS, definition
from tui_backprop.engine.optimizers import COEFFICIENTS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.export.functions import called_functions
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.batches import Batches
from tui_backprop.training.runs.compiled import validating_of

INDENT = "    "
FORMULA = "#     "
"""What stands before a line of the formula in the loop."""


@dataclass(frozen=True, eq=False)
class ProgramListing:
    """The program for batches of one size.

    Attributes:
        graph: what it computes.
        source: the compiler's text.
        samples: by the lesson's name, the Python names of a batch's rows and of all rows; empty where all
            samples make one batch.
        forward, validation, backward, update: the loop's parts, with comments; the validation loss is worked
            out where an early stop wants it.
        step: the name of the update's number, where it is used.
    """

    graph: Graph
    source: ProgramText
    samples: Mapping[str, tuple[str, str]]
    forward: Sequence[str]
    validation: Sequence[str]
    backward: Sequence[str]
    update: Sequence[str]
    step: str

    @property
    def names(self) -> dict[str, str]:
        """Python names of data, samples (all rows) and parameters, by the lesson's."""
        whole = {name: names[1] for name, names in self.samples.items()}
        return {**self.source.inputs, **whole, **self.source.parameters}

    @property
    def used(self) -> set[str]:
        """The lesson's names of the data, samples and parameters that it reads."""
        rows = {name: names[0] for name, names in self.samples.items()}
        given = {**self.source.inputs, **rows, **self.source.parameters}
        return {name for name, own in given.items() if own in self.source.code.uses}

    @property
    def may_raise(self) -> bool:
        """Whether Python may refuse to compute with its numbers."""
        return self.source.code.may_raise({*COEFFICIENTS, self.step})

    @property
    def setup(self) -> list[str]:
        """What stands before the loop."""
        code = self.source.code
        lines = commented("# computed once", code.once)
        lines += commented("# arrays that the loop writes to", code.arrays)
        return lines + commented("# what depends on the hyperparameters alone", code.call)


def make_listing(
    lesson: Lesson, hyperparameters: Hyperparameters, iteration: int = 0, *, buffers: bool = True
) -> ProgramListing:
    """Write the program for the batch of one iteration.

    Raises:
        BackpropError: the lesson has to be done step by step.
    """
    lesson = lesson.in_type(hyperparameters.dtype)
    batches = Batches(lesson, hyperparameters)
    graph = batches.graph(iteration)
    leaves = {**batches.inputs(iteration), **lesson.start(hyperparameters.seed)}
    validating = validating_of(lesson) if lesson.patience is not None else None
    held = validating.held if validating is not None else {}
    try:
        task = Task(
            graph, hyperparameters.optimizer, hyperparameters.coefficients, not batches.whole,
            guard=guard_of(graph), scheduled=tuple(hyperparameters.scheduled), validating=validating,
        )  # fmt: skip
        source = write(task, leaves, buffers=buffers)
        with np.errstate(all="ignore"):
            CompiledProgram(graph, source).bind({**leaves, **held})
    except UntraceableError as error:
        raise BackpropError(
            tr(
                "{lesson} is done step by step: there is no program for it ({why})",
                lesson=lesson.name,
                why=error,
            )
        ) from None
    except (ArithmeticError, ValueError) as error:  # such as exp(800) of the data alone
        raise BackpropError(
            tr("{lesson} is done step by step: its data give a {error}", lesson=lesson.name, error=error)
        ) from None
    rows = [node.name for node in graph.given if node.kind is Kind.SAMPLES]
    samples = (
        {name: (row, source.samples[row][0]) for name, row in zip(rows, source.samples, strict=True)}
        if source.samples
        else {}
    )
    known = {
        *source.inputs.values(),
        *source.parameters.values(),
        *source.samples,
        *source.drawn,
        *COEFFICIENTS,
    }
    (step,) = source.code.uses - known - {name for *_, name in source.memory} or {""}
    parts = {
        section: [s.text for s in source.code.iteration if s.section == section]
        for section in ("validation", "backward", "update")
    }
    update = [*rate_lines(hyperparameters), *([f"{step} = k + 1"] if step else []), *parts["update"]]
    number = "k" if lesson.trains else "0"
    forward = [*source.draws(str(hyperparameters.seed), number), *_forward(graph, source)]
    return ProgramListing(
        graph, source, samples, forward, parts["validation"], parts["backward"], update, step
    )


def rate_lines(hyperparameters: Hyperparameters) -> list[str]:
    """Write how iteration k gets its learning rate and momentum; nothing where they are as they are set."""
    lines = []
    for name, rate in hyperparameters.scheduled.items():
        given = ", ".join(f"{argument}={value!r}" for argument, value in rate.keywords.items())
        lines.append(f"{name} = {rate.func.__name__}(k, {given})")
    return lines


def commented(comment: str, lines: Sequence[str]) -> list[str]:
    """Put a comment over lines, and an empty line below; nothing where there are none."""
    return [comment, *lines, ""] if lines else []


def indented(lines: Sequence[str]) -> list[str]:
    """Indent lines by a step."""
    return [f"{INDENT}{line}" if line else "" for line in lines]


def helpers(lines: Sequence[str]) -> list[str]:
    """Write the functions of numbers that lines call."""
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    defined = {row.of_number: row.definition for row in ELEMENTARY.values() if row.definition}
    defined.update((name, definition(name)) for name in KERNELS)
    called = [name for name in defined if re.search(rf"(?<![\w.]){name}\(", text)]
    texts = [defined[name] for name in called]
    for name in reversed(HELPERS):  # one may call those before it
        if any(re.search(rf"(?<![\w.]){name}\(", part) for part in (text, *texts)):
            texts.append(helper(name))
    texts += called_functions(text)
    return [line for text in texts for line in (*text.split("\n"), "", "")]


def _forward(graph: Graph, source: ProgramText) -> list[str]:
    """Write the forward statements, each line of the formula as a comment before its own."""
    pending = _lines_of_formula(graph, bool(source.samples))
    statements = [s for s in source.code.iteration if s.section == "forward"]
    lines: list[str] = []
    for place, statement in enumerate(statements):
        group: list[Node] = []
        if statement.line is not None and any(node.label == statement.line for node in pending):
            while not group or group[-1].label != statement.line:
                group.append(pending.pop(0))
        texts = [f"{node.label} = {node.expression}" for node in group]
        alone = place + 1 == len(statements) or statements[place + 1].line != statement.line
        if not (alone and texts == [statement.text]):
            lines += [f"{FORMULA}{printable(text, 100)}" for text in texts]
        lines.append(statement.text)
    return lines + [f"{FORMULA}{printable(f'{n.label} = {n.expression}', 100)}" for n in pending]


def _lines_of_formula(graph: Graph, batched: bool) -> list[Node]:
    """Return the formula's lines that the loop computes."""
    reaching = reaches(graph.nodes, graph.loss)
    varies: list[bool] = []
    for node in graph.nodes:
        own = (
            node.trainable
            or node.kind in (Kind.DRAWN, Kind.RUNNING)
            or (batched and node.kind is Kind.SAMPLES)
        )
        varies.append(own or any(varies[operand.index] for operand in node.operands))
    return [
        node
        for node in graph.named.values()
        if node.op is not None and reaching[node.index] and varies[node.index]
    ]


# ---------------------------------------------------------------- for the screen


@dataclass(frozen=True, slots=True)
class WrittenProgram:
    """A program as it is shown, beside its formula.

    Attributes:
        name: the lesson's.
        formula: the formula as the lesson has it, line by line.
        notes: what is to be said about the program, or why there is none.
        lines: the program's; none where there is none.
    """

    name: str
    formula: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[str, ...]


def written_program(lesson: Lesson, hyperparameters: Hyperparameters) -> WrittenProgram:
    """Write the program that runs of a lesson are compiled to, or say why there is none."""
    formula = tuple(formula_lines(lesson))
    if not lesson.trains:
        nothing = tr("{lesson} trains nothing: there are no runs", lesson=lesson.name)
        return WrittenProgram(lesson.name, formula, (nothing,), ())
    try:
        listing = make_listing(lesson, hyperparameters)
    except BackpropError as error:
        return WrittenProgram(lesson.name, formula, (str(error),), ())
    first, *rest = Batches(lesson, hyperparameters).sizes
    notes = (
        [tr("The last batch of an epoch, of {count}, has a program of its own.", count=rest[0])]
        if rest
        else []
    )
    lines = _loop(listing, first)
    if hyperparameters.schedule.varies:
        kind = SCHEDULES[hyperparameters.schedule.kind]
        gives = {"function": kind.function.__name__, "formula": tr(kind.formula)}
        notes.append(tr("{function} gives {formula}; k is the iteration.", **gives))
        if kind.momentum is not None and len(hyperparameters.scheduled) > 1:
            gives = {"function": kind.momentum.__name__, "formula": tr(kind.momentum_formula)}
            notes.append(tr("{function} gives {formula}.", **gives))
    if any(f"{name}(" in line for name in KERNELS for line in lines):
        notes.append(tr("settled gives the product before it, with 0 where an exact 0 has met an infinity."))
    return WrittenProgram(lesson.name, formula, tuple(notes), tuple(lines))


def formula_lines(lesson: Lesson) -> list[str]:
    """Return the formula's lines, with nothing in them that could do harm on a screen or in a script."""
    text = textwrap.dedent(lesson.formula.replace("\t", INDENT)).strip("\n")
    return [printable(line, 400).rstrip() for line in text.split("\n")]


def _loop(listing: ProgramListing, size: int | None) -> list[str]:
    """Write the loop as runs do it."""
    source = listing.source
    body: list[str] = []
    if source.samples:
        body += ["# the next batch", f"row = (batch + k) % batches * {size}"]
        body += [f"{name} = {whole}[row:row + {size}]" for name, (whole, _) in source.samples.items()]
        body.append("")
    body += commented("# forward", [*listing.forward, f"losses[k] = {source.code.loss}"])
    if source.code.validation:
        held = [*listing.validation, f"validation[k] = {source.code.validation}"]
        body += commented("# validation, for the early stop", held)
    body += commented("# backward", listing.backward)
    body += commented("# update", listing.update)
    return [*listing.setup, "for k in range(iterations):", *indented(body[:-1])]
