"""What the shell offers behind Tab: lessons, hyperparameters, sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui_backprop.text.sentences import tr


def complete_lessons(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the built-in lessons; files are offered by the shell."""
    from click.shell_completion import CompletionItem

    from tui_backprop.lessons.library import BUILTIN

    words = [*BUILTIN]
    group = ctx.parent.command if ctx.parent is not None else None
    if ctx.info_name == "open" and isinstance(group, click.Group):  # the first word may be a command as well
        words += [name for name, command in group.commands.items() if not command.hidden]
    names = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def first_word(ctx: click.Context, name: str) -> str | None:
    """Return a command's argument; click leaves it unread where the option to complete has no value."""
    given = ctx.params.get(name)
    return str(given) if given else next(iter(ctx.args), None)


def complete_settings(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the hyperparameters' names."""
    from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS

    return [f"{name}=" for name in HYPERPARAMETERS if name.startswith(incomplete)]


def complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the columns of the table that stands on the command line; nothing where it cannot be read."""
    from tui_backprop.engine.core.errors import BackpropError
    from tui_backprop.lessons.csv_files.options import CsvOptions
    from tui_backprop.lessons.csv_files.survey import survey
    from tui_backprop.lessons.limits import OPEN

    data = first_word(ctx, "data")
    if data is None:
        return []
    try:
        columns = survey(Path(data), CsvOptions(), OPEN).columns
    except BackpropError:
        return []
    return [column.name for column in columns if column.is_usable and column.name.startswith(incomplete)]


def complete_sessions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the sessions, with their lessons."""
    from click.shell_completion import CompletionItem

    from tui_backprop.sessions.store import list_sessions

    return [
        CompletionItem(
            info.id, help=tr("{lesson}, iteration {iteration}", lesson=info.lesson, iteration=info.iteration)
        )
        for info in list_sessions()
        if info.id.startswith(incomplete)
    ]
