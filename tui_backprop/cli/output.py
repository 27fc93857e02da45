"""What ``--output`` means in every command: a file, whole or not at all, or standard output."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from tui_backprop.cli.shared import fail, say
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason


def write_output(
    output: Path | None,
    content: str | bytes,
    *,
    opens: bool = False,
    beside: Mapping[Path, bytes] | None = None,
) -> None:
    """Write into a file, and say so on stderr; into standard output where there is none, or it is ``-``.

    A folder that is missing is made. What cannot be written ends the command with a line.

    Args:
        output: the file.
        content: what it is to hold; text is written as UTF-8 in any locale.
        opens: whether it is a lesson, and it is said how to open it.
        beside: files that go with it, which are written first.
    """
    if output is None or str(output) == "-":
        click.echo(content.encode() if isinstance(content, str) else content, nl=False)
        return
    from tui_backprop.sessions.files import write_whole
    from tui_backprop.text.printable import printable

    files = {**(beside or {}), output: content}
    for path, text in files.items():
        shown = printable(str(path), 200)
        try:
            write_whole(path, text, shared=True)
        except (FileExistsError, NotADirectoryError):
            fail(
                tr(
                    "{shown} cannot be written: {parent} is no folder",
                    shown=shown,
                    parent=printable(str(path.parent), 200),
                )
            )
        except OSError as error:
            fail(tr("{shown} cannot be written: {strerror}", shown=shown, strerror=system_reason(error)))
    shown = printable(str(output), 200)
    names = [shown, *(printable(path.name, 200) for path in beside or ())]
    written = tr("{file} and {other} written", file=names[0], other=names[1]) if names[1:] else None
    written = written or tr("{file} written", file=shown)
    say(f"{written}; {tr('tui-backprop {file} opens it', file=shown)}" if opens else written)
