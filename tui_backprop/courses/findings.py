"""What is wrong with a course, as data: where, and what, one line each."""

from __future__ import annotations

from msgspec import Struct


class CourseFinding(Struct, frozen=True):
    """One thing that is wrong with a course.

    Attributes:
        where: file, table, number and field: ``week1.toml: question 2.answer``.
        text: what is wrong and, where there is one, what would be right.
    """

    where: str
    text: str

    @property
    def line(self) -> str:
        """The finding on one line."""
        return f"{self.where}: {self.text}" if self.where else self.text
