"""What ends a user's class with an error, in one line with file, line and cure."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace, is_users
from tui_backprop.text.printable import printable

_NUMPY_HAS_NO = r"module '(numpy[\w.]*)' has no attribute '(\w+)'"


def told_slip(error: BaseException) -> str:
    """Return where a user's code ended with an error, what is wrong there, and what would be right."""
    frames = [at for at in traceback.walk_tb(error.__traceback__) if is_users(at[0])]
    if not frames:
        return f"{type(error).__name__}: {printable(str(error), 300)}"
    frame, line = frames[-1]
    return f"{SourcePlace(frame.f_code.co_filename, line)}: {_cure(error, frame)}"


def _cure(error: BaseException, frame: FrameType) -> str:
    if isinstance(error, AttributeError):
        if found := re.search(_NUMPY_HAS_NO, str(error)):
            import numpy as np

            short = found[1].replace("numpy", "np", 1)
            module = np if found[1] == "numpy" else getattr(np, found[1].partition(".")[2], np)
            near = suggest(found[2], [f"{name}" for name in dir(module) if not name.startswith("_")])
            hint = near.replace("did you mean ", f"did you mean {short}.") or "; NumPy has none of this name"
            return f"there is no {short}.{found[2]}{hint}"
        own = getattr(error, "obj", None)
        if own is not None and own is frame.f_locals.get("self"):
            return _unset(str(error.name), own)
    if isinstance(error, NameError) and error.name:
        own = frame.f_locals.get("self")
        if own is not None and error.name in vars(own):
            return f"{error.name} is no variable here; write self.{error.name}"
        return f"{error.name} is not assigned{suggest(error.name, [*frame.f_locals, *frame.f_globals])}"
    return f"{type(error).__name__}: {printable(str(error), 300)}"


def _unset(name: str, layer: Any) -> str:
    """Say what an attribute that is read is called where it is set."""
    bare = name.strip("_").lower()
    twin = next((other for other in vars(layer) if other.strip("_").lower() == bare), None)
    if twin is not None:
        return f"self.{name} is read, but self.{twin} is what was set; write self.{name} in both places"
    hint = suggest(name, vars(layer)).replace("did you mean ", "did you mean self.")
    return f"self.{name} is read, and nothing sets it{hint or '; set it in forward'}"


def missing_return(method: Callable[..., Any]) -> tuple[str, str]:
    """Say that a method returns nothing; return that with file, line and cure, and the attribute set last.

    The attribute is "" where the last statement sets none.
    """
    name = method.__name__
    lines, first = inspect.getsourcelines(method)
    file = inspect.getsourcefile(method) or "?"
    (function,) = ast.parse(textwrap.dedent("".join(lines))).body
    assert isinstance(function, ast.FunctionDef)
    last = function.body[-1]
    place = SourcePlace(file, first + last.lineno - 1)
    target = last.targets[0] if isinstance(last, ast.Assign) else None
    returned = "its result" if target is None else ast.unparse(target)
    if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant):
        returned = ast.unparse(last.value)
    attribute = target.attr if isinstance(target, ast.Attribute) else ""
    return f"{place}: {name} returns nothing; write return {printable(returned, 80)} below", attribute
