"""Optimizers: one list, from which training, compiled code, sessions and explanations take what they need."""

from tui_backprop.engine.optimizers import adaptive, rules
from tui_backprop.engine.optimizers.base import (
    COEFFICIENTS,
    OPTIMIZERS,
    OPTIONAL,
    Coefficients,
    Memory,
    Optimizer,
    State,
    TermSpec,
    Update,
)

__all__ = [
    "COEFFICIENTS",
    "OPTIMIZERS",
    "OPTIONAL",
    "Coefficients",
    "Memory",
    "Optimizer",
    "State",
    "TermSpec",
    "Update",
    "adaptive",
    "rules",
]
