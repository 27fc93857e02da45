"""A compiled program as people read it: what is computed once, and the loop with its parts by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_backprop.engine.compiler import DIALS, Source, UntraceableError, write
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
        "    return float((a > 0) - (a < 0)) if a == a else a",
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
    try:
        source = write(graph, dials.optimizer, dials.coefficients, leaves, not batches.whole, buffers=buffers)
    except UntraceableError as error:
        raise BackpropError(
            f"{lesson.name} is done step by step: there is no program for it ({error})"
        ) from None
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


def loop_lines(listing: Listing) -> list[str]:
    """Write the loop as runs do it."""
    source = listing.source
    body: list[str] = []
    if source.samples:
        (size,) = {length for _, length in source.samples.values()}
        body += ["# the next batch", f"row = (batch + k) % batches * {size}"]
        body += [f"{name} = {whole}[row:row + {size}]" for name, (whole, _) in source.samples.items()]
        body.append("")
    body += commented("# forward", [*listing.forward, f"losses[k] = {source.code.loss}"])
    body += commented("# backward", listing.backward)
    body += commented("# update", listing.update)
    return [*listing.setup, "for k in range(iterations):", *indented(body[:-1])]
