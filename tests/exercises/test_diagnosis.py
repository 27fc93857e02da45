"""Mistakes made on purpose are named, and whatever a diagnosis says can be made again from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import in_part, tried
from tui_backprop.engine.autodiff.graph import Factor, Graph
from tui_backprop.engine.autodiff.graph import Kind as NodeKind
from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.homework import mark
from tui_backprop.exercises.hypotheses import Counted, factors_behind, gradient_of
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.random_points import random_points
from tui_backprop.exercises.repairs import Lack
from tui_backprop.exercises.words.steps import told

LESSONS = {name: tb.load_lesson(name) for name in ("logistic", "neuron", "two-layer", "linear", "polynomial")}


def diagnosis(lesson: str, name: str, text: str) -> Diagnosis:
    return mark(tb.Trainer(LESSONS[lesson]), name, text).diagnosis


@pytest.mark.parametrize(
    ("lesson", "name", "text", "kind"),
    [
        ("logistic", "beta", "X.T @ dz", Finding.RIGHT),
        ("logistic", "beta", "X.T @ (dy_hat * y_hat * (1 - y_hat))", Finding.RIGHT),
        ("logistic", "beta", "X.T @ ((y_hat - y) * y_hat * (1 - y_hat))", Finding.RIGHT),
        ("logistic", "y", "y - y_hat", Finding.RIGHT),
        ("logistic", "L", "1", Finding.RIGHT),
        ("two-layer", "W1", "X.T @ ((dz2 @ W2.T) * (1 - h**2))", Finding.RIGHT),
        ("polynomial", "d", "sum(2 * (y_hat - y) * x**3)", Finding.RIGHT),
        ("logistic", "beta", "[-0.375, -0.50]", Finding.RIGHT),
        ("logistic", "beta", "[-0.3749, -0.5]", Finding.WRONG),  # not to half a unit of the fourth digit
        ("logistic", "beta", "[-0.4, -0.5]", Finding.DIGITS),
        ("logistic", "beta", "X.T @ (dy_hat * 0.25)", Finding.HERE),
        ("logistic", "y_hat", "y - y_hat", Finding.SIGN),
        ("logistic", "beta", "[0.375, 0.5]", Finding.SIGN),
        ("two-layer", "W1", "dz1.T @ X", Finding.TRANSPOSED),
        ("two-layer", "W2", "-dz2.T @ h", Finding.TRANSPOSED),
        ("logistic", "beta", "X @ dz", Finding.SHAPES),
        ("logistic", "beta", "sum(dz)", Finding.SHAPES),
        ("logistic", "beta", "-0.375", Finding.SHAPES),
        ("neuron", "W", "dz * 3.0", Finding.SHAPES),
        ("logistic", "b", "mean(dz)", Finding.MEAN),
        ("logistic", "b", "-sum(dz) / 3", Finding.CONSTANT),  # 3 is written out
        ("logistic", "b", "-sum(dz) / n", Finding.MEAN),
        ("two-layer", "y_hat", "2 * (y_hat - y)", Finding.SUM),
        ("logistic", "beta", "X.T @ (2 * dz)", Finding.CONSTANT),
        ("polynomial", "a", "sum(y_hat - y)", Finding.CONSTANT),
        ("logistic", "beta", "X.T @ dy_hat", Finding.MISSING),
        ("logistic", "beta", "-X.T @ dy_hat", Finding.MISSING),
        ("logistic", "beta", "X.T @ (y_hat * (1 - y_hat))", Finding.MISSING),
        ("logistic", "beta", "dz", Finding.MISSING),
        ("logistic", "beta", "X.T", Finding.MISSING),
        ("linear", "w", "y - t", Finding.MISSING),
        ("logistic", "beta", "X.T @ (dz * y_hat * (1 - y_hat))", Finding.TWICE),
        ("polynomial", "d", "sum(dy_hat * x)", Finding.VALUE),
        ("logistic", "beta", "X.T @ (dz / (y_hat - y_hat))", Finding.WRONG),
    ],
)  # fmt: skip
def test_known_answers(lesson: str, name: str, text: str, kind: Finding) -> None:
    assert diagnosis(lesson, name, text).kind is kind


def test_typed_numbers_within_a_percent_and_half_a_unit() -> None:
    # the gradient is [-0.375, -0.5]
    for text, right in (
        ("[-0.375, -0.5]", True), ("[-0.376, -0.5]", False), ("[-0.38, -0.5]", False),
        ("[-0.375, -0.502]", False), ("[-3.75e-1, -5e-1]", True),
    ):  # fmt: skip
        assert (diagnosis("logistic", "beta", text).kind is Finding.RIGHT) is right, text
    assert diagnosis("logistic", "beta", "[-0.4, -0.5]").digits == 1
    assert diagnosis("logistic", "beta", "[-0.38, -0.5]").digits == 2
    assert diagnosis("logistic", "beta", "[-0.376, -0.5]").near
    assert not diagnosis("logistic", "beta", "[-0.3, -0.5]").near


def test_what_belongs_to_a_kind_is_told() -> None:
    mean = diagnosis("logistic", "b", "mean(dz)")
    assert (mean.count, mean.counted, mean.multiple) == (3, "samples", 1 / 3)
    missing = diagnosis("logistic", "beta", "X.T @ dy_hat")
    assert missing.factor is not None
    assert (missing.factor[0].name, missing.what, missing.multiple) == ("y_hat", What.LEFT_OUT, 1.0)
    upstream = diagnosis("logistic", "beta", "X.T @ (y_hat * (1 - y_hat))")
    assert upstream.factor is not None
    assert (upstream.factor[0].name, upstream.what) == ("y_hat", What.NO_UPSTREAM)
    shapes = diagnosis("neuron", "W", "dz * 3.0")
    assert (shapes.found, shapes.needed) == ((), (2,))
    here = diagnosis("logistic", "beta", "X.T @ (dy_hat * 0.25)")
    assert here.elsewhere is not None
    assert (here.elsewhere.kind, here.points) == (Finding.MISSING, 4)


def test_the_other_operand_alone_is_half_of_a_product_of_stacks(tmp_path: Path) -> None:
    """∂L/∂Q is dS @ K for S = Q @ Kᵀ, matrix by matrix; K alone lacks the upstream gradient."""
    trainer = load(
        tmp_path,
        "formula = '''\nS = Q @ swapaxes(K, -1, -2)\nL = mean(S**2)\n'''\n"
        "[parameters]\nQ = { init = 'normal', shape = [2, 1, 3, 2] }\n"
        "K = { init = 'normal', shape = [2, 1, 5, 2] }\n",
    )
    assert mark(trainer, "Q", "dS @ K").diagnosis.kind is Finding.RIGHT
    found = mark(trainer, "Q", "K").diagnosis
    assert (found.kind, found.what) == (Finding.MISSING, What.NO_UPSTREAM)


@pytest.mark.parametrize("loss", ["nll", "cross_entropy"])
def test_a_mean_over_rows_is_known_as_one(tmp_path: Path, loss: str) -> None:
    """Both divide by the 4 rows, however many classes there are: ∂L/∂Z is -T/4, and (softmax(Z) - T)/4."""
    trainer = load(
        tmp_path,
        f"formula = 'L = {loss}(Z, T)'\n"
        "[data]\nT = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]]\n"
        "[parameters]\nZ = [[-0.1, -0.2, -0.3], [-0.4, 0.5, -0.6], [-0.7, -0.8, 0.9], [-1.1, -1.2, -0.3]]\n",
    )
    each = "-T" if loss == "nll" else "softmax(Z) - T"
    assert mark(trainer, "Z", f"({each}) / 4").diagnosis.kind is Finding.RIGHT
    summed = mark(trainer, "Z", each).diagnosis
    assert (summed.kind, summed.count, summed.counted) == (Finding.SUM, 4, Counted.ROWS)


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
        ("two-layer", "b1", "sum(dz1)", "sum(dz1, axis=0)"),
        ("two-layer", "b1", "np.sum(dz1, axis=0, keepdims=True)", "np.sum(dz1, axis=0)"),
        ("two-layer", "W1", "dz1 @ X", "X.T @ dz1"),
        ("two-layer", "W1", "X @ (dz2 @ W2 * (1 - h**2))", "X.T @ (dz2 @ W2.T * (1 - h**2))"),
        ("logistic", "X", "dz @ beta.T", "outer(dz, beta)"),
        ("logistic", "beta", "X @ ∂L/∂(X @ β)", "X.T @ ∂L/∂(X @ β)"),
        ("logistic", "beta", "X @ |dz|", ""),
        ("logistic", "beta", "X @ (dy_hat * 2)", ""),
    ],
)
def test_a_formula_whose_shapes_do_not_fit_is_repaired(
    lesson: str, name: str, text: str, repaired: str | None
) -> None:
    found = diagnosis(lesson, name, text)
    assert found.kind is Finding.SHAPES
    right = "" if found.repair is None else found.repair.answer.spelled
    if repaired is None:
        assert diagnosis(lesson, name, right).kind is Finding.RIGHT
    else:
        assert right == repaired


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
        assert found.factor is not None
        assert found.factor[0].name == output
    assert mark(trainer, "w", "dp * cos(w) + dq * q + 3 * w**2").passed


def test_targets_stay_probabilities_and_rows_sum_to_one(tmp_path: Path) -> None:
    trainer = load(
        tmp_path,
        'formula = """\nz = X @ W\nL = cross_entropy(z, t)\n"""\n[samples]\nX = [[1, 2], [3, -4]]\n'
        "t = [[1, 0, 0], [0, 0, 1]]\n[parameters]\nW = [[0.1, 0.2, 0.3], [0, 0.1, -0.2]]\n",
    )
    assert mark(trainer, "W", "X.T @ (softmax(z) - t) / 2").passed
    assert mark(trainer, "W", "X.T @ (softmax(z) - t)").diagnosis.kind is Finding.SUM
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
    assert found.kind is Finding.HERE
    assert found.elsewhere is not None
    assert found.elsewhere.kind is Finding.MISSING
    assert mark(trainer, "w", "3 * relu(w) / w").passed


def test_points_on_a_kink_serve_where_there_are_no_others(tmp_path: Path) -> None:
    # 0 * w has a kink at every point
    trainer = load(tmp_path, 'formula = "L = w**2 + abs(0 * w)"\n[parameters]\nw = 3.0\n')
    assert mark(trainer, "w", "6 * w / w").diagnosis.kind is Finding.HERE
    assert mark(trainer, "w", "2 * w").passed
    # abs of a relu that is shut for one sample
    text = (
        'formula = "h = relu(x * w)\\nL = sum(abs(h))"\n[data]\nx = [1.0, -2.0, 3.0]\n[parameters]\nw = 1.0\n'
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "w", "4 * w**7").diagnosis.kind is Finding.HERE


def test_a_gradient_that_is_not_finite_here_is_judged_elsewhere(tmp_path: Path) -> None:
    text = (
        'formula = "s = sqrt(x - w)\\nL = sum(log(s) * v)"\n'
        "[data]\nx = [1.0, 2.0, 3.0]\nv = [0.0, 1.0, 1.0]\n[parameters]\nw = 1.0\n"
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "w", "-sum(ds / (2 * s))").passed
    found = mark(trainer, "w", "3").diagnosis
    assert (found.kind, found.multiple) == (Finding.CONSTANT, pytest.approx(-4))  # of -1/2 - 1/4: v[0] is 0


def test_axes_of_length_one_may_be_missing(tmp_path: Path) -> None:
    text = (
        'formula = "m = A * c\\nL = sum(m * m)"\n'
        "[data]\nA = [[1.0, 2.0], [3.0, 4.0]]\n[parameters]\nc = [[1.0], [2.0]]\n"
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "c", "sum(dm * A, axis=1)").passed
    assert mark(trainer, "c", "[10, 100]").passed  # 2·(1 + 4)·1 and 2·(9 + 16)·2
    assert mark(trainer, "c", "sum(dm * A, axis=0)").diagnosis.kind is not Finding.RIGHT


def test_a_transpose_is_named_where_the_shapes_fit_without_it(tmp_path: Path) -> None:
    text = (
        'formula = "z = h @ V\\nL = sum(z * z)"\n'
        "[data]\nh = [[1.0, 2.0], [3.0, 5.0]]\n[parameters]\nV = [[1.0, 0.5], [-1.0, 2.0]]\n"
    )
    trainer = load(tmp_path, text)
    found = mark(trainer, "V", "h @ dz").diagnosis
    assert (found.kind, found.repair.answer.spelled) == (Finding.TRANSPOSED, "h.T @ dz")
    assert found.repair.lacks == {Lack.TRANSPOSE}
    steps = [told(found, trainer.graph, trainer.graph.named["V"], much)[:2] for much in (1, 2, 3)]
    assert steps[0][0] == "transposed: a transpose is missing"
    assert steps[1] == ["transposed: a transpose is missing", "look at h @ dz"]
    assert steps[2][0] == "transposed: a transpose is missing; did you mean h.T @ dz?"
    for claim, said in (
        ("h.T @ dz.T", "transposed: a transpose is too many"),
        ("dz @ h.T", "wrong: the sides of a product are swapped"),
        ("h.T * dz", "wrong: @ belongs where * stands"),
    ):
        found = mark(trainer, "V", claim).diagnosis
        assert told(found, trainer.graph, trainer.graph.named["V"], 1)[0] == said


def test_another_axis_is_named_where_there_are_as_many_units_as_samples() -> None:
    found = diagnosis("two-layer", "b1", "dz1.sum(1)")
    assert (found.kind, found.repair.answer.spelled) == (Finding.WRONG, "dz1.sum(axis=0)")
    assert found.repair.lacks == {Lack.AXIS}


def test_the_outer_product_of_vectors_is_named_with_the_screen_s_names() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    found = mark(trainer, "X", "dz @ beta.T").diagnosis
    (said, _) = told(found, trainer.graph, trainer.graph.named["X"], 3)
    assert "@ of dz (3) and βᵀ (2): (3) @ (2) does not fit" in said
    assert said.endswith("needs (3×2); did you mean outer(dz, beta)?")
    place = told(found, trainer.graph, trainer.graph.named["X"], 2)[1]
    assert place == "look at how X acts: (X @ β); the outer product of the two vectors belongs there"


def test_a_node_that_does_not_reach_the_loss(tmp_path: Path) -> None:
    trainer = load(tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 3.0\nu = [1.0, 2.0]\n')
    for text, kind in (
        ("[0, 0]", Finding.RIGHT),
        ("0 * u", Finding.RIGHT),
        ("u", Finding.WRONG),
        ("0", Finding.SHAPES),
    ):
        found = mark(trainer, "u", text).diagnosis
        assert found.kind is kind
    assert mark(trainer, "u", "u").diagnosis.unused


@in_part("count", 600, 5000)
def test_a_long_chain_is_bounded(tmp_path: Path, count: int) -> None:
    sines = [f"a{i} = sin(a{i - 1})" for i in range(1, count)]
    lines = ["a0 = w * 0.9", *sines, f"L = a{count - 1}**2"]
    trainer = load(tmp_path, 'formula = """\n' + "\n".join(lines) + '\n"""\n[parameters]\nw = 0.1\n')
    assert mark(trainer, "w", "da0 * 0.9").passed
    assert mark(trainer, "w", "da1 * 0.9").diagnosis.kind is Finding.MISSING
    assert mark(trainer, "w", f"da{count // 2}").diagnosis.kind is Finding.WRONG  # too far away to be found


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


def with_mistake(
    tape: Tape, name: str, what: What | None, factor: Factor | None, share: float = 1.0
) -> np.ndarray:
    """Sweep backward with a mistake at one factor: each factor anew, and nothing carried on."""
    graph = tape.graph
    gradients = {node: np.zeros(node.shape) for node in graph.nodes}
    gradients[graph.loss] = np.ones(graph.loss.shape)
    for output, index in graph.factors:
        operand, upstream = output.operands[index], gradients[output]
        if what is What.NO_UPSTREAM and factor is not None and output is factor.output:
            upstream = np.ones(output.shape)
        made = output.op.downstream(index, upstream, tape.operands(output), tape.value(output))
        if factor is not None and operand is factor.operand:
            is_here = (output, index) == factor
            if what is What.ONLY_PATH and not is_here:
                made = np.zeros(operand.shape)
            elif is_here and what is What.LEFT_OUT:
                made = np.broadcast_to(upstream, operand.shape)
            elif is_here and what is What.TWICE:
                made = made * tape.local(output, index)
            elif is_here and what is What.NO_PATH:
                made = np.zeros(operand.shape)
            elif is_here and what is What.OWN:
                own = tape.value(operand)
                operands = [own if i != index else tape.operands(output)[i] for i in range(2)]
                made = output.op.downstream(index, upstream, operands, tape.value(output))
            elif is_here and what is What.GATE:
                made = upstream * (tape.value(operand) > 0)
            elif is_here and what is What.SIGN_OF_PATH:
                made = -made
            elif what is What.PATH_TIMES and output is factor.output:
                made = share * made
        gradients[operand] = gradients[operand] + made
    return gradients[graph.named[name]]


def said(found: Diagnosis, tape: Tape, name: str) -> np.ndarray:
    """Make the answer again from what the diagnosis says about it."""
    if found.kind is Finding.TRANSPOSED:
        return found.multiple * with_mistake(tape, name, None, None).T
    alone = found.kind in (Finding.RIGHT, Finding.MEAN, Finding.SUM, Finding.CONSTANT) or (
        found.kind is Finding.SIGN and found.what is not What.SIGN_OF_PATH
    )
    what, factor = (None, None) if alone else (found.what, found.factor)
    return found.multiple * with_mistake(tape, name, what, factor, found.share)


MULTIPLES = (1.0, -1.0, 1 / 3, 3.0, 2.0, 0.7)


@tried(st.data(), graphs(), st.sampled_from(["a", "v", "M"]), few=20, many=120)
def test_generated_mistakes_are_named(data: st.DataObject, graph: Graph, name: str) -> None:
    node = graph.named[name]
    factors = list(factors_behind(graph, node))
    here = swept(graph, {leaf: np.asarray(value, dtype=np.float64) for leaf, value in LEAVES.items()})
    assume(factors and np.any(full_gradient(here, node)))
    factor = data.draw(st.sampled_from(factors))
    possible: list[What | None] = [None, What.NO_PATH]
    if factor.op.elementwise and factor.output.shape == factor.operand.shape:
        possible += [What.LEFT_OUT, What.TWICE]
    what = data.draw(st.sampled_from(possible))
    multiple = data.draw(st.sampled_from(MULTIPLES))
    turned = name == "M" and what is None and data.draw(st.booleans())

    def claim(tape: Tape) -> np.ndarray:
        value = multiple * with_mistake(tape, name, what, factor)
        return value.T if turned else value

    if what is What.NO_PATH:
        assume(sum(output.operands[i] is factor.operand for output, i in factors) > 1)
    if turned:
        assume(abs(multiple) == 1.0)
    points = random_points(
        here,
        lambda tape: bool(np.all(np.isfinite(claim(tape)))),
        lambda tape: bool(np.any(full_gradient(tape, node))),
    )
    assume(len(points) >= 4 and all(np.abs(claim(tape)).max() > 1e-3 for tape in points[:4]))
    found = diagnose(gradient_of(graph, node), Claim(claim), here, rows=3)
    if what in (None, What.LEFT_OUT) or multiple == 1.0:
        assert found.kind is not Finding.WRONG, (what, factor, multiple)
    if found.kind in (Finding.WRONG, Finding.HERE):
        return
    for tape in points:
        np.testing.assert_allclose(said(found, tape, name), claim(tape), rtol=1e-5, atol=1e-8)
    if what is None and not turned:
        expected = {1.0: Finding.RIGHT, -1.0: Finding.SIGN, 1 / 3: Finding.MEAN, 3.0: Finding.SUM}
        assert found.kind is expected.get(multiple, Finding.CONSTANT)
        assert found.multiple == pytest.approx(multiple)


@given(st.text(max_size=40))
def test_any_text_is_marked_or_refused(text: str) -> None:
    try:
        found = diagnosis("logistic", "beta", text)
    except BackpropError:
        return
    assert found.kind is not Finding.RIGHT


SMALL = (
    'formula = "h = k * A\\nL = mean((h - C)**2)"\n[samples]\nA = [1e-9, 2e-9, 3e-9]\n'
    "C = [2.1e-12, 3.9e-12, 6.2e-12]\n[parameters]\nk = 1e-3\n"
)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("mean(2 * (h - C) * A)", Finding.RIGHT),
        ("-9.6666667e-21", Finding.RIGHT),
        ("-mean(2 * (h - C) * A)", Finding.SIGN),
        ("5 * mean(2 * (h - C) * A)", Finding.CONSTANT),
        ("9.6666667e-21", Finding.SIGN),
        ("0", Finding.DIGITS),
    ],
)
def test_small_gradients_are_marked_as_large_ones_are(tmp_path: Path, given: str, kind: Finding) -> None:
    # 2/3 · ((1e-12 − 2.1e-12) · 1e-9 + (2e-12 − 3.9e-12) · 2e-9 + (3e-12 − 6.2e-12) · 3e-9) = −29/3 · 1e-21
    assert mark(load(tmp_path, SMALL), "k", given).diagnosis.kind is kind


def test_at_a_minimum_rounding_is_no_mistake(tmp_path: Path) -> None:
    # 0.1 · 3 is not quite 0.3: both ways give rounding, and not the same
    text = (
        'formula = "h = w * x\\nL = mean((h - y)**2)"\n[samples]\nx = [3.0, 6.0, 7.0]\ny = [0.3, 0.6, 0.7]\n'
        "[parameters]\nw = 0.1\n"
    )
    trainer = load(tmp_path, text)
    assert mark(trainer, "w", "2 * mean(x * w * x - x * y)").passed
    assert mark(trainer, "w", "0").passed


def test_where_0_times_infinity_counts_as_0_a_formula_with_it_is_judged_elsewhere(tmp_path: Path) -> None:
    trainer = load(tmp_path, 'formula = "r = relu(x)\\nL = sum(sqrt(r))"\n[parameters]\nx = [-1.0, 4.0]\n')
    assert mark(trainer, "x", "dr * r / relu(x)").passed  # NaN in the first here
    assert not mark(trainer, "x", "2 * dr * r / relu(x)").passed
    assert mark(trainer, "x", "[0, 0.25]").passed
