"""The command whose name nobody types: it opens the app, or what a restricted login may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from tui_backprop.cli.shared import fail, refusals
from tui_backprop.text.sentences import tr


class OpenCommand(click.Command):
    """The command whose name nobody types."""

    def invoke(self, ctx: click.Context) -> Any:
        """Open the app; of a restricted login, what the client asked for and with nothing else in reach."""
        names = ("limits", "restricted", "lessons", "course")
        limits, restricted, lessons, course = map(ctx.params.pop, names)
        if not restricted:
            for option, given in (("--lessons", lessons), ("--course", course), ("--limit", limits)):
                if given:
                    fail(tr("{option} goes with --restricted", option=option))
            return super().invoke(ctx)
        if lessons is not None and course is not None:
            fail(tr("--restricted takes --lessons or --course, not both"))
        folder = course if lessons is None else lessons
        if folder is None:
            fail(tr("--restricted needs --lessons DIR, the folder whose lessons may be read"))
        from tui_backprop.host import restricted as login

        with refusals():
            ctx.find_root().obj, words = login.enter(folder, login.read_limits(limits))
        if course is not None:
            return self._open_course(ctx, course, words)
        return self._asked_by_client(ctx, words)

    def _open_course(self, ctx: click.Context, course: Path, words: list[str]) -> Any:
        """Open a course; a client may say how it is shown, and nothing else."""
        return _invoke_other(ctx, "course", [str(course), *words])

    def _asked_by_client(self, ctx: click.Context, words: list[str]) -> Any:
        """Do what a client's words say over those of the fixed command line, whose screen options hold."""
        from tui_backprop.host.restricted import SESSIONS

        if words and words[0] in SESSIONS:
            return _invoke_other(ctx, words[0], words[1:])
        ctx.params |= _given(self.make_context(ctx.info_name, words, parent=ctx.parent))
        return super().invoke(ctx)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Leave the hidden name out."""
        from tui_backprop.cli.shared import OPENING

        formatter.write_usage(ctx.find_root().command_path, OPENING)


def _invoke_other(ctx: click.Context, name: str, words: list[str]) -> Any:
    """Invoke another command of the program, with the options that stand on the fixed command line."""
    group = ctx.find_root().command
    command = group.get_command(ctx, name) if isinstance(group, click.Group) else None
    if command is None:
        fail(tr("{command} is not a command of this version", command=name))
    with command.make_context(name, words, parent=ctx.parent) as asked:
        fixed = {option: value for option, value in ctx.params.items() if option in asked.params}
        asked.params |= fixed | _given(asked)
        return command.invoke(asked)


def _given(ctx: click.Context) -> dict[str, Any]:
    """Return the parameters that stand on a command line, without defaults."""
    given = ParameterSource.COMMANDLINE
    return {name: value for name, value in ctx.params.items() if ctx.get_parameter_source(name) is given}
