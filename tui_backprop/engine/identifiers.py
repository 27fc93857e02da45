"""Python names for the lesson's, for what has none, and the names that are taken from the start."""

from __future__ import annotations

import builtins
import keyword

from tui_backprop.engine.traced import UntraceableError

RESERVED = frozenset({
    "np", "math", "k", "losses", "iterations", "updates", "fixed", "dials", "parameters", "memory", "samples",
    "batch", "batches", "row", "order", "rng", "loss", "train", "prepare", "maximum", "sign", "first", "seen",
    "before", "learning_rate", "momentum", "rho", "beta1", "beta2", "epsilon", "weight_decay",
    "base64", "log1p", "pow", "safe", "batch_size", "epoch", "finite", "rows", "sys", "zlib",
})  # fmt: skip


class Names:
    """Python names for the lesson's: the same ones where nothing else has them."""

    def __init__(self) -> None:
        self._taken: set[str] = set(RESERVED)
        self._count = 0

    def take(self, wanted: str) -> str:
        """Return an identifier that is like the one wanted, and free."""
        if not wanted.isidentifier():
            raise UntraceableError("a name that is no identifier")
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
