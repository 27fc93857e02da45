"""An interrupt at any line of the trainer's own code, and what may be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tui_backprop as tb


class Interruption:
    """Raises KeyboardInterrupt at the n-th line of the trainer's own code, as Ctrl+C may."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, frame: Any, event: str, arg: object) -> Any:
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


FOLDER = str(Path(tb.__file__).parent / "training")
ACTIONS: dict[str, Callable[[tb.Trainer], object]] = {
    "next": lambda t: t.next(),
    "step": lambda t: (t.seek(t.record_count - 1), t.step()),
    "run": lambda t: t.run(60),
    "rewind": lambda t: t.rewind(33),
    "back": lambda t: t.back(),
    "set": lambda t: t.set(learning_rate=0.3),
    "put": lambda t: t.put("beta", 0.25, (0,)),
    "restart": lambda t: t.set(seed=5),
    "undo": lambda t: t.undo(),
    "redo": lambda t: t.redo(),
}
