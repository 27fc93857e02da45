"""The commands about saved sessions: going on with one, listing and deleting them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.completion import complete_sessions
from tui_backprop.cli.shared import (
    ascii_option,
    charset,
    fail,
    format_option,
    make_trainer,
    refusals,
    screen_options,
)
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch


@click.command("resume", short_help=later("Go on with a session."))
@click.argument("session", required=False, shell_complete=complete_sessions)
@screen_options
def resume_session(session: str | None, options: Launch) -> None:
    """Go on with a SESSION: its id or the beginning of one; the newest that is not open by default."""
    from tui_backprop.cli.launch import open_debugger
    from tui_backprop.sessions.store import find_session, offer

    with refusals():
        info = offer() if session is None else None
        if session is None and info is None:
            fail(tr("there is no session to resume; tui-backprop sessions lists them"))
        key = info.id if info is not None else find_session(session or "")
        sys.exit(open_debugger(lambda: make_trainer(None, ()), options, session=key))


@click.command("sessions", short_help=later("List sessions, or delete them."))
@click.option(
    "--delete", "deleted", multiple=True, metavar="ID", shell_complete=complete_sessions,
    help=later("Delete this session; may be repeated."),
)  # fmt: skip
@click.option(
    "--delete-all", "everything", is_flag=True, help=later("Delete all sessions that are not open.")
)
@format_option("table", "json")
@ascii_option
def sessions(deleted: tuple[str, ...], everything: bool, style: str, ascii_only: bool | None) -> None:
    """List the sessions, the newest first, or delete some."""
    from tui_backprop.sessions.listing import as_json, as_lines
    from tui_backprop.sessions.store import delete_session, find_session, list_sessions

    with refusals():
        if deleted or everything:
            named = dict.fromkeys(map(find_session, deleted))
            known = list_sessions() if everything else []
            others = [info.id for info in known if not info.locked]
            for key in dict.fromkeys((*named, *others)):
                delete_session(key)
                click.echo(tr("deleted: {key}", key=key))
            for info in known:
                if info.locked:
                    click.echo(tr("{id} is open in another program and stays", id=info.id))
            return
        found = list_sessions()
    if style == "json":
        import json

        click.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        return
    for line in as_lines(found):
        click.echo(charset(ascii_only).spelled(line))
