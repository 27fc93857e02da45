"""Running programs that are exported for a framework, which has to be installed."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np

from tests.support.scripts import trained
from tui_backprop.export.targets.frameworks.framework import Framework
from tui_backprop.export.targets.frameworks.jax_numpy import JAX
from tui_backprop.export.targets.frameworks.program import write_program
from tui_backprop.export.targets.frameworks.pytorch import PYTORCH
from tui_backprop.lessons.lesson import Lesson

FRAMEWORKS = {"torch": PYTORCH, "jax": JAX}
"""By the name of the package that has to be there."""
TOLERANCE = 1e-9


def program_of(framework: Framework, lesson: Lesson, **hyperparameters: Any) -> str:
    return write_program(framework, lesson, lesson.hyperparameters.replace(**hyperparameters))


def check_program(framework: Framework, lesson: Lesson, **hyperparameters: Any) -> None:
    """Assert that the program prints the losses that ``train`` prints, but for rounding."""
    program, out = program_of(framework, lesson, **hyperparameters), io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "program.py", "exec"), {"__name__": "__main__"})
    losses, right = (
        np.array(out.getvalue().split(), dtype=float),
        np.array(trained(lesson, **hyperparameters)),
    )
    assert losses.shape == right.shape, program
    np.testing.assert_allclose(losses, right, rtol=TOLERANCE, atol=TOLERANCE, err_msg=program)
