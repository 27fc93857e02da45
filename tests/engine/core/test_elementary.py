"""The table of elementary functions: a row is enough, and what it says of a function is so."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.scripts import make_lesson, printed, run_alone, same, script_of, trained
from tests.support.thorough import tried
from tui_backprop.engine.core.elementary import ELEMENTARY, OF_ARRAYS, elementary, erf, exp, log, power, sqrt
from tui_backprop.engine.ops.functions.elementwise import Sin

FLOATS = st.floats(width=64)


@pytest.fixture
def arcsinh() -> Iterator[Callable[[Any], Any]]:
    """Enter a function that the table does not have."""
    assert "arcsinh" not in ELEMENTARY
    yield elementary(np.arcsinh, math.asinh, total=True)
    del ELEMENTARY["arcsinh"]


@pytest.fixture
def arccosh() -> Iterator[Callable[[Any], Any]]:
    assert "arccosh" not in ELEMENTARY
    yield elementary(np.arccosh, math.acosh)
    del ELEMENTARY["arccosh"]


NUMBERS = "formula = 'L = (sin(w * x) - 0.5)**2'\n[data]\nx = 2.0\n[parameters]\nw = 0.3\n"
ARRAYS = (
    "formula = 'L = mean((sin(w * x) - 0.5)**2)'\n[data]\n"
    "x = { linspace = [-1, 2, 100] }\n[parameters]\nw = 0.3\n"
)


@pytest.mark.parametrize("text", [NUMBERS, ARRAYS])
def test_a_new_row_is_stepped_compiled_and_exported(
    text: str, arcsinh: Callable[[Any], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sin, "forward", lambda self, *operands: arcsinh(operands[0]))
    monkeypatch.setattr(Sin, "local_derivative", lambda self, i, operands, y: 1.0 / (1.0 + operands[0] ** 2))
    lesson = make_lesson(tmp_path, f"{text}[hyperparameters]\niterations = 60")
    stepped, run = tb.Trainer(lesson), tb.Trainer(lesson)
    for _ in range(60):
        stepped.next()
    run.run(iterations=60)
    np.testing.assert_array_equal(stepped.losses, run.losses)
    script = script_of(lesson)
    assert ("math.asinh" if text == NUMBERS else "np.arcsinh(") in script
    assert same(printed(script)[0], trained(lesson))


def test_a_new_row_may_raise(
    arccosh: Callable[[Any], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sin, "forward", lambda self, *operands: arccosh(operands[0]))
    lesson = make_lesson(tmp_path, NUMBERS.replace("w = 0.3", "w = -0.3"))
    script = script_of(lesson)
    assert "acosh = safe(math.acosh, np.arccosh)" in script
    done = run_alone(script, tmp_path)
    assert done.returncode == 1
    assert done.stdout.split()[0] == "nan"
    assert math.isnan(tb.Trainer(lesson).loss)


def of_numbers() -> dict[str, Callable[..., Any]]:
    space: dict[str, Any] = {"math": math}
    exec("\n".join(row.definition for row in ELEMENTARY.values()), space)
    return {name: eval(row.of_number, space) for name, row in ELEMENTARY.items()}


def of_array(name: str) -> Callable[..., Any]:
    """Return what computes arrays: NumPy's function, or where it has none, ours."""
    function: Callable[..., Any] = getattr(np, name, None) or OF_ARRAYS[f"{name}_array"]
    return function


OF_NUMBERS = of_numbers()
TOTAL = [name for name, row in ELEMENTARY.items() if row.total]
DEFINED_OR_EXACT = ["absolute", "isfinite", "maximum", "minimum", "floor", "sign"]


@pytest.mark.parametrize("name", ELEMENTARY)
def test_a_row_names_numpy_s_function(name: str) -> None:
    row = ELEMENTARY[name]
    assert eval(row.of_array, {"np": np, **OF_ARRAYS}) is of_array(name)
    assert hasattr(np, name) != (row.of_array in OF_ARRAYS)
    assert bool(row.definition) == ("." not in row.of_number and row.of_number not in vars(builtins))


@pytest.mark.parametrize("name", TOTAL)
@tried(a=FLOATS, b=FLOATS, few=20, many=100)
@example(a=math.inf, b=-math.inf)
@example(a=math.nan, b=-0.0)
def test_what_is_total_has_a_result_for_every_number(name: str, a: float, b: float) -> None:
    OF_NUMBERS[name](*(a, b)[: getattr(of_array(name), "nin", 1)])


@pytest.mark.parametrize("name", DEFINED_OR_EXACT)
@tried(a=FLOATS, b=FLOATS, few=20, many=100)
@example(a=math.nan, b=1.0)
@example(a=1.0, b=math.nan)
@example(a=0.0, b=-0.0)
def test_of_numbers_as_of_arrays(name: str, a: float, b: float) -> None:
    operands = (a, b)[: getattr(np, name).nin]
    np.testing.assert_array_equal(OF_NUMBERS[name](*operands), getattr(np, name)(*operands))


def test_where_c_reports_an_error_numpy_gives_the_result() -> None:
    with np.errstate(all="ignore"):
        assert exp(1000.0) == math.inf
        assert log(0.0) == -math.inf
        assert math.isnan(sqrt(-1.0))
        assert math.isnan(power(-2.0, 0.5))
        assert power(0.0, -1.0) == math.inf


def test_erf_of_an_array_has_each_number_s_value_where_it_is_wanted() -> None:
    x = np.array([[0.5, -0.0, 1e-300], [math.inf, -2.0, math.nan]])
    # to 17 digits: Abramowitz and Stegun, table 7.1, and DLMF 7.6.1 near 0
    expected = [[0.52049987781304654, -0.0, 1.1283791670955126e-300], [1.0, -0.99532226501895273, math.nan]]
    np.testing.assert_array_equal(erf(x), expected)
    assert erf(np.float64(0.5)) == expected[0][0]
    assert type(erf(np.float64(0.5))) is np.float64
    single = erf(np.float32(0.5))
    assert (type(single), single) == (np.float32, np.float32(expected[0][0]))
    assert erf(np.float32([0.5])).tolist() == [single]
    into = OF_ARRAYS["erf_array"](x, out=x)
    assert into is x
    np.testing.assert_array_equal(x, expected)
