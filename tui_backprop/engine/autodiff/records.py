"""What one iteration is made of, record by record: values forward, factors backward, and updates."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.core.arrays import Array


class Assignment(Struct, frozen=True):
    """A node got its value in the forward pass.

    Attributes:
        node: the node.
        value: its value, read-only, of the node's shape.
        overridden: whether the value was put in by hand.
    """

    node: Node
    value: Array
    overridden: bool = False


class ChainFactor(Struct, frozen=True):
    """One application of the chain rule: upstream gradient × local derivative = downstream gradient.

    Attributes:
        output: the node whose gradient is known.
        operand: the node that gets this contribution.
        index: which operand of ``output`` it is; a node may be both (a * a).
        upstream: ∂L/∂output, of the output's shape.
        local: ∂output/∂operand, of the operand's shape; None where the operation states a rule instead.
        downstream: this contribution to ∂L/∂operand, of the operand's shape.
        accumulated: ∂L/∂operand so far, this contribution included.
    """

    output: Node
    operand: Node
    index: int
    upstream: Array
    local: Array | None
    downstream: Array
    accumulated: Array

    @property
    def factor(self) -> Factor:
        """Where it stands."""
        return Factor(self.output, self.index)


class UpdateTerm(Struct, frozen=True):
    """One named part of an update, such as weight decay or a velocity.

    Attributes:
        code: what it is found by, such as "velocity".
        name: what it is called.
        formula: how it is computed, over θ (parameter), g (gradient) and η (learning rate).
        value: its value, of the parameter's shape, or one number that all parameters share.
    """

    code: str
    name: str
    formula: str
    value: Array


class ParameterUpdate(Struct, frozen=True):
    """A parameter moved.

    Attributes:
        parameter: the parameter's node.
        gradient: ∂L/∂parameter, without weight decay.
        before: value before the update.
        after: value after it.
        terms: what the optimizer made of the gradient, in the order in which it is computed.
    """

    parameter: Node
    gradient: Array
    before: Array
    after: Array
    terms: tuple[UpdateTerm, ...] = ()


Record: TypeAlias = Assignment | ChainFactor | ParameterUpdate
