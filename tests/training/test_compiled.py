"""What a run computes as compiled code has the bits that stepping through every record gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.compiled_runs import LARGE, SMALL, assert_same, compiled, formulas, lesson_of, square
from tests.support.thorough import covering, tried
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.export.script import write_script
from tui_backprop.training.runs import compiled as compiled_runs


@pytest.fixture(autouse=True)
def compile_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_runs, "FEW", 1)


# arrays


@tried(
    formulas(),
    st.sampled_from(list(OPTIMIZERS)),
    st.sampled_from([0.0, 0.01]),
    st.integers(2, 6),
    few=20,
    many=150,
)
def test_small_arrays(formula: str, optimizer: str, decay: float, iterations: int) -> None:
    lesson = lesson_of(square(formula, SMALL, 2))
    assert_same(lesson, iterations, optimizer=optimizer, weight_decay=decay, learning_rate=0.01)


@tried(formulas(), st.sampled_from(list(OPTIMIZERS)), st.sampled_from([0.0, 0.01]), few=20, many=150)
def test_arrays_that_are_written_to(formula: str, optimizer: str, decay: float) -> None:
    lesson = lesson_of(square(formula, LARGE, 12))
    assert_same(lesson, 3, optimizer=optimizer, weight_decay=decay, learning_rate=0.01)


GATES = ("sigmoid", "sigmoid", "tanh", "softplus", "abs", "sin", "relu")
GATED = {
    name: f'{{ init = "normal", shape = {shape}, scale = 0.3 }}'
    for name, shape in {"W": [18, 18], "V": [6, 18], "b": [18]}.items()
}


@st.composite
def recurrent(draw: st.DrawFn) -> str:
    """Draw a recurrent net whose gates are slices, some with the same function."""

    def gate() -> str:
        return draw(st.sampled_from("pqr"))

    slices = zip("pqr", draw(st.permutations((":6", "6:12", "12:"))), strict=True)
    gates = [f"    {name} = {draw(st.sampled_from(GATES))}(a[:, {where}])" for name, where in slices]
    return "\n".join([
        "h = X[:, :6]", "c = zeros((18, 6))", "for s in range(3):", "    a = X @ W + h @ V + b", *gates,
        f"    c = {gate()} * c + {gate()} * {gate()}",
        f"    h = {gate()} * tanh(c){draw(st.sampled_from(('', ' + a[:, 3:9]', ' - h')))}",
        f"L = mean(h**2) + {draw(st.sampled_from(('0', 'sum(c)', 'mean(p * q)')))}",
    ])  # fmt: skip


@tried(recurrent(), st.sampled_from(list(OPTIMIZERS)), st.booleans(), few=8, many=80)
def test_slices_that_are_packed(formula: str, optimizer: str, single: bool) -> None:
    single = single and np.lib.NumpyVersion(np.__version__) >= "2.0.0"
    dtype = "float32" if single else "float64"
    lesson = lesson_of(square(formula, GATED, 18))
    assert_same(lesson, 3, optimizer=optimizer, learning_rate=0.01, dtype=dtype)


@pytest.mark.parametrize("picked", ["::2", ":, ::-1", ":, 1:11:3", ":, [3, 0, 3]"])
def test_what_is_picked_is_apart_in_memory(picked: str) -> None:
    """The array that it was picked from is written over, before it is used for the last time."""
    formula = f"a = W @ V\np = a[{picked}]\nq = W @ X\nL = sum(tanh(p) * p) + sum(tanh(q) * q) + sum(p * p)"
    assert_same(lesson_of(square(formula, LARGE, 12)), 3, learning_rate=0.01)


def test_gradients_pasted_side_by_side_are_sums_with_zeros() -> None:
    """-0 pasted into zeros is -0, and 0 once another array with zeros there is added."""
    lesson = lesson_of(square("a = W * -0.0\nL = sum(a[:, :5] * X[:, :5]) + sum(a[:, 5:])", LARGE, 12))
    ran, stepped = tb.Trainer(lesson, optimizer="momentum"), tb.Trainer(lesson, optimizer="momentum")
    ran.run(iterations=3)
    while stepped.iteration < 3:
        stepped.step()
    assert compiled(ran)
    for name, state in stepped.optimizer_states.items():
        for kind, array in state.arrays.items():
            assert ran.optimizer_states[name].arrays[kind].tobytes() == array.tobytes()


def test_many_classes_are_compiled() -> None:
    """The rows that 120 classes choose from are no numbers of the program's text."""
    classes = list(range(0, 120, 7))
    lesson = lesson_of(
        "formula = 'L = cross_entropy(X @ W, y)'\n[samples]\n"
        f"X = {[[k / 7, 1.0] for k in range(len(classes))]}\ny = {classes}\n"
        "[parameters]\nW = { init = 'normal', shape = [2, 120] }"
    )
    for dtype in ("float64", "float32")[: 1 + (np.lib.NumpyVersion(np.__version__) >= "2.0.0")]:
        text = write_script(lesson, assert_same(lesson, 5, dtype=dtype).hyperparameters)
        assert "np.eye(120, 120" in text


