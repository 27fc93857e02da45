"""Mistakes made on purpose are named, and whatever a diagnosis says can be made again from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.build import Leaf, build_graph
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.formula import parse_formula
from tui_backprop.engine.graph import Graph
from tui_backprop.engine.graph import Kind as NodeKind
from tui_backprop.training.answers import Answer, full_gradient
from tui_backprop.training.diagnosis import Diagnosis, Kind, diagnose
from tui_backprop.training.homework import mark
from tui_backprop.training.mistakes import Edge, What, edges_behind, gradient_of
from tui_backprop.training.points import random_points, swept

LESSONS = {name: tb.load_lesson(name) for name in ("logistic", "neuron", "two-layer", "linear", "polynomial")}


def diagnosis(lesson: str, name: str, text: str) -> Diagnosis:
    return mark(tb.Trainer(LESSONS[lesson]), name, text).diagnosis


@pytest.mark.parametrize(
    ("lesson", "name", "text", "kind"),
    [
        ("logistic", "beta", "X.T @ dz", Kind.RIGHT),
        ("logistic", "beta", "X.T @ (dy_hat * y_hat * (1 - y_hat))", Kind.RIGHT),
        ("logistic", "beta", "X.T @ ((y_hat - y) * y_hat * (1 - y_hat))", Kind.RIGHT),
        ("logistic", "y", "y - y_hat", Kind.RIGHT),
        ("logistic", "L", "1", Kind.RIGHT),
        ("two-layer", "W1", "X.T @ ((dz2 @ W2.T) * (1 - h**2))", Kind.RIGHT),
        ("polynomial", "d", "sum(2 * (y_hat - y) * x**3)", Kind.RIGHT),
        ("logistic", "beta", "[-0.375, -0.50]", Kind.RIGHT),
        ("logistic", "beta", "[-0.3749, -0.5]", Kind.WRONG),  # not to half a unit of the fourth digit
        ("logistic", "beta", "[-0.4, -0.5]", Kind.DIGITS),
        ("logistic", "beta", "X.T @ (dy_hat * 0.25)", Kind.HERE),
        ("logistic", "y_hat", "y - y_hat", Kind.SIGN),
        ("logistic", "beta", "[0.375, 0.5]", Kind.SIGN),
        ("two-layer", "W1", "dz1.T @ X", Kind.TRANSPOSED),
        ("two-layer", "W2", "-dz2.T @ h", Kind.TRANSPOSED),
        ("logistic", "beta", "X @ dz", Kind.SHAPES),
        ("logistic", "beta", "sum(dz)", Kind.SHAPES),
        ("logistic", "beta", "-0.375", Kind.SHAPES),
        ("neuron", "W", "dz * 3.0", Kind.SHAPES),
        ("logistic", "b", "mean(dz)", Kind.MEAN),
        ("logistic", "b", "-sum(dz) / 3", Kind.MEAN),
        ("two-layer", "y_hat", "2 * (y_hat - y)", Kind.SUM),
        ("logistic", "beta", "X.T @ (2 * dz)", Kind.CONSTANT),
        ("polynomial", "a", "sum(y_hat - y)", Kind.CONSTANT),
        ("logistic", "beta", "X.T @ dy_hat", Kind.MISSING),
        ("logistic", "beta", "-X.T @ dy_hat", Kind.MISSING),
        ("logistic", "beta", "X.T @ (y_hat * (1 - y_hat))", Kind.MISSING),
        ("logistic", "beta", "dz", Kind.MISSING),
        ("logistic", "beta", "X.T", Kind.MISSING),
        ("linear", "w", "y - t", Kind.MISSING),
        ("logistic", "beta", "X.T @ (dz * y_hat * (1 - y_hat))", Kind.TWICE),
        ("polynomial", "d", "sum(dy_hat * x)", Kind.WRONG),
        ("logistic", "beta", "X.T @ (dz / (y_hat - y_hat))", Kind.WRONG),
    ],
)  # fmt: skip
def test_known_answers(lesson: str, name: str, text: str, kind: Kind) -> None:
    assert diagnosis(lesson, name, text).kind is kind


def test_typed_numbers_within_a_percent_and_half_a_unit() -> None:
    # the gradient is [-0.375, -0.5]
    for text, right in (
        ("[-0.375, -0.5]", True), ("[-0.376, -0.5]", False), ("[-0.38, -0.5]", False),
        ("[-0.375, -0.502]", False), ("[-3.75e-1, -5e-1]", True),
    ):  # fmt: skip
        assert (diagnosis("logistic", "beta", text).kind is Kind.RIGHT) is right, text
    assert diagnosis("logistic", "beta", "[-0.4, -0.5]").digits == 1
    assert diagnosis("logistic", "beta", "[-0.38, -0.5]").digits == 2
    assert diagnosis("logistic", "beta", "[-0.376, -0.5]").near
    assert not diagnosis("logistic", "beta", "[-0.3, -0.5]").near


def test_what_belongs_to_a_kind_is_told() -> None:
    mean = diagnosis("logistic", "b", "mean(dz)")
    assert (mean.count, mean.counted, mean.factor) == (3, "samples", 1 / 3)
    missing = diagnosis("logistic", "beta", "X.T @ dy_hat")
    assert missing.edge is not None
    assert (missing.edge[0].name, missing.what, missing.factor) == ("y_hat", What.LEFT_OUT, 1.0)
    upstream = diagnosis("logistic", "beta", "X.T @ (y_hat * (1 - y_hat))")
    assert upstream.edge is not None
    assert (upstream.edge[0].name, upstream.what) == ("y_hat", What.NO_UPSTREAM)
    shapes = diagnosis("neuron", "W", "dz * 3.0")
    assert (shapes.found, shapes.needed) == ((), (2,))
    here = diagnosis("logistic", "beta", "X.T @ (dy_hat * 0.25)")
    assert here.elsewhere is not None
    assert (here.elsewhere.kind, here.points) == (Kind.MISSING, 4)


@pytest.mark.parametrize(
    ("lesson", "name", "text", "repaired"),
    [
        ("logistic", "beta", "X @ dz", "X.T @ dz"),
        (
            "logistic",
            "beta",
            "X.T * dz",
            None,
        ),  # does not even broadcast: (2×3) and (3) do; no matrix product
        ("logistic", "beta", "dz @ X.T", "dz @ X"),
        ("logistic", "b", "dz", "sum(dz)"),
        ("two-layer", "b1", "dz1", "sum(dz1, axis=0)"),
        ("two-layer", "W1", "dz1 @ X", "X.T @ dz1"),
        ("two-layer", "W1", "X @ (dz2 @ W2 * (1 - h**2))", "X.T @ (dz2 @ W2.T * (1 - h**2))"),
        ("logistic", "beta", "X @ (dy_hat * 2)", ""),
    ],
)
def test_a_formula_whose_shapes_do_not_fit_is_repaired(
    lesson: str, name: str, text: str, repaired: str | None
) -> None:
    found = diagnosis(lesson, name, text)
    assert found.kind is Kind.SHAPES
    if repaired is None:
        assert diagnosis(lesson, name, found.repaired).kind is Kind.RIGHT
    else:
        assert found.repaired == repaired


def always(tape: Tape) -> bool:
    return True


def load(tmp_path: Path, text: str) -> tb.Trainer:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path))


def test_a_forgotten_path_and_one_with_the_wrong_sign(tmp_path: Path) -> None:
    trainer = load(
        tmp_path,
        'formula = """\np = sin(w)\nq = exp(w)\nr = w**3\nL = p * q + r\n"""\n[parameters]\nw = 0.7\n',
    )
    for text, what, output in (
        ("dp * cos(w) + dq * q", What.NO_PATH, "r"),
        ("dq * q", What.ONLY_PATH, "q"),
        ("dp * cos(w) - dq * q + 3 * w**2", What.SIGN_OF_PATH, "q"),
    ):
        found = mark(trainer, "w", text).diagnosis
        assert found.what is what
        assert found.edge is not None
        assert found.edge[0].name == output
    assert mark(trainer, "w", "dp * cos(w) + dq * q + 3 * w**2").passed


def test_targets_stay_probabilities_and_rows_sum_to_one(tmp_path: Path) -> None:
    trainer = load(
        tmp_path,
        'formula = """\nz = X @ W\nL = cross_entropy(z, t)\n"""\n[samples]\nX = [[1, 2], [3, -4]]\n'
        "t = [[1, 0, 0], [0, 0, 1]]\n[parameters]\nW = [[0.1, 0.2, 0.3], [0, 0.1, -0.2]]\n",
    )
    assert mark(trainer, "W", "X.T @ (softmax(z) - t) / 2").passed
    assert mark(trainer, "W", "X.T @ (softmax(z) - t)").diagnosis.kind is Kind.SUM
    for tape in random_points(trainer.tape, always, always):
        t = tape.value(trainer.graph.named["t"])
        assert np.all((t > 0) & (t < 1))
        np.testing.assert_allclose(t.sum(axis=1), 1)


def test_points_avoid_kinks_and_what_is_not_finite_and_are_always_the_same(tmp_path: Path) -> None:
    trainer = load(tmp_path, 'formula = "L = sum(log(w) * relu(w - 1))"\n[parameters]\nw = [1.5, 0.5]\n')
    points = random_points(trainer.tape, always, always)
    assert len(points) == 4
    again = random_points(trainer.tape, always, always)
    for tape, same in zip(points, again, strict=True):
        w = tape.value(trainer.graph.named["w"])
        assert np.all(w > 0)
        np.testing.assert_array_equal(w, same.value(trainer.graph.named["w"]))
    assert mark(trainer, "w", "relu(w - 1) / w + log(w) * (w - 1) / (abs(w - 1) * 2) + log(w) / 2").passed


def test_a_gate_left_out_is_found_although_it_is_open_here(tmp_path: Path) -> None:
    trainer = load(tmp_path, 'formula = "L = relu(w) * 3"\n[parameters]\nw = 2.0\n')
    found = mark(trainer, "w", "3 * w / w").diagnosis
    assert found.kind is Kind.HERE
    assert found.elsewhere is not None
    assert found.elsewhere.kind is Kind.MISSING
    assert mark(trainer, "w", "3 * relu(w) / w").passed


def test_points_on_a_kink_serve_where_there_are_no_others(tmp_path: Path) -> None:
    # 0 * w has a kink at every point
    trainer = load(tmp_path, 'formula = "L = w**2 + abs(0 * w)"\n[parameters]\nw = 3.0\n')
    assert mark(trainer, "w", "6 * w / w").diagnosis.kind is Kind.HERE
    assert mark(trainer, "w", "2 * w").passed
    # abs of a relu that is shut for one sample
    text = (
        'formula = "h = relu(x * w)\\nL = sum(abs(h))"\n[data]\nx = [1.0, -2.0, 3.0]\n[parameters]\nw = 1.0\n'
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "w", "4 * w**7").diagnosis.kind is Kind.HERE


def test_a_gradient_that_is_not_finite_here_is_judged_elsewhere(tmp_path: Path) -> None:
    text = (
        'formula = "s = sqrt(x - w)\\nL = sum(log(s) * v)"\n'
        "[data]\nx = [1.0, 2.0, 3.0]\nv = [0.0, 1.0, 1.0]\n[parameters]\nw = 1.0\n"
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "w", "-sum(ds / (2 * s))").passed
    found = mark(trainer, "w", "3").diagnosis
    assert (found.kind, found.near) == (Kind.WRONG, False)


def test_axes_of_length_one_may_be_missing(tmp_path: Path) -> None:
    text = (
        'formula = "m = A * c\\nL = sum(m * m)"\n'
        "[data]\nA = [[1.0, 2.0], [3.0, 4.0]]\n[parameters]\nc = [[1.0], [2.0]]\n"
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "c", "sum(dm * A, axis=1)").passed
    assert mark(trainer, "c", "[10, 100]").passed  # 2·(1 + 4)·1 and 2·(9 + 16)·2
    assert mark(trainer, "c", "sum(dm * A, axis=0)").diagnosis.kind is not Kind.RIGHT


def test_a_transpose_is_named_where_the_shapes_fit_without_it(tmp_path: Path) -> None:
    text = (
        'formula = "z = h @ V\\nL = sum(z * z)"\n'
        "[data]\nh = [[1.0, 2.0], [3.0, 5.0]]\n[parameters]\nV = [[1.0, 0.5], [-1.0, 2.0]]\n"
    )
    found = mark(load(tmp_path, text), "V", "h @ dz").diagnosis
    assert (found.kind, found.repaired) == (Kind.WRONG, "h.T @ dz")


def test_a_node_that_does_not_reach_the_loss(tmp_path: Path) -> None:
    trainer = load(tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 3.0\nu = [1.0, 2.0]\n')
    for text, kind in (("[0, 0]", Kind.RIGHT), ("0 * u", Kind.RIGHT), ("u", Kind.WRONG), ("0", Kind.SHAPES)):
        found = mark(trainer, "u", text).diagnosis
        assert found.kind is kind
    assert mark(trainer, "u", "u").diagnosis.unused


def test_a_long_chain_is_bounded(tmp_path: Path) -> None:
    lines = ["a0 = w * 0.9"] + [f"a{i} = sin(a{i - 1})" for i in range(1, 5000)] + ["L = a4999**2"]
    trainer = load(tmp_path, 'formula = """\n' + "\n".join(lines) + '\n"""\n[parameters]\nw = 0.1\n')
    assert mark(trainer, "w", "da0 * 0.9").passed
    assert mark(trainer, "w", "da1 * 0.9").diagnosis.kind is Kind.MISSING
    assert mark(trainer, "w", "da2000").diagnosis.kind is Kind.WRONG  # too far away to be found


# ---------------------------------------------------------------------- generated graphs and mistakes

LEAVES = {"a": 0.7, "v": [0.4, -0.6, 1.1], "M": [[0.3, -0.2, 0.5], [1.2, 0.8, -0.9], [0.1, 0.6, -0.4]]}
FORMS = (
    "({x} + {y})", "({x} - {y})", "({x} * {y})", "tanh({x})", "sin({x} * {y})", "sigmoid({x})", "({x} / 2)",
    "({x})**2", "exp(-({x})**2)", "softplus({x})", "M @ ({x} * M)", "relu({x} + 0.1)",
)  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph over three leaves with forks, broadcasts, matrix products and a mean or a sum."""
    names = ["a", "v", "M"]
    lines = []
    for number in range(draw(st.integers(1, 4))):
        form, x, y = (draw(st.sampled_from(options)) for options in (FORMS, names, names))
        lines.append(f"n{number} = {form.format(x=x, y=y)}")
        names.append(f"n{number}")
    reduction = draw(st.sampled_from(["sum", "mean"]))
    lines.append(f"L = {reduction}(sin({names[-1]} + {draw(st.sampled_from(names))}))")
    leaves = {name: Leaf(NodeKind.PARAMETER, np.shape(value), True) for name, value in LEAVES.items()}
    return build_graph(parse_formula("\n".join(lines)), leaves)


