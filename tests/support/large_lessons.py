"""Lessons as large as they may be."""

from __future__ import annotations

from pathlib import Path


def lesson(path: Path, lines: list[str], parameters: str = "w = 0.5\n") -> str:
    formula = "\n".join(lines)
    path.write_text(f"formula = '''\n{formula}'''\n[data]\nx = 2.0\n[parameters]\n{parameters}")
    return str(path)


def chain(n: int) -> list[str]:
    lines = [f"h{i} = h{i - 1} * x" if i % 2 else f"h{i} = sin(h{i - 1})" for i in range(1, n - 4)]
    return ["h0 = w * x", *lines, f"L = h{n - 5}"]


def many_parameters(path: Path, count: int, *, one_line: bool = False) -> str:
    """Write a lesson of so many parameters, and of nine nodes for each: a chain, or one long sum."""
    if one_line:
        lines = ["L = " + " + ".join(f"sin(w{i}*x)**2" for i in range(count))]
    else:
        lines = ["h0 = w0 * x"]
        for i in range(1, count):
            lines += [
                f"a{i} = tanh(h{i - 1})", f"b{i} = w{i} * a{i}", f"c{i} = sin(b{i})", f"d{i} = c{i} + x",
                f"e{i} = d{i} * d{i}", f"f{i} = exp(-e{i})", f"h{i} = f{i} + h{i - 1}",
            ]  # fmt: skip
        lines.append(f"L = h{count - 1}**2")
    return lesson(path, [*lines, ""], "".join(f"w{i} = 0.5\n" for i in range(count)))


CSV = '[samples]\ncsv = "p.csv"\nx = {}\n[parameters]\nw = {}\n'
