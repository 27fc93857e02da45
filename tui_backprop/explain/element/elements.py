"""One element under the microscope: its gradient as the sum of its scalar terms, path by path.

Its subscripts and its index count from 0, as NumPy does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.element_terms import ElementTerms, check_element, element_terms
from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.ops.structure import Contraction, Element, Opaque, Pattern, selection
from tui_backprop.explain.element.subscripts import element_partial
from tui_backprop.explain.element.sums import factor_text, sum_text
from tui_backprop.explain.element.term_formulas import is_transposed, local_formula, symbolic
from tui_backprop.explain.titles import atom, factor_title, gradient_name, partial, shown, transposed
from tui_backprop.lessons.sample_axis import sample_axis
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term: the output element it comes through, its sample if there is one, and what is multiplied.

    Attributes:
        at: the output element, as NumPy counts.
        sample: the number of the sample in the lesson's data, from 0; None where no axis counts samples.
        label: what the row is called: ``sample 2``, or the output element's index.
        local, upstream, product: ∂output/∂element, ∂L/∂output and local · upstream, there.
    """

    at: Element
    sample: int | None
    label: str
    local: float
    upstream: float
    product: float


class TermTable(Sequence[TermRow]):
    """The terms of one path as rows, each made when it is asked for.

    Args:
        terms: the terms.
        axis: the output's axis that counts samples, if one does.
        samples: the numbers of the batch's samples; None for all of them in order.
    """

    def __init__(self, terms: ElementTerms, axis: int | None, samples: npt.NDArray[np.intp] | None) -> None:
        self._terms, self._axis, self._samples = terms, axis, samples
        others = np.delete(terms.where, axis, axis=1) if axis is not None else terms.where
        self._only_samples = axis is not None and bool(np.all(others == others[:1]))

    @property
    def total(self) -> float:
        """The sum of the products."""
        return self._terms.total

    def __len__(self) -> int:
        return len(self._terms.products)

    @overload
    def __getitem__(self, index: int) -> TermRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[TermRow]: ...
    def __getitem__(self, index: int | slice) -> TermRow | list[TermRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        terms = self._terms
        at = tuple(terms.where[index].tolist())
        sample = None
        if self._axis is not None:
            row = at[self._axis]
            sample = row if self._samples is None else int(self._samples[row])
        label = str(list(at)) if at else tr("scalar")
        if sample is not None:
            label = (
                tr("sample {sample}", sample=sample)
                if self._only_samples
                else tr("sample {sample}, {place}", sample=sample, place=label)
            )
        numbers = (float(array[index]) for array in (terms.local, terms.upstream, terms.products))
        return TermRow(at, sample, label, *numbers)


@dataclass(frozen=True, eq=False, slots=True)
class Highlight:
    """An array to draw, and which of its elements meet; ``mask`` is of the array's shape."""

    label: str
    array: Array
    mask: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class ElementPath:
    """What one factor contributes to the element.

    Attributes:
        factor: the factor.
        title: ``∂L/∂β from z``.
        symbolic: the formula of the terms and their sum.
        why: why the factor is what it is.
        rows: the terms as a table; ``rows.total`` is their sum.
        terms: the terms as arrays.
    """

    factor: Factor
    title: str
    symbolic: str
    why: str
    rows: TermTable
    terms: ElementTerms
    _tape: Tape

    @property
    def output(self) -> Node:
        """The factor's output."""
        return self.factor.output

    @property
    def operand(self) -> Node:
        """The factor's operand."""
        return self.factor.operand

    @property
    def _is_unit(self) -> bool:
        """Whether the local derivative is 1 whatever the values are."""
        return not local_formula(self.factor, self.terms.element)

    def numbers(self, folded: bool = True) -> str:
        """Return the sum with its numbers, local derivative first; one that is always 1 is left out."""
        terms = self.terms
        unit = self._is_unit
        name = element_partial(shown(self._tape.graph.loss), self.operand, terms.element)

        def term(i: int) -> str:
            upstream = factor_text(float(terms.upstream[i]))
            return upstream if unit else f"{factor_text(float(terms.local[i]))}·{upstream}"

        result = number(terms.total)
        count = len(terms.products)
        if count == 0 or (count == 1 and unit):
            return f"{name} = {result}"
        return f"{name} = {sum_text(len(terms.products), term, folded)} = {result}"

    @property
    def meeting(self) -> tuple[Highlight, ...]:
        """What meets here: local derivatives, or what they are made of, and the upstream gradient."""
        factor, tape = self.factor, self._tape
        output, index = factor
        element, structure = self.terms.element, factor.structure
        local = tape.local(output, index)
        parts: list[Highlight] = []
        if local is not None and not self._is_unit:
            parts.append(_highlight(partial(atom(output), self.operand), local, element))
        elif isinstance(structure, Contraction):
            parts.append(self._partner(structure))
        elif isinstance(structure, Opaque):
            for place, met in structure.account.meeting(index, element, factor.shapes):
                node = output if place is None else output.operands[place]
                parts.append(_highlight(shown(node), tape.value(node), met))
        upstream = np.broadcast_to(tape.gradient(output), output.shape)
        reached = np.zeros(output.shape, dtype=np.bool_)
        reached[tuple(self.terms.where.T)] = True
        parts.append(Highlight(gradient_name(tape.graph, output), frozen(upstream), reached))
        return tuple(parts)

    def _partner(self, contraction: Contraction) -> Highlight:
        """Return the other operand, as the rule names it, with the row or column that the element meets."""
        output, index = self.factor
        node = output.operands[1 - index]
        met = contraction.partner(index, self.terms.element)
        value = np.asarray(self._tape.value(node))
        if is_transposed(self.factor):
            return _highlight(transposed(node), value.T, met[::-1])
        return _highlight(shown(node), value, met)


def _highlight(label: str, array: Array, pattern: Pattern) -> Highlight:
    mask = np.zeros(np.shape(array), dtype=np.bool_)
    mask[selection(pattern)] = True
    return Highlight(label, frozen(array), mask)


@dataclass(frozen=True, eq=False, slots=True)
class ElementExplanation:
    """The gradient of one element.

    Attributes:
        node, element: which one.
        name: ∂L/∂element, such as ``∂L/∂β₀``.
        title: such as ``∂L/∂β₀, element [0] of (2)``.
        value: the element's value.
        gradient: ∂L/∂element, as the engine has it.
        paths: one for each factor into the node, in backward order.
        note: what is to be said where there is no factor, or several; else empty.
    """

    node: Node
    element: Element
    name: str
    title: str
    value: float
    gradient: float
    paths: tuple[ElementPath, ...]
    note: str

    @property
    def total(self) -> float:
        """The sum over the paths; the gradient itself where there is none."""
        return float(sum(path.terms.total for path in self.paths)) if self.paths else self.gradient

    def sum_line(self, folded: bool = True) -> str:
        """Return the sum over the paths at a fork; empty for a single path."""
        if len(self.paths) < 2:
            return ""
        totals = [path.terms.total for path in self.paths]
        parts = sum_text(len(totals), lambda i: factor_text(totals[i]), folded)
        return f"{self.name} = {parts} = {number(self.total)}"


def explain_element(trainer: Trainer, node: Node, element: Element) -> ElementExplanation:
    """Explain one element of a node of ``trainer.graph``, at the trainer's iteration.

    Raises:
        BackpropError: the node has no such element, or is a number written in the formula.
    """
    check_element(node, element)
    tape, loss = trainer.tape, shown(trainer.graph.loss)
    factors = tape.graph.factors_to(node)
    paths = tuple(_path(trainer, factor, element) for factor in factors)
    name = element_partial(loss, node, element)
    if node is tape.graph.loss:
        note = tr("{name} = 1 by definition: the loss moves one for one with itself.", name=name)
    elif not paths:
        note = tr("The loss does not depend on {name}: gradient zero, no factors.", name=shown(node))
    elif len(paths) > 1:
        note = tr("{name} is used {count} times, and its effects add.", name=shown(node), count=len(paths))
    else:
        note = ""
    value = float(np.asarray(tape.value(node))[element])
    gradient = float(np.broadcast_to(tape.gradient(node), node.shape)[element])
    title = _title(name, node, element)
    return ElementExplanation(node, element, name, title, value, gradient, paths, note)


def _title(name: str, node: Node, element: Element) -> str:
    if not element:
        return tr("{name}, a scalar", name=name)
    return tr(
        "{name}, element {element} of {shape}", name=name, element=list(element), shape=shape_text(node.shape)
    )


def _path(trainer: Trainer, factor: Factor, element: Element) -> ElementPath:
    tape = trainer.tape
    terms = element_terms(factor.output, factor.index, element, tape)
    axis = sample_axis(trainer.lesson, factor.output, trainer.lesson.rows_of(trainer.inputs))
    return ElementPath(
        factor,
        factor_title(tape.graph, factor),
        symbolic(shown(tape.graph.loss), factor, element),
        factor.op.why(factor.index, factor.shapes),
        TermTable(terms, axis, trainer.sample_indices),
        terms,
        tape,
    )
