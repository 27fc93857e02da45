"""The screen as a picture in a file: its name is asked for, and says by its ending what it becomes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar

from tui_backprop.debugger.lessons import NO_FILES
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.drawing.vector.screen import CellRun, png, svg
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.system import system_reason
from tui_backprop.tui.screens.ask import AskScreen
from tui_backprop.tui.terminal.picture import GROUND, runs


class ScreenshotScreen(AskScreen):
    """A file's name; the picture is of the screen behind."""

    OPENED_BY = "screenshot"
    HEADING: ClassVar[str] = later("Write the screen as a picture")
    PLACEHOLDER: ClassVar[str] = "NAME.svg, NAME.png"
    HELP: ClassVar[str] = later("Enter writes it here; .svg stays sharp in any size, .png goes everywhere.")

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return a name that is free in all likelihood.

        Raises:
            BackpropError: a restricted login, which writes no files.
        """
        if snapshot.lesson.sandbox.confined:
            raise BackpropError(tr(NO_FILES))
        return f"tui-backprop-{time.strftime('%Y-%m-%d-%H%M%S')}.svg"

    def opened(self) -> None:
        """Keep what the screen behind shows."""
        super().opened()
        self._behind: list[CellRun] = runs(self.app.screen_stack[0])

    def answered(self, text: str) -> None:
        """Write the file, or say why that cannot be."""
        from tui_backprop.sessions.files import write_whole

        path, size = Path(text), (self.app.size.width, self.app.size.height)
        shown = printable(text, 200)
        try:
            if path.suffix.lower() not in (".svg", ".png"):
                raise BackpropError(tr("found {name!r}; a name must end in .svg or .png", name=shown))
            if path.exists():
                raise BackpropError(tr("{file}: there is such a file already", file=shown))
            title = f"tui-backprop {self.snapshot.lesson.name}"
            picture: str | bytes = (
                png(self._behind, size, GROUND)
                if path.suffix.lower() == ".png"
                else svg(self._behind, size, GROUND, title)
            )
            write_whole(path, picture, shared=True)
        except BackpropError as error:
            self.say(str(error), refused=True)
        except (FileExistsError, NotADirectoryError):
            parent = printable(str(path.parent), 200)
            self.say(tr("{file}: {parent} is no folder", file=shown, parent=parent), refused=True)
        except OSError as error:
            self.say(f"{shown}: {system_reason(error)}", refused=True)
        else:
            self.leave()
            self.app.screen_stack[0].say(tr("{file} written", file=shown))  # type: ignore[attr-defined]
