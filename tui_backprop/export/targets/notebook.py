"""One iteration as a notebook to do by hand, in NumPy: forward, backward to fill in, and a comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.export.listing import ProgramListing, commented, formula_lines, helpers, make_listing
from tui_backprop.export.literals import assign, literal
from tui_backprop.export.targets.derivation.markdown import escaped
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.version import __version__

COMPARE: Final = '''def compare(name, expected):
    """Say whether a gradient that was filled in is right."""
    found = globals().get(name, ...)
    if found is ...:
        return f"{name}: not filled in yet"
    found = np.asarray(found, dtype=float)
    if found.shape != np.shape(expected):
        return f"{name}: shape {found.shape}, {np.shape(expected)} would be right"
    if np.allclose(found, expected, rtol=1e-6, atol=1e-9):
        return f"{name}: right"
    error = np.abs(found - expected)
    at = np.unravel_index(np.argmax(error), error.shape)
    where = f" at {tuple(map(int, at))}" if at else ""
    return f"{name}: not right, off by {error[at]:.3g}{where}"'''
TOLD: Final = later(
    "Fill in what stands for `...`: a gradient has the shape of what it is the gradient of. "
    "Any of them may be left out."
)


def write_notebook(trainer: Trainer) -> str:
    """Write the iteration at which a trainer stands as a notebook (nbformat 4.5).

    Its first cell of code prints the loss; the last compares what was filled in with the gradients that the
    engine has found.

    Raises:
        BackpropError: the lesson has to be done step by step.
    """
    lesson, graph = trainer.lesson, trainer.graph
    listing = make_listing(lesson, trainer.hyperparameters, trainer.iteration, buffers=False)
    forward, names = _forward(trainer, listing)
    asked = _asked(graph, names, forward)
    if not asked:
        raise BackpropError(tr("{lesson} has no gradients to fill in", lesson=lesson.name))
    title = [
        f"# {escaped(printable(lesson.title, 200))}",
        "",
        escaped(
            tr("{lesson}, iteration {iteration}", lesson=printable(lesson.name), iteration=trainer.iteration)
        ),
    ]
    formula = [f"    {line}" for line in formula_lines(lesson)]
    expected = [
        line
        for own, node in asked
        for line in assign(f"expected_{own}", literal(trainer.tape.gradient(node)))
    ]
    shown = [f'print(compare("{own}", expected_{own}))' for own, _ in asked]
    cells = [
        _text("title", [*title, "", *formula]),
        _text("about-forward", ["## " + tr("Forward")]),
        _code("forward", forward),
        _text("about-backward", ["## " + tr("Backward, to fill in"), "", tr(TOLD)]),
        _code("backward", [f"{own} = ...  # {_shape(node)}" for own, node in asked]),
        _text(
            "about-compare",
            [
                "## " + tr("Compare"),
                "",
                tr(
                    "The numbers are those of tui-backprop {version}, to a relative error of `1e-6`.",
                    version=__version__,
                ),
            ],
        ),
        _code("compare", [*COMPARE.split("\n"), "", "", *expected, "", *shown]),
    ]
    page = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def _forward(trainer: Trainer, listing: ProgramListing) -> tuple[list[str], dict[str, str]]:
    """Write data, parameters and the way forward; return also the names of what is given."""
    graph = trainer.graph
    source = listing.source
    rows = {name: names[0] for name, names in listing.samples.items()}
    names = {**source.inputs, **rows, **source.parameters}
    given: list[str] = []
    for node in graph.given:
        if node.name in names and node.name in listing.used:
            given += assign(names[node.name], literal(trainer.tape.value(node)))
    loss = source.code.loss
    body = commented("# data and parameters", given)
    if source.drawn:
        body += [f"k = {trainer.iteration}  # which the draws follow from", ""]
    body += listing.setup
    body += [
        *commented("# forward", listing.forward)[:-1],
        f"print({loss if loss.endswith('.item()') else f'float({loss})'})",
    ]
    body = [*helpers(body), *body]
    imports = [
        f"import {name}" for name in ("base64", "math", "zlib") if any(f"{name}." in line for line in body)
    ]
    return [*imports, "import numpy as np", "", *body], names


def _asked(graph: Graph, names: dict[str, str], forward: Sequence[str]) -> list[tuple[str, Node]]:
    """Return the gradients that are asked for: from the loss back, what has a name in the program."""
    reached = {factor.operand.index for place, factor in enumerate(graph.factors) if place in graph.leading}
    own = {line.split(" = ")[0] for line in forward if re.match(r"\w+ = ", line)}
    asked = []
    for node in reversed(graph.nodes):
        label = names.get(node.name, (node.label or "").replace(".", "_"))
        if node.index in reached and node.label is not None and (label in own or node.name in names):
            asked.append((f"d{label}", node))
    return asked


def _shape(node: Node) -> str:
    return f"shape {shape_text(node.shape)}" if node.shape else "a number"


def _text(name: str, lines: Sequence[str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _source(lines)}


def _code(name: str, lines: Sequence[str]) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [],
        "source": _source(lines),
    }  # fmt: skip


def _source(lines: Sequence[str]) -> list[str]:
    """Return lines as notebooks hold them: each but the last with its end."""
    *first, last = "\n".join(lines).rstrip("\n").split("\n")
    return [*(f"{line}\n" for line in first), last]
