"""Traced functions: their lessons have the function's own values to the bit, and its gradients."""

from __future__ import annotations

import copy
import inspect
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.traced_programs import CASES, Case, draw
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.frontends.numpy_tracing import steps
from tui_backprop.engine.frontends.numpy_tracing.places import TraceError
from tui_backprop.lessons.limits import Sandbox


def loss_of(case: Case, name: str = "", index: Any = (), more: float = 0.0) -> float:
    """Run the function itself, with one number of a parameter moved."""
    arguments = copy.deepcopy({**case.parameters, **case.data})
    of = arguments["params"] if name in arguments.get("params", {}) else arguments
    if name:
        moved = np.array(of[name], float)
        moved[index] += more
        of[name] = moved if moved.shape else float(moved)
    result = case.function(**arguments)
    return float(np.asarray(result[0] if isinstance(result, tuple) else result).item())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.function.__name__)
def test_a_lesson_computes_what_its_function_does(case: Case) -> None:
    """The loss to the bit; gradients against central differences of the function itself."""
    trainer = tb.Trainer(tb.trace(case.function, case.parameters, case.data))
    assert trainer.loss == pytest.approx(loss_of(case), rel=0.0 if case.exact else 1e-15, abs=0.0)
    trainer.run(iterations=0)
    for node in trainer.graph.trainable:
        gradient = np.asarray(trainer.gradients[node.name])
        for index in list(np.ndindex(gradient.shape))[::3]:
            ends = [loss_of(case, node.name, index, step) for step in (1e-6, -1e-6)]
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_lines_point_at_the_program() -> None:
    case = CASES[0]
    lesson = tb.trace(case.function, case.parameters, case.data)
    lines, first = inspect.getsourcelines(case.function)
    assert lesson.formula.splitlines() == [
        "z = X @ W1 + b1", "h = np.maximum(0, z)", "y = np.dot(h, W2) + b2",
        "loss = 0.5 * np.mean((y - t)**2)",
    ]  # fmt: skip
    source, named = lesson.source, lesson.graph().named
    assert source is not None
    places = [source.place(named[name]) for name in ("z", "y", "loss")]
    assert places == [f"traced_programs.py:{first + number}" for number in (1, 2, 3)]
    assert source.line(source.place(named["h"])) == "return np.maximum(0, z)"  # in the helper
    assert source.place(named["X"]) == ""
    listing = source.listing(places[1])
    assert [line.text for line in listing] == [line.rstrip() for line in lines]
    assert [line.number for line in listing if line.current] == [first + 2]


def test_a_name_is_given_again_when_it_is_free() -> None:
    def program(w: Any) -> Any:
        x = w * 2
        x = x + 1
        kept = [x]
        x = x * x
        e = np.exp(x)
        return (e + kept[0]).sum()

    lesson = tb.trace(program, {"w": draw(2)})
    assert lesson.formula.splitlines() == [
        "x = w * 2", "x = x + 1", "x_2 = x * x", "e_ = np.exp(x_2)", "loss = np.sum(e_ + x)",
    ]  # fmt: skip
    assert lesson.source is not None
    assert [lesson.source.place(lesson.graph().named[name])[-3:] for name in ("x.1", "x")] == [
        str(inspect.getsourcelines(program)[1] + line).rjust(3, ":") for line in (1, 2)
    ]


def test_a_branch_on_a_traced_value_is_told() -> None:
    case = next(case for case in CASES if case.function.__name__ == "turns")
    lesson = tb.trace(case.function, case.parameters, case.data)
    line = inspect.getsourcelines(case.function)[1] + 3
    assert lesson.source is not None
    assert lesson.source.notes == (
        f"traced_programs.py:{line}: a branch on a traced value; another value may take another path",
    )


def awkward(w: Any) -> Any:
    text = "\t\\ '''", '"""∂ \\'
    assert text
    return (w * 2).sum()


def test_the_programs_text_is_kept_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "awkward.toml"
    path.write_text(tb.trace(awkward, {"w": draw(2)}).text, encoding="utf-8")
    source = tb.load_lesson(path).source
    assert source is not None
    lines = [line.rstrip() for line in inspect.getsourcelines(awkward)[0]]
    assert [line.text for line in source.listing(source.first)] == lines
    path.write_text(path.read_text(encoding="utf-8").replace("test_tracing.py:", "test_tracing.py "))
    with pytest.raises(BackpropError, match=r"source.lines: found 'test_tracing.py \d+'; write FILE:LINE"):
        tb.load_lesson(path)


def takes_number(w: Any) -> Any:
    return float(w.sum()) * w.sum()


def inverts(w: Any) -> Any:
    return np.linalg.inv(w).sum()


def assigns_elsewhere(w: Any) -> Any:
    out = np.random.default_rng(0).normal(size=3)
    out[0] = w[0]
    return out.sum()


def several(w: Any) -> Any:
    return w * 2


def nothing(w: Any) -> Any:
    w.sum()


def of_no_parameter(w: Any) -> Any:
    return np.ones(3).sum()


@pytest.mark.parametrize(
    ("function", "line", "words"),
    [
        (takes_number, 1, "float()"),
        (inverts, 1, "np.linalg.inv(…) cannot be traced"),
        (assigns_elsewhere, 2, "np.zeros"),
        (several, 0, "returns an array of shape (2×2); it has to return the loss, one number"),
        (nothing, 0, "returns nothing"),
        (of_no_parameter, 0, "hangs on none of its arguments"),
    ],
)  # fmt: skip
def test_what_cannot_be_traced_is_named_with_its_line(
    function: Callable[..., Any], line: int, words: str
) -> None:
    with pytest.raises(TraceError) as refused:
        tb.trace(function, {"w": draw(2, 2)})
    text = str(refused.value)
    assert text.startswith(f"test_tracing.py:{inspect.getsourcelines(function)[1] + line}: ")
    assert words in text
    assert "\n" not in text
    assert np.zeros(2).__class__ is np.ndarray  # NumPy is as it was


def test_arguments_that_do_not_fit_are_named() -> None:
    for parameters, words in (
        ({"w": 1.0, "v": 2.0}, "has no argument v"),
        ({}, "its argument w is not given"),
        ({"w": "abc"}, "w: found an array of <U3; give numbers"),
    ):
        with pytest.raises(TraceError, match=words):
            tb.trace(several, parameters)
    with pytest.raises(TraceError, match="a restricted login runs no programs"):
        tb.trace(several, {"w": 1.0}, sandbox=Sandbox(tb.load_lesson("first").path.parent))


def sized(w: Any) -> Any:
    if w.sum() > statistics.mean([0.0, 1.0]):
        return (w**2).sum()
    return w.sum()


def test_only_the_program_s_own_lines_are_kept() -> None:
    """Not those of Python's library, which the program calls, and telling of its line does too."""
    text = tb.trace(sized, {"w": np.ones(2)}).text
    assert re.findall(r"(?m)^file = .*", text) == ['file = "test_tracing.py"']


def endless(w: Any) -> Any:
    while w.sum() < 1e9:
        w = w * 1.0001
    return w.sum()


def test_a_loop_that_goes_on_and_on_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_STEPS", 500)
    with pytest.raises(TraceError, match=r"^test_tracing.py:\d+: more than 500 operations; a formula has at"):
        tb.trace(endless, {"w": np.ones(2)})
