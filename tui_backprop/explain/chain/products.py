"""A gradient on its way back as text: factors multiplied element by element, put into each rule they meet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.ops.structure import Reduction
from tui_backprop.explain.formulas import UPSTREAM, derivative, derivative_shape
from tui_backprop.explain.titles import atom, partial
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.parentheses import bare, outside

MAX_FACTOR = 48
"""A factor longer than that is shown by its name or its shape."""

_ARGUMENT = re.compile(rf"(?<=\(){UPSTREAM}(?=[,)])|(?<=, ){UPSTREAM}(?=\))")
_REMARK = re.compile(r", | where | for each ")
_SUM = re.compile(r" [+−] ")
_PRODUCT = re.compile(r" [@/⊙·] |·")


def as_atom(text: str) -> str:
    """Return formula text in parentheses, unless it is a name or a call."""
    around = outside(text)
    alone = not around.startswith("−") and not any(p.search(around) for p in (_REMARK, _SUM, _PRODUCT))
    return text if alone else f"({text})"


def _as_factor(text: str) -> str:
    """Return formula text in parentheses, unless it is a factor or an elementwise product of factors."""
    around = outside(text)
    apart = around.startswith("−") or any(p.search(around) for p in (_REMARK, _SUM))
    return f"({text})" if apart or " / " in around or " @ " in around else text


@dataclass(frozen=True, slots=True)
class Product:
    """Text for ∂L/∂node, in the order in which the engine computes it.

    Attributes:
        shape: the node's shape.
        factors: pieces of text, each with the shape it has as it stands; none for a gradient of one.
        negative: whether a minus stands in front.
    """

    shape: Shape
    factors: tuple[tuple[str, Shape], ...] = ()
    negative: bool = False

    @property
    def _written(self) -> Shape:
        """The shape that the factors multiply to, before anything is repeated."""
        return np.broadcast_shapes(*(shape for _, shape in self.factors))

    @property
    def text(self) -> str:
        """The product in the screen's signs; ``ones`` repeats what has fewer elements than the node."""
        factors = self.factors
        if self._written != self.shape:
            factors += ((f"ones{shape_text(self.shape)}", self.shape),)
        if not factors:
            return "−1" if self.negative else "1"
        first, shape = factors[0]
        apart = self.negative and (_SUM.search(outside(first)) or _REMARK.search(outside(first)))
        words = _as_factor(first) if len(factors) > 1 or apart else first
        for text, beside in factors[1:]:
            words += (" ⊙ " if shape and beside else " · ") + _as_factor(text)
            shape = np.broadcast_shapes(shape, beside)
        return f"−{words}" if self.negative else words

    def times(self, text: str, shape: Shape) -> Self:
        """Return the product with one more factor; 1 is left out, and a minus goes to the front."""
        negative = text.startswith("−") and not _SUM.search(outside(text))
        text = text[1:] if negative else text
        factors = self.factors if text == "1" else (*self.factors, (text, shape))
        return replace(self, factors=factors, negative=self.negative != negative)

    def through(self, factor: Factor, *, by_name: bool = False) -> Product:
        """Return the operand's gradient: one more factor, or the rule with this product in it.

        Args:
            factor: the factor's place; this product is the gradient of its output.
            by_name: write a factor as ∂output/∂operand instead of its formula.
        """
        operand, structure = factor.operand, factor.structure
        if isinstance(structure, Reduction):
            return self._repeated(structure, operand.shape)
        text = bare(derivative(factor, UPSTREAM))
        if factor.op.elementwise:
            shape = derivative_shape(factor)
            if text.removeprefix("−") != "1" and (by_name or len(text) > MAX_FACTOR):
                name = partial(atom(factor.output), operand)
                text = name if len(name) <= MAX_FACTOR else f"[…]{shape_text(operand.shape)}"
                shape = operand.shape
            return replace(self, shape=operand.shape).times(text, shape)
        if text.removeprefix("−").startswith(f"{UPSTREAM} · ") and text.count(UPSTREAM) == 1:
            rest = text.replace(f"{UPSTREAM} · ", "")
            return replace(self, shape=operand.shape).times(rest, operand.shape)
        inner = self.text
        text = _ARGUMENT.sub(lambda _: inner, text).replace(UPSTREAM, as_atom(inner))
        return Product(operand.shape, ((text, operand.shape),))

    def _repeated(self, reduction: Reduction, shape: Shape) -> Product:
        """Return the way back through a sum or mean; one number needs no sign for being repeated."""
        product: Product = self
        if reduction.divisor is not None and reduction.divisor > 1:
            product = product.times(f"1 / {reduction.divisor}", ())
        if product._written:
            axes = reduction.axes
            over = f"axis={axes[0] if len(axes) == 1 else axes}"
            inner = replace(product, shape=self.shape).text
            return Product(shape, ((f"repeat({inner}, {over})", shape),))
        return replace(product, shape=shape)
