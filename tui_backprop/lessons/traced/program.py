"""A user's program file: the function in it that is named, and its arrays by the function's arguments."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.numpy_tracing.places import TraceError
from tui_backprop.engine.frontends.numpy_tracing.run import told
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_DATA = frozenset({
    "x", "y", "t", "x_train", "y_train", "data", "inputs", "input", "target", "targets", "labels", "label",
    "y_true", "xs", "ys", "idx",
})  # fmt: skip
"""Names in small letters that are usual for what is not trained."""


class UserProgram(NamedTuple):
    """A function and what it is run on.

    Attributes:
        function: the function.
        parameters: the module's arrays that are trained, by the function's argument names.
        data: those that are not.
    """

    function: Callable[..., Any]
    parameters: dict[str, Any]
    data: dict[str, Any]


def load_program(text: str, parameters: Iterable[str] | None = None) -> UserProgram:
    """Run a program file, and return the function that ``FILE.py:FUNCTION`` names with its arrays.

    Args:
        text: the file and the function.
        parameters: the arguments that are trained; None for those that are numbers of double precision and
            have no name usual for data, such as x and y.

    Raises:
        TraceError: there is no such file or function, the file ends with an error, or an array is missing.
    """
    file, colon, name = text.rpartition(":")
    path = Path(file)
    if not colon or path.suffix != ".py" or not name.isidentifier():
        raise TraceError(
            tr("found {text}; write FILE.py:FUNCTION, such as net.py:loss", text=printable(text, 200))
        )
    module = _run(path)
    function = getattr(module, name, None)
    if not inspect.isfunction(function):
        own = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        hint = suggest(name, own) or (
            tr("; it has {names}", names=", ".join(own)) if own else tr("; it has none")
        )
        raise TraceError(tr("{file} has no function {name}{hint}", file=path.name, name=name, hint=hint))
    arrays = {}
    for argument in inspect.signature(function).parameters.values():
        if hasattr(module, argument.name):
            arrays[argument.name] = getattr(module, argument.name)
        elif argument.default is argument.empty and argument.kind is not argument.VAR_KEYWORD:
            raise TraceError(
                tr(
                    "{file} has no array {name}, an argument of {function}; assign it in the file, such "
                    "as {name} = np.ones(3)",
                    file=path.name,
                    name=argument.name,
                    function=name,
                )
            )
    trained = _guess(arrays) if parameters is None else list(parameters)
    for word in trained:
        if word not in arrays:
            hint = suggest(word, arrays) or (
                tr("; they are {names}", names=", ".join(arrays)) if arrays else tr("; they are none")
            )
            raise TraceError(
                tr(
                    "--parameters: {name} is no argument of {function}{hint}",
                    name=printable(word, 60),
                    function=name,
                    hint=hint,
                )
            )
    if not trained:
        raise TraceError(
            tr(
                "none of the arguments of {function} looks like a parameter; name them: --parameters W,b",
                function=name,
            )
        )
    data = {key: value for key, value in arrays.items() if key not in trained}
    return UserProgram(function, {key: arrays[key] for key in trained}, data)


def _run(path: Path) -> ModuleType:
    shown = printable(str(path), 200)
    if not path.is_file():
        raise TraceError(tr("{file}: no such file", file=shown))
    name = f"traced_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TraceError(tr("{file}: Python cannot run this file", file=shown))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its classes look for it
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise TraceError(f"{path.name}:{error.lineno}: SyntaxError: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise told(error) from None
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _guess(arrays: dict[str, Any]) -> list[str]:
    """Return the names of what is trained, where nobody says so."""
    return [
        name
        for name, value in arrays.items()
        if name.lower() not in _DATA and (isinstance(value, dict) or np.asarray(value).dtype.kind == "f")
    ]