# single numbers

NUMBERS = {"u": "0.7", "v": "-1.3", "w": "2.1"}
OF_NUMBERS = (
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} / (1 + {1}**2)", "{0}**2", "{0}**3", "-{0}",
    "{0}**0.5", "{0}**{1}", "{0}**-1", "sin({0})", "cos({0})", "tanh({0})", "exp({0})", "log({0})",
    "sqrt({0})", "sigmoid({0})", "softplus({0})", "relu({0})", "leaky_relu({0})", "abs({0})",
    "maximum({0}, {1})", "{0} * k", "mean({0})", "{0} * 1e200", "square({0})", "{0} / 4 + 0.5 * {1}",
)  # fmt: skip


@st.composite
def formulas_of_numbers(draw: st.DrawFn) -> str:
    names, lines = [*NUMBERS, "k"], []
    for number in range(draw(st.integers(1, 7))):
        form = draw(st.sampled_from(OF_NUMBERS))
        lines.append(f"n{number} = " + form.format(*(draw(st.sampled_from(names)) for _ in range(2))))
        names.append(f"n{number}")
    return "\n".join([*lines, f"L = {names[-1]}"])


@tried(formulas_of_numbers(), st.sampled_from(list(OPTIMIZERS)), st.integers(1, 40), few=25, many=200)
def test_numbers(formula: str, optimizer: str, iterations: int) -> None:
    parameters = "\n".join(f"{name} = {value}" for name, value in NUMBERS.items())
    lesson = lesson_of(f"formula = '''\n{formula}\n'''\n[data]\nk = 3.0\n[parameters]\n{parameters}")
    assert_same(lesson, iterations, by_code=False, optimizer=optimizer, learning_rate=0.1)


@pytest.mark.parametrize(
    ("formula", "w", "loss"),
    [
        ("L = w**2", 1e200, np.inf),
        ("L = 1 / w", 0.0, np.inf),
        ("L = -1 / w", 0.0, -np.inf),
        ("L = w**0.5", -8.0, np.nan),
        ("L = w**0.3", -8.0, np.nan),
        ("L = w**-2", 0.0, np.inf),
        ("L = exp(w)", 1000.0, np.inf),
        ("L = log(w)", 0.0, -np.inf),
        ("L = log(w)", -1.0, np.nan),
        ("L = sqrt(w)", -1.0, np.nan),
        ("L = w / w", 0.0, np.nan),
        ("L = w * 1e300 * 1e300", 1.0, np.inf),
    ],
)
def test_infinity_and_nan_where_python_raises(formula: str, w: float, loss: float) -> None:
    trainer = tb.Trainer(lesson_of(f"formula = '{formula}'\n[parameters]\nw = {w}"))
    report = trainer.run(iterations=100)
    assert (report.reason, trainer.iteration) == ("diverged", 0)
    np.testing.assert_equal(trainer.loss, loss)


def test_an_infinity_that_is_absorbed_on_the_way() -> None:
    """Python raises at exp(1000), NumPy has 1 / (1 + Infinity) = 0; the run goes on as stepping does."""
    text = "formula = '''\nq = 1 / (1 + exp(z))\nL = (q - 0.5 + w)**2\n'''\n"
    lesson = lesson_of(f"{text}[parameters]\nw = 3.0\nz = {{ value = 1000.0, trainable = false }}")
    trainer = assert_same(lesson, 60, learning_rate=0.01)
    assert trainer.iteration == 60


def test_it_stops_where_the_loss_is_not_finite() -> None:
    run, stepped = (tb.Trainer(tb.load_lesson("linear"), learning_rate=5.0) for _ in range(2))
    report = run.run(iterations=10_000)
    while np.isfinite(stepped.loss) and all(np.isfinite(v) for v in stepped.parameters.values()):
        stepped.next()
    assert (report.reason, run.iteration) == ("diverged", stepped.iteration)
    np.testing.assert_array_equal(run.losses, stepped.losses)
    stepped.run(iterations=0)
    assert run.divergence is not None
    assert run.divergence.message == stepped.divergence.message


