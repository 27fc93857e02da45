"""The command that shows the app in browsers: ``serve``."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from tui_backprop.cli.shared import WholeNumber, fail, refusals
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.system import system_reason

FPS = 4.0
"""Frames a second while a run goes on, as over ssh."""
VISITORS, IDLE = 30, 60.0


@click.command("serve", short_help=later("Show the app in browsers: a page for each visitor."))
@click.option(
    "--lessons", type=click.Path(path_type=Path), metavar="DIR",
    help=later("The folder of lessons that visitors have besides the built-in ones."),
)  # fmt: skip
@click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help=later("The course that visitors take.")
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="H", help=later("The address to listen on.")
)
@click.option(
    "--port", type=WholeNumber(0, 65535), default=8000, show_default=True, metavar="P",
    help=later("The port to listen on; 0 is a free one."),
)  # fmt: skip
@click.option(
    "--token", envvar="TUI_BACKPROP_TOKEN", metavar="TOKEN",
    help=later("What visitors must know; made by itself for any host but this machine's own."),
)  # fmt: skip
@click.option(
    "--public-url", metavar="URL", help=later("What visitors have in their browsers, behind a proxy.")
)
@click.option(
    "--visitors", type=WholeNumber(1, 1000), default=VISITORS, show_default=True, metavar="N",
    help=later("How many there may be at once."),
)  # fmt: skip
@click.option(
    "--idle", type=click.FloatRange(0, 100_000), default=IDLE, show_default=True, metavar="MINUTES",
    help=later("Minutes without a key after which a visit is saved and ends; 0 for never."),
)  # fmt: skip
@click.option(
    "--limit", "limits", multiple=True, metavar="NAME=N",
    help=later("Another limit of a visitor's program, as of --restricted; may be repeated."),
)  # fmt: skip
@click.option(
    "--fps", type=click.FloatRange(0.1, 60), default=FPS, show_default=True, metavar="N",
    help=later("Frames a second while a run goes on."),
)  # fmt: skip
@click.option(
    "--homes", type=click.Path(path_type=Path), metavar="DIR",
    help=later("Where each visitor's folder is made; in the state folder by default."),
)  # fmt: skip
def serve(
    lessons: Path | None,
    course: Path | None,
    host: str,
    port: int,
    token: str | None,
    public_url: str | None,
    visitors: int,
    idle: float,
    limits: tuple[str, ...],
    fps: float,
    homes: Path | None,
) -> None:
    """Show the app in browsers, until Ctrl+C.

    Each visitor has a program and sessions of their own, restricted as a class login is. What they do is
    offered again when they come back.
    """
    if lessons is not None and course is not None:
        fail(tr("serve takes --lessons or --course, not both"))
    if importlib.util.find_spec("textual_serve") is None:
        fail(tr("serve needs textual-serve; install it with pip install 'tui-backprop[web]'"))
    from platformdirs import user_state_path

    from tui_backprop.host.restricted import read_limits
    from tui_backprop.lessons.limits import Sandbox
    from tui_backprop.web.running import serve as run
    from tui_backprop.web.settings import Serving

    state = user_state_path("tui-backprop") / "web"
    with refusals():
        read_limits(limits)
        chosen = lessons if course is None else course
        folder = _empty(state / "no-lessons") if chosen is None else Sandbox.of_folder(chosen).folder
        assert folder is not None
        serving = Serving(
            folder=folder,
            is_course=course is not None,
            homes=(state / "visitors" if homes is None else homes).absolute(),
            host=host,
            port=port,
            public_url=public_url,
            token=token or None,
            visitors=visitors,
            idle=idle,
            fps=fps,
            limits=limits,
        )
        run(serving, state / "key", lambda line: click.echo(f"tui-backprop: {line}"))


def _empty(folder: Path) -> Path:
    """Return a folder without lessons: visitors have the built-in ones."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        fail(tr("{file}: cannot be written: {reason}", file=folder, reason=system_reason(error)))
    return folder
