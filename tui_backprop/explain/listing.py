"""A compiled program as people read it: what is computed once, and the loop with its parts by name."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.compiler import DIALS, Program, Source, UntraceableError, write
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.graph import Graph, Kind, Node, reaches
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.batches import Batches

INDENT = "    "
FORMULA = "#     "
"""What stands before a line of the formula in the loop."""
HELPERS: Mapping[str, tuple[str, ...]] = {
    "maximum": (
        "def maximum(a, b):",
        '    """Return the larger number; NaN where one of them is."""',
        "    return a if a >= b or a != a else b",
    ),
    "sign": (
        "def sign(a):",
        '    """Return -1, 0 or 1; NaN for NaN."""',
        "    return (1.0 if a > 0 else -1.0 if a < 0 else 0.0) if a == a else a",
    ),
}
"""Functions of numbers that the compiler's statements may call."""


@dataclass(frozen=True, eq=False)
class Listing:
    """The program for batches of one size.

    Attributes:
        graph: what it computes.
        source: the compiler's text.
        samples: by the lesson's name, the Python names of a batch's rows and of all rows; empty where all
            samples make one batch.
        forward, backward, update: the loop's parts, with comments.
        step: the name of the update's number, where it is used.
    """

    graph: Graph
    source: Source
    samples: Mapping[str, tuple[str, str]]
    forward: Sequence[str]
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
        return self.source.code.may_raise({*DIALS, self.step})

    @property
    def setup(self) -> list[str]:
        """What stands before the loop."""
        code = self.source.code
        lines = commented("# computed once", code.once)
        lines += commented("# arrays that the loop writes to", code.arrays)
        return lines + commented("# what depends on the hyperparameters alone", code.call)


def make_listing(
    lesson: Lesson, dials: Hyperparameters, iteration: int = 0, *, buffers: bool = True
) -> Listing:
    """Write the program for the batch of one iteration.

    Raises:
        BackpropError: the lesson has to be done step by step.
    """
    batches = Batches(lesson, dials)
    graph = batches.graph(iteration)
    leaves = {**batches.inputs(iteration), **lesson.start(dials.seed)}
    stepped, batched = f"{lesson.name} is done step by step:", not batches.whole
    try:
        source = write(graph, dials.optimizer, dials.coefficients, leaves, batched, buffers=buffers)
        with np.errstate(all="ignore"):
            Program(graph, source).bind(leaves)
    except UntraceableError as error:
        raise BackpropError(f"{stepped} there is no program for it ({error})") from None
    except (ArithmeticError, ValueError) as error:  # such as exp(800) of the data alone
        raise BackpropError(f"{stepped} its data give a {error}") from None
    rows = [node.name for node in graph.given if node.kind is Kind.SAMPLES]
    samples = (
        {name: (row, source.samples[row][0]) for name, row in zip(rows, source.samples, strict=True)}
        if source.samples
        else {}
    )
    known = {*source.inputs.values(), *source.parameters.values(), *source.samples, *DIALS}
    (step,) = source.code.uses - known - {name for *_, name in source.memory} or {""}
    parts = {
        section: [s.text for s in source.code.iteration if s.section == section]
        for section in ("backward", "update")
    }
    update = [f"{step} = k + 1", *parts["update"]] if step else parts["update"]
    return Listing(graph, source, samples, _forward(graph, source), parts["backward"], update, step)


def commented(comment: str, lines: Sequence[str]) -> list[str]:
    """Put a comment over lines, and an empty line below; nothing where there are none."""
    return [comment, *lines, ""] if lines else []


def indented(lines: Sequence[str]) -> list[str]:
    """Indent lines by a step."""
    return [f"{INDENT}{line}" if line else "" for line in lines]


def helpers(lines: Sequence[str]) -> list[str]:
    """Write the functions of numbers that lines call."""
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    called = [name for name in HELPERS if re.search(rf"(?<![\w.]){name}\(", text)]
    return [line for name in called for line in (*HELPERS[name], "", "")]


def _forward(graph: Graph, source: Source) -> list[str]:
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
        own = node.trainable or (batched and node.kind is Kind.SAMPLES)
        varies.append(own or any(varies[operand.index] for operand in node.operands))
    return [
        node
        for node in graph.named.values()
        if node.op is not None and reaching[node.index] and varies[node.index]
    ]


# ---------------------------------------------------------------- for the screen


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """What the screen shows of a program.

    Attributes:
        name: the lesson's.
        formula: the formula as the lesson has it, line by line.
        notes: what is to be said about the program, or why there is none.
        program: its lines; none where there is none.
    """

    name: str
    formula: tuple[str, ...]
    notes: tuple[str, ...]
    program: tuple[str, ...]


def program_page(lesson: Lesson, dials: Hyperparameters) -> ProgramPage:
    """Write the program that runs of a lesson are compiled to, or say why there is none."""
    formula = tuple(formula_lines(lesson))
    if not lesson.trains:
        return ProgramPage(lesson.name, formula, (f"{lesson.name} trains nothing: there are no runs",), ())
    try:
        listing = make_listing(lesson, dials)
    except BackpropError as error:
        return ProgramPage(lesson.name, formula, (str(error),), ())
    first, *rest = Batches(lesson, dials).sizes
    notes = [f"The last batch of an epoch, of {rest[0]}, has a program of its own."] if rest else []
    return ProgramPage(lesson.name, formula, tuple(notes), tuple(_loop(listing, first)))


def formula_lines(lesson: Lesson) -> list[str]:
    """Return the formula's lines, with nothing in them that could do harm on a screen or in a script."""
    text = textwrap.dedent(lesson.formula.replace("\t", INDENT)).strip("\n")
    return [printable(line, 400).rstrip() for line in text.split("\n")]


def _loop(listing: Listing, size: int | None) -> list[str]:
    """Write the loop as runs do it."""
    source = listing.source
    body: list[str] = []
    if source.samples:
        body += ["# the next batch", f"row = (batch + k) % batches * {size}"]
        body += [f"{name} = {whole}[row:row + {size}]" for name, (whole, _) in source.samples.items()]
        body.append("")
    body += commented("# forward", [*listing.forward, f"losses[k] = {source.code.loss}"])
    body += commented("# backward", listing.backward)
    body += commented("# update", listing.update)
    return [*listing.setup, "for k in range(iterations):", *indented(body[:-1])]
