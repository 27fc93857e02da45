"""Breakpoints: a run stops at the start of the iteration where one becomes true, and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import tried
from tests.support.trainers import mine, trainer
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language import build
from tui_backprop.text.printable import is_safe


def hits(t: tb.Trainer, *texts: str, most: int = 5, iterations: int = 400) -> list[str]:
    """Return the messages with which runs are stopped, the next one begun where the last has ended."""
    for text in texts:
        t.breakpoints.add(text)
    messages = []
    for _ in range(most):
        report = t.run(max(iterations - t.iteration, 0))
        if report.hit is None:
            break
        assert report.hit.iteration == t.iteration
        assert report.hit.breakpoint in list(t.breakpoints)
        messages.append(report.hit.message)
    return messages


# kinds


@pytest.mark.parametrize("text", ["iteration 57", "iteration == 57", " iteration   57 "])
def test_an_iteration(text: str) -> None:
    t = trainer("linear")
    t.breakpoints.add(text)
    report = t.run(iterations=100)
    assert (report.reason, report.iterations, t.iteration, t.position) == ("breakpoint", 57, 57, 0)
    assert t.run(iterations=100).reason == "asked"


def test_the_loss_whatever_its_name() -> None:
    t = trainer("linear", learning_rate=0.05)
    plain = trainer("linear", learning_rate=0.05)
    plain.run(iterations=60)
    first = int(np.argmax(plain.losses < 1e-7))
    (message,) = hits(t, "loss < 1e-7", most=1)
    assert t.iteration == first > 0
    shown = f"{plain.losses[first]:.6g}".replace("-", "−")
    assert message == f"breakpoint 1: loss < 1e−7: loss is {shown} at iteration {first}"


def test_a_node_named_loss_comes_first(tmp_path: Path) -> None:
    t = mine(
        tmp_path, 'formula = """\nloss = w + 0\nL = w**2\n"""\n[parameters]\nw = 4.0\n', learning_rate=0.25
    )
    assert hits(t, "loss < 2") == ["breakpoint 1: loss < 2: loss is 1 at iteration 2"]  # w: 4, 2, 1


def test_the_norm_of_all_gradients(tmp_path: Path) -> None:
    text = "formula = 'L = 3 * a**2 / 2 + 2 * b**2'\n[parameters]\na = 1.0\nb = 1.0\n"
    t = mine(tmp_path, text, learning_rate=0.1)
    # gradients 3a, 4b: the norm is 5 at first; a shrinks by 0.7, b by 0.6 with every update
    norms = [np.hypot(3 * 0.7**k, 4 * 0.6**k) for k in range(6)]
    first = next(k for k, norm in enumerate(norms) if norm < 1.5)
    (message,) = hits(t, "gradient_norm < 1.5")
    assert message == (
        f"breakpoint 1: gradient_norm < 1.5: gradient_norm is {norms[first]:.6g} at iteration {first}"
    )


def test_comparisons_over_node_names() -> None:
    t, plain = trainer("two-layer"), trainer("two-layer")
    (message,) = hits(t, "abs(W1) > 2", most=1)
    while not (above := np.argwhere(np.abs(plain.parameters["W1"]) > 2)).size:
        plain.next()
    assert plain.iteration == t.iteration > 0
    i, j = above[0]
    value = abs(plain.parameters["W1"][i, j])
    assert message == (
        f"breakpoint 1: abs(W1) > 2: abs(W1)[{i}, {j}] is {value:.6g} at iteration {plain.iteration}"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # after one update of logistic: β = [0.0375, 0.05], b = 0.0125; at the start all are 0
        ("beta > b", "β > b: β[0] is 0.0375 and b is 0.0125 at iteration 1"),
        ("0.04 < β < 0.06", "0.04 < β < 0.06: β[1] is 0.05 at iteration 1"),
        ("b == 0.0125", "b == 0.0125: b is 0.0125 at iteration 1"),
        ("−b < −0.01", "−b < −0.01: (−b) is −0.0125 at iteration 1"),
        ("X @ beta > 0.4", "X @ β > 0.4: (X @ β)[2] is 0.4875 at iteration 1"),
        ("sum(beta) > 0.08 and epoch > 0", "sum(β) > 0.08 and epoch > 0: sum(β) is 0.0875 and epoch is 1"),
        ("learning_rate > 0 and iteration > 0", "learning_rate > 0 and iteration > 0: learning_rate is 0.1"),
        ("X > 5.5 and b > 0", "X > 5.5 and b > 0: X[2, 1] is 6 and b is 0.0125 at iteration 1"),
        ("iteration > 0 and 1 < 2", "iteration > 0 and 1 < 2: iteration is 1"),
    ],
)
def test_what_is_said(text: str, message: str) -> None:
    (found,) = hits(trainer("logistic", learning_rate=0.1), text, most=1)
    assert found.startswith(f"breakpoint 1: {message}")


@pytest.mark.parametrize("name", ["dŷ", "dy_hat"])
def test_gradients_by_their_names(name: str) -> None:
    (message,) = hits(trainer("logistic", learning_rate=0.1), f"{name} > 0.51", most=1)
    # after one update z₂ = 3·0.0375 + 4·0.05 + 0.0125 = 0.325, and ∂L/∂ŷ₂ = σ(0.325) − 0
    assert message == f"breakpoint 1: {name} > 0.51: dŷ[1] is 0.580542 at iteration 1"


def test_a_chain_takes_one_element_and_and_may_take_two(tmp_path: Path) -> None:
    text = "formula = 'L = sum((w - t)**2) / 2'\n[data]\nt = [2.0, -2.0]\n[parameters]\nw = [0.0, 0.0]\n"
    # w becomes ±1.8 in one update: none is between −1 and 1, though one is above −1 and one is below 1
    chain, both = mine(tmp_path, text, learning_rate=0.9), mine(tmp_path, text, learning_rate=0.9)
    assert hits(chain, "-1 < w < 1 and iteration > 0", iterations=3) == []
    assert hits(both, "-1 < w and w < 1 and iteration > 0", iterations=3)[0].endswith(
        "w[0] is 1.8 and w[1] is −1.8 and iteration is 1 at iteration 1"
    )


SQUARE = """
formula = '''
q = exp(1000 * w)
y = w**2
L = y * 1
'''
[parameters]
w = 0.1
"""


def test_nan_names_the_node_beside_a_divergence(tmp_path: Path) -> None:
    t = mine(tmp_path, SQUARE.replace("q = exp(1000 * w)", ""), learning_rate=1.5)  # w ← −2w
    t.breakpoints.add("nan")
    report = t.run(iterations=10_000)
    assert report.reason == "diverged"
    assert report.divergence is not None
    assert report.divergence.message == f"diverged: Infinity in the value of y, iteration {t.iteration}"
    assert report.hit is not None
    assert report.hit.message == f"breakpoint 1: nan: Infinity in the value of y at iteration {t.iteration}"


def test_nan_stops_where_no_divergence_would(tmp_path: Path) -> None:
    t = mine(tmp_path, SQUARE, learning_rate=0.0)  # q is no part of the loss
    t.breakpoints.add("nan")
    t.run(iterations=3)
    t.edit("w", 0.8)
    report = t.run(iterations=2)
    assert (report.reason, t.iteration, report.divergence) == ("breakpoint", 3, None)
    assert report.hit is not None
    assert report.hit.message == "breakpoint 1: nan: Infinity in the value of q at iteration 3"
    assert t.run(iterations=2).reason == "asked"  # it has been seen where the run began
    t.rewind(2)
    assert (t.run(iterations=3).reason, t.iteration) == ("breakpoint", 3)


PERFECT = """
formula = '''
y_hat = w * x + b
L = sqrt(mean((y_hat - y)**2))
'''
[samples]
x = [1.0, 2.0, 3.0]
y = [3.0, 5.0, 7.0]
[parameters]
w = 2.0
b = 1.0
[hyperparameters]
learning_rate = 0.1
iterations = 5
"""


def test_a_nan_that_a_run_begins_with_is_stopped_at_once(tmp_path: Path) -> None:
    t = mine(tmp_path, PERFECT)
    t.breakpoints.add("nan")
    report = t.run()
    assert (report.reason, report.iterations, t.iteration) == ("breakpoint", 0, 0)
    assert report.hit is not None
    # the root is infinitely steep at 0; the errors, which are exactly 0, let nothing of it through
    words = "Infinity in the gradient of mean((ŷ − y)²)"
    assert report.hit.message == f"breakpoint 1: nan: {words} at iteration 0"
    assert (float(t.parameters["w"]), float(t.parameters["b"])) == (2.0, 1.0)
    assert t.run().reason == "target"  # pressed again, it goes on
    assert (float(t.parameters["w"]), float(t.parameters["b"])) == (2.0, 1.0)


def test_so_it_is_where_an_edit_has_led_and_in_slices(tmp_path: Path) -> None:
    t = mine(tmp_path, PERFECT.replace("w = 2.0", "w = 1.0"), learning_rate=0.0)
    t.breakpoints.add("nan")
    assert t.run(iterations=40).reason == "asked"
    t.edit("w", 2.0)
    report = t.run(iterations=100)
    assert (report.reason, report.iterations) == ("breakpoint", 0)
    for _ in range(5):  # as the app runs, a slice at a time
        report = t.run(iterations=20)
        assert (report.reason, report.iterations) == ("asked", 20)
    t.edit("w", 1.0)
    assert t.run(iterations=1).reason == "asked"
    t.edit("w", 2.0)
    assert t.run(iterations=1).iterations == 0


def test_what_else_is_true_where_a_run_begins_is_passed_over(tmp_path: Path) -> None:
    t = mine(tmp_path, PERFECT)
    for text in ("loss < 1", "iteration 0", "iteration < 1", "w > 0"):
        t.breakpoints.add(text)
    assert t.run().reason == "target"


def test_nan_looks_at_gradients_as_well(tmp_path: Path) -> None:
    text = "formula = 'L = sqrt(x * w) * v'\n[data]\nx = 1.0\n[parameters]\nw = 1.0\nv = 0.0\n"
    t = mine(tmp_path, text, learning_rate=0.0)
    t.breakpoints.add("nan")
    t.run(iterations=1)
    t.put("x", 0.0)  # √0 is finite, its slope is not; but with v = 0 nothing comes in
    t.rewind()
    assert t.run(iterations=3).reason == "asked"
    t.rewind(1)
    t.edit("v", 1.0)
    report = t.run(iterations=3)
    assert report.hit is not None
    assert report.hit.message == "breakpoint 1: nan: Infinity in the gradient of (x * w) at iteration 1"


RELU = """
formula = '''
h = relu(X @ W)
L = mean((h @ v - y)**2)
'''
[samples]
X = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]
y = [0.0, 0.0, 0.0, 0.0]
[parameters]
W = [[1.0, 1.0, -1.0], [1.0, -1.0, -1.0]]
v = { value = [1.0, 1.0, 1.0], trainable = false }
[hyperparameters]
learning_rate = 0.0
"""


@pytest.mark.parametrize("batch", ["all", 1, 3])
def test_a_relu_unit_dead_for_all_samples(tmp_path: Path, batch: Any) -> None:
    t = mine(tmp_path, RELU, batch_size=batch)
    t.breakpoints.add("dead relu")
    assert t.run(iterations=3).reason == "asked"  # unit 2 is dead from the start on
    t.edit("W", [[1.0, -1.0, -1.0], [1.0, -1.0, -1.0]])
    t.rewind(2)
    report = t.run(iterations=9)
    assert (report.reason, t.iteration) == ("breakpoint", 3)
    assert report.hit is not None
    assert report.hit.message == (
        "breakpoint 1: dead relu: unit 1 of h is 0 for all 4 samples at iteration 3"
    )
    t.run(iterations=2)
    t.edit("W", [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    t.run(iterations=1)
    t.edit("W", [[-1.0, 1.0, -1.0], [-1.0, 1.0, -1.0]])
    t.rewind(5)
    report = t.run(iterations=9)
    assert report.hit is not None
    assert report.hit.message.endswith("unit 0 of h is 0 for all 4 samples, and 1 more at iteration 6")


def test_dead_relu_without_samples_and_without_relu() -> None:
    t = trainer("relu-net")
    t.breakpoints.add("dead relu")
    t.run(iterations=2)
    t.edit("b1", [-9.0, 0.2])
    t.rewind(1)
    report = t.run(iterations=5)
    assert report.hit is not None
    assert report.hit.message == "breakpoint 1: dead relu: unit 0 of r1 is 0 at iteration 2"
    with pytest.raises(tb.BackpropError, match="dead relu: the formula has no relu"):
        trainer("linear").breakpoints.add("dead relu")


# when it stops


def test_what_is_true_where_a_run_begins_has_to_become_false_first(tmp_path: Path) -> None:
    t = mine(tmp_path, "formula = 'L = w**2'\n[parameters]\nw = 1.0\n", learning_rate=0.9)  # w ← −0.8 w
    assert hits(t, "w > 0", most=3) == [
        f"breakpoint 1: w > 0: w is {0.8**k:.6g} at iteration {k}" for k in (2, 4, 6)
    ]
    t.reset()
    report = t.run(iterations=1)
    assert report.reason == "asked"
    report = t.run(iterations=4)  # false here, so that the next one counts
    assert (report.reason, t.iteration) == ("breakpoint", 2)


def test_slices_of_a_run_stop_where_one_run_does() -> None:
    whole, sliced = trainer("two-layer"), trainer("two-layer")
    messages = hits(whole, "loss < 0.2", "mean(h) > 0.02", most=2)
    sliced.breakpoints.add("loss < 0.2")
    sliced.breakpoints.add("mean(h) > 0.02")
    found: list[str] = []
    while len(found) < len(messages):
        report = sliced.run(iterations=1)
        if report.hit is not None:
            found.append(report.hit.message)
    assert found == messages
    assert messages


def test_single_steps_pass_over_it_and_a_way_back_too() -> None:
    t = trainer("linear")
    t.breakpoints.add("iteration 2")
    for _ in range(3):
        t.next()
    t.previous()
    t.back()
    assert t.iteration == 1
    assert t.goto(5).reason == "breakpoint"
    assert t.iteration == 2


def test_several_at_once_are_all_named() -> None:
    t = trainer("linear")
    assert hits(t, "iteration 3", "loss < 0", "iteration == 3 and epoch == 3") == [
        "breakpoint 1: iteration 3: it is reached; "
        "breakpoint 3: iteration == 3 and epoch == 3: iteration is 3 and epoch is 3 at iteration 3"
    ]


def test_they_stay_with_the_trainer_and_can_be_turned_off_and_deleted() -> None:
    t = trainer("theta")
    first, second = t.breakpoints.add("iteration 2"), t.breakpoints.add("iteration 4")
    assert (list(t.breakpoints), len(t.breakpoints), t.breakpoints[1]) == ([first, second], 2, second)
    assert t.breakpoints.toggle(0).enabled is False
    assert t.run(iterations=9).iterations == 4
    t.breakpoints.toggle(0)
    t.set(seed=3)
    t.reset()
    assert t.run(iterations=9).iterations == 2
    t.breakpoints.delete(0)
    assert t.breakpoints.texts == ("iteration 4",)
    for act in (t.breakpoints.delete, t.breakpoints.toggle):
        for place in (1, -1):
            with pytest.raises(tb.BackpropError, match=f"found breakpoint {place + 1}; there is 1"):
                act(place)


def test_a_problem_of_shapes_is_kept_with_the_breakpoint(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        "formula = 'L = mean(w * x)'\n[data]\nv = [1, 2, 3]\n"
        "[samples]\nx = [1, 2, 3]\n[parameters]\nw = 1.0\n",
        learning_rate=0.0,
    )
    t.breakpoints.add("x > v + iteration")
    assert t.run(iterations=2).reason == "asked"
    assert t.breakpoints[0].problem == ""
    t.set(batch_size=2)
    t.run(iterations=2)
    assert t.breakpoints[0].description == (
        "when x > v + iteration (does not fit here: > between x (2) and (v + iteration) (3); "
        "make one of them a number, such as mean(x))"
    )
    t.set(batch_size="all")
    t.run(iterations=2)
    assert t.breakpoints[0].problem == ""


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("iteration 100", "when iteration 100 is reached"),
        ("NaN", "when a value or a gradient is NaN or Infinity"),
        ("dead  relu", "when a relu unit is 0 for all samples"),
        ("abs(b1) >= 1e-3", "when abs(b1) >= 1e−3"),
    ],
)
def test_descriptions(text: str, description: str) -> None:
    assert trainer("relu-net").breakpoints.add(text).description == description


# what is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: found nothing; write a breakpoint, such as loss < 0.01, abs(w) > 2, "),
        ("loss", "line 1, column 1: found loss; write a comparison such as mean(x) > 0"),
        ("loss = 1", "line 1, column 6: found =; write == to compare"),
        ("loss < ", "line 1, column 7: found the end of the line (invalid syntax); write a comp"),
        ("  loss < 1 and", "line 1, column 15: found the end of the line (invalid syntax); write"),
        ("loss < 1 or b > 1", "line 1, column 1: found loss < 1 or b > 1; there is no or here: add a"),
        ("not b > 1", "line 1, column 1: found not b > 1; there is no not here: turn the"),
        ("(beta < 0).all()", "line 1, column 1: found (beta < 0).all(); a comparison holds where it"),
        ("np.isnan(z)", "line 1, column 1: found np.isnan(z); nan is a breakpoint of its own"),
        ("isnan(db)", "line 1, column 1: found isnan(db); nan is a breakpoint of its own"),
        ("∂L/∂beta > foo", "line 1, column 12: unknown name 'foo'"),
        ("∂L/∂β > 1 +", "line 1, column 12: found the end of the line"),
        ("y_hat[5] > 1", "line 1, column 1: y_hat[…]: index 5 is out of range"),
        ("lr < 0.1", "line 1, column 1: unknown name 'lr'; it is called learning_rate here"),
        ("val_loss < 1", "line 1, column 1: unknown name 'val_loss'; a run stops by what is held back with"),
        ("b > 1 and q < 2", "line 1, column 11: unknown name 'q'; there are: "),
        ("b > y_hut", "line 1, column 5: unknown name 'y_hut'; did you mean y_hat?"),
        ("b > beta @ y_hat", "line 1, column 5: @ of beta (2) and y_hat (3): "),
        ("b < 1 and beta < y_hat", "line 1, column 11: < between β (2) and ŷ (3); make one of them a number"),
        ("b > __import__('os')", "line 1, column 5: unknown function __import__"),
        ("b > 1; b", "line 1, column 6: found ';'"),
        ("b \x1b> 1", r"line 1, column 3: found the control character \x1b; delete it"),
        ("x" * 1001, "found 1,001 characters; a breakpoint has at most 1,000"),
        ("(" * 400 + "b" + ")" * 400 + " > 1", "line 1, column "),
    ],
)
def test_breakpoints_that_are_refused(text: str, message: str) -> None:
    t = trainer("logistic")
    with pytest.raises(FormulaError) as caught:
        t.breakpoints.add(text)
    assert str(caught.value).startswith(message)
    assert all(map(is_safe, str(caught.value)))
    assert len(t.breakpoints) == 0


def test_an_axis_has_an_equals_sign_of_its_own() -> None:
    t = trainer("logistic")
    t.breakpoints.add("sum(X, axis=0) > 100")
    with pytest.raises(FormulaError, match="column 16: found =; write == to compare"):
        t.breakpoints.add("sum(X, axis=0) = 100")


WORDS = st.sampled_from(
    ["loss", "b", "β", "dŷ", "X", "q", "<", ">", "==", "=", "and", "or", "not", "iteration", "7", "1e400",
     "−", "(", ")", "@", "**", ".T", ",", "axis=0", "nan", "dead relu", "abs(", "\n", "#", "'", "\ud800", "λ",
     "[0]"]
)  # fmt: skip


@tried(st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=9).map(" ".join)), few=20, many=200)
def test_nothing_but_one_line_comes_out_of_typed_breakpoints(text: str) -> None:
    t = trainer("logistic")
    message = "fine"
    try:
        t.breakpoints.add(text)
    except tb.BackpropError as error:
        message = str(error)
    assert all(map(is_safe, message))
    report = t.run(iterations=2)
    assert report.hit is None or all(map(is_safe, report.hit.message))


def test_expressions_are_built_once_for_each_size_of_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("theta", batch_size=3)
    t.breakpoints.add("mean(x * theta) > 1000 and dtheta > 5000")
    built: list[object] = []
    plain = build.FormulaBuilder.__init__

    def counting(self: Any, *args: Any, **options: Any) -> None:
        built.append(args)
        plain(self, *args, **options)

    monkeypatch.setattr(build.FormulaBuilder, "__init__", counting)
    t.run(iterations=20)
    assert not built
    t.set(batch_size=2)
    t.run(iterations=20)
    assert len(built) == 5  # the lesson's graph for a batch of 2, and four sides of comparisons


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("abs(beta[0]) > 0.06", lambda t: abs(t.parameters["beta"][0]) > 0.06),
        ("|β[0]| > 0.06", lambda t: abs(t.parameters["beta"][0]) > 0.06),
        ("∂L/∂β[1] > -0.1", lambda t: t.gradients["beta"][1] > -0.1),
        ("np.linalg.norm(dbeta) < 0.1", lambda t: np.linalg.norm(t.gradients["beta"]) < 0.1),
        ("np.sum(y_hat > 0.6) == 3", lambda t: np.sum(value(t, "y_hat") > 0.6) == 3),
        ("X[:, 0].T @ dz ≥ −0.1", lambda t: value(t, "X")[:, 0] @ t.gradients["z"] >= -0.1),
        ("sum(y - y_hat)**2 / n < 1e-3", lambda t: sum(value(t, "y") - value(t, "y_hat")) ** 2 / 3 < 1e-3),
    ],
)
def test_breakpoints_read_the_language_of_formulas(text: str, stops: Callable[[tb.Trainer], bool]) -> None:
    compiled, stepped = trainer("logistic"), trainer("logistic")
    compiled.breakpoints.add(text)
    assert compiled.run(iterations=300).hit is not None
    while not stops(stepped):
        stepped.run(iterations=1)
    assert 0 < compiled.iteration == stepped.iteration


def value(t: tb.Trainer, name: str) -> np.ndarray:
    return np.asarray(t.tape.value(t.graph.named[name]))
