"""What there is to read at a place: each function gives lines of text, and moves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from tui_backprop.engine.arrays import Array, shape_text
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.formula import parse_expression
from tui_backprop.engine.graph import Kind, Node
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.terms import check_element, parse_element
from tui_backprop.explain.iteration import as_text, given, heading
from tui_backprop.explain.numbers import exact, inline, number
from tui_backprop.explain.progress import progress
from tui_backprop.explain.titles import assignment_title, gradient_name, plan, shown
from tui_backprop.explain.tree import tree
from tui_backprop.explain.wrt import wrt_text
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, dial_text, specification
from tui_backprop.training.answers import Answer, formula_answer, full_gradient
from tui_backprop.training.settings import find, find_one
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.whatif import element_text

_ELEMENT = re.compile(r"(.*[^\s])\s*(\[[^\[\]]*\])", re.DOTALL)
TO_COME = "still to come in this iteration"
ADVICE = "explain NAME writes those on one chain"
DEEPEST = 20
"""Levels of the tree that are indented; deeper ones are counted."""


def place(trainer: Trainer) -> str:
    """Say where we are, on one line."""
    at, total = trainer.position, trainer.record_count
    where = f"record {at} of {total} done" if at else "at the start"
    return f"iteration {trainer.iteration}, epoch {trainer.epoch}, loss {exact(trainer.loss)}, {where}"


def where(trainer: Trainer) -> Iterator[str]:
    """Say where we are, and what is set by hand."""
    lesson = trainer.lesson
    yield f"{lesson.name}: {lesson.title}"
    yield place(trainer)
    if trainer.position < trainer.record_count:
        yield f"next: {plan(trainer.graph)[trainer.position]}"
    yield f"target: iteration {trainer.hyperparameters.iterations}"
    yield from put_in(trainer)
    yield from breakpoints(trainer)
    if trainer.undoable:
        yield f"undo would undo: {trainer.undoable}"
    if trainer.redoable:
        yield f"redo would redo: {trainer.redoable}"


def put_in(trainer: Trainer) -> Iterator[str]:
    """List the values put in by hand."""
    for change in trainer.alterations:
        how = "moved" if change.kind == "edit" else "held"
        name, since = pretty_text(change.name), f"{how} since iteration {change.since}"
        yield f"by hand: {name} = {inline(change.value)}, {since}"


def marks(trainer: Trainer) -> Iterator[str]:
    """List the homework so far, the latest last."""
    for mark in trainer.workbook.marks:
        yield f"{'✓' if mark.passed else '✗'} {pretty_text(mark.name)} = {mark.given}: {mark.verdict}"


def breakpoints(trainer: Trainer) -> Iterator[str]:
    """List the breakpoints, numbered."""
    for count, point in enumerate(trainer.breakpoints, 1):
        yield f"breakpoint {count}, {'on' if point.enabled else 'off'}: {point.text}" + (
            f" (does not fit here: {point.problem})" if point.problem else ""
        )


def records(trainer: Trainer) -> Iterator[str]:
    """List this iteration's records."""
    at, titles = trainer.position, plan(trainer.graph)
    for count, title in enumerate(titles, 1):
        mark = "here" if count == at else "done" if count < at else "to come"
        yield f"{count} of {len(titles)}, {mark}: {title}"


def model(trainer: Trainer, width: int) -> Iterator[str]:
    """Say what the lesson is about."""
    yield from heading(trainer, width)
    if trainer.lesson.summary:
        yield trainer.lesson.summary
    yield from given(trainer, width)


def page(trainer: Trainer, name: str, width: int) -> list[str]:
    """Return all of this iteration, or the chain to a node; the trainer is back where it was afterwards."""
    here, at = trainer.iteration, trainer.position
    if at:
        trainer.previous()
    try:
        return list(wrt_text(trainer, name, width) if name else as_text(trainer, width, ADVICE))
    finally:
        trainer.rewind(here)
        trainer.seek(at)


def dials(trainer: Trainer, name: str = "") -> Iterator[str]:
    """List the hyperparameters, or one of them, with ranges."""
    for spec in [specification(name)] if name else HYPERPARAMETERS.values():
        value = dial_text(getattr(trainer.hyperparameters, spec.name))
        used = "" if trainer.hyperparameters.is_used(spec.name) else "; not used here"
        yield f"{spec.name} = {value}: {spec.help}; {spec.range_text}; {spec.applies}{used}"


def parameters(trainer: Trainer, secret: bool) -> Iterator[str]:
    """List the parameters; while factors are predicted, without gradients."""
    after = {} if secret else trainer.next_parameters
    for node in trainer.graph.parameters:
        kind = "trained" if node.trainable else "not trained"
        yield f"{shown(node)} = {inline(trainer.parameters[node.name])} ({kind})"
        if not secret:
            yield f"  {gradient_name(trainer.graph, node)} = {inline(full_gradient(trainer.tape, node))}"
        if node.name in after:
            yield f"  after the next update: {inline(after[node.name])}"


