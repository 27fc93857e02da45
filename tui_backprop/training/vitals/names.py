"""What the alarms are called: all that a command line or a table of commands has to know of them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

AlarmName: TypeAlias = Literal[
    "data", "dead", "saturated", "vanishing", "exploding", "diverging", "overfitting", "stuck"
]
NAMES: Final[tuple[AlarmName, ...]] = get_args(AlarmName)
"""The names, causes before their effects."""
