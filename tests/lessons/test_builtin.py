"""Every number of the source notes, as golden values for the built-in lessons."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.thorough import lessons
from tests.support.trainers import trainer
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
from tui_backprop.exercises.words.check import slip_message
from tui_backprop.explain.record import explain
from tui_backprop.explain.whys import live_values, whys
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.charset import UNICODE

EXACT = 1e-9


def printed(value: str) -> tuple[float, float]:
    """Return a number as the notes print it, and half a unit of its last digit."""
    mantissa, _, exponent = value.partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(value), 0.5001 * 10.0 ** (int(exponent or 0) - digits)


def agrees(actual: object, *expected: str) -> None:
    found = np.asarray(actual, dtype=float).reshape(-1)
    assert len(found) == len(expected)
    for number, text in zip(found, expected, strict=True):
        value, tolerance = printed(text)
        assert number == pytest.approx(value, rel=0, abs=tolerance), (number, text)


def value(t: tb.Trainer, name: str) -> np.ndarray:
    return t.tape.value(t.graph.named[name])


def test_names_of_every_lesson() -> None:
    names = {
        "first": "w b x t y L",
        "linear": "w b x t y L",
        "square": "x y",
        "chain": "x y z",
        "neuron": "X y W z r L",
        "relu-net": "X y W1 b1 W2 b2 z1 r1 z2 r2 L",
        "guess": "g L",
        "theta": "x y theta z1 z2 L",
        "polynomial": "a b c d x y y_hat L",
        "logistic": "X y beta b z y_hat L",
        "conv": "x y w z h p L",
        "dropout": "X y W b v c h d.mask d y_hat L",
        "batch-norm": "X y W gamma beta v z n.running_mean n.running_var n.mean n.var n.normal "
        "n.next_running_mean n.next_running_var n h y_hat L",
    }
    for lesson, listed in names.items():
        assert set(trainer(lesson).graph.named) == set(listed.split()), lesson
    assert BUILTIN == (
        "first",
        "linear",
        "square",
        "chain",
        "neuron",
        "relu-net",
        "guess",
        "nodes",
        "theta",
        "polynomial",
        "logistic",
        "logistic-ce",
        "two-layer",
        "softmax",
        "famous-slip",
        "vanishing",
        "schedules",
        "iris",
        "conv",
        "dropout",
        "batch-norm",
        "layer-norm",
        "embedding",
        "rnn",
        "lstm",
        "attention",
        "word2vec",
        "ninja",
    )


@pytest.mark.parametrize("name", BUILTIN)
def test_a_beginner_reads_a_title_a_summary_and_notes(name: str) -> None:
    lesson = tb.load_lesson(name)
    assert lesson.title
    assert lesson.title != name
    assert len(lesson.summary) > 60
    assert lesson.whys
    assert re.search(r"[Pp]ress \w", lesson.summary), "the summary names a key"


def test_the_first_lesson_learns_before_ones_eyes() -> None:
    """With error e = y − t an update takes 0.1·e·(x² + 1) = e/2 away from y: the loss is quartered."""
    t = trainer("first")
    assert BUILTIN[0] == "first"
    assert (float(value(t, "y")), t.loss) == (2.0, 8.0)
    assert (float(t.gradients["w"]), float(t.gradients["b"])) == (-8.0, -4.0)
    t.run(iterations=10)
    np.testing.assert_allclose(t.losses, [8.0 / 4**k for k in range(10)], rtol=1e-12)
    t.run()
    assert t.iteration == 20
    assert [round(float(t.parameters[name]), 5) for name in ("w", "b")] == [2.6, 0.8]
    assert 2 * 2.6 + 0.8 == 6


# 000


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("y", "0.99342831"),
        ("L", "2.15935809e-05"),
    ],
)
def test_linear_forward(name: str, expected: str) -> None:
    agrees(value(trainer("linear"), name), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("y", "-0.00657169"), ("x", "-0.00326425"), ("w", "-0.01314339"), ("b", "-0.00657169")],
)
def test_linear_gradients(name: str, expected: str) -> None:
    agrees(trainer("linear").gradients[name], expected)


@pytest.mark.parametrize(
    ("iteration", "y", "loss", "w"),
    [
        (0, "0.99342831", "2.15935809e-05", "0.49671415"),
        (1, "0.99375689", "1.94882067e-05", "0.49684559"),
        (2, "0.99406905", "1.75881066e-05", None),
        (201, "0.99999978", "2.39449533e-14", None),
    ],
)
def test_linear_training(iteration: int, y: str, loss: str, w: str | None) -> None:
    t = trainer("linear")
    t.run(iterations=iteration)
    agrees(value(t, "y"), y)
    agrees(t.loss, loss)
    if w:
        agrees(t.parameters["w"], w)
    t.next()
    agrees(t.losses[iteration], loss)


def test_linear_parameters_after_updates() -> None:
    t = trainer("linear")
    assert t.parameters["b"] == 0
    t.next()
    agrees(t.parameters["b"], "6.57169398e-05")
    t.run(iterations=201)
    assert t.iteration == 202
    agrees(t.parameters["w"], "0.49934275")
    assert t.hyperparameters.iterations == 202
    assert t.hyperparameters.learning_rate == 0.01


def test_linear_keeps_local_derivative_and_incoming_gradient_apart() -> None:
    t = trainer("linear")
    t.run(iterations=0)
    records = [t.step() for _ in range(t.record_count)]
    local = {r.operand.name: float(r.local) for r in records if isinstance(r, ChainFactor)}
    assert local["x"] == float(trainer("linear").parameters["w"])
    assert local["w"] == 2.0
    assert local["b"] == 1.0
    assert [r.parameter.name for r in records if isinstance(r, ParameterUpdate)] == ["w", "b"]


# 001


def test_square_and_chain() -> None:
    t = trainer("square")
    assert value(t, "y") == 9
    assert t.gradients["x"] == 6
    t = trainer("chain")
    assert value(t, "z") == 18
    assert t.gradients["x"] == 12
    assert t.gradients["y"] == 2
    factors = [r for r in (t.step() for _ in range(t.record_count)) if isinstance(r, ChainFactor)]
    assert [float(r.local) for r in factors] == [2, 6]
    assert not t.lesson.trains


def test_neuron() -> None:
    t = trainer("neuron")
    agrees(value(t, "z"), "0.42")
    assert value(t, "r") == pytest.approx(0.6034832498647263, rel=EXACT)
    assert t.loss == pytest.approx(0.07861276656891952, rel=EXACT)
    assert t.gradients["z"] == pytest.approx(-0.09488297569973733, rel=EXACT)
    agrees(t.gradients["W"], "-0.04744149", "-0.07590638")
    t.next()
    agrees(t.parameters["W"], "0.20474415", "0.40759064")


def test_neuron_slip_is_the_printed_update() -> None:
    report = tb.check_gradients(tb.load_lesson("neuron"))
    assert report.passed
    (slip,) = report.slips
    assert slip.slip.title == "a stale x"
    assert slip.caught
    claimed = np.broadcast_to(slip.claimed["W"], 2)
    agrees([0.2, 0.4] - 0.1 * claimed, "0.22846489", "0.42846489")
    assert "W" in slip_message(slip)


def test_relu_net() -> None:
    t = trainer("relu-net")
    agrees(value(t, "z1"), "0.52", "0.49")
    agrees(value(t, "r2"), "0.854")
    agrees(t.loss, "0.010658")
    agrees(t.gradients["z2"], "-0.146")
    agrees(t.gradients["W2"], "-0.07592", "-0.07154")
    agrees(t.gradients["z1"], "-0.073", "-0.0876")
    agrees(t.gradients["W1"], "-0.0365", "-0.0584", "-0.0438", "-0.07008")
    before = {name: t.parameters[name].copy() for name in ("b1", "b2")}
    t.next()
    agrees(t.parameters["W2"], "0.5007592", "0.6007154")
    agrees(t.parameters["W1"], "0.200365", "0.400584", "0.100438", "0.3007008")
    for name, start in before.items():
        np.testing.assert_array_equal(t.parameters[name], start)
    assert np.any(t.gradients["b1"])


def test_numerical_differentiation() -> None:
    """The lesson's note works out the notes' difference live; the check scales h by the element."""
    trainer = tb.Trainer(tb.load_lesson("square"))
    trainer.step()
    record = trainer.step()
    (why,) = [why for why in trainer.lesson.whys if why.belongs_to(record)]
    text = why.text(live_values(trainer), lambda value: repr(value.item()))
    assert "= 6.000000000039306 for h = 1e-5" in text
    report = tb.check_gradients(tb.load_lesson("square"))
    assert report.passed
    assert float(report.inputs["x"].numeric) == pytest.approx(6, rel=1e-9)


@pytest.mark.parametrize(
    ("updates", "g", "loss"),
    [
        (5, 17.037962347336638, 384.6316813413478),
        (10, 27.26016638647881, 134.11277466314144),
        (90, 41.99677972221341, 6.401351248635689e-06),
        (350, 41.99999999999997, None),
    ],
)
def test_guess(updates: int, g: float, loss: float | None) -> None:
    t = trainer("guess")
    assert t.hyperparameters.iterations == 350
    t.run(iterations=updates)
    assert t.parameters["g"] == pytest.approx(g, rel=1e-13)
    assert t.gradients["g"] == t.parameters["g"] - 42
    if loss is not None:
        assert t.losses[updates - 1] == pytest.approx(loss, rel=EXACT)


# 002


def test_nodes_and_their_ways_back() -> None:
    t = trainer("nodes")
    factors = {
        (f.output.name, f.index): f
        for f in (t.step() for _ in range(t.record_count))
        if isinstance(f, ChainFactor)
    }
    tape = trainer("nodes").tape
    seen = set()
    for (_, index), f in factors.items():
        name = type(f.output.op).__name__
        seen.add(name)
        operands = tape.operands(f.output)
        expected = {
            "Add": lambda f=f: f.upstream,
            "Subtract": lambda f=f, i=index: -f.upstream if i else f.upstream,
            "Multiply": lambda f=f, o=operands, i=index: np.asarray(o[1 - i]) * f.upstream,
            "Square": lambda f=f, o=operands: 2 * np.asarray(o[0]) * f.upstream,
            "Mean": lambda f=f, o=operands: np.full(np.shape(o[0]), f.upstream / np.size(o[0])),
        }[name]()
        np.testing.assert_allclose(f.downstream, expected, rtol=1e-15)
    assert seen == {"Add", "Subtract", "Multiply", "Square", "Mean"}
    mean = next(f for f in factors.values() if type(f.output.op).__name__ == "Mean")
    assert mean.upstream == 2
    np.testing.assert_allclose(mean.downstream, [0.4] * 5)


def test_theta_factors_and_gradient() -> None:
    t = trainer("theta")
    for _ in range(8):
        x, y = (float(t.inputs[name][0]) for name in "xy")
        theta = float(t.parameters["theta"])
        z2 = y - theta * x
        local = {
            (f.output.name, f.operand.name): f.local
            for f in (t.step() for _ in range(t.record_count))
            if isinstance(f, ChainFactor)
        }
        assert local["z2", "z1"] == -1
        assert local["z2", "y"] == 1
        np.testing.assert_allclose(
            next(v for (_, o), v in local.items() if o == "z2" and v is not None), 2 * z2, rtol=1e-15
        )
        assert float(t.parameters["theta"]) == pytest.approx(theta + 2 * 0.05 * x * z2, rel=1e-14)


CASES = ["(+,+)", "(+,−)", "(−,+)", "(−,−)"]


@pytest.mark.parametrize("case", range(4))
@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_theta_says_which_way_it_moves(case: int, epoch: int) -> None:
    t = trainer("theta")
    t.run(iterations=4 * epoch + case)
    assert (t.epoch, t.iteration) == (epoch, 4 * epoch + case)
    x, y = (float(t.inputs[name][0]) for name in "xy")
    before = float(t.parameters["theta"])
    residual = y - before * x
    assert CASES[case] == f"({'+' if residual > 0 else '−'},{'+' if x > 0 else '−'})"
    notes = []
    while (record := t.step()) is not None and t.position:
        notes += whys(t.lesson, record, lambda: live_values(t))
    update = t.record
    assert isinstance(update, ParameterUpdate)
    after = float(t.parameters["theta"])
    grows = case in (0, 3)
    rises = case in (0, 1)
    assert (after > before) is grows
    assert (after * x > before * x) is rises
    assert abs(y - after * x) < abs(residual)
    factor = 1 - 2 * 0.05 * x**2
    assert y - after * x == pytest.approx(factor * residual, rel=1e-12)
    t.back()
    (note,) = whys(t.lesson, update, lambda: live_values(t))
    assert f"Case {CASES[case]}" in note
    assert f"θ {'grows' if grows else 'falls'}" in note
    assert f"ŷ = θx {'rises' if rises else 'falls'}" in note


@pytest.mark.parametrize(
    ("rate", "words", "sign", "closer"),
    [
        (0.05, "keeps its sign", 1, True),
        (0.6, "steps past it, but ends closer", -1, True),
        (1.2, "gets no closer", -1, False),
    ],
)
def test_theta_shows_how_far_the_step_goes(rate: float, words: str, sign: int, closer: bool) -> None:
    t = trainer("theta", learning_rate=rate)
    before = float(value(t, "z2")[0])
    record = next(
        r
        for r in (t.step() for _ in range(t.record_count - 1))
        if isinstance(r, ChainFactor) and r.operand.name == "theta"
    )
    (note,) = whys(t.lesson, record, lambda: live_values(t))
    assert words in note
    assert f"2αx² = {2 * rate:g}" in note
    t.next()
    theta = float(t.parameters["theta"])
    residual = 3.0 - theta
    assert residual == pytest.approx((1 - 2 * rate) * before, rel=1e-12)
    assert np.sign(residual) == sign * np.sign(before)
    assert (abs(residual) < abs(before)) is closer


def test_theta_with_larger_batches() -> None:
    t = trainer("theta", batch_size=4)
    x, y = t.inputs["x"], t.inputs["y"]
    assert t.gradients["theta"] == pytest.approx(np.mean(-2 * x * (y - 0.5 * x)), rel=1e-14)
    t.next()
    assert (t.iteration, t.epoch) == (1, 1)
    t = trainer("theta")
    t.run(iterations=4)
    assert (t.iteration, t.epoch) == (4, 1)


# 003


@pytest.mark.parametrize(
    ("seed", "start", "losses", "end"),
    [
        (
            0,
            ["1.764052346", "0.400157208", "0.978737984", "2.240893199"],
            {99: 1942.5981197543472, 1999: 11.102981214394507},
            ["0.048785838", "0.844386441", "-0.008416369", "-0.091573083"],
        ),
        (
            42,
            ["0.496714153", "-0.138264301", "0.647688538", "1.523029856"],
            {99: 1105.81932043092, 1999: 9.330586242199605},
            ["0.011773687", "0.837551131", "-0.002031157", "-0.09060082"],
        ),
    ],
)
def test_polynomial(seed: int, start: list[str], losses: dict[int, float], end: list[str]) -> None:
    t = trainer("polynomial", seed=seed)
    agrees([t.parameters[name] for name in "abcd"], *start)
    x = np.linspace(-np.pi, np.pi, 2000)
    np.testing.assert_array_equal(t.inputs["x"], x)
    np.testing.assert_array_equal(t.inputs["y"], np.sin(x))
    dy = 2 * (sum(t.parameters[n] * x**k for k, n in enumerate("abcd")) - np.sin(x))
    np.testing.assert_allclose(t.gradients["y_hat"], dy, rtol=1e-12)
    for k, name in enumerate("abcd"):
        assert t.gradients[name] == pytest.approx(float(np.sum(dy * x**k)), rel=1e-10)
    report = t.run(iterations=2000)
    assert report.iterations == 2000
    for k, loss in losses.items():
        assert t.losses[k] == pytest.approx(loss, rel=EXACT)
    agrees([t.parameters[name] for name in "abcd"], *end)


def test_polynomial_starts_with_seed_0() -> None:
    assert trainer("polynomial").hyperparameters.seed == 0
    assert trainer("polynomial").hyperparameters.iterations == 2000


def hessian_of_polynomial() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.linspace(-np.pi, np.pi, 2000)
    powers = np.stack([x**k for k in range(4)], axis=1)
    return 2 * powers.T @ powers, powers, np.sin(x)


def test_polynomial_optimum() -> None:
    _, powers, y = hessian_of_polynomial()
    best, *_ = np.linalg.lstsq(powers, y, rcond=None)
    np.testing.assert_allclose(best, [0, 0.85674084, 0, -0.09333039], atol=5e-9)
    t = trainer("polynomial")
    for name, number in zip("abcd", best, strict=True):
        t.override(name, number)
    assert t.loss == pytest.approx(8.817165410007025, rel=1e-12)
    np.testing.assert_allclose([t.gradients[n] for n in "abcd"], 0, atol=1e-9)


@pytest.mark.parametrize("seed", [0, 42])
def test_polynomial_diverges_above_the_rate_and_not_below(seed: int) -> None:
    hessian, _, _ = hessian_of_polynomial()
    limit = 2 / np.linalg.eigvalsh(hessian)[-1]
    assert limit == pytest.approx(3.557946898e-06, rel=5e-10)
    below = trainer("polynomial", seed=seed, learning_rate=limit * (1 - 1e-3))
    below.run(iterations=1500)
    assert below.loss < below.losses[0]
    assert below.losses[-1] < below.losses[-500]
    # along the worst direction the distance grows by 0.4 % an update, so the loss grows by 0.8 %
    above = trainer("polynomial", seed=seed, learning_rate=limit * (1 + 2e-3))
    above.run(iterations=3000)
    assert above.losses[-1] > above.losses[-500] * 10
    far = trainer("polynomial", seed=seed, learning_rate=limit * 1.5)
    report = far.run(iterations=3000)
    assert report.reason == "diverged"


# 004


def test_logistic() -> None:
    t = trainer("logistic")
    np.testing.assert_array_equal(value(t, "y_hat"), [0.5, 0.5, 0.5])
    np.testing.assert_allclose(t.gradients["y_hat"], [-0.5, 0.5, -0.5], rtol=1e-15)
    np.testing.assert_allclose(t.gradients["z"], [-0.125, 0.125, -0.125], rtol=1e-15)
    np.testing.assert_allclose(t.gradients["beta"], [-0.375, -0.5], rtol=1e-15)
    assert t.gradients["b"] == pytest.approx(-0.125, rel=1e-15)
    assert t.loss == pytest.approx(0.375, rel=1e-15)
    factor = next(
        r
        for r in (t.step() for _ in range(t.record_count))
        if isinstance(r, ChainFactor) and r.operand.name == "z"
    )
    np.testing.assert_allclose(factor.local, [0.25] * 3, rtol=1e-15)


def test_logistic_what_if() -> None:
    t = trainer("logistic")
    t.override("ŷ", [0.8, 0.3, 0.4])
    assert list(t.overrides) == ["y_hat"]
    np.testing.assert_allclose(t.gradients["y_hat"], [-0.2, 0.3, -0.6], rtol=1e-12)
    np.testing.assert_allclose(t.gradients["z"], [-0.032, 0.063, -0.144], rtol=1e-12)
    np.testing.assert_allclose(t.gradients["beta"], [-0.563, -0.676], rtol=1e-12)
    assert t.gradients["b"] == pytest.approx(-0.113, rel=1e-12)
    records = [t.step() for _ in range(t.record_count)]
    factor = next(r for r in records if isinstance(r, ChainFactor) and r.operand.name == "z")
    np.testing.assert_allclose(factor.local, [0.16, 0.21, 0.24], rtol=1e-12)
    put_in = [r for r in records if isinstance(r, Assignment) and r.overridden]
    assert [r.node.name for r in put_in] == ["y_hat"]
    np.testing.assert_allclose(t.parameters["beta"], [0.0563, 0.0676], rtol=1e-12)
    t.rewind()
    t.override("y_hat", [0.8, 0.3, 0.4])
    t.release("ŷ")
    np.testing.assert_allclose(t.gradients["beta"], [-0.375, -0.5], rtol=1e-15)


def test_logistic_answers_each_of_the_author_s_questions() -> None:
    t = trainer("logistic")
    notes: dict[str, str] = {}
    while t.position < t.record_count and (record := t.step()) is not None and t.position:
        where = f"{record.output.name} <- {record.operand.name}" if isinstance(record, ChainFactor) else ""
        if where:
            notes[where] = " ".join(whys(t.lesson, record, lambda: live_values(t)))
            rows = explain(record, t.tape).rows  # what stands beside the note
            notes[where] += " ".join(str(part) for row in rows for part in row.laid_out(200, "", UNICODE))
    said = " ".join(notes.values())
    assert "−1" in said  # 1. where the minus is
    assert "[0.25, 0.25, 0.25]" in said  # 2. ŷ(1 − ŷ) with the live numbers
    assert "logistic-ce" in said
    assert "(3×2)" in said  # 3. the shapes that meet at Xᵀ
    assert "[−0.375, −0.5]" in said
    assert "multiply" in said  # 4. why the factors may be multiplied
    assert "−0.125" in said  # 5. the sum over the rows


def test_logistic_ce_lets_the_slope_cancel() -> None:
    t = trainer("logistic-ce")
    np.testing.assert_allclose(t.gradients["z"], value(t, "y_hat") - t.inputs["y"], rtol=1e-12)
    t.run(iterations=50)
    np.testing.assert_allclose(t.gradients["z"], value(t, "y_hat") - t.inputs["y"], rtol=1e-9)


def test_two_layer_learns_xor() -> None:
    t = trainer("two-layer")
    t.run()
    answer = value(t, "y_hat").reshape(-1)
    np.testing.assert_array_equal(np.round(answer), [0, 1, 1, 0])
    assert np.max(np.abs(answer - [0, 1, 1, 0])) < 0.1
    assert t.loss < 0.01 < t.losses[0]


# slips

SLIPS = {
    "first": 1, "neuron": 1, "relu-net": 1, "logistic": 3, "softmax": 2, "famous-slip": 2, "vanishing": 1,
    "schedules": 1, "iris": 1, "conv": 4,
    "embedding": 2, "rnn": 2, "lstm": 2, "attention": 4, "layer-norm": 2, "word2vec": 3, "ninja": 4,
    "dropout": 2, "batch-norm": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_every_slip_is_caught_and_the_engine_passes(name: str) -> None:
    report = tb.check_gradients(tb.load_lesson(name))
    assert report.passed
    assert len(report.slips) == SLIPS.get(name, 0)
    for slip in report.slips:
        assert slip.caught, slip.slip.title
        assert slip.relative_error > 0.1
        assert not slip.problem
        assert slip_message(slip)
        assert slip.slip.note


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_the_gradient_check_passes_after_some_updates(name: str) -> None:
    t = trainer(name)
    t.run(iterations=7)
    assert tb.check_gradients(t).passed


def test_logistic_slips_have_the_printed_numbers() -> None:
    t = trainer("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])  # the notes' own ŷ
    dz = t.gradients["z"]
    agrees(np.mean(dz), "-0.0377")
    agrees(-0.1 * np.mean(dz), "0.00377")
    sign, mean, loss = tb.check_gradients(tb.load_lesson("logistic")).slips
    assert list(sign.slip.gradients) == ["y_hat"]
    np.testing.assert_allclose(sign.claimed["y_hat"], [0.5, -0.5, 0.5])
    assert list(mean.slip.gradients) == ["b"]
    assert list(loss.slip.lines) == ["L"]
    assert loss.relative_error == pytest.approx(2 / 3, rel=1e-6)  # a third, where the whole is claimed


def test_relu_net_slip_reads_another_cell() -> None:
    (slip,) = tb.check_gradients(tb.load_lesson("relu-net")).slips
    assert list(slip.slip.lines) == ["L"]
    assert slip.relative_error == pytest.approx(1)
