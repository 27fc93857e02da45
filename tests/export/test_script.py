"""Exported scripts: they run with NumPy alone, and print what train prints, bit for bit."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

import tui_backprop as tb
from tests.support.script_lessons import CSV, LESSONS
from tests.support.scripts import make_lesson, printed, run_alone, same, script_of, trained
from tests.support.thorough import covering, in_part, lessons
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.export import listing, literals
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN

TRAINED = [name for name in BUILTIN if tb.load_lesson(name).trains]


def check(lesson: Lesson, **hyperparameters: object) -> str:
    """Run the script for a lesson and compare; return it."""
    script = script_of(lesson, **hyperparameters)
    losses, code = printed(script)
    assert code is None
    assert same(losses, trained(lesson, **hyperparameters)), script
    return script


@pytest.fixture
def load(tmp_path: Path):
    return lambda text: make_lesson(tmp_path, text, points=CSV)


# the same numbers


@pytest.mark.parametrize("name", lessons(TRAINED))
def test_built_in_lessons(name: str) -> None:
    lesson = tb.load_lesson(name)
    check(lesson, iterations=min(lesson.hyperparameters.iterations, 200))


@pytest.mark.parametrize("name", sorted(set(BUILTIN) - set(TRAINED)))
def test_lessons_that_train_nothing_print_their_one_loss(name: str) -> None:
    check(tb.load_lesson(name), iterations=0)


@pytest.mark.parametrize(("name", "optimizer"), covering(list(LESSONS), list(OPTIMIZERS)))
def test_lessons_that_are_hard_to_write(name: str, optimizer: str, load) -> None:
    lesson = load(LESSONS[name])
    decay = 0.1 if optimizer in ("sgd", "nesterov", "adam", "adamw") else 0.0
    check(lesson, optimizer=optimizer, weight_decay=decay, iterations=12)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", [1, 3, 4, 7, 9])
def test_batches(size: int, shuffle: bool, load) -> None:
    rows = "x = { linspace = [-1, 1, 9] }\ny = { formula = 'cos(x)' }\n"
    text = "formula = '''\nh = tanh(x * w + b)\nL = mean((h - y)**2)\n'''\n[samples]\n"
    lesson = load(f"{text}{rows}[parameters]\nw = 'normal'\nb = 0.1\n")
    for optimizer in ("sgd", "adamw"):
        hyperparameters = {"optimizer": optimizer, "weight_decay": 0.01, "iterations": 25, "seed": 5}
        script = check(lesson, batch_size=size, shuffle=shuffle, **hyperparameters)
        assert ("permutation" in script) is shuffle


@pytest.mark.parametrize("name", ["large arrays", "classes", "pictures", "three axes", "made data"])
def test_batches_of_arrays(name: str, load) -> None:
    lesson = load(LESSONS[name])
    half = lesson.rows // 2
    for size in {half, max(half - 1, 1), lesson.rows}:
        check(lesson, batch_size=size, optimizer="momentum", iterations=12)


def test_batches_of_a_lesson_that_trains_nothing(load) -> None:
    lesson = load("formula = 'L = mean(x**2)'\n[samples]\nx = [1.0, 2.0, 3.0, 4.0]\n")
    for size in (1, 3, 4):
        check(lesson, batch_size=size, iterations=0)


def test_a_last_batch_with_constants_of_its_own(load) -> None:
    """The row of ones that sums a batch is shorter there."""
    lesson = load(LESSONS["classes"])
    assert lesson.rows == 61
    script = check(lesson, batch_size=20, iterations=9)
    assert "np.ones(20)" in script
    assert "else:  # the last, smaller batch" in script


# a process of its own


@pytest.mark.parametrize(
    ("name", "hyperparameters"),
    [
        ("polynomial", {"iterations": 50}),
        pytest.param("polynomial", {}, marks=pytest.mark.slow),
        ("two-layer", {"optimizer": "adam", "batch_size": 3, "iterations": 100}),
        ("chain", {"iterations": 0}),
    ],
)
def test_in_an_interpreter_of_its_own(name: str, hyperparameters: dict[str, object], tmp_path: Path) -> None:
    lesson = tb.load_lesson(name)
    result = run_alone(script_of(lesson, **hyperparameters), tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines == [repr(float(line)) for line in lines]
    assert same(list(map(float, lines)), trained(lesson, **hyperparameters))


def test_names_and_greek_in_an_interpreter_of_its_own(load, tmp_path: Path) -> None:
    lesson = load(LESSONS["Greek"])
    result = run_alone(script_of(lesson), tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert same(list(map(float, result.stdout.split())), trained(lesson))


# where numbers end


@pytest.mark.parametrize(
    ("name", "hyperparameters"),
    [("linear", {"learning_rate": 100.0}), ("polynomial", {"learning_rate": 1.0})],
)
def test_divergence_ends_it_where_it_ends_train(
    name: str, hyperparameters: dict[str, float], tmp_path: Path
) -> None:
    lesson = tb.load_lesson(name)
    result = run_alone(script_of(lesson, **hyperparameters), tmp_path)
    losses = list(map(float, result.stdout.split()))
    assert same(losses, trained(lesson, **hyperparameters))
    assert losses[-1] == np.inf
    assert (result.returncode, result.stderr) == (1, f"diverged after {len(losses)} losses\n")


def test_a_parameter_that_is_not_finite_ends_it(load) -> None:
    text = "formula = 'L = tanh(w) + v * 1e306'\n[parameters]\nw = 1e3\nv = 1\n"
    lesson = load(f"{text}[hyperparameters]\nlearning_rate = 1e6\n")
    losses, code = printed(script_of(lesson))
    assert same(losses, trained(lesson))
    assert code == f"diverged after {len(losses)} losses"


@pytest.mark.parametrize(
    ("formula", "rest"),
    [
        ("L = log(w)", "w = 0.5"),
        ("L = (1 / w - u)**2", "w = 0.0\nu = 1.0"),
        ("L = exp(w * 1000)", "w = 1.0"),
        ("L = w**0.3", "w = -8.0"),
        ("q = 1 / (1 + exp(z))\nL = (q - 0.5 + w)**2", "w = 3.0\nz = { value = 1000.0, trainable = false }"),
        ("q = 1 / (1 + exp(z * z))\nL = (q - 0.5 + w)**2", "w = 0.3\nz = 30.0"),
        ("L = exp(w) * v + w**4 + log(v * v)", "w = 1.0\nv = 2.0"),
    ],
)
@in_part("alone", False, True)
def test_where_python_refuses_to_compute_it_goes_on_as_train_does(
    load, tmp_path: Path, formula: str, rest: str, alone: bool
) -> None:
    hyperparameters = "[hyperparameters]\nlearning_rate = 0.3\niterations = 30\n"
    lesson = load(f"formula = '''{formula}'''\n[parameters]\n{rest}\n{hyperparameters}")
    if alone:
        result = run_alone(script_of(lesson), tmp_path)
        losses, end = list(map(float, result.stdout.split())), result.stderr
        assert result.returncode == (1 if end else 0)
    else:
        losses, code = printed(script_of(lesson))
        end = code or ""
    assert same(losses, trained(lesson))
    assert end == "" or end.startswith("diverged after")


def test_only_a_program_that_may_fail_is_prepared_for_it(load) -> None:
    for name in ("linear", "neuron", "two-layer"):
        assert "safe(" not in script_of(tb.load_lesson(name), optimizer="adam")
    script = script_of(load("formula = 'L = log(w)'\n[parameters]\nw = 0.5\n"))
    assert "log = safe(math.log, np.log)" in script


def test_data_that_overflow_are_refused(load) -> None:
    lesson = load("formula = 'L = (w - 1)**2 + 1 / (1 + exp(x))'\n[data]\nx = 800.0\n[parameters]\nw = 0.5\n")
    with pytest.raises(BackpropError, match="own is done step by step: its data give a math range error"):
        script_of(lesson)


def test_what_cannot_be_traced_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise UntraceableError("a reshape that copies")

    monkeypatch.setattr(listing, "write", refuse)
    with pytest.raises(BackpropError, match=r"linear is done step by step: .* \(a reshape that copies\)"):
        script_of(tb.load_lesson("linear"))


# how it reads


def test_polynomial_reads_like_the_notebook() -> None:
    script = script_of(tb.load_lesson("polynomial"))
    for lines in (
        "x = np.linspace(-np.pi, np.pi, 2000)\ny = np.sin(x)\n",
        "rng = np.random.RandomState(0)\na = rng.standard_normal()\nb = rng.standard_normal()\n",
        "learning_rate = 1e-06\niterations = 2000\n",
        "x2 = x * x\nx3 = x2 * x\n",
        "for k in range(iterations + 1):\n    # forward\n    #     y_hat = a + b * x + c * x**2 + d * x**3\n",
        "    #     L = sum((y_hat - y)**2)\n",
        "    # update\n    a -= learning_rate * da\n",
    ):
        assert lines in script
    assert script.startswith('"""A cubic for the sine\n\n    y_hat = a + b * x')
    assert max(map(len, script.splitlines())) <= 100


