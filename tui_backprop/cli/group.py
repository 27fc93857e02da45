"""The group of all commands, whose name alone opens the app, and the hidden command that does so."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from click.core import ParameterSource

from tui_backprop.cli.language.help import said
from tui_backprop.cli.shared import CLOSED_PIPE, OPENING, fail, refusals
from tui_backprop.text.sentences import tr

SCREEN = ("plain", "no_mouse", "fps", "driver", "ascii_only")
"""The options that say how something is shown, by the names of their values."""


class LessonGroup(click.Group):
    """A group whose name alone, or with a lesson, opens the app."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that went away, such as ``head``, ends it in silence."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(CLOSED_PIPE)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden command ``open`` in front of what is not another command's name."""
        flags = {"-h", "--help", "-V", "--version"}
        first = next((arg for arg in args if not arg.startswith("-")), None)
        if not flags.intersection(args[:1]) and (
            not args or args[0].startswith("-") or first not in self.commands
        ):
            if len(args) > 1 and first == args[0] and not ctx.resilient_parsing:
                self._suggest_command(first)
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def _suggest_command(self, word: str) -> None:
        """Refuse a misspelt command, which would otherwise be taken for a lesson."""
        from tui_backprop.engine.core.errors import suggest
        from tui_backprop.lessons.library import BUILTIN

        hint = suggest(word, [name for name in self.commands if name != "open"])
        if hint and word not in BUILTIN:
            raise click.UsageError(tr("unknown command {word!r}{hint}", word=word, hint=hint))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, with its help in the language that is spoken."""
        command = super().get_command(ctx, cmd_name)
        return said(command) if command is not None else None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of opening, whose command has no name, before those of its own."""
        opening = [
            option for option in said(self.commands["open"]).params if isinstance(option, click.Option)
        ]
        records = [option.get_help_record(ctx) for option in [*opening, *self.get_params(ctx)]]
        with formatter.section(tr("Options")):
            formatter.write_dl([record for record in records if record is not None])
        self.format_commands(ctx, formatter)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show both ways of calling it."""
        formatter.write_usage(ctx.command_path, OPENING)
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


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
            sandbox, words = login.enter(folder, login.read_limits(limits))
        ctx.find_root().obj = sandbox
        if course is not None:
            return _invoke_other(ctx, "course", [str(sandbox.folder), *_screen_words(ctx), *words])
        return self._asked_by_client(ctx, words)

    def _asked_by_client(self, ctx: click.Context, words: list[str]) -> Any:
        """Do what a client's words say over those of the fixed command line, whose screen options hold."""
        from tui_backprop.host.restricted import SESSIONS

        if words and words[0] in SESSIONS:
            return _invoke_other(ctx, words[0], words[1:])
        ctx.params |= _given(self.make_context(ctx.info_name, words, parent=ctx.parent))
        return super().invoke(ctx)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Leave the hidden name out."""
        formatter.write_usage(ctx.find_root().command_path, OPENING)


def _invoke_other(ctx: click.Context, name: str, words: list[str]) -> Any:
    """Invoke another command of the program, with the options that stand on the fixed command line."""
    group = ctx.find_root().command
    command = group.get_command(ctx, name) if isinstance(group, click.Group) else None
    if command is None:
        fail(tr("{word} is not a command of this version", word=name))
    with command.make_context(name, words, parent=ctx.parent) as asked:
        fixed = {option: value for option, value in ctx.params.items() if option in asked.params}
        asked.params |= fixed | _given(asked)
        return command.invoke(asked)


def _screen_words(ctx: click.Context) -> list[str]:
    """Return the options of the screen that stand on a command line, as words of another one."""
    words: list[str] = []
    for option in ctx.command.params:
        if option.name in SCREEN and option.name in _given(ctx):
            value = ctx.params[option.name]
            if isinstance(value, bool):
                words.append((option.opts if value else option.secondary_opts)[0])
            else:
                words += [option.opts[0], str(value)]
    return words


def _given(ctx: click.Context) -> dict[str, Any]:
    """Return the parameters that stand on a command line, without defaults."""
    given = ParameterSource.COMMANDLINE
    return {name: value for name, value in ctx.params.items() if ctx.get_parameter_source(name) is given}
