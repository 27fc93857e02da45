"""The text that is compiled: short, readable, and with nothing in it but what the formula parser accepted."""

from __future__ import annotations

import io
import keyword
import re
import token
import tokenize
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.compile.compiler import PROGRAMS, CompiledProgram, RunRequest, compile_graph, write
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.iteration import Task, Watching
from tui_backprop.engine.core import backends
from tui_backprop.engine.core.helpers import HELPERS
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN

VOCABULARY = frozenset({
    "np", "math", "prepare", "train", "iterations", "losses", "fixed", "hyperparameters", "parameters",
    "memory", "updates", "samples", "batch", "batches", "first", "before", "seen", "k", "step", "row",
    "range", "ArithmeticError", "ValueError", "learning_rate", "momentum", "rho", "beta1", "beta2", "epsilon",
    "weight_decay", "maximum", "sign", "abs", "out", "axis", "keepdims", "empty", "ones", "zeros",
    "full", "order", "None", "True", "False", "dot", "vdot", "T", "reshape", "tobytes", "all", "any",
    "item", "inf", "nan", "exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "pow", "power", "where",
    "add", "subtract", "multiply", "divide", "negative", "reduce", "concatenate", "stack", "array",
    "broadcast_to", "expand_dims", "swapaxes", "einsum", "isfinite", "isnan", "greater", "ravel",
    "outer", "scheduled", "validation", "clip_norm", "clip_value", "minimum", "copy", "eye", "astype", "int",
    "arange", "matmul", "seed", "dropout_mask",
})  # fmt: skip


def lesson_of(folder: Path, text: str) -> Lesson:
    path = folder / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    return tb.load_lesson(path)


def task_of(trainer: tb.Trainer) -> tuple[Task, dict[str, np.ndarray]]:
    hyperparameters = trainer.hyperparameters
    batched = trainer.iterations_per_epoch > 1
    task = Task(trainer.graph, hyperparameters.optimizer, hyperparameters.coefficients, batched)
    return task, {name: np.asarray(value) for name, value in trainer.leaves.items()}


def program_of(trainer: tb.Trainer) -> CompiledProgram:
    return compile_graph(*task_of(trainer))


def loop_of(trainer: tb.Trainer) -> list[str]:
    """Return the statements of the loop as scripts have them."""
    return [statement.text for statement in write(*task_of(trainer)).code.iteration]


def test_numbers_read_as_one_would_write_them() -> None:
    assert loop_of(tb.Trainer(tb.load_lesson("linear"))) == [
        "y = w * x + b",
        "dy = y - t",
        "L = dy * dy / 2",
        "dw = dy * x",
        "w -= learning_rate * dw",
        "b -= learning_rate * dy",
    ]


def test_small_arrays_too() -> None:
    assert loop_of(tb.Trainer(tb.load_lesson("two-layer"))) == [
        "z1 = X.dot(W1) + b1",
        "h = np.tanh(z1)",
        "z2 = h.dot(W2) + b2",
        "t1 = np.exp(-np.abs(z2))",
        "y_hat = np.where(z2 >= 0.0, 1.0, t1) / (1.0 + t1)",
        "t2 = y_hat - y",
        "L = np.vdot(t2, t2) / 4",
        "t3 = t2 * (y_hat * (1.0 - y_hat))",
        "t4 = t3.dot(W2.T) * (1.0 - h * h)",
        "dW1 = X.T.dot(t4) * 0.5",
        "db1 = ones.dot(t4) * 0.5",
        "dW2 = h.T.dot(t3) * 0.5",
        "db2 = ones.dot(t3) * 0.5",
        "W1 -= learning_rate * dW1",
        "b1 -= learning_rate * db1",
        "W2 -= learning_rate * dW2",
        "b2 -= learning_rate * db2",
    ]


def test_what_data_alone_give_is_computed_once() -> None:
    code = write(*task_of(tb.Trainer(tb.load_lesson("polynomial")))).code
    assert code.once[:2] == ["x2 = x * x", "x3 = x2 * x"]
    assert code.arrays == ["y_hat = t1 = np.empty(2000)"]
    assert [s.text for s in code.iteration if s.section == "forward"] == [
        "np.dot(np.array((a, b, c, d)), t2, out=y_hat)",
        "np.subtract(y_hat, y, out=t1)",
        "L = t1.dot(t1)",
    ]


def test_a_loop_over_large_arrays_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "slow_tanh", lambda: False)  # the other tanh has blocks of its own
    rows = np.random.default_rng(0).normal(size=(1000, 4)).tolist()
    lesson = lesson_of(
        tmp_path,
        "formula = '''\nz = X @ W + b\nh = tanh(z) * c\nu = sigmoid(h)**2 - h / (1 + h**2)\n"
        "L = mean((u @ V - 1)**2)\n'''\n"
        f"[samples]\nX = {rows}\n[parameters]\nW = {{ init = 'normal', shape = [4, 30] }}\n"
        "b = { init = 'zeros', shape = [30] }\nc = { init = 'ones', shape = [30] }\n"
        "V = { init = 'normal', shape = [30, 1] }",
    )
    trainer = tb.Trainer(lesson, optimizer="adam")
    program = program_of(trainer)
    fixed = program.bind(trainer.inputs)
    given = trainer.hyperparameters.coefficients, dict(trainer.parameters)
    losses = np.empty(20)
    program.run(fixed, RunRequest(2, losses, *given))
    tracemalloc.start()
    program.run(fixed, RunRequest(20, losses, *given))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    where = sum("np.where(" in line for line in loop_of(trainer))
    assert peak < (2 * where + 0.7) * 1000 * 30 * 8  # np.where has no out; NumPy 1.26 has a buffer besides