def test_a_line_that_is_the_formula_s_own_needs_no_comment() -> None:
    script = script_of(tb.load_lesson("linear"))
    assert "# forward\n    y = w * x + b\n    #     L = (y - t)**2 / 2\n" in script


def test_starts_are_written_as_rules(load) -> None:
    script = script_of(load(LESSONS["classes"]))
    assert "rng = np.random.default_rng(0)\nW1 = (2 / 2) ** 0.5 * rng.standard_normal((2, 30))\n" in script
    assert (
        "b1 = np.zeros(30)\nW2 = (2 / 33) ** 0.5 * rng.standard_normal((30, 3))\nb2 = np.full(3, 0.5)"
        in script
    )
    assert "W = rng.uniform(-0.3, 0.3, (3, 2))" not in script


def test_a_draw_that_is_not_used_is_drawn_if_another_one_follows(load) -> None:
    text = (
        "formula = 'L = (v - 1)**2'\n[parameters]\nu = { init = 'normal', trainable = false }\nv = 'normal'\n"
    )
    script = check(load(f"{text}z = {{ init = 'normal', trainable = false }}\n"))
    assert "u = rng" in script
    assert "z = rng" not in script


def test_hyperparameters_that_are_not_used_are_left_out() -> None:
    script = script_of(tb.load_lesson("linear"), optimizer="momentum")
    assert "momentum = 0.9" in script
    assert not any(
        f"\n{name} =" in script for name in ("rho", "beta1", "epsilon", "weight_decay", "batch_size")
    )


