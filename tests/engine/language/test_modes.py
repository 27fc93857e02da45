"""A function that differs in evaluation: training, stepping and checks have the one, evaluating the other."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.building.operations import OperationBuilder
from tui_backprop.engine.ops.arithmetic import Identity

TEXT = """
formula = '''
h = relu(w * x)
L = mse(h, y)
'''
[samples]
x = [1.0, 2.0, -3.0, 4.0]
y = [2.0, 4.0, 6.0, 8.0]
[validation]
rows = [2]
early_stop = 5
[parameters]
w = 1.0
[hyperparameters]
learning_rate = 0.01
iterations = 100
"""


@pytest.fixture
def differing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have relu, as a stand-in for what drops out, pass everything in evaluation."""
    apply = OperationBuilder.apply

    def by_mode(self, step, operands, label):
        if step.text == "relu" and self.mode is Mode.EVALUATION:
            return self.append(Identity(), operands, step, label)
        return apply(self, step, operands, label)

    monkeypatch.setattr(OperationBuilder, "apply", by_mode)


@pytest.mark.usefixtures("differing")
def test_evaluating_is_in_evaluation_mode_and_nothing_else(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    assert t.evaluate().loss == (-3.0 - 6.0) ** 2  # with relu it were 6²
    assert t.loss == pytest.approx((1 + 4 + 16) / 3)
    assert [node.op.name for node in t.graph.nodes if node.label == "h" and node.op] == ["relu"]
    assert tb.check_gradients(t).passed
    t.step()
    assert t.evaluate().loss == 81.0


@pytest.mark.usefixtures("differing")
def test_compiled_runs_validate_in_evaluation_mode(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    report = t.run()  # as w grows from 1 to 2, (-3w - 6)² grows, where relu's would stay
    assert any(key.validates for key, program in t.programs.items() if program)
    assert report.early_stop is not None
    assert (report.early_stop.best, report.early_stop.loss, t.iteration) == (0, 81.0, 5)


def test_what_is_the_same_in_both_modes_is_built_once(tmp_path: Path) -> None:
    lesson = mine(tmp_path, TEXT).lesson
    assert lesson.graph(3) is lesson.graph(3, Mode.EVALUATION) is not lesson.graph(2, Mode.EVALUATION)
    assert lesson.graph(2, Mode.EVALUATION) is lesson.graph(2, Mode.EVALUATION)
    drops = mine(tmp_path, TEXT.replace("relu(w * x)", "dropout(w * x, p=0.5)")).lesson
    assert drops.graph(3).drawn
    assert not drops.graph(3, Mode.EVALUATION).drawn