def test_it_stops_behind_the_update_that_spoilt_a_parameter() -> None:
    """The loss never sees v, which leaves the finite numbers on its own."""
    text = "formula = 'L = w**2 + 1 / (1 + v**2 * 1e-300) * 0'\n[parameters]\nw = 1.0\nv = 1e300"
    lesson = lesson_of(text)
    run, stepped = (tb.Trainer(lesson, weight_decay=1e3, learning_rate=1.0) for _ in range(2))
    report = run.run(iterations=1000)
    while all(np.isfinite(v) for v in stepped.parameters.values()):
        stepped.next()
    assert (report.reason, run.iteration) == ("diverged", stepped.iteration)


def test_parameters_that_are_each_other_s_gradients() -> None:
    """The old u is needed when u has moved already; arrays small and large, and numbers."""
    for shape in ("[]", "[3]", "[30, 30]"):
        parameters = f"u = {{ init = 'normal', shape = {shape} }}\nv = {{ init = 'normal', shape = {shape} }}"
        if shape == "[]":
            parameters = "u = 0.5\nv = -0.7"
        lesson = lesson_of(f"formula = 'L = sum(u * v)'\n[parameters]\n{parameters}\nw = 0.3")
        for optimizer in OPTIMIZERS:
            assert_same(lesson, 40, optimizer=optimizer, learning_rate=0.01)


# batches

POINTS = "[samples]\nx = { linspace = [-1, 1, 10] }\ny = { formula = 'x**2' }\n"
CURVE = "formula = '''\np = a + b * x + c * x**2\nL = mean((p - y)**2)\n'''\n"
STARTS = "[parameters]\na = 0.1\nb = 0.2\nc = 0.3"


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("size", "optimizer"), covering([1, 3, 5, 10, "all"], ["sgd", "adam"]))
def test_batches(size: int | str, shuffle: bool, optimizer: str) -> None:
    lesson = lesson_of(CURVE + POINTS + STARTS)
    ran = assert_same(lesson, 47, batch_size=size, shuffle=shuffle, optimizer=optimizer, learning_rate=0.1)
    end = dict(ran.parameters)
    ran.rewind(13)
    ran.run(iterations=34)
    assert dict(ran.parameters) == end


def test_large_batches() -> None:
    rows = np.random.default_rng(3).normal(size=(230, 6)).tolist()
    lesson = lesson_of(
        "formula = '''\nz = X @ W + b\nL = mean(tanh(z)**2)\n'''\n"
        f"[samples]\nX = {rows}\n[parameters]\nW = {{ init = 'normal', shape = [6, 20] }}\n"
        "b = { init = 'zeros', shape = [20] }"
    )
    # in the batches of 100 rows the bias is part of the product; in the last one, of 30, it is not
    assert_same(lesson, 25, batch_size=100, learning_rate=0.1)


@pytest.mark.parametrize(
    "formula",
    [
        "p = a + b * x + c * x**2\nL = mean((p - y)**2)",
        "p = x * b - a - c * sin(x)\nL = sum((y - p)**2)",
        "L = mean((a * x + b * y - (c - s * x**3))**2)",
        "p = a + b * x + c * x**2\nL = mean((p - y)**2) + mean(p * x) + a**2",
        "p = a + b * x + c * tanh(s * x)\nL = mean((p - y)**2)",
    ],
)
@pytest.mark.parametrize("size", ["all", 1200])
def test_sums_of_fixed_arrays_times_numbers(formula: str, size: int | str) -> None:
    samples = "[samples]\nx = { linspace = [-1, 1, 2000] }\ny = { formula = 'cos(3 * x)' }\n"
    lesson = lesson_of(f"formula = '''\n{formula}\n'''\n{samples}{STARTS}\ns = 0.7")
    ran = assert_same(lesson, 40, batch_size=size, learning_rate=1e-4)
    report = tb.check_gradients(ran)
    assert report.passed


