"""Frequent mistakes of homework are named, what cannot be is placed, and no wrong answer is let pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.homework import Mark, keep, mark
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.words.homework import as_json, message, solution, verdict

CASES = Path(__file__).parents[1] / "cases"


def marked(case: str, name: str, text: str) -> Mark:
    return mark(tb.Trainer(tb.load_lesson(CASES / f"{case}.toml")), name, text)


def load(tmp_path: Path, text: str) -> tb.Trainer:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("b", "2/m*sum(h-y)"),  # m = 4 is in [data], and the formula does not use it
        ("b", "2/len(y)*sum(h-y)"),
        ("b", "2/n*sum(h-y)"),
        ("b", "2/y.shape[0]*sum(h-y)"),
        ("w", "2/y.size*sum((h-y)*x)"),
        ("b", "2/4*sum(h-y)"),
    ],
)
def test_a_count_keeps_its_value_at_the_random_points(name: str, text: str) -> None:
    assert verdict(marked("n9-count-as-data", name, text)) == "right"


def test_a_count_that_the_formula_uses_is_a_count_too(tmp_path: Path) -> None:
    trainer = load(
        tmp_path,
        'formula = "L = sum((w * x - y)**2) / m"\n[data]\nm = 4\nc = 2.5\n'
        "[samples]\nx = [1, 2, 3, 4]\ny = [2, 3, 5, 6]\n[parameters]\nw = 0.5\n",
    )
    assert mark(trainer, "w", "mean(2 * (w * x - y) * x)").passed
    assert mark(trainer, "w", "0.8 * c * mean((w * x - y) * x)").passed  # c is not used, and stays 2.5
    assert not mark(trainer, "w", "c * mean((w * x - y) * x)").passed


@pytest.mark.parametrize(
    ("text", "kind", "multiple"),
    [
        ("2*X.T@dz1", Finding.CONSTANT, 2.0),  # 2 features, and 2 is written out
        ("X.T@dz1*3", Finding.CONSTANT, 3.0),  # 3 units
        ("X.T@dz1/6", Finding.CONSTANT, 1 / 6),  # 6 samples
        ("X.T@dz1/n", Finding.MEAN, 1 / 6),
        ("X.T@dz1*len(X)", Finding.SUM, 6.0),
    ],
)
def test_a_number_that_is_written_out_is_a_constant(text: str, kind: Finding, multiple: float) -> None:
    found = marked("three-units", "W1", text).diagnosis
    assert (found.kind, found.multiple) == (kind, pytest.approx(multiple))


def test_one_sample_more_tells_n_from_a_constant(tmp_path: Path) -> None:
    text = 'formula = "L = mean((w * x - y)**2)"\n[samples]\nx = [1, 2]\ny = [2, 3]\n[parameters]\nw = 0.5\n'
    trainer = load(tmp_path, text)
    # 2/n belongs there; with two samples 2 is n as well as the number written out
    assert mark(trainer, "w", "2 * sum((w * x - y) * x)").diagnosis.kind is Finding.SUM
    assert mark(trainer, "w", "2 * mean(2 * (w * x - y) * x)").diagnosis.kind is Finding.CONSTANT


Z1, DH = "(1 - h**2)", "(dz2 @ W2.T)"


@pytest.mark.parametrize(
    ("case", "name", "text", "what"),
    [
        ("l5-softmax-diagonal", "z", "u*s*(1-s)", What.DIAGONAL),
        ("l5-softmax-diagonal", "z", "u*s", What.VALUE_AS_SLOPE),
        ("three-units", "z2", "(p-1)/6", What.TARGET_ONE),
        ("three-units", "z2", "p-1", What.TARGET_ONE),  # and n is forgotten
        ("three-units", "z2", "p/6", What.TARGET_LOST),
        ("three-units", "W2", "h.T@((p-1)/6)+0.1*W2", What.TARGET_ONE),
        ("three-units", "W2", "h.T@dz2+0.2*W2", What.PATH_TIMES),
        ("three-units", "W2", "h.T@dz2+0.05*W2", What.PATH_TIMES),
        ("three-units", "W2", "h.T@dz2", What.NO_PATH),
        ("three-units", "W2", "z1.T@dz2+0.1*W2", What.BEFORE),
        ("three-units", "z1", f"{DH}*(1-z1**2)", What.FROM_OPERAND),
        ("three-units", "z1", f"{DH}*(1-tanh(h)**2)", What.AT_OUTPUT),
        ("three-units", "z1", f"{DH}*(1-h)", What.HALF_OF_SLOPE),
        ("three-units", "z1", f"{DH}*h*(1-h)", What.OTHER_SLOPE),
        ("three-units", "z1", f"{DH}*h", What.VALUE_AS_SLOPE),
        ("three-units", "z1", f"tanh{DH}", What.TO_GRADIENT),
        ("three-units", "W1", f"X.T@({DH}*(z1>0))", What.GATE),
        ("three-units", "z2", "(p-t)*p*(1-p)/6", What.TWICE),
        ("three-units", "z1", f"(dz2@(W2-0.3*dW2).T)*{Z1}", What.UPDATED),
        ("three-units", "W1", f"X.T@({DH}*(1-z1**2))", What.FROM_OPERAND),
        ("three-units", "W1", f"-X.T@({DH}*(1-z1**2))", What.FROM_OPERAND),
    ],
)
def test_frequent_mistakes_are_named(case: str, name: str, text: str, what: What) -> None:
    found = marked(case, name, text).diagnosis
    assert found.what is what
    assert found.factor is not None


RELU = """formula = '''
z = X @ W
h = relu(z)
e = h @ v - y
L = mean(abs(e)) + 0.05 * sum(v * v) + log(sum(c**3))
'''
[samples]
X = [[1.0, 2.0], [0.3, -1.0], [2.0, 0.5]]
y = [1.0, 0.5, 1.0]
[parameters]
W = [[0.3, -0.2], [0.1, 0.2]]
v = [0.4, -0.7]
c = [1.0, 2.0]
"""


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("z", "relu(dh)", What.TO_GRADIENT),
        ("z", "dh", What.LEFT_OUT),
        ("e", "abs(e)/3", What.VALUE_AS_SLOPE),
        ("v", "z.T@de + 0.1*v", What.BEFORE),
        ("v", "h.T@de + 0.05*v", What.PATH_TIMES),  # v·v, one of the two only
        ("c", "3*c**3/sum(c**3)", What.NOT_LOWERED),
        ("c", "3*c**2*sum(c**3)", What.INVERTED),
    ],
)
def test_mistakes_at_gates_powers_and_logarithms(tmp_path: Path, name: str, text: str, what: What) -> None:
    assert mark(load(tmp_path, RELU), name, text).diagnosis.what is what


@pytest.mark.parametrize(
    ("name", "text", "what", "says"),
    [
        ("w", "dz*w", What.OWN, "w stands where x belongs in ∂(w ⊙ x)/∂w = x"),
        (
            "z",
            "dh*(z>0)",
            What.GATE,
            "the slope is that of relu, 1 where z > 0, else 0: ∂h/∂z = 1 where z > 0, ",
        ),
        ("z", "dh*where(z>0, 1, 0.2)", None, ""),
    ],
)
def test_mistakes_of_products_and_gates(
    tmp_path: Path, name: str, text: str, what: What | None, says: str
) -> None:
    text_of = (
        'formula = """\nz = w * x + b\nh = leaky_relu(z, negative_slope=0.2)\nL = mean((h - y)**2)\n"""\n'
        "[samples]\nx = [1, -2, 3]\ny = [2, 3, 5]\n[parameters]\nw = [0.5, 0.4, 0.3]\nb = 0.0\n"
    )
    found = mark(load(tmp_path, text_of), name, text)
    assert found.diagnosis.what is what
    assert says in message(found)


def test_the_rate_and_the_share_are_said() -> None:
    updated = marked("three-units", "z1", f"(dz2@(W2-0.3*dW2).T)*{Z1}").diagnosis
    assert updated.share == pytest.approx(0.3)
    assert "is taken 2 times" in message(marked("three-units", "W2", "h.T@dz2+0.2*W2"))


def test_numbers_are_named_as_well() -> None:
    # u·s·(1 − s) with s = softmax([1, 2, 3])
    s = np.exp([1.0, 2.0, 3.0]) / np.sum(np.exp([1.0, 2.0, 3.0]))
    typed = [round(float(x), 5) for x in np.array([1.0, -2.0, 0.5]) * s * (1 - s)]
    assert marked("l5-softmax-diagonal", "z", str(typed)).diagnosis.what is What.DIAGONAL


def test_what_is_not_recognised_is_placed() -> None:
    found = marked("three-units", "W1", "X.T @ (dz1 * z1)")
    first = found.diagnosis.first
    assert first is not None
    assert first.factor is not None
    assert first.factor.output.name == "(X @ W1)"
    right = found.right[0, 0]
    assert "the first factor that is off is ∂(X @ W1)/∂W1: yours/right = " in message(found)
    assert first.ratio == pytest.approx(_of_first(found) / right)
    typed = marked("three-units", "b1", str([float(x) for x in found.right[0] * 0 + [9, 8, 7]]))
    assert "every element is off, the first at [0]: yours/right = " in message(typed)
    assert "none of the mistakes" not in message(found) + message(typed)


def _of_first(found: Mark) -> float:
    trainer = tb.Trainer(tb.load_lesson(CASES / "three-units.toml"))
    tape, named = trainer.tape, trainer.graph.named
    dz1, z1, x = tape.gradient(named["z1"]), tape.value(named["z1"]), tape.value(named["X"])
    return float((x.T @ (dz1 * z1))[0, 0])


NUMBERS = 'formula = "L = sum(g * W)"\n[data]\ng = {g}\n[parameters]\nW = {ones}\n'


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("[[40, 8], [1.2, 0.16]]", "right"),
        ("[[40.0000, 8.0000], [1.2000, 0.1600]]", "right"),
        ("[[40, 8], [1.20000005, 0.16]]", "right (to 7 digits)"),
        ("[[40, 8], [1.2000000477, 0.1599999964]]", "right (to 7 digits)"),  # as float32 has them
        ("[[40, 8], [1.20001, 0.16]]", "wrong"),
        ("[[40, 8], [1.201, 0.16]]", "wrong"),
        ("[[40, 0], [1.2, 0.16]]", "wrong"),
        ("[[40, 8], [1.2, 0.2]]", "too few digits"),
        ("g * 1.00000004", "right (to 7 digits)"),
        ("g * 1.0000002", "off by a constant factor"),
        ("g * (1 + 1e-6)", "off by a constant factor"),
        ("g + 1e-6 * g * g", "wrong"),
    ],
)
def test_digits(tmp_path: Path, typed: str, says: str) -> None:
    trainer = load(tmp_path, NUMBERS.format(g="[[40, 8], [1.2, 0.16]]", ones="[[1.0, 1.0], [1.0, 1.0]]"))
    found = mark(trainer, "W", typed)
    assert verdict(found) == says
    assert found.passed == says.startswith("right")
    assert as_json(found)["verdict"] == says.partition(" (")[0]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("[0.3333, 0.0012, -0.6667]", "right (to 4 digits)"),  # as arrays are printed
        ("[0.3333, 0.0013, -0.6667]", "wrong"),
        ("[0.3333, 0.0012, -0.6666]", "wrong"),
        ("[0.33333334, 0.00123, -0.6666667]", "right (to 7 digits)"),
        ("[0.3, 0.0012, -0.7]", "too few digits"),
    ],
)
def test_four_printed_decimals(tmp_path: Path, typed: str, says: str) -> None:
    third, small, two = 1 / 3, 0.00123, -2 / 3
    trainer = load(tmp_path, NUMBERS.format(g=[third, small, two], ones=[1.0] * 3))
    assert verdict(mark(trainer, "W", typed)) == says


def test_the_solution_comes_with_the_third_try() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    tries = ("X.T @ dy_hat", "X.T @ dy_hat", "-X.T @ dy_hat", "X.T @ dz", "dz")
    told = [message(keep(trainer, mark(trainer, "beta", text))) for text in tries]
    kind, place, form, right, anew = told
    assert kind.startswith("missing a factor: a factor of the chain is not in it")
    assert "look at ŷ ← z" in place
    assert "right is" not in kind + place
    assert "right is ∂L/∂β = Xᵀ @ ∂L/∂z" in form
    assert right.startswith("right: ")
    assert "right is" not in anew  # a right answer begins it anew
    assert "∂L/∂β = [−0.375, −0.5]" in solution(trainer, "beta")
