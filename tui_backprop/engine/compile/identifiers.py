"""Python names for the lesson's, for what has none, and the names that are taken from the start."""

from __future__ import annotations

import builtins
import keyword

from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.core.backends import FUNCTION_NAMES
from tui_backprop.engine.core.elementary import ELEMENTARY
from tui_backprop.engine.core.helpers import HELPERS
from tui_backprop.engine.core.settled import KERNELS
from tui_backprop.engine.optimizers import COEFFICIENTS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.text.sentences import tr

RESERVED = frozenset({
    "np", "math", "k", "losses", "iterations", "updates", "fixed", "hyperparameters", "parameters", "memory",
    "samples", "batch", "batches", "row", "order", "rng", "loss", "train", "prepare", "first", "seen",
    "before", "scheduled", "growth", "cycle", "orthogonal", "truncated_normal", *COEFFICIENTS,
    *(function.__name__ for kind in SCHEDULES.values() for function in kind.functions),
    "base64", "safe", "batch_size", "epoch", "finite", "rows", "sys", "zlib",
    "validation", "lowest", "best", "seed", "dropout_mask",
})  # fmt: skip
"""Names of the programs' own, besides those of elementary functions."""


class Identifiers:
    """Python names for the lesson's: the same ones where nothing else has them."""

    def __init__(self) -> None:
        self._taken: set[str] = {*RESERVED, *KERNELS, *HELPERS, *FUNCTION_NAMES}
        self._taken |= {row.identifier for row in ELEMENTARY.values()}
        self._count = 0

    def take(self, wanted: str) -> str:
        """Return an identifier that is like the one wanted, and free."""
        if not wanted.isidentifier():
            raise UntraceableError(tr("a name that is no identifier"))
        base = wanted.replace("__", "_").rstrip("_") or "name"
        name, number = wanted if "__" not in wanted else base, 1
        while name in self._taken or keyword.iskeyword(name) or hasattr(builtins, name):
            name = f"{base}_{number if number > 1 else ''}"
            number += 1
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """Return a name for something without one."""
        while True:
            self._count += 1
            name = f"t{self._count}"
            if name not in self._taken:
                self._taken.add(name)
                return name
