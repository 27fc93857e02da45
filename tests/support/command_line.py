"""What a command printed and how it ended."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


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
