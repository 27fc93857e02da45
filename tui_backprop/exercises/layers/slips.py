"""What ends a user's class with an error, in one line with file, line and cure."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import textwrap
import traceback
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace, is_users
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

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
            near = _nearest(found[2], [name for name in dir(module) if not name.startswith("_")])
            values = {"module": short, "name": found[2]}
            if near is None:
                return tr("there is no {module}.{name}; NumPy has none of this name", **values)
            return tr("there is no {module}.{name}; did you mean {module}.{near}?", near=near, **values)
        own = getattr(error, "obj", None)
        if own is not None and own is frame.f_locals.get("self"):
            return _unset(str(error.name), own)
    if isinstance(error, NameError) and error.name:
        own = frame.f_locals.get("self")
        if own is not None and error.name in vars(own):
            return tr("{name} is no variable here; write self.{name}", name=error.name)
        unassigned = tr("{name} is not assigned", name=error.name)
        return unassigned + suggest(error.name, [*frame.f_locals, *frame.f_globals])
    return f"{type(error).__name__}: {printable(str(error), 300)}"


def _unset(name: str, layer: Any) -> str:
    """Say what an attribute that is read is called where it is set."""
    bare = name.strip("_").lower()
    twin = next((other for other in vars(layer) if other.strip("_").lower() == bare), None)
    if twin is not None:
        return tr(
            "self.{name} is read, but self.{twin} is what was set; write self.{name} in both places",
            name=name,
            twin=twin,
        )
    near = _nearest(name, vars(layer))
    if near is None:
        return tr("self.{name} is read, and nothing sets it; set it in forward", name=name)
    return tr("self.{name} is read, and nothing sets it; did you mean self.{near}?", name=name, near=near)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name; None where none is near."""
    known = list(known)
    alike = [name for name in known if name.lower() == word.lower() and name != word]
    return next(iter(alike or difflib.get_close_matches(word, known, n=1)), None)


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
    returned = tr("its result") if target is None else ast.unparse(target)
    if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant):
        returned = ast.unparse(last.value)
    attribute = target.attr if isinstance(target, ast.Attribute) else ""
    said = tr(
        "{place}: {name} returns nothing; write return {result} below",
        place=place,
        name=name,
        result=printable(returned, 80),
    )
    return said, attribute
