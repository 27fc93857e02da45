"""Functions of our own that programs call by name, beside NumPy's: a script of its own gets their text."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

from tui_backprop.engine.core.elementary import OF_ARRAYS
from tui_backprop.engine.core.placing import PLACING
from tui_backprop.engine.core.windows import WINDOWS

HELPERS: Final[dict[str, Callable[..., Any]]] = {**OF_ARRAYS, **PLACING, **WINDOWS}
"""The functions by name."""


def definition(name: str) -> str:
    """Return a helper as text."""
    return inspect.getsource(HELPERS[name]).replace(": Any", "").replace(" -> Any", "").rstrip()
