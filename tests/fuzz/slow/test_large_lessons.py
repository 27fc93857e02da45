"""Lessons of ten thousand nodes, and of the most rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fuzz.harness import command
from tests.support.large_lessons import CSV, chain, lesson

NODES = 9_900


def forks(n: int) -> list[str]:
    lines = [f"h{i} = h{i - 1} + sin(h{i - 2})" for i in range(2, n // 2 - 2)]
    return ["h0 = w * x", "h1 = sin(h0)", *lines, f"L = h{n // 2 - 3}"]


def wide(n: int) -> list[str]:
    sums = [f"g{k} = " + " + ".join(f"h{i}" for i in range(k, k + 100)) for k in range(0, n * 4 // 9, 100)]
    count = 100 * len(sums)
    return [
        *(f"h{i} = w * x" for i in range(count)), *sums,
        "L = " + " + ".join(f"g{k}" for k in range(0, count, 100)),
    ]  # fmt: skip


LARGE = {
    "chain": lambda: chain(NODES),
    "forks": lambda: forks(NODES),
    "wide": lambda: wide(NODES),
    "one sum": lambda: ["L = " + " + ".join(["w*x"] * 2000)],
}


@pytest.mark.parametrize("kind", LARGE)
def test_ten_thousand_nodes(kind: str, tmp_path: Path) -> None:
    path = lesson(tmp_path / "large.toml", LARGE[kind]())
    for arguments in (
        ["explain"], ["explain", "--wrt", "w"], ["explain", "--format", "json"], ["check"],
    ):  # fmt: skip
        code, out, _, seconds = command([arguments[0], path, *arguments[1:]])
        assert code == 0
        assert seconds < 8  # minutes, where the time grows with the square
        if arguments[0] == "explain" and "json" not in arguments:
            assert len(out) < 3_000_000


def test_a_csv_file_of_the_most_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.toml"
    path.write_text('formula = "L = mean((x @ w)**2)"\n' + CSV.format('["a", "b"]', "[1.0, 1.0]"))
    (tmp_path / "p.csv").write_text("a,b\n" + "".join(f"{i / 7},{-i / 3}\n" for i in range(100_000)))
    for arguments in (["explain"], ["explain", "--format", "json"], ["check"], ["export", "--to", "script"]):
        code, _, _, seconds = command([arguments[0], str(path), *arguments[1:]])
        assert code == 0
        assert seconds < 8