def losses(trainer: Trainer, last: int) -> Iterator[str]:
    """Say how the loss went."""
    known = np.append(trainer.losses, trainer.loss)
    yield f"first: loss {exact(known[0])} at iteration 0"
    if np.isfinite(known).any():
        lowest = int(np.nanargmin(np.where(np.isfinite(known), known, np.nan)))
        yield f"lowest: loss {exact(known[lowest])} at iteration {lowest}"
    yield f"now: loss {exact(known[-1])} at iteration {len(known) - 1}"
    for iteration in range(max(len(known) - last, 0), len(known)):
        yield f"iteration {iteration}: loss {exact(known[iteration])}"


def graph(trainer: Trainer, secret: bool) -> Iterator[str]:
    """Write the computation as a tree from the loss down, each level two spaces further in."""
    done, tape = progress(trainer.graph, trainer.position), trainer.tape
    for branch in tree(trainer.graph).branches:
        indent, node = "  " * min(branch.depth, DEEPEST), branch.node
        indent += f"level {branch.depth}: " if branch.depth > DEEPEST else ""
        if node is None:
            yield f"{indent}not on the way to the loss:"
        elif branch.is_reference:
            yield f"{indent}{shown(node)}: see above"
        else:
            kind = "" if node.kind is Kind.OPERATION else f" ({node.kind.value})"
            title = shown(node) if node.op is None else assignment_title(node)
            value = "?" if secret and node.index not in done.values else inline(tape.value(node))
            gradient = (
                "?" if secret and node.index not in done.gradients else inline(full_gradient(tape, node))
            )
            yield f"{indent}{title}{kind}: value {value}, gradient {gradient}"


def numbers(values: tuple[tuple[str, Array], ...]) -> Iterator[str]:
    """Write arrays in full, a line for each row of the last axis."""
    for name, value in values:
        array = np.asarray(value)
        if not array.ndim:
            yield f"{name} = {exact(float(array))}"
            continue
        yield f"{name}, shape {shape_text(array.shape)}"
        for index in np.ndindex(array.shape[:-1]):
            row = ", ".join(exact(float(x)) for x in array[index])
            yield f"  {element_text(index)} {row}" if index else f"  {row}"


def evaluated(trainer: Trainer, text: str, secret: bool) -> Iterator[str]:
    """Say what a node is, value and gradient; or one element of it; or what a formula comes to.

    Raises:
        BackpropError: neither a node nor a formula over nodes.
    """
    element = _ELEMENT.fullmatch(text)
    scalars = {
        "loss": trainer.loss, "iteration": trainer.iteration, "epoch": trainer.epoch,
        "learning_rate": trainer.hyperparameters.learning_rate,
    }  # fmt: skip
    if element is not None and not text.startswith("["):
        node = find_one(trainer.graph, element[1])
        yield from _node(trainer, node, secret, parse_element(element[2], node))
        return
    try:
        nodes = find(trainer.graph, text)
    except BackpropError:
        pass
    else:
        yield from _node(trainer, nodes[0], secret)
        return
    if text in scalars:
        yield (
            f"{text} = {exact(scalars[text])}"
            if text in ("loss", "learning_rate")
            else f"{text} = {scalars[text]}"
        )
        return
    answer = formula_answer(parse_expression(text.replace("−", "-")), trainer.graph, text, text)
    hidden = progress(trainer.graph, trainer.position)
    for name, (node, what) in answer.names.items():
        if secret and node.index not in (hidden.values if what == "value" else hidden.gradients):
            raise BackpropError(f"{name} has still to be predicted; predict ends predicting")
    yield f"{text} = {inline(_value(trainer, answer))}"


def _value(trainer: Trainer, answer: Answer) -> Array:
    with np.errstate(all="ignore"):
        return answer.at(trainer.tape)


def _node(
    trainer: Trainer, node: Node, secret: bool, element: tuple[int, ...] | None = None
) -> Iterator[str]:
    done, tape = progress(trainer.graph, trainer.position), trainer.tape
    at = "" if element is None else element_text(check_element(node, element))
    where = element if element is not None else ()
    for name, whole, known in (
        (shown(node), tape.value(node), node.index in done.values),
        (gradient_name(trainer.graph, node), full_gradient(tape, node), node.index in done.gradients),
    ):
        if secret and not known:
            yield f"{name}{at} has still to be predicted; predict ends predicting"
            continue
        value = np.asarray(whole)[where] if where else np.asarray(whole)
        text = inline(value) if element is None else number(float(value))
        yield f"{name}{at} = {text}" + ("" if known else f" ({TO_COME})")
