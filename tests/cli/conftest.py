"""Running the command line in this process, as the installed command does."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from tests.support.command_line import Result
from tui_backprop.cli.main import main


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call main with these arguments; neither stream is a terminal."""

    def run(*args: str) -> Result:
        streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["tui-backprop", *args])
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            patch.setattr(sys, "stdin", io.StringIO())
            with pytest.raises(SystemExit) as end:
                main()
            for stream in streams:
                stream.flush()
        out, err = (stream.buffer.getvalue().decode() for stream in streams)
        return Result(end.value.code or 0, out, err)

    return run
