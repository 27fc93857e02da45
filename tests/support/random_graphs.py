"""Random formulas over small matrices, in which every line may use all names above it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.calls import matrix_forms
from tui_backprop.lessons.lesson import Lesson

PARAMETERS = {
    "W": "[[0.5, -1.25], [2.0, 0.75]]", "V": "[[1.5, 0.25], [-0.5, 1.0]]", "b": "[0.1, -0.2]",
    "c": "[[0.3], [-0.7]]", "s": "1.1",
}  # fmt: skip
FORMS = (
    "{0} @ {1}", "{0} + b", "{0} * c", "{0} * s + {1}", "tanh({0})", "{0}.T", "relu({0}) - {1}",
    "{0} * {0}", *matrix_forms(),
)  # fmt: skip


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """Draw lines of 2×2 matrices in which every line may use all the names above it, also twice."""
    names, lines = ["W", "V", "X"], []
    for number in range(draw(st.integers(1, 5))):
        form = draw(st.sampled_from(FORMS))
        lines.append(f"n{number} = " + form.format(*(draw(st.sampled_from(names)) for _ in range(2))))
        names.append(f"n{number}")
    return "\n".join([*lines, f"L = mean({names[-1]} * {names[-1]})"])


def random_lesson(formula: str) -> Lesson:
    """Return a lesson of such a formula."""
    lines = [f"formula = '''\n{formula}\n'''", "[samples]", "X = [[1.0, 2.0], [-0.5, 0.25]]", "[parameters]"]
    lines += [f"{name} = {value}" for name, value in PARAMETERS.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return tb.load_lesson(path)
