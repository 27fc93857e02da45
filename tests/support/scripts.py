"""Running exported scripts, and the losses that they have to print."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import tui_backprop as tb
from tui_backprop.export.script import write_script
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.running import RunReport


def script_of(lesson: Lesson, **hyperparameters: Any) -> str:
    return write_script(lesson, lesson.hyperparameters.replace(**hyperparameters))


def printed(script: str) -> tuple[list[float], Any]:
    """Run a script in a namespace of its own; return what it prints, and how it ends."""
    out, code = io.StringIO(), None
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
        except SystemExit as end:
            code = end.code
    return list(map(float, out.getvalue().split())), code


def run_alone(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as people do, in an interpreter that knows nothing of this project."""
    path = folder / "script.py"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", path], capture_output=True, text=True, cwd=folder, check=False
    )


def trained(lesson: Lesson, **hyperparameters: Any) -> list[float]:
    """Return the losses that ``train`` prints."""
    trainer = tb.Trainer(lesson, **hyperparameters)
    trainer.run(iterations=0)
    while trainer.divergence is None and trainer.iteration < trainer.hyperparameters.iterations:
        trainer.run(iterations=1)  # step by step, as train does by default
    return [*trainer.losses.tolist(), trainer.loss]


def make_lesson(folder: Path, text: str, **files: str) -> Lesson:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return tb.load_lesson(path)


def check_script(lesson: Lesson, **hyperparameters: Any) -> tuple[str, RunReport]:
    """Assert that the script of a lesson prints the losses of a run; return it and the run's report."""
    script = script_of(lesson, **hyperparameters)
    losses, code = printed(script)
    trainer = tb.Trainer(lesson, **hyperparameters)
    report = trainer.run()
    assert code is None
    assert same(losses, [trainer.lesson.digits(loss) for loss in (*trainer.losses.tolist(), trainer.loss)])
    return script, report


def same(a: list[float], b: list[float]) -> bool:
    """Tell whether two lists have the same floats, NaN and the sign of zero included."""
    return list(map(repr, a)) == list(map(repr, b))
