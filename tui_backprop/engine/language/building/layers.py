"""Layers that are several nodes, and others in evaluation than in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Shape, size_of
from tui_backprop.engine.core.errors import FormulaError, FormulaShapeError
from tui_backprop.engine.core.masks import Mask
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.building.nodes import NodeBuilder
from tui_backprop.engine.language.syntax import Instruction
from tui_backprop.engine.ops.arithmetic import Add, Divide, Identity, Multiply, Subtract
from tui_backprop.engine.ops.base import PRODUCT, Op, Term
from tui_backprop.engine.ops.layers.composed import COMPOSED
from tui_backprop.engine.ops.registry import FUNCTIONS
from tui_backprop.engine.ops.signature import written
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class _Site:
    """Where a layer is put in place: the builder, the call, and the names of what it adds."""

    def __init__(self, builder: NodeBuilder, step: Instruction) -> None:
        self.builder, self.step = builder, step

    @property
    def evaluates(self) -> bool:
        """Whether the graph is for evaluation."""
        return self.builder.mode is Mode.EVALUATION

    def name(self, what: str) -> str:
        """Return a free name for a value of the layer's own, such as ``h.mask`` in the line of h."""
        line, named = self.builder.line, self.builder.named
        name, number = f"{line}.{what}", 2
        while name in named:
            name, number = f"{line}.{what}{number}", number + 1
        return name

    def mask(self, mask: Mask, shape: Shape) -> Node:
        """Return a mask that is drawn."""
        return self._leaf("mask", Kind.DRAWN, shape, f"mask(p={written(mask.p)})", mask=mask)

    def running(self, what: str, shape: Shape, start: float) -> Node:
        """Return a statistic that iterations hand on."""
        return self._leaf(f"running_{what}", Kind.RUNNING, shape, start=start)

    def _leaf(self, what: str, kind: Kind, shape: Shape, text: str = "", **more: Any) -> Node:
        name, builder = self.name(what), self.builder
        term = Term(text or name)
        node = Node(len(builder.nodes), kind, None, (), shape, term, term, name, builder.line, **more)
        builder.named[name] = builder.push(node, self.step)
        return node

    def number(self, value: float) -> Node:
        """Return a number."""
        return self.builder.literal(value, Term(written(value)), self.step, None)

    def ratio(self, over: int, under: int) -> Node:
        """Return a number that is written as a ratio."""
        return self.builder.literal(over / under, Term(f"{over} / {under}", PRODUCT), self.step, None)

    def node(self, op: Op, *operands: Node, label: str | None = None) -> Node:
        """Return the node of an operation, its operands broadcast."""
        return self.builder.append(op, self.builder.aligned(op, operands, self.step), self.step, label)

    def own(self, what: str, op: Op, *operands: Node) -> Node:
        """Return the same with a name of the layer's own."""
        name = self.name(what)
        node = self.builder.named[name] = self.node(op, *operands, label=name)
        return node

    def refuse(self, reason: str, error: type[FormulaError] = FormulaShapeError) -> FormulaError:
        """Return the refusal of the call."""
        return error(f"{self.step.text}: {reason}", self.step.line, self.step.column)


def _dropout(site: _Site, operands: tuple[Node, ...], options: Mapping[str, Any], label: str | None) -> Node:
    """Return the operand times a mask that is drawn; in evaluation, the operand."""
    (x,) = operands
    if site.evaluates:
        return site.node(Identity(), x, label=label) if label else x
    place = sum(node.kind is Kind.DRAWN for node in site.builder.nodes)
    return site.node(Multiply(), x, site.mask(Mask(place, options["p"]), x.shape), label=label)


def _batch_norm(
    site: _Site, operands: tuple[Node, ...], options: Mapping[str, Any], label: str | None
) -> Node:
    """Return each feature of a batch, axis 1, with mean 0 and variance 1, times gamma, plus beta.

    In evaluation the mean and the variance are the running ones, which training hands on.
    """
    x, gamma, beta = operands
    if len(x.shape) < 2:
        raise site.refuse(
            tr(
                "{name} has shape {shape}; it must be samples × features, or more axes behind these",
                name=printable(x.name, 40),
                shape=shape_text(x.shape),
            )
        )
    features = x.shape[1]
    for given in (gamma, beta):
        if given.shape not in ((features,), ()):
            raise site.refuse(
                tr(
                    "{name} has shape {shape}; it must be {right}, a number for each feature",
                    name=printable(given.name, 40),
                    shape=shape_text(given.shape),
                    right=shape_text((features,)),
                )
            )
    axes = 0 if len(x.shape) == 2 else (0, *range(2, len(x.shape)))
    wide = (features, *(1,) * (len(x.shape) - 2))
    running_mean = site.running("mean", (features,), 0.0)
    running_var = site.running("var", (features,), 1.0)

    def spread(node: Node) -> Node:
        """Stand a number of each feature along axis 1."""
        return node if len(wide) == 1 or not node.shape else site.node(FUNCTIONS["reshape"](shape=wide), node)

    if site.evaluates:
        mean, var = running_mean, running_var
    else:
        n = size_of(x.shape) // max(features, 1)
        if n < 2:
            raise site.refuse(
                tr("a batch has one value of each feature, which has no variance; use larger batches")
            )
        mean = site.own("mean", FUNCTIONS["mean"](axis=axes), x)
        var = site.own("var", FUNCTIONS["var"](axis=axes), x)
        unbiased = site.node(Multiply(), site.ratio(n, n - 1), var)  # as PyTorch's running variance is
        kept, new = site.number(1.0 - options["momentum"]), site.number(options["momentum"])
        for what, running, latest in (("mean", running_mean, mean), ("var", running_var, unbiased)):
            old, added = site.node(Multiply(), kept, running), site.node(Multiply(), new, latest)
            site.builder.handed[running.name] = site.own(f"next_running_{what}", Add(), old, added)
    widened = site.node(Add(), spread(var), site.number(options["eps"]))
    deviation = site.node(FUNCTIONS["sqrt"](), widened)
    normal = site.own("normal", Divide(), site.node(Subtract(), x, spread(mean)), deviation)
    scaled = site.node(Multiply(), normal, spread(gamma))
    return site.node(Add(), scaled, spread(beta), label=label)


_Layer: TypeAlias = Callable[["_Site", tuple[Node, ...], Mapping[str, Any], "str | None"], Node]
LAYERS: Final[Mapping[str, _Layer]] = {"dropout": _dropout, "batch_norm": _batch_norm}


def layer(
    builder: NodeBuilder,
    step: Instruction,
    operands: tuple[Node, ...],
    options: dict[str, Any],
    label: str | None,
) -> Node:
    """Put a layer in place, and return its result.

    Raises:
        FormulaError: it does not stand in a line of a formula, or its operands do not fit.
    """
    if builder.line is None:
        reason = tr(
            "{name} stands in a lesson's formula only; use the names of its lines here", name=step.text
        )
        raise FormulaError(reason, step.line, step.column)
    filled = COMPOSED[step.text].signature.filled(options)
    return LAYERS[step.text](_Site(builder, step), operands, filled, label)
