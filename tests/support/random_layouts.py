"""Seeded random lessons whose gradients lie in every way: transposes, broadcasts, sums, constants."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.trainers import mine
from tui_backprop.engine.optimizers import OPTIMIZERS

LENGTHS = (1, 1, 2, 3, 4, 4, 5, 9, 40)
"""Lengths of axes: of 1, which may lie any way; and so large that arrays are written over, or fused."""
CURVES = ("tanh({})", "sigmoid({})", "sin({})", "relu({})", "softmax({})", "abs({})", "softplus({})")
NUMBERS = ("0.1", "0.3", "-0.7", "2", "0.5", "-1", "3")
LINEAR = 0.6
"""Share of lines whose gradients are constants, as in sums of differences."""
Shape = tuple[int, ...]
BEFORE, BEHIND = 3, 60
"""Iterations of a run that is done step by step, and of one that is compiled."""


def alike(one: Any, other: Any) -> bool:
    """Tell whether all bits are the same, the sign of a zero too."""
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


def differences(folder: Path, seed: int) -> list[str]:
    """Return what differs between running and stepping the lesson of a seed."""
    run, stepped = (mine(folder, lesson_text(seed)) for _ in range(2))
    run.run(iterations=BEFORE)
    run.run(iterations=BEHIND)
    while stepped.iteration < run.iteration:
        stepped.next()
    found = ["losses"] if not alike(run.losses, stepped.losses) else []
    for what in ("parameters", "gradients"):
        ran, walked = getattr(run, what), getattr(stepped, what)
        found += [f"{what} {name}" for name in ran if not alike(ran[name], walked[name])]
    return found


def lesson_text(seed: int) -> str:
    """Return a lesson's TOML: a few lines, each over names above it, and a loss with constant gradients."""
    return _Drawing(random.Random(seed)).text()


class _Drawing:
    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.lengths = draw.sample(LENGTHS, 4)
        self.shapes: dict[str, Shape] = {}
        self.lines: list[str] = []
        self.tables: dict[str, list[str]] = {"data": [], "parameters": []}

    def text(self) -> str:
        for number in range(self.draw.randint(2, 4)):
            self._leaf(f"p{number}", "parameters")
        if self.draw.random() < 0.5:
            self._leaf("x", "data")
        for _ in range(self.draw.randint(1, 6)):
            self._line()
        self._loss()
        formula = "\n".join(self.lines)
        parts = [
            f'formula = """\n{formula}\n"""',
            *(f"[{k}]\n" + "\n".join(v) for k, v in self.tables.items()),
        ]
        optimizer = self.draw.choice(["sgd", "sgd", "sgd", *OPTIMIZERS])
        decay = self.draw.choice(["0", "0", "0.01"])
        settings = f'learning_rate = 0.01\noptimizer = "{optimizer}"\nweight_decay = {decay}'
        return "\n".join([*parts, f"[hyperparameters]\n{settings}\n"])

    def _leaf(self, name: str, table: str) -> None:
        shape = tuple(self.draw.choice(self.lengths) for _ in range(self.draw.choice((0, 1, 2, 2, 2, 3))))
        values = np.random.default_rng(self.draw.randrange(2**32)).normal(size=shape).round(4).tolist()
        self.tables[table].append(f"{name} = {values}")
        self.shapes[name] = shape

    def _add(self, expression: str, shape: Shape) -> None:
        name = f"n{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        self.shapes[name] = shape

    def _name(self) -> str:
        names = list(self.shapes)
        return self.draw.choice(names[-3:] if self.draw.random() < 0.5 else names)

    def _line(self) -> None:
        draw, shapes = self.draw, self.shapes
        kind = draw.choice(("T", "T", "@", "@", "+", "+", "number", "sum", "curve", "power"))
        a = self._name()
        shape, number = shapes[a], draw.choice(NUMBERS)
        sign = draw.choice(("", "", "-"))
        if kind == "T":
            self._add(f"{sign}{a}.T", shape[::-1])
        elif kind == "number":
            form = draw.choice(
                ("{0} * {1}", "{1} * {0}", "{0} / {1}", "{0} + {1}", "{1} - {0}", "{1} * {0}.T")
            )
            self._add(form.format(a, number), shape[::-1] if form.endswith(".T") else shape)
        elif kind == "sum" and shape:
            axes = sorted(draw.sample(range(len(shape)), draw.randint(1, len(shape))))
            axis = str(axes[0]) if len(axes) == 1 else str(tuple(axes))
            kept = tuple(length for at, length in enumerate(shape) if at not in axes)
            self._add(f"{sign}{draw.choice(('sum', 'mean'))}({a}, axis={axis})", kept)
        elif kind == "curve" and shape and draw.random() > LINEAR:
            self._add(f"{draw.choice(CURVES).format(sign + a)}", shape)
        elif kind == "power" and draw.random() > LINEAR:
            self._add(f"tanh({a})**{draw.choice((2, 3))}", shape)
        elif kind in "+@":
            self._pair(a, kind, sign)

    def _pair(self, a: str, kind: str, sign: str) -> None:
        """Add, multiply or contract two nodes, turned round where only that makes them fit."""
        draw, shapes = self.draw, self.shapes
        partners = list(shapes)
        draw.shuffle(partners)
        for b in partners:
            for left, right in draw.sample([(a, b), (f"{a}.T", b), (a, f"{b}.T"), (f"{a}.T", f"{b}.T")], 4):
                one, other = (np.zeros(self._shape(term)) for term in (left, right))
                try:
                    result = one @ other if kind == "@" else one + other
                except ValueError:
                    continue
                if result.ndim > 3 or result.size > 4000:
                    continue
                operator = "@" if kind == "@" else draw.choice(("+", "-", "*", "-"))
                self._add(f"{sign}{left} {operator} {right}", result.shape)
                return

    def _shape(self, term: str) -> Shape:
        shape = self.shapes[term.removesuffix(".T")]
        return shape[::-1] if term.endswith(".T") else shape

    def _loss(self) -> None:
        """Add up what the last lines came to, each with a constant in front of its sum."""
        names = list(self.shapes)[-self.draw.randint(1, 3) :]
        forms = (
            "sum({0}) * {1}", "sum(-{0}.T) * {1}", "mean({0}) * {1}", "sum({1} * {0}.T)", "mean({0} - {1})",
            "sum(sum({0}.T) * {1})", "mean(({0} - {1})**2)", "sum(tanh({0}.T)) * {1}", "sum({0} * {0}) * {1}",
        )  # fmt: skip
        terms = [self.draw.choice(forms).format(name, self.draw.choice(NUMBERS)) for name in names]
        self.lines.append(f"L = {' + '.join(terms)}")