# going back, and settings on the way


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_there_and_back_through_runs_and_steps(optimizer: str) -> None:
    trainer = tb.Trainer(tb.load_lesson("two-layer"), optimizer=optimizer)
    seen = {}
    for count in (40, 1, 100, 7, 300):
        trainer.run(iterations=count)
        trainer.step()
        trainer.next()
        seen[trainer.iteration] = {name: value.copy() for name, value in trainer.parameters.items()}
    losses = trainer.losses.copy()
    trainer.rewind(0)
    for iteration, values in seen.items():
        trainer.run(iterations=iteration - trainer.iteration)
        for name, value in values.items():
            np.testing.assert_array_equal(trainer.parameters[name], value)
    np.testing.assert_array_equal(trainer.losses, losses)
    for iteration in reversed(seen):
        trainer.rewind(iteration)
        for name, value in seen[iteration].items():
            np.testing.assert_array_equal(trainer.parameters[name], value)


def test_hyperparameters_turned_on_the_way_are_turned_again() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    trainer.run(iterations=200)
    trainer.set(learning_rate=0.5)
    trainer.run(iterations=200)
    trainer.set(optimizer="adam")
    trainer.run(iterations=200)
    end, losses = dict(trainer.parameters), trainer.losses.copy()
    trainer.rewind(10)
    trainer.run(iterations=590)
    np.testing.assert_array_equal(trainer.losses, losses)
    for name, value in end.items():
        np.testing.assert_array_equal(trainer.parameters[name], value)


def test_a_value_put_in_holds_in_a_run() -> None:
    ran, stepped = (tb.Trainer(tb.load_lesson("logistic")) for _ in range(2))
    for trainer in (ran, stepped):
        trainer.override("y_hat", [0.8, 0.3, 0.4])
    ran.run(iterations=50)
    for _ in range(50):
        stepped.next()
    np.testing.assert_array_equal(ran.parameters["beta"], stepped.parameters["beta"])


# breakpoints


def stops(
    name: str, points: tuple[str, ...], iterations: int, **hyperparameters: object
) -> list[tuple[str, int, str]]:
    """Run to the end over every breakpoint, and tell where it stopped and why."""
    trainer = tb.Trainer(tb.load_lesson(name), **hyperparameters)
    for point in points:
        trainer.breakpoints.add(point)
    found = []
    while trainer.iteration < iterations:
        report = trainer.run(iterations=iterations - trainer.iteration)
        found.append((report.reason, trainer.iteration, report.hit.message if report.hit else ""))
        if report.reason == "diverged":
            break
    watched = [program for key, program in trainer.programs.items() if key.watched]
    if compiled_runs.FEW == 1 and hyperparameters.get("batch_size") != 2:
        assert watched
        assert all(program is not None for program in watched)
    return found


