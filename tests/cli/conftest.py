"""Running the command line in this process, as the installed command does."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tui_backprop.cli import main


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line on stderr of bad input, which prints nothing else."""
        assert self.code == 2, self
        assert self.out == ""
        return self.line

    @property
    def line(self) -> str:
        """The one line on stderr."""
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("tui-backprop: ")
        text = self.err.removesuffix("\n")
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)
        return text.removeprefix("tui-backprop: ")

    @property
    def lines(self) -> list[str]:
        """The lines of a command that went well."""
        assert (self.code, self.err) == (0, "")
        return self.out.splitlines()


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
