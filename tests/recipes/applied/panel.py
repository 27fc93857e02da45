"""What follows from a panel and its line in the body: it shows each snapshot."""

from __future__ import annotations

import pytest

from tests.support.pilot import launched


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_follows_the_training(size: tuple[int, int]) -> None:
    async with launched("linear", size=size) as session:
        (before,) = [line for line in session.lines if "gradient norms  " in line]
        assert " w " in before
        await session.press("n")
        (after,) = [line for line in session.lines if "gradient norms  " in line]
        assert after != before
        await session.press("p")
        assert before in session.lines


async def test_a_lesson_without_parameters_has_an_empty_line() -> None:
    async with launched("square") as session:
        (line,) = [line for line in session.lines if "gradient norms" in line]
        assert line.split()[2:] in ([], ["x", "6"])