def test_helpers_are_there_where_they_are_called(load) -> None:
    assert "def maximum(a, b):" in script_of(load(LESSONS["numbers"]))
    assert "def maximum(a, b):" not in script_of(load(LESSONS["large arrays"]))


def test_many_numbers_are_compressed(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literals, "MANY", 50)
    script = check(load(LESSONS["large arrays"]), iterations=5)
    assert "zlib.decompress(base64.b64decode(" in script
    assert script.index("import base64\nimport sys\nimport zlib\n\nimport numpy as np") > 0
    assert max(map(len, script.splitlines()[40:60])) <= 110


@pytest.mark.parametrize("shape", [(), (3,), (40,), (2, 3), (30, 2), (3, 30), (1, 9), (2, 3, 4), (2, 2, 40)])
def test_arrays_are_listed_as_they_are(shape: tuple[int, ...]) -> None:
    value = np.random.default_rng(0).standard_normal(shape) * 10.0 ** np.arange(-9, 9).take(len(shape))
    text = "\n".join(literals.literal(np.asarray(value)))
    made = np.asarray(eval(text, {"np": np}))
    assert made.tobytes() == np.asarray(value).tobytes()
    assert made.shape == np.shape(value)
    assert all(len(line) <= literals.WIDTH for line in text.split("\n"))


def test_minus_zero_stays_what_it_is() -> None:
    for value in (np.array([-0.0] * 9), np.array([0.0, -0.0] * 4), np.array(-0.0)):
        made = np.asarray(eval("\n".join(literals.literal(value)), {"np": np}))
        assert made.tobytes() == value.tobytes()


# text that nobody has checked

HOSTILE = (
    '"""\nimport os; os._exit(3)\n"""', '""""', "\\", 'x\\"""', "\\\n", "coding: rot13", "\u2028import os",
    "a\fb\r\n", "\\N{DIGIT ONE} \\x", "# -*- coding: utf-7 -*-", "\u202e", 'end"', "'''",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_title_formula_and_name_are_text(text: str) -> None:
    lesson = tb.load_lesson("linear")
    hostile = structs.replace(lesson, title=text, name=text, formula=f"# {text}\n{lesson.formula}\n# {text}")
    assert code_of(script_of(hostile)) == code_of(script_of(lesson))


def code_of(script: str) -> str:
    """Return a script without its docstring, as Python reads its bytes."""
    raw = script.encode()
    assert tokenize.detect_encoding(io.BytesIO(raw).readline)[0] == "utf-8"
    tree = ast.parse(raw)
    assert isinstance(tree.body[0], ast.Expr)
    del tree.body[0]
    return ast.dump(tree)


# schedules and clipping


@pytest.mark.parametrize("kind", sorted(SCHEDULES))
def test_a_script_has_the_rate_of_each_iteration(kind: str) -> None:
    script = check(tb.load_lesson("logistic"), schedule=kind, iterations=40)
    assert ("learning_rate = 0.1\n" in script) is (kind == "constant")
    assert (f"    learning_rate = {kind}_rate(k, " in script) is (kind != "constant")


@pytest.mark.parametrize("optimizer", ["adam", "nesterov"])
def test_a_script_has_the_momentum_of_each_iteration(optimizer: str) -> None:
    turned = {"kind": "one_cycle", "cycle_momentum": True, "total_steps": 30}
    script = check(tb.load_lesson("two-layer"), schedule=turned, optimizer=optimizer, iterations=40)
    name = "beta1" if optimizer == "adam" else "momentum"
    assert f"    {name} = one_cycle_momentum(k, total_steps=30, pct_start=0.3, " in script
    assert f"\n{name} = " not in script


@pytest.mark.parametrize("optimizer", ["adamw", "nadam", "sgd"])
@pytest.mark.parametrize("name", ["large arrays", "numbers", "small arrays"])
def test_a_script_clips_as_training_does(name: str, optimizer: str, load) -> None:
    check(
        load(LESSONS[name]),
        optimizer=optimizer, clip_norm=0.3, clip_value=0.1, schedule={"kind": "step", "step_size": 4},
        weight_decay=0.1, batch_size="all" if name == "numbers" else 4, iterations=12,
    )  # fmt: skip


def test_names_of_a_lesson_do_not_meet_those_of_a_schedule(load) -> None:
    lesson = load(
        "formula = '''\ncosine_rate = w * growth\nL = (cosine_rate - scheduled * cycle)**2\n'''\n"
        "[data]\ngrowth = 2.0\nscheduled = 1.0\ncycle = 1.5\n[parameters]\nw = 'truncated_normal'\n"
    )
    check(lesson, schedule="cosine", iterations=12)
    check(lesson, schedule="one_cycle", iterations=12)