class Claim(Answer):
    """An answer by a function of the point, as a formula is one."""

    def __init__(self, function: Callable[[Tape], np.ndarray]) -> None:
        object.__setattr__(self, "function", function)
        super().__init__("by hand", names={"made": None})  # type: ignore[dict-item]

    def at(self, tape: Tape) -> np.ndarray:
        return self.function(tape)  # type: ignore[attr-defined, no-any-return]


def with_mistake(tape: Tape, name: str, what: What | None, edge: Edge | None) -> np.ndarray:
    """Sweep backward with a mistake at one factor: each factor anew, and nothing carried on."""
    graph = tape.graph
    gradients = {node: np.zeros(node.shape) for node in graph.nodes}
    gradients[graph.loss] = np.ones(graph.loss.shape)
    for output, index in graph.factors:
        operand, upstream = output.operands[index], gradients[output]
        if what is What.NO_UPSTREAM and edge is not None and output is edge[0]:
            upstream = np.ones(output.shape)
        made = output.op.downstream(index, upstream, tape.operands(output), tape.value(output))
        if edge is not None and operand is edge[0].operands[edge[1]]:
            at_edge = (output, index) == edge
            if what is What.ONLY_PATH and not at_edge:
                made = np.zeros(operand.shape)
            elif at_edge and what is What.LEFT_OUT:
                made = np.broadcast_to(upstream, operand.shape)
            elif at_edge and what is What.TWICE:
                made = made * tape.local(output, index)
            elif at_edge and what is What.NO_PATH:
                made = np.zeros(operand.shape)
            elif at_edge and what is What.SIGN_OF_PATH:
                made = -made
        gradients[operand] = gradients[operand] + made
    return gradients[graph.named[name]]


