"""Functions of training's own that scripts call too, as Python text: schedules, and draws."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from typing import Any

from tui_backprop.engine.core.masks import dropout_mask
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES, cycle, growth
from tui_backprop.lessons.specs.initializers import INITIALIZERS


def called_functions(text: str) -> list[str]:
    """Write those that a text calls, in an order in which they can be defined."""
    functions: list[Callable[..., Any]] = [one for kind in SCHEDULES.values() for one in kind.functions]
    functions.append(dropout_mask)
    functions += [one.function for one in INITIALIZERS.values() if one.function is not None]
    texts = [_plain(function) for function in functions if _calls(text, function)]
    shared = [_plain(one) for one in (growth, cycle) if any(_calls(text, one) for text in texts)]
    return [*shared, *texts]


def _calls(text: str, function: Callable[..., Any]) -> bool:
    return re.search(rf"(?<![\w.]){function.__name__}\(", text) is not None


def _plain(function: Callable[..., Any]) -> str:
    """Return a function's text without decorators and types."""
    definition = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list, definition.returns = [], None
    for argument in definition.args.args:
        argument.annotation = None
    return ast.unparse(definition)
