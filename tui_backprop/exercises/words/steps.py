"""Homework that is wrong, told in three steps: what kind of mistake it is, where, and how it is worked out.

The solution is not in the first two: whoever looks for it again learns more. It comes with the third, or is
asked for; that it can be asked for is told with the second.
"""

from __future__ import annotations

from dataclasses import replace

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.exercises.causes import written_output
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.words.diagnosis import first_wrong_words, lacking, what_is_off
from tui_backprop.exercises.words.lists import joined
from tui_backprop.exercises.words.right import what_is_right
from tui_backprop.exercises.words.verdicts import verdict_words
from tui_backprop.explain.titles import assignment_title, gradient_name, shown
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

KIND, PLACE, FORM = 1, 2, 3
"""How much is told: what kind of mistake it is, where it is besides, and how the gradient is worked out."""

_KINDS = {
    Finding.MISSING: later("a factor of the chain is not in it"),
    Finding.TWICE: later("a factor is in it once too often"),
    Finding.PATH: later("a gradient is the sum over all paths, and not all are in it"),
    Finding.SLOPE: later("something else stands in the place of a local derivative"),
    Finding.VALUE: later("another value stands in the place of the one that belongs there"),
    Finding.SHARE: later("one of the paths is off by a constant factor"),
}


def told(diagnosis: Diagnosis, graph: Graph, node: Node, much: int) -> list[str]:
    """Return what is told of an answer, in sentences without a full stop.

    Args:
        diagnosis: what the answer is.
        graph: the graph that the node belongs to.
        node: whose gradient was asked for.
        much: KIND, PLACE or FORM.
    """
    quantity = gradient_name(graph, node)
    verdict = verdict_words(diagnosis)
    if much >= FORM or diagnosis.unused or diagnosis.kind in (Finding.RIGHT, Finding.DIGITS):
        sentences = [f"{verdict}: {what_is_off(diagnosis, graph, quantity)}"]
        if diagnosis.kind not in (Finding.RIGHT, Finding.DIGITS) and not diagnosis.unused:
            sentences.append(what_is_right(graph, node))
        return sentences
    sentences = [f"{verdict}: {_kind(diagnosis, graph, quantity)}"]
    if much >= PLACE:
        sentences += [
            _place(diagnosis, graph, node),
            tr("{name} = ? shows how it is worked out", name=shown(node)),
        ]
    return sentences


def _kind(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    """Say what kind of mistake it is."""
    if diagnosis.what is What.NO_UPSTREAM:
        return tr("the upstream gradient is not in it")
    if diagnosis.kind in _KINDS:
        return tr(_KINDS[diagnosis.kind])
    if diagnosis.repair is not None and diagnosis.kind in (Finding.TRANSPOSED, Finding.WRONG):
        return lacking(diagnosis)
    hidden = replace(diagnosis, factor=None, what=None, instead=None, repair=None, first=None, elsewhere=None)
    return what_is_off(hidden, graph, quantity)


def _place(diagnosis: Diagnosis, graph: Graph, node: Node) -> str:
    """Say where the mistake is: at a factor, at an element, or where the gradient comes from."""
    found = diagnosis.elsewhere or diagnosis
    if found.repair is not None and found.kind is not Finding.SHAPES:
        at = joined(printable(part, 80) for part in found.repair.at)
        return tr("look at {place}", place=at) if at else tr("look at the whole")
    if found.factor is not None:
        output = written_output(graph, found.factor.output)
        at = f"{shown(output)} ← {shown(found.factor.source)}"
        return tr("look at {place}", place=at)
    if found.first is not None:
        return first_wrong_words(found, graph)
    outputs = [written_output(graph, factor.output) for factor in graph.factors_to(node)]
    if not outputs:
        return tr("it is the gradient that the way back begins with")
    through = joined(dict.fromkeys(assignment_title(output) for output in outputs[:3]))
    lack = f"; {lacking(found)}" if found.repair is not None else ""
    return tr("look at how {name} acts: {lines}", name=shown(node), lines=through) + lack