def said(found: Diagnosis, tape: Tape, name: str) -> np.ndarray:
    """Make the answer again from what the diagnosis says about it."""
    if found.kind is Kind.TRANSPOSED:
        return found.factor * with_mistake(tape, name, None, None).T
    alone = found.kind in (Kind.RIGHT, Kind.MEAN, Kind.SUM, Kind.CONSTANT) or (
        found.kind is Kind.SIGN and found.what is not What.SIGN_OF_PATH
    )
    what, edge = (None, None) if alone else (found.what, found.edge)
    return found.factor * with_mistake(tape, name, what, edge)


FACTORS = (1.0, -1.0, 1 / 3, 3.0, 2.0, 0.7)


@settings(max_examples=120)
@given(st.data(), graphs(), st.sampled_from(["a", "v", "M"]))
def test_generated_mistakes_are_named(data: st.DataObject, graph: Graph, name: str) -> None:
    node = graph.named[name]
    edges = list(edges_behind(graph, node))
    here = swept(graph, {leaf: np.asarray(value, dtype=np.float64) for leaf, value in LEAVES.items()})
    assume(edges and np.any(full_gradient(here, node)))
    edge = data.draw(st.sampled_from(edges))
    possible: list[What | None] = [None, What.NO_PATH]
    if edge[0].op is not None and edge[0].op.elementwise and edge[0].shape == edge[0].operands[edge[1]].shape:
        possible += [What.LEFT_OUT, What.TWICE]
    what = data.draw(st.sampled_from(possible))
    factor = data.draw(st.sampled_from(FACTORS))
    turned = name == "M" and what is None and data.draw(st.booleans())

    def claim(tape: Tape) -> np.ndarray:
        value = factor * with_mistake(tape, name, what, edge)
        return value.T if turned else value

    if what is What.NO_PATH:
        assume(sum(output.operands[i] is edge[0].operands[edge[1]] for output, i in edges) > 1)
    if turned:
        assume(abs(factor) == 1.0)
    points = random_points(
        here,
        lambda tape: bool(np.all(np.isfinite(claim(tape)))),
        lambda tape: bool(np.any(full_gradient(tape, node))),
    )
    assume(len(points) >= 4 and all(np.abs(claim(tape)).max() > 1e-3 for tape in points[:4]))
    found = diagnose(gradient_of(graph, node), Claim(claim), here, rows=3)
    if what in (None, What.LEFT_OUT) or factor == 1.0:
        assert found.kind is not Kind.WRONG, (what, edge, factor)
    if found.kind in (Kind.WRONG, Kind.HERE):
        return
    for tape in points:
        np.testing.assert_allclose(said(found, tape, name), claim(tape), rtol=1e-5, atol=1e-8)
    if what is None and not turned:
        expected = {1.0: Kind.RIGHT, -1.0: Kind.SIGN, 1 / 3: Kind.MEAN, 3.0: Kind.SUM}
        assert found.kind is expected.get(factor, Kind.CONSTANT)
        assert found.factor == pytest.approx(factor)


@given(st.text(max_size=40))
def test_any_text_is_marked_or_refused(text: str) -> None:
    try:
        found = diagnosis("logistic", "beta", text)
    except BackpropError:
        return
    assert found.kind is not Kind.RIGHT