def test_what_nobody_reads_goes_over_a_weight_s_gradient_once(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(8, 30)).tolist()
    lesson = lesson_of(
        tmp_path,
        f"formula = 'L = mean(relu(X @ W)**2)'\n[data]\nX = {rows}\n"
        "[parameters]\nW = { init = 'normal', shape = [30, 16] }",
    )
    trainer = tb.Trainer(lesson)
    task = Task(trainer.graph, "sgd", trainer.hyperparameters.coefficients, False)
    leaves = {**trainer.inputs, **trainer.parameters}
    shown = [s.text for s in write(task, leaves).code.iteration if s.section != "forward"]
    code = write(task._replace(shows_gradients=False), leaves).code
    fast = [s.text for s in code.iteration if s.section != "forward"]
    assert shown[-3:-1] == ["dW *= 0.015625", "np.multiply(learning_rate, dW, out=t1)"]
    assert [text.partition(" = ")[2] for text in code.call] == ["learning_rate / 64"]
    assert len(fast) == len(shown) - 1
    assert not any("where" in line for line in fast)  # a relu's gate is the condition itself


@pytest.mark.parametrize("name", BUILTIN)
def test_only_names_of_the_formula_and_of_this_program(name: str) -> None:
    trainer = tb.Trainer(tb.load_lesson(name))
    if trainer.lesson.trains:
        names = {known.replace(".", "_") for known in trainer.graph.named}
        check_tokens(program_of(trainer).source.text, names)


def check_tokens(text: str, names: set[str]) -> None:
    allowed = {*VOCABULARY, *HELPERS, "IndexError", *names, *(f"d{name}" for name in names)}
    for kind, word, *_ in tokenize.generate_tokens(io.StringIO(text).readline):
        assert kind != token.COMMENT
        if kind == token.STRING:
            assert word in ('"F"', '"C"', '"K"', '"bmk,bk->m"')
        if kind == token.NUMBER:
            float(word)
        if kind == token.NAME and not keyword.iskeyword(word):
            plain = re.sub(r"_\d*$", "", word)  # where the name itself was taken
            power = re.sub(r"\d$", "", word)  # c2 is c**2
            assert {word, plain, power} & allowed or re.fullmatch(r"t\d+|[vms]_.*|.*_all", word), word


CLASHES = ("np", "math", "k", "losses", "train", "list", "range", "first", "learning_rate", "dw", "t1",
           "step", "__class__", "x__y", "θ", "__builtins__", "exec")  # fmt: skip


@pytest.mark.parametrize("name", CLASHES)
def test_names_that_are_taken_are_renamed(name: str, tmp_path: Path) -> None:
    lesson = lesson_of(
        tmp_path,
        f"formula = '''\nu = {name} * w + w\nL = (u - 1)**2\n'''\n"
        f"[data]\n'{name}' = 2.0\n[parameters]\nw = 0.5",
    )
    trainer, other = tb.Trainer(lesson), tb.Trainer(lesson)
    text = program_of(trainer).source.text
    assert "__" not in text
    trainer.run(iterations=100)
    for _ in range(100):
        other.next()
    np.testing.assert_array_equal(trainer.losses, other.losses)


def test_a_program_is_kept_with_its_graph() -> None:
    lesson = tb.load_lesson("logistic")
    one = program_of(tb.Trainer(lesson))
    assert program_of(tb.Trainer(lesson, learning_rate=0.7)) is one
    assert program_of(tb.Trainer(lesson, weight_decay=0.1)) is not one
    assert program_of(tb.Trainer(lesson, optimizer="adam")) is not one


def test_text_grows_with_the_formula_and_no_faster(tmp_path: Path) -> None:
    lengths = []
    for count in (50, 100, 200):
        lines = "\n".join(f"v{i} = w * sin(v{i - 1}) + b" for i in range(1, count + 1))
        lesson = lesson_of(
            tmp_path,
            f"formula = '''\n{lines}\nL = v{count}**2\n'''\n[data]\nv0 = 0.1\n[parameters]\nw = 0.5\nb = 0.1",
        )
        trainer = tb.Trainer(lesson)
        leaves = {**trainer.inputs, **trainer.parameters}
        source = write(Task(trainer.graph, "sgd", trainer.hyperparameters.coefficients, False), leaves)
        lengths.append(len(source.text.splitlines()))
    assert lengths[2] - lengths[1] < 2.1 * (lengths[1] - lengths[0])


def test_few_programs_of_a_graph_are_kept_those_used_last() -> None:
    trainer = tb.Trainer(tb.load_lesson("linear"))
    leaves = {**trainer.inputs, **trainer.parameters}

    def program(name: str) -> CompiledProgram:
        watching = Watching((name,), lambda observed: [observed.number("loss") > 1.0], 1)
        task = Task(trainer.graph, "sgd", trainer.hyperparameters.coefficients, False, watching)
        return compile_graph(task, leaves)

    first, second = program("first"), program("second")
    for number in range(PROGRAMS - 1):
        program(str(number))
        assert program("first") is first
    assert program("second") is not second


def test_what_cannot_be_traced_is_said_so() -> None:
    trainer = tb.Trainer(tb.load_lesson("linear"))
    leaves = {**trainer.inputs, **trainer.parameters}

    def look(sight: object) -> list[object]:
        raise UntraceableError("no")

    watching = Watching(("x",), look, 1)
    with pytest.raises(UntraceableError):
        compile_graph(
            Task(trainer.graph, "sgd", trainer.hyperparameters.coefficients, False, watching), leaves
        )