@pytest.mark.parametrize(
    ("name", "points", "hyperparameters"),
    [
        ("logistic", ("loss < 0.3", "iteration 77", "loss < 0.2"), {}),
        ("logistic", ("abs(beta) > 0.5", "db > 0", "0.1 < y_hat < 0.2"), {}),
        ("logistic", ("gradient_norm < 0.2", "learning_rate == 0.1 and beta > 0.4"), {"optimizer": "adam"}),
        ("linear", ("w > 0.4982", "b > 0.001", "epoch == 30", "iteration == 50"), {}),
        ("linear", ("nan",), {"learning_rate": 0.5}),
        ("linear", ("loss > 1e10", "nan"), {"learning_rate": 3.0}),
        ("polynomial", ("loss < 100", "abs(d) < 0.5", "da < 10"), {}),
        ("relu-net", ("dead relu", "r2 > 0.9"), {}),
        ("relu-net", ("dead relu", "nan"), {"learning_rate": 2.0}),
        ("two-layer", ("loss < 0.24", "mean(h) > 0.1", "dW1 > 0.01", "nan"), {}),
        ("theta", ("epoch == 3", "theta > 1", "loss < 0.01"), {}),
        ("theta", ("epoch == 3", "theta > 1", "loss < 0.01"), {"batch_size": 3, "shuffle": True}),
    ],
)  # fmt: skip
def test_breakpoints_stop_where_they_did(
    name: str, points: tuple[str, ...], hyperparameters: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_code = stops(name, points, 300, **hyperparameters)
    monkeypatch.setattr(compiled_runs, "FEW", 10**9)
    assert stops(name, points, 300, **hyperparameters) == by_code
    assert by_code[-1][1] > 0


def test_a_breakpoint_at_the_edge_of_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch ends just before the iteration in which it becomes true, wherever that is."""
    for limit in range(1, 40):
        monkeypatch.setattr(compiled_runs, "CHUNK", 1e-9)  # one iteration at a time
        trainer = tb.Trainer(tb.load_lesson("linear"))
        trainer.breakpoints.add(f"iteration {limit}")
        trainer.breakpoints.add(f"iteration > {limit - 1}")
        report = trainer.run(iterations=100)
        assert (report.reason, trainer.iteration) == ("breakpoint", limit)


# what the review found: one trainer under several settings, and the layout of what is given


@pytest.mark.parametrize("sizes", [(4, "all"), ("all", 10), (4, 2), (10, 3, "all", 1)])
def test_the_batch_size_of_a_living_trainer_changes(sizes: tuple[int | str, ...]) -> None:
    lesson = lesson_of(CURVE + POINTS + STARTS)
    trainer = tb.Trainer(lesson, shuffle=True, learning_rate=0.1)
    for size in sizes:
        trainer.set(batch_size=size)
        trainer.run(iterations=45)
        other = tb.Trainer(lesson, shuffle=True, learning_rate=0.1, batch_size=size)
        for _ in range(45):
            other.next()
        np.testing.assert_array_equal(trainer.losses, other.losses)


def test_an_epoch_s_breakpoint_after_the_batch_size_changed() -> None:
    trainer = tb.Trainer(lesson_of(CURVE + POINTS + STARTS), batch_size=4)
    trainer.breakpoints.add("epoch >= 7")
    trainer.run(iterations=10)
    trainer.set(batch_size=2)
    assert (trainer.run(iterations=300).reason, trainer.iteration) == ("breakpoint", 35)


@pytest.mark.parametrize("value", ["transposed", "row"])
def test_moved_parameters_lie_in_memory_as_others_do(value: str) -> None:
    text = "formula = 'L = sum(exp(W)) / 221'\n[parameters]\nW = { init = 'normal', shape = [13, 17] }"
    trainer = tb.Trainer(lesson_of(text))
    numbers = np.random.default_rng(1)
    trainer.edit(
        "W", numbers.normal(size=(17, 13)).T if value == "transposed" else numbers.normal(size=(1, 17))
    )
    trainer.run(iterations=100)
    losses = trainer.losses.copy()
    trainer.rewind(0)
    for _ in range(100):
        trainer.next()
    np.testing.assert_array_equal(trainer.losses, losses)


def test_data_lie_in_memory_as_others_do() -> None:
    rows = np.random.default_rng(2).normal(size=(9, 11)).tolist()
    lesson = lesson_of(
        "formula = 'L = sum(exp(w * Z) + Z @ V) / 100'\n"
        f"[data]\nD = {rows}\nZ = {{ formula = 'D.T' }}\n[parameters]\nw = 0.1\n"
        "V = { init = 'normal', shape = [9, 9] }"
    )
    assert lesson.data["Z"].flags.c_contiguous
    assert_same(lesson, 60, learning_rate=0.01)


@pytest.mark.parametrize("name", ["_", "__", "___"])
def test_names_of_underscores_alone(name: str) -> None:
    assert_same(lesson_of(f"formula = 'L = ({name} - 1)**2'\n[parameters]\n{name} = 0.5"), 40)


def test_an_overflow_that_stepping_does_not_have_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled code multiplies with the power of two last, beyond the largest number; steps stay below."""
    text = "formula = 'L = (w * u * c) / 1099511627776'\n[data]\nc = 1.5e200\n[parameters]\nw = 1e-110\n"
    lesson = lesson_of(f"{text}u = {{ value = 1e110, trainable = false }}")
    found = []
    for few in (1, 10**9):
        monkeypatch.setattr(compiled_runs, "FEW", few)
        trainer = tb.Trainer(lesson, learning_rate=1e-300)
        trainer.run(iterations=10)
        found.append(
            (trainer.iteration, trainer.divergence and trainer.divergence.message, trainer.losses[0])
        )
    assert found[0] == found[1]


def test_what_is_given_out_is_never_written_to() -> None:
    trainer = tb.Trainer(tb.load_lesson("two-layer"), optimizer="adam")
    trainer.run(iterations=100)
    given = [*trainer.parameters.values(), trainer.losses]
    given += [array for state in trainer.optimizer_states.values() for array in state.arrays.values()]
    before = [array.copy() for array in given]
    trainer.run(iterations=100)
    trainer.rewind(20)
    trainer.run(iterations=10)
    for array, copy in zip(given, before, strict=True):
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, copy)


def test_few_programs_keep_their_arrays() -> None:
    trainer = tb.Trainer(tb.load_lesson("polynomial"))
    for optimizer in OPTIMIZERS:
        trainer.set(optimizer=optimizer)
        trainer.run(iterations=5)
    assert len(trainer.programs) <= compiled_runs.PROGRAMS
