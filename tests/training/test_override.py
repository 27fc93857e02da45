"""Override: a value put in by hand, everything behind it recomputed, until it is released."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.engine.autodiff.records import Assignment
from tui_backprop.engine.language.nodes import find
from tui_backprop.training import settings


@pytest.mark.parametrize("spelling", ["y_hat", "ŷ"])
def test_either_spelling_and_release_with_the_other(spelling: str) -> None:
    t = trainer("logistic")
    plain = t.loss
    t.override(spelling, [0.8, 0.3, 0.4])
    assert t.loss == pytest.approx(0.5 * (0.04 + 0.09 + 0.36), rel=1e-14)
    t.release("ŷ" if spelling == "y_hat" else "y_hat")
    assert t.loss == plain
    assert not t.overrides


def test_one_number_is_repeated_and_lists_may_be_arrays() -> None:
    t = trainer("logistic")
    t.override("y_hat", 0.5)
    assert t.loss == 0.375
    t.override("y_hat", np.array([0.5, 0.5, 0.5]))
    assert t.loss == 0.375
    assert len(t.overrides) == 1


@pytest.mark.parametrize("leaf", ["x", "w", "b", "t"])
def test_leaves_can_be_put_in(leaf: str) -> None:
    t = trainer("linear")
    values = {"x": 2.0, "t": 1.0, "w": float(t.parameters["w"]), "b": 0.0, leaf: 3.5}
    t.override(leaf, 3.5)
    y = values["w"] * values["x"] + values["b"]
    assert t.loss == pytest.approx((y - values["t"]) ** 2 / 2, rel=1e-14)
    assert t.gradients["w"] == pytest.approx((y - values["t"]) * values["x"], rel=1e-14)
    before = float(t.parameters["w"])
    t.next()
    expected = (
        before - 0.01 * (y - values["t"]) * values["x"]
    )  # the parameter itself goes on from where it was
    assert t.parameters["w"] == pytest.approx(expected, rel=1e-14)


def test_unnamed_nodes_and_the_loss() -> None:
    t = trainer("linear")
    t.override("(y - t)", 2.0)
    assert t.loss == 2.0
    assert t.gradients["y"] == 2.0
    t.release("(y - t)")
    t.override("w * x", 1.0) if "w * x" in [n.name for n in t.graph.nodes] else t.override("(w * x)", 1.0)
    assert t.loss == 0.0
    t.override("L", 7.0)
    assert t.loss == 7.0


def test_records_say_that_a_value_was_put_in() -> None:
    t = trainer("logistic")
    t.override("z", 0.0)
    marked = {
        r.node.name: r.overridden
        for r in (t.step() for _ in t.graph.assignments)
        if isinstance(r, Assignment)
    }
    assert [name for name, overridden in marked.items() if overridden] == ["z"]


def test_an_override_in_the_midst_of_an_iteration_recomputes_what_was_done() -> None:
    t = trainer("logistic")
    for _ in range(len(t.graph.assignments) + 2):
        t.step()
    place = t.position
    t.override("y_hat", [0.8, 0.3, 0.4])
    assert t.position == place
    assert any(r.overridden for r in t.records if isinstance(r, Assignment))
    t.release("y_hat")
    assert not any(r.overridden for r in t.records if isinstance(r, Assignment))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("y_hat", [1, 2], "y_hat: found shape (2); it must be (3)"),
        ("y_hat", [[1, 2, 3]] * 2, "y_hat: found shape (2×3); it must be (3)"),
        ("b", [1, 2], "b: found shape (2); it must be scalar"),
        ("y_hat", [], "y_hat: found shape (0); it must be (3)"),
        ("y_hat", "high", "y_hat: found 'high'; it must be a number or a list of numbers"),
        ("y_hat", None, "y_hat: found None; it must be a number or a list of numbers"),
        ("y_hat", True, "y_hat: found True; it must be a number or a list of numbers"),
        ("y_hat", [1, [2]], "y_hat: found [1, [2]]; it must be a number or a list of numbers"),
        ("y_hat", 10**400, "y_hat: found 1" + "0" * 38 + "…; it must be a number or a list of numbers"),
        ("y_hat", 1j, "y_hat: found 1j; it must be a number or a list of numbers"),
        ("y_hat", {"a\nb": 1}, r"y_hat: found {'a\nb': 1}; it must be a number or a list of numbers"),
        ("y_hat", float("nan"), "y_hat: found a number that is not finite"),
        ("y_hat", [1, 2, float("inf")], "y_hat: found a number that is not finite"),
        ("q", 1, "unknown node 'q'; there are: "),
        ("y_hut", 1, "unknown node 'y_hut'; did you mean y_hat?"),
    ],
)
def test_overrides_that_are_refused(name: str, value: object, message: str) -> None:
    t = trainer("logistic")
    t.run(iterations=2)
    loss = t.loss
    with pytest.raises(tb.BackpropError) as caught:
        t.override(name, value)
    assert str(caught.value).startswith(message)
    assert (t.loss, dict(t.overrides)) == (loss, {})


def test_release_of_what_is_not_overridden() -> None:
    t = trainer("logistic")
    with pytest.raises(tb.BackpropError, match="unknown override 'y_hat'; there are: none"):
        t.release("y_hat")
    t.override("z", 0)
    with pytest.raises(tb.BackpropError, match="unknown override 'q'; there are: z"):
        t.release("q")


def test_an_override_must_fit_every_batch() -> None:
    t = trainer("theta", batch_size=3)
    with pytest.raises(tb.BackpropError, match=r"z1: found shape \(3\); it must be \(1\) in a batch of 1"):
        t.override("z1", [1, 2, 3])
    t.override("z1", 0.5)
    assert t.run(iterations=8).iterations == 8


def test_a_batch_size_that_an_override_does_not_fit_is_refused() -> None:
    t = trainer("theta", batch_size=4)
    t.override("z1", [1, 2, 3, 4])
    t.run(iterations=2)
    with pytest.raises(tb.BackpropError, match=r"z1: found shape \(4\); it must be \(2\)"):
        t.set(batch_size=2)
    assert (t.hyperparameters.batch_size, t.iteration) == (4, 2)
    t.release("z1")
    assert t.set(batch_size=2)


def test_it_holds_until_release_and_the_check_lifts_it() -> None:
    t = trainer("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])
    t.run(iterations=4)
    assert set(t.losses) == {t.losses[0]}
    report = tb.check_gradients(t)
    assert report.passed
    assert report.lifted == ("y_hat",)
    assert list(t.overrides) == ["y_hat"]


def test_the_given_array_is_copied() -> None:
    t = trainer("logistic")
    values = np.array([0.8, 0.3, 0.4])
    t.override("y_hat", values)
    values[:] = 0
    np.testing.assert_array_equal(t.overrides["y_hat"], [0.8, 0.3, 0.4])
    assert not t.overrides["y_hat"].flags.writeable


def test_greek_names_of_the_lesson_s_own(tmp_path: Path) -> None:
    path = tmp_path / "greek.toml"
    path.write_text('formula = "L = (θ - 1)**2"\n[parameters]\n"θ" = 3\n', encoding="utf-8")
    t = tb.Trainer(tb.load_lesson(path))
    t.override("theta", 2)
    assert t.loss == 1


REPEATED = """
formula = '''
y = w * x
L = (y - t)**2 + abs(y - t)
'''
[data]
x = 2.0
t = 1.0
[parameters]
w = 3.0
"""


def test_a_sub_expression_is_replaced_wherever_it_occurs(tmp_path: Path) -> None:
    t = mine(tmp_path, REPEATED)
    t.override("(y - t)", 3.0)
    assert t.loss == 12.0
    marked = [r.node.name for r in (t.step() for _ in t.graph.assignments) if r.overridden]
    assert marked == ["(y - t)", "(y - t)"]
    t.release("(y − t)")
    assert t.loss == 30.0


def test_a_sub_expression_in_several_shapes_is_refused(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        "formula = 'L = sum(v * w) + sum(M * w)'\n[data]\nv = [1, 2]\nM = [[1, 2], [3, 4]]\n"
        "[parameters]\nw = 1.0\n",
    )
    with pytest.raises(tb.BackpropError) as caught:
        t.override("broadcast(w)", 1.0)
    assert str(caught.value) == (
        "broadcast(w) occurs in the shapes (2) and (2×2); give the one you mean a name"
    )
    assert not t.overrides


def test_overrides_are_looked_up_once_for_each_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("theta", batch_size=3)
    t.override("z1", 0.5)
    looked_up = []
    monkeypatch.setattr(settings, "find", lambda *args: looked_up.append(args) or find(*args))
    t.run(iterations=20)
    assert len(looked_up) == 2  # batches of 3, and the last one of each epoch with 1


@pytest.mark.parametrize("name", [3, None, 1.5, ["w"], b"w"])
def test_a_name_that_is_no_text(name: object) -> None:
    t = trainer("linear")
    with pytest.raises(tb.BackpropError, match=r"^the name of the node must be text; found \w+$"):
        t.override(name, 1)
    with pytest.raises(tb.BackpropError, match=r"^the name of the override must be text; found \w+$"):
        t.release(name)
