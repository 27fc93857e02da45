"""Lessons of random formulas, and a run that is compared with stepping to the last bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.calls import matrix_forms
from tui_backprop.lessons.lesson import Lesson


def lesson_of(text: str) -> Lesson:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compiled.toml"
        path.write_text(text, encoding="utf-8")
        return tb.load_lesson(path)


def assert_same(
    lesson: object, iterations: int, *, by_code: bool = True, **hyperparameters: object
) -> tb.Trainer:
    """Run one trainer, step another through every record, and compare every bit; return the one that ran."""
    ran, stepped = tb.Trainer(lesson, **hyperparameters), tb.Trainer(lesson, **hyperparameters)
    report = ran.run(iterations=iterations)
    while stepped.iteration < ran.iteration:
        stepped.step()
    at_once = report.reason == "diverged" and ran.iteration <= 1  # before an optimizer's memory, and code
    assert compiled(ran) or not by_code or at_once
    np.testing.assert_array_equal(ran.losses, stepped.losses)
    assert ran.loss == stepped.loss or report.reason == "diverged"
    for name, value in stepped.parameters.items():
        np.testing.assert_array_equal(ran.parameters[name], value, err_msg=name)
    for name, state in stepped.optimizer_states.items():
        assert ran.optimizer_states[name].count == state.count
        for kind, array in state.arrays.items():
            np.testing.assert_array_equal(ran.optimizer_states[name].arrays[kind], array, err_msg=kind)
    return ran


def compiled(trainer: tb.Trainer) -> bool:
    """Tell whether the trainer's runs were done by compiled code, all of them."""
    programs = trainer.programs.values()
    return bool(programs) and all(program is not None for program in programs)


SMALL = {
    "W": "[[0.5, -1.25], [2.0, 0.75]]", "V": "[[1.5, 0.25], [-0.5, 1.0]]", "b": "[0.1, -0.2]",
    "c": "[[0.3], [-0.7]]", "s": "1.1", "r": "[0.7]",
    "D": "[[[0.3, -0.1], [0.7, 0.2]], [[-0.4, 0.6], [0.5, 0.9]]]",
    "E": "[[[[0.2, -0.3], [0.1, 0.4]]], [[[-0.6, 0.8], [0.3, -0.9]]]]",
}  # fmt: skip
LARGE = {
    name: f'{{ init = "normal", shape = {shape}, scale = 0.5 }}'
    for name, shape in {
        "W": [12, 12],
        "V": [12, 12],
        "b": [12],
        "c": [12, 1],
        "r": [1],
        "D": [12, 12, 12],
        "E": [2, 1, 12, 12],
    }.items()
} | {"s": "1.1"}
FORMS = (
    "{0} @ {1}", "{0} + b", "{0} * c", "{0} * s + {1}", "s * {0}", "tanh({0})", "{0}.T", "relu({0}) - {1}",
    "softmax({0}) * {1}", "{0} * {0}", "maximum({0}, {1})", "{0}**2 / 2", "{0}**3 - {1}", "-{0}",
    "sigmoid({0} @ {1} + b)", "{0} / (1 + {1}**2)", "abs({0}) * r", "softplus({0})", "leaky_relu({0})",
    "sin({0}) * cos({1})", "exp(-{0}**2)", "sqrt(1 + {0}**2)", "log(1 + {0}**2)", "(1 + {0}**2)**0.3",
    "mean({0}, axis=0) + {1}", "sum({0}, axis=1) * b", "{0} - mean({1})", "{0} * sum({1} * {0})",
    "(1 + {0}**2)**({1} / 5)", "softmax({0}, axis=0)", "{0} * 0.5 - {1} * 0.25", "X @ {0} + b", "{0} * X",
    "mean(D @ {0}, axis=0) + {1}", "sum(D * {0}, axis=0)", "sum({0} @ D, axis=(0, 2)) * {1}",
    "sum(E @ {0}, axis=(0, 1)) + {1}", "sum(b @ E, axis=(0, 1)) @ {0} * {1}", "sum(E @ b) * {0}",
    "{0} * sum(conv2d(swapaxes(E, 0, 1), E * mean({1}), padding=1, groups=2))",
    "D @ b @ {0} + {1}", "mean(D - sum({0}), axis=0) * {1}", *matrix_forms(),
)  # fmt: skip
LOSSES = (
    "mean({0} * {0})", "sum({0}**2)", "mse({0}, {1})", "bce(sigmoid({0}), Y)", "bce_with_logits({0}, Y)",
    "cross_entropy({0}, Y)", "sum(({0} - {1})**2 / 2)", "mean({0})", "sum(-{0} * 4 * {1})",
)  # fmt: skip


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """Draw lines of matrices in which every line may use all the names above it, also twice."""
    names, lines = ["W", "V", "X"], []

    def pick() -> str:
        return draw(st.sampled_from(names))

    for number in range(draw(st.integers(1, 6))):
        lines.append(f"n{number} = " + draw(st.sampled_from(FORMS)).format(pick(), pick()))
        if "axis=1" in lines[-1]:
            lines[-1] += f" + {pick()}"
        names.append(f"n{number}")
    return "\n".join([*lines, "L = " + draw(st.sampled_from(LOSSES)).format(names[-1], pick())])


def square(formula: str, parameters: dict[str, str], size: int) -> str:
    rows = np.random.default_rng(size).normal(size=(size, size)).round(3).tolist()
    targets = (np.eye(size) * 0.9 + 0.05).tolist()
    return "\n".join(
        [f"formula = '''\n{formula}\n'''", "[data]", f"X = {rows}", f"Y = {targets}", "[parameters]"]
        + [f"{name} = {value}" for name, value in parameters.items()]
    )
