"""The gradient check of a whole lesson: what is caught, what is not, and where nothing can be compared."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.engine.autodiff.differences import Verdict
from tui_backprop.exercises.check import GradientReport, check_gradients
from tui_backprop.exercises.words.check import as_json, as_lines, slip_message, verdict


def report(tmp_path: Path, formula: str, start: str, slip: str = "") -> GradientReport:
    path = tmp_path / "mine.toml"
    slip = f'[[slip]]\ntitle = "by hand"\n{slip}\n' if slip else ""
    path.write_text(f'formula = """\n{formula}\n"""\n[parameters]\n{start}\n{slip}', encoding="utf-8")
    found = tb.check_gradients(tb.load_lesson(path))
    json.dumps(as_json(found))
    return found


def test_a_wrong_gradient_is_caught_and_a_right_one_is_not(tmp_path: Path) -> None:
    for claim, caught in (("gradient.w = '3 * w'", True), ("gradient.w = '2 * w'", False)):
        found = report(tmp_path, "L = w**2", "w = 3.0", claim)
        assert found.passed
        assert found.slips[0].caught is caught
        assert found.slips[0].relative_error is not None
    assert slip_message(found.slips[0]) == "agrees with the central differences at this point"
    assert "NOT caught: by hand" in as_lines(found)


@pytest.mark.parametrize(
    ("formula", "start", "reason", "more"),
    [
        ("L = abs(w)", "w = 0.0", "not differentiable here, nothing to compare", ""),
        ("L = sum(relu(w))", "w = [0.0, 0.0]", "not differentiable here, nothing to compare", ""),
        (
            "L = 1 / (1 + exp(w))", "w = 800.0", "not finite here, nothing to compare",
            "; Infinity in the value of exp(w), iteration 0: exp(800) = Infinity; exp overflows above "
            "709.78: sigmoid, softmax, bce_with_logits and cross_entropy do not overflow; or scale the "
            "data or the starting values down",
        ),
        (
            "L = sqrt(w)", "w = 0.0", "not finite here, nothing to compare",
            "; Infinity in the factor L <- w, iteration 0: the slope of sqrt(0) is Infinity; a root is "
            "infinitely steep at 0: keep w above 0, as sqrt(… + 1e−12) does",
        ),
        ("L = 1e9 + w * 1e-12", "w = 1.0", "lost in the rounding of the loss, nothing to compare", ""),
    ],
)  # fmt: skip
def test_where_nothing_can_be_compared_nothing_agrees(
    tmp_path: Path, formula: str, start: str, reason: str, more: str
) -> None:
    found = report(tmp_path, formula, start, "gradient.w = 'dw * 3'")
    assert found.parameters["w"].relative_error is None
    assert found.passed  # no fault of the engine's
    assert (found.slips[0].caught, found.slips[0].relative_error) == (False, None)
    assert slip_message(found.slips[0]) == reason
    assert verdict(found) == reason + more
    text = "\n".join(as_lines(found))
    for word in ("agree", "WRONG", "failed", "ok ", "NOT caught"):
        assert word not in text
    assert "not compared: by hand" in text
    assert as_json(found)["slips"][0]["relative_error"] is None


@pytest.mark.parametrize(
    ("formula", "start", "said"),
    [
        ("L = norm(w)", "w = [0.0, 0.0]", "at [0], [1]: not compared, kink of norm (norm(x) of [0, 0]"),
        ("L = std(w) + w[0]", "w = [1.0, 1.0]", "not compared, kink of std"),
        ("L = sqrt(mean((3 * w - 6)**2))", "w = 2.0", "not compared, the slopes on either side differ"),
        ("L = 1e-24 * (w**2)**0.5", "w = 0.0", "not compared, the slopes on either side differ"),
    ],
)  # fmt: skip
def test_a_kink_that_central_differences_do_not_see(
    tmp_path: Path, formula: str, start: str, said: str
) -> None:
    """|w| touches its kink from one side: (|h| - |-h|) / 2h is 0, as is what the engine takes, at any h."""
    found = report(tmp_path, formula, start, "gradient.w = '1.01 * dw'")
    assert found.parameters["w"].verdict is Verdict.UNTOLD
    assert found.passed
    assert said in "\n".join(as_lines(found))
    assert "not compared: by hand" in as_lines(found)


def test_what_no_bend_allows_is_wrong_at_a_kink_too(tmp_path: Path) -> None:
    """The slopes of |w| at 0 are from -1 to 1."""
    assert (
        report(tmp_path, "L = norm(w)", "w = [0.0, 0.0]", "gradient.w = 'np.array([3, 0])'").slips[0].caught
    )


@pytest.mark.parametrize(
    ("formula", "start"),
    [
        ("L = norm(w**2)", "w = [0.0, 0.0]"), ("L = relu(w**2)", "w = 0.0"), ("L = cos(1e3 * w)", "w = 0.0"),
        ("L = sqrt(w**4 + w**6)", "w = 0.0"), ("L = norm(w)", "w = [1e-9, 0.0]"),
        ("L = sum(where(w > 0, log(w), 0))", "w = [-1.0, 0.5]"),  # a NaN that is not chosen
    ],
)  # fmt: skip
def test_what_is_smooth_there_is_right(tmp_path: Path, formula: str, start: str) -> None:
    assert report(tmp_path, formula, start).parameters["w"].verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("formula", "start", "what", "cause"),
    [
        ("L = exp(w)", "w = 800.0", "Infinity", "the value of L, iteration 0: exp(800) = Infinity"),
        ("L = log(w)", "w = -1.0", "NaN", "NaN in the value of L, iteration 0: log(−1) = NaN; log takes"),
        ("L = abs(w) + exp(v)", "w = 0.0\nv = 800.0", "Infinity", "of exp(v), iteration 0: exp(800)"),
        ("z = exp(w)\nL = z - z", "w = 800.0", "NaN", "Infinity in the value of z, iteration 0: exp(800)"),
    ],
)  # fmt: skip
def test_a_loss_that_is_not_finite_has_nothing_that_could_pass(
    tmp_path: Path, formula: str, start: str, what: str, cause: str
) -> None:
    found = report(tmp_path, formula, start)
    assert not found.passed
    assert {check.verdict for check in found.checks.values()} == {Verdict.UNTOLD}
    assert verdict(found).startswith(f"nothing was checked: the loss is {what} here; ")
    assert cause in verdict(found)
    assert verdict(found) in as_lines(found)
    assert as_json(found)["passed"] is False


def test_a_number_written_out_in_a_slip_is_a_constant_even_where_it_is_n(tmp_path: Path) -> None:
    found = report(tmp_path, "L = sum((w * [1, 2] - 1)**2)".replace("[1, 2]", "np.array([1, 2])"), "w = 0.3",
                   "gradient.w = '0.5 * dw'")  # fmt: skip
    assert "right for: ½ · L" in " ".join(as_lines(found))


def test_what_was_infinite_on_the_way_is_named(tmp_path: Path) -> None:
    found = report(tmp_path, "L = sqrt(w) + v**2 / (1 + exp(s))", "w = 0.0\nv = 1.0\ns = 800.0")
    assert found.passed
    assert verdict(found).endswith(
        "Infinity in the value of exp(s), iteration 0: exp(800) = Infinity; exp overflows above 709.78: "
        "sigmoid, softmax, bce_with_logits and cross_entropy do not overflow; or scale the data or the "
        "starting values down"
    )
    at_edge = verdict(report(tmp_path, "L = sqrt(w) + v**2", "w = 0.0\nv = 1.0"))
    assert "passed: the gradients of 1 parameter" in at_edge
    assert "nothing to compare for w; Infinity in the factor sqrt(w) <- w" in at_edge


def test_a_trainer_that_has_diverged_names_the_record_that_did_it() -> None:
    trainer = tb.Trainer(tb.load_lesson("linear"), learning_rate=100.0)
    trainer.run(iterations=200)
    found = tb.check_gradients(trainer)
    assert not found.passed
    assert "the learning rate is too high" in verdict(found)


def test_the_verdict_counts_what_was_compared(tmp_path: Path) -> None:
    found = report(tmp_path, "L = abs(w) + b**2 + c**2", "w = 0.0\nb = 1.0\nc = 2.0")
    assert verdict(found) == (
        "passed: the gradients of 2 parameters agree with central differences; nothing to compare for w"
    )
    found = report(tmp_path, "L = sum(abs(w))", "w = [0.0, 1.0]")
    assert verdict(found) == "passed: the gradients of 1 parameter agree with central differences"
    assert (
        "not differentiable here at [0]: not compared, kink of abs (abs(x) at 0: 0 here, as in PyTorch,"
    ) in "\n".join(as_lines(found))
    found = report(tmp_path, "L = sum(sqrt(w))", "w = [0.0, 1.0]")
    assert "not finite here at [0]" in "\n".join(as_lines(found))
    assert found.passed
    assert as_json(found)["parameters"]["w"]["verdict"] == "right"


def test_a_claim_that_is_not_finite_at_a_finite_point_is_caught(tmp_path: Path) -> None:
    slip = report(tmp_path, "L = w**2", "w = 0.0", "gradient.w = '1 / w'").slips[0]
    assert slip.caught
    assert slip.relative_error == math.inf


def test_what_is_checked_are_parameters_or_else_inputs(tmp_path: Path) -> None:
    found = report(tmp_path, "L = w**2 + b", "w = 1.0\nb = 0.0")
    assert (set(found.parameters), set(found.inputs)) == ({"w", "b"}, set())
    found = tb.check_gradients(tb.load_lesson("square"))
    assert (set(found.parameters), set(found.inputs)) == (set(), {"x"})


def test_relative_errors_are_of_parameters_or_else_of_inputs(tmp_path: Path) -> None:
    assert set(report(tmp_path, "L = w**2 + b", "w = 1.0\nb = 0.0").relative_errors) == {"w", "b"}
    assert set(tb.check_gradients(tb.load_lesson("square")).relative_errors) == {"x"}


def test_where_differences_tell_nothing_a_question_mark_stands() -> None:
    """In ``attention`` row 0 has one token only, so no difference in its query moves the loss."""
    report = check_gradients(tb.Trainer(tb.load_lesson("attention")))
    (told,) = (slip_message(slip) for slip in report.slips if slip.slip.title.startswith("the scale"))
    assert "NaN" not in told
    assert "central differences give [[?, ?], [−0.105619, " in told
    assert told.endswith(", and nothing where ? stands")
