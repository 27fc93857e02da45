"""Every kind of remark is made where it should be, names line, shapes and cure, and is not made elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, load_lesson
from tui_backprop.lessons.remarks.registry import CODES, remarks_on
from tui_backprop.lessons.remarks.remark import Remark

Load = Callable[..., Lesson]
TEXTBOOK = sorted((Path(__file__).parents[1] / "textbook").glob("*.toml"))

POINTS = "X = [[1, 2], [3, 4], [5, 6]]\n"
COLUMN = "[parameters]\nW = [[0.1], [0.2]]\nb = 0.0\n"
VECTOR = "[parameters]\nw = [0.0, 0.0]\n"
CLASSES = "[parameters]\nW = [[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]]\n"
LABELS = f"[samples]\n{POINTS}y = [1, 0, 1]\n"
UPRIGHT = f"[samples]\n{POINTS}y = [[1], [0], [1]]\n"
ONE_HOT = f"[samples]\n{POINTS}t = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]\n"
SQUARE = "[data]\nX = [[1, 2, 3], [2, 4, 6], [3, 6, 1]]\n[parameters]\nw = [0.1, 0.2, 0.3]\n"


def lesson(formula: str, *tables: str) -> str:
    lines = "\n".join(part.strip() for part in formula.split(";"))
    return f'formula = """\n{lines}\n"""\n{"".join(tables)}'


def said(load: Load, text: str) -> tuple[Remark, ...]:
    made = load(text)
    return remarks_on(made, made.hyperparameters)


MADE = (
    # a prediction in a column and targets in a list, also in a batch, by hand, and the other way round
    ("n-by-n", 2,
     "ŷ (3×1) and y (3) make 3×3: 9 differences for 3 samples, each of one with each of the other; "
     "give W the shape (2) in place of (2×1), or write sum(y_hat, axis=1) for ŷ",
     lesson("y_hat = X @ W + b; L = mse(y_hat, y)", LABELS, COLUMN)),
    ("n-by-n", 2, "make 2×2: 4 differences for 2 samples",
     lesson("y_hat = X @ W; L = mean(abs(y_hat - y))", LABELS, COLUMN,
            "[hyperparameters]\nbatch_size = 2\n")),
    ("n-by-n", 2, "p (3×1) and y (3) make 3×3",
     lesson("p = sigmoid(X @ W + b); L = bce(p, y)", LABELS, COLUMN)),
    ("n-by-n", 1, "(X @ W) (3×1) and y (3) make 3×3",
     lesson("L = bce_with_logits(X @ W, y)", LABELS, COLUMN)),
    ("n-by-n", 2, "y (3) and log(p) (3×1) make 3×3: 9 pairs for 3 numbers",
     lesson("p = sigmoid(X @ W); L = -mean(y * log(p) + (1 - y) * log(1 - p))",
            LABELS.replace("samples", "data"), COLUMN)),
    ("n-by-n", 2,
     "ŷ (3) and y (3×1) make 3×3: 9 differences for 3 samples, each of one with each of the other; "
     "give y as a list of numbers, shape (3)",
     lesson("y_hat = X @ w; L = mean(sum((y_hat - y)**2, axis=1))", UPRIGHT, VECTOR)),
    ("n-by-n", 2, "s (3) and (ŷ − y)² (3×1) make 3×3: 9 pairs for 3 samples",
     lesson("y_hat = X @ W; L = mean(s * (y_hat - y)**2)", UPRIGHT, "s = [1, 2, 1]\n", COLUMN)),
    ("n-by-n", 2,
     "ŷ (1×3) and y (3×1) make 3×3: 9 differences for 3 samples, each of one with each of the other; "
     "transpose one of them, such as y.T",
     lesson("y_hat = W.T @ X.T; L = mean((y_hat - y)**2)", UPRIGHT, COLUMN)),
    ("laid-across", 2,
     "m (3) has one mean for each row of X (3×3), but beside X it lies along axis 1, the columns; "
     "keep the axis: mean(X, axis=1, keepdims=True)",
     lesson("m = mean(X, axis=1); Y = X - m; L = sum((Y @ w)**2)", SQUARE)),
    ("laid-across", 2, "n (3) has one sum for each row of X² (3×3), but beside X",
     lesson("n = sqrt(sum(X**2, axis=1)); Y = X / n; L = sum((Y @ w)**2)", SQUARE)),
    ("laid-across", 2,
     "T (3) has one number for each sample, but beside log(P) (3×3) it lies along axis 1",
     lesson("P = softmax(X @ W); L = -mean(sum(T * log(P), axis=1))",
            f"[samples]\n{POINTS}T = [0, 2, 1]\n", CLASSES)),
    ("laid-across", 2,
     "max(Z, axis=1) (3) has one maximum for each row of Z (3×3), but beside Z it lies along axis 1, the "
     "columns; keep the axis: max(Z, axis=1, keepdims=True)",
     lesson("Z = X @ W; E = exp(Z - max(Z, axis=1)); L = sum(E * t)", ONE_HOT, CLASSES)),
    ("laid-across", 1, "norm(X, axis=1) (3) has one norm for each row of X (3×3)",
     lesson("U = X / norm(X, axis=1); L = sum((U @ w)**2)", SQUARE)),
    ("n-by-n", 1, "(X @ W) (3×1) and y (3) make 3×3: 9 differences",
     lesson("L = huber(X @ W, y)", LABELS, COLUMN)),
    ("softmax-over-samples", 1,
     "P (3×3) shares 1 among the 3 samples, along axis 0, and not among the classes of each; write axis=1",
     lesson("P = softmax(X @ W, axis=0); L = -mean(sum(t * log(P), axis=1))", ONE_HOT, CLASSES)),
    ("n-by-n", 2, "(y == 1) (3) and log(p) (3×1) make 3×3: 9 pairs for 3 samples",
     lesson("p = sigmoid(X @ W); L = -mean(where(y == 1, log(p), log(1 - p)))", LABELS, COLUMN)),
    ("n-by-n", 2, "ŷ (3×1) and y (1×3) make 3×3: 9 differences for 3 numbers",
     lesson("y_hat = X @ W; L = mean((y_hat - y)**2)", f"[data]\n{POINTS}y = [[1, 0, 1]]\n", COLUMN)),
    ("laid-across", 2, "so that a share comes out as 1.807; keep the axis: sum(exp(Z), axis=1, keep",
     lesson("Z = X @ W; P = exp(Z) / sum(exp(Z), axis=1); L = -mean(sum(t * log(P), axis=1))", ONE_HOT,
            CLASSES)),
    ("softmax-over-samples", 2, "P (3×3) shares 1 among all 9 numbers and not among the classes of each",
     lesson("Z = X @ W; P = exp(Z) / sum(exp(Z)); L = -mean(sum(t * log(P), axis=1))", ONE_HOT, CLASSES)),
    ("softmax-over-samples", 1, "p (3) shares 1 among the 3 samples, along axis 0,",
     lesson("p = exp(X @ w) / sum(exp(X @ w)); L = bce(p, y)", LABELS, VECTOR)),
    ("counted-loss", 3,
     "a, the loss, is counted: it changes in jumps only, so every gradient is 0 and nothing is learnt; "
     'loss = "L" makes L the loss',
     lesson("p = softmax(X @ W); L = -mean(log(p[range(n), y])); a = mean(argmax(p, axis=1) == y)",
            LABELS, CLASSES)),
    ("counted-loss", 1, "take one that changes smoothly",
     lesson("L = sum(where(X @ w > 0, 1, 0) - round(X @ w))", VECTOR, f"[data]\n{POINTS}")),
    ("double-softmax", 2, "p (3×3) is a softmax already; give it X @ W",
     lesson("p = softmax(X @ W); L = -mean(log_softmax(p)[range(n), y])",
            LABELS, CLASSES)),
    ("double-softmax", 2, "clip(p, 1e−7, 1) (3×3) is a softmax already, and cross_entropy takes logits",
     lesson("p = softmax(X @ W); L = cross_entropy(clip(p, 1e-7, 1), t)", ONE_HOT, CLASSES)),
    ("softmax-over-samples", 1, "for one output a sample use sigmoid",
     lesson("L = bce(softmax(X @ w), y)", LABELS, VECTOR)),
    ("log-probabilities", 2,
     "p (3×3) is a softmax and no logarithm of one, and nll takes log-probabilities; give log_softmax(X @ W)",
     lesson("p = softmax(X @ W); L = nll(p, y)", LABELS, CLASSES)),
    ("log-probabilities", 1, "(X @ W) (3×3) has values above 0, which no logarithm of a probability has, and "
     "kl_div takes log-probabilities; use log_softmax(X @ W)",
     lesson("L = kl_div(X @ W, t)", ONE_HOT, CLASSES)),
    ("double-sigmoid", 2, "h (3) is a sigmoid already, and the sigmoid of it lies between 0.5 and 0.7311; "
     "give it X @ w in place of h",
     lesson("h = sigmoid(X @ w); L = bce(sigmoid(h), y)", LABELS, VECTOR)),
    ("targets-outside", 1, "y (3) has labels 0 and 1, and hinge takes −1 and 1: of a 0 nothing is learnt; "
     "use 2 * y - 1",
     lesson("L = hinge(X @ w, y)", LABELS, VECTOR)),
    ("logits-into-bce", 1, "relu(X @ w) (3) leaves 0 to 1 as its parameters move",
     lesson("L = bce(relu(X @ w), y)", LABELS, VECTOR)),
    ("double-softmax", 2,
     "p (3×3) is a softmax already, and cross_entropy takes logits; give it X @ W in place of p",
     lesson("p = softmax(X @ W); L = cross_entropy(p, t)", ONE_HOT, CLASSES)),
    ("double-softmax", 4,
     "p (3×3) is a softmax already, and cross_entropy takes logits; give it z in place of p",
     lesson("z = X @ W; E = exp(z); p = (E.T / sum(E, axis=1)).T; L = cross_entropy(p, t)", ONE_HOT,
            CLASSES)),
    ("double-softmax", 1, "softmax(z) (3) is a softmax already; give it z",
     lesson("L = -sum(t * log(softmax(softmax(z))))", "[data]\nt = [1, 0, 0]\n",
            "[parameters]\nz = [1, 2, 3]\n")),
    ("double-softmax", 2, "p (3×3) is a softmax already; give it X @ W in place of p",
     lesson("p = softmax(X @ W); L = nll(log_softmax(p), y)", LABELS, CLASSES)),
    ("double-sigmoid", 2, "p (3) is a sigmoid already, and bce_with_logits takes logits, of any size; "
     "give it X @ w in place of p, or use bce(p, y)",
     lesson("p = sigmoid(X @ w); L = bce_with_logits(p, y)", LABELS, VECTOR)),
    ("double-sigmoid", 2, "p (3) lies between 0 and 1 whatever the parameters are",
     lesson("p = 1 / (1 + exp(-(X @ w))); L = bce_with_logits(p, y)", LABELS, VECTOR)),
    ("double-sigmoid", 2, "p (3×3) is a sigmoid already, and cross_entropy takes logits",
     lesson("p = sigmoid(X @ W); L = cross_entropy(p, t)", ONE_HOT, CLASSES)),
    ("logits-into-bce", 2,
     "z (3) is a sum of products and can have any size, and bce takes probabilities, "
     "from 0 to 1; use bce_with_logits(z, y)",
     lesson("z = X @ w; L = bce(z, y)", LABELS, VECTOR)),
    ("logits-into-bce", 2, "h (3) has values from −0.995055 to 0.995055, and bce takes probabilities",
     lesson("h = tanh(w); L = bce(h, y)", "[data]\ny = [1, 0, 1]\n[parameters]\nw = [3, 1, -3]\n")),
    ("class-numbers", 2,
     "y (3) has whole numbers that sum to 2, but beside logits z (3) it is one row of weights "
     "for 3 classes, which sum to 1; for 3 samples with labels 0 and 1 use bce_with_logits(z, y)",
     lesson("z = X @ w; L = cross_entropy(z, y)", LABELS, VECTOR)),
    ("class-numbers", 1,
     "y (3) has whole numbers that sum to 2, but beside log-probabilities log_softmax(z) (3) it is one row "
     "of weights for 3 classes, which sum to 1; for 3 samples with labels 0 and 1 use bce_with_logits(z, y)",
     lesson("L = nll(log_softmax(z), y)", "[data]\ny = [1, 0, 1]\n[parameters]\nz = [0.0, 0.0, 1.0]\n")),
    ("one-class", 2, "z (3×1) has one number a row, and the softmax of one number is 1",
     lesson("z = X @ W; L = nll(log_softmax(z), y)", LABELS.replace("1, 0, 1", "0, 0, 0"), COLUMN)),
    ("log-probabilities", 1, "(X @ W) (3×3) has values above 0, which no logarithm of a probability has, and "
     "nll takes log-probabilities; use log_softmax(X @ W), or cross_entropy",
     lesson("L = nll(X @ W, y)", LABELS, CLASSES)),
    ("one-class", 2, "z (3×1) has one number a row, and the softmax of one number is 1",
     lesson("z = X @ W; L = cross_entropy(z, y)", UPRIGHT, COLUMN)),
    ("targets-outside", 2,
     "y (3) has values from −1 to 1, and bce_with_logits takes targets from 0 to 1: with "
     "others the loss has no lower bound; use (y + 1) / 2",
     lesson("z = X @ w; L = bce_with_logits(z, y)", f"[samples]\n{POINTS}y = [1, -1, 1]\n", VECTOR)),
    ("mean-in-sum", 2, "mean((z − y)²) is a mean already, one number, and its sum is the same number",
     lesson("z = X @ w; L = sum(mean((z - y)**2))", LABELS, VECTOR)),
    ("mean-in-sum", 2,
     "mean((z − y)²) is a mean, one number, inside L: it is added 2 times, once for each element",
     lesson("z = X @ w; L = sum(mean((z - y)**2) + 0.1 * w**2)", LABELS, VECTOR)),
    ("mean-in-sum", 2,
     "mean(z) is a mean, one number, inside L: every element of y (3) meets that one number",
     lesson("z = X @ w; L = sum((mean(z) - y)**2)", LABELS, VECTOR)),
    ("mean-twice", 2, "mean((z − y)²) is a mean of 3 and is divided by 3 once more",
     lesson("z = X @ w; L = mean((z - y)**2) / 3", LABELS, VECTOR)),
    ("mean-twice", 2, "nll(p, t) is a mean of 3 and is divided by 3 once more",
     lesson("p = log_softmax(X @ W); L = nll(p, t) / 3", ONE_HOT, CLASSES)),
    ("mean-twice", 2, "mse(z, y) is a mean of 3 and is divided by 3 once more",
     lesson("z = X @ w; L = 1 / m * mse(z, y)", LABELS, "[data]\nm = 3\n", VECTOR)),
    ("mean-twice", 2, "mae(z, y) is a mean of 3 and is divided by 3 once more",
     lesson("z = X @ w; L = mae(z, y) / 3", LABELS, VECTOR)),
    ("rate-too-high", 2,
     "L is quadratic in the parameters with the curvature λmax = 93335, so sgd diverges above "
     "learning_rate 2/λmax = 2.14282e−05, and it is 0.01; scale x (from 100 to 300) to a mean of 0 and a "
     "deviation of 1, or set learning_rate below 2.1e−05",
     lesson("z = w * x + b; L = mean((z - y)**2)", "[samples]\nx = [100, 200, 300]\ny = [1, -1, 2]\n",
            "[parameters]\nw = 0.0\nb = 0.0\n")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "line", "words", "text"), MADE, ids=[f"{kind}-{place}" for place, (kind, *_) in enumerate(MADE)]
)
def test_a_remark_is_made(load: Load, kind: str, line: int, words: str, text: str) -> None:
    remarks = said(load, text)
    assert [remark.kind for remark in remarks if remark.kind != "rate-too-high" or kind == remark.kind] == [
        kind
    ]
    remark = next(remark for remark in remarks if remark.kind == kind)
    assert words in remark.message
    assert remark.line == line
    assert remark.message.startswith(f"line {line}: ")
    assert remark.nodes or remark.parameters
    assert [left.kind for left in said(load, f'quiet = ["{kind}"]\n{text}')] == [
        other.kind for other in remarks if other.kind != kind
    ]


def test_every_kind_is_tested() -> None:
    assert {kind for kind, *_ in MADE} == set(CODES)


RIGHT = (
    lesson("y_hat = X @ w; L = mse(y_hat, y)", LABELS, "[parameters]\nw = [0.0, 0.0]\n"),
    lesson("y_hat = X @ W + b; L = mse(y_hat, y)", UPRIGHT, COLUMN),
    # one sample in a batch: nothing is repeated
    lesson("y_hat = X @ W; L = mse(y_hat, y)", LABELS, COLUMN, "[hyperparameters]\nbatch_size = 1\n"),
    # pairs that are meant: distances, a kernel as a matrix, one input to n units, an outer product or sum
    lesson("d = p - p.T; L = sum(exp(-d**2))", "[parameters]\np = [[0.1], [0.2], [0.3]]\n"),
    lesson("K = exp(-(x - c)**2); L = mean((K @ a - y)**2)", "[samples]\nx = [[1], [2], [3]]\n",
           "y = [1, 0, 1]\n[data]\nc = [1, 2, 3]\n[parameters]\na = [0.1, 0.2, 0.3]\n"),
    lesson("h = tanh(x * W + b); L = mean((h @ v - y)**2)", "[samples]\nx = [[1], [2], [3]]\ny = [1, 0, 1]\n",
           "[parameters]\nW = [0.1, 0.2, 0.3]\nb = [0.0, 0, 0]\nv = [1.0, 1, 1]\n"),
    lesson("M = u + v; L = mean((M - T)**2)", "[data]\nT = [[1, 2], [2, 4]]\n[parameters]\n",
           "u = [[0.1], [0.2]]\nv = [0.1, 0.2]\n"),
    lesson("L = mean((u @ v - T)**2)", "[data]\nT = [[1, 2], [2, 4]]\n[parameters]\n",
           "u = [[0.1], [0.2]]\nv = [[0.1, 0.2]]\n"),
    # sums that lie where they belong
    lesson("m = mean(X, axis=0); Y = X - m; L = sum((Y @ w)**2)", SQUARE),
    lesson("s = sum(X, axis=1); L = sum((X.T / s).T @ w)", SQUARE),
    # losses with what they take
    lesson("L = cross_entropy(X @ W, t)", ONE_HOT, CLASSES),
    lesson("L = cross_entropy(log(softmax(X @ W)), t)", ONE_HOT, CLASSES),
    lesson("L = cross_entropy(z, t)", "[data]\nt = [1, 0, 0]\n[parameters]\nz = [0.0, 0.0, 1.0]\n"),
    lesson("L = bce(sigmoid(X @ w), y)", LABELS, VECTOR),
    lesson("L = nll(log_softmax(X @ W), y)", LABELS, CLASSES),
    lesson("L = nll(log(softmax(X @ W)), t)", ONE_HOT, CLASSES),
    lesson("L = nll(log_softmax(z), t)", "[data]\nt = [1, 0, 0]\n[parameters]\nz = [0.0, 0.0, 1.0]\n"),
    lesson("L = kl_div(log(softmax(X @ W)), t)", ONE_HOT, CLASSES),
    lesson("L = hinge(X @ w, 2 * y - 1)", LABELS, VECTOR),
    lesson("P = exp(X @ W) / sum(exp(X @ W), axis=1, keepdims=True); L = bce(P, t)", ONE_HOT, CLASSES),
    lesson("z = X @ w; L = mean((softplus(z) / (exp(z) + 1) - y)**2)", LABELS, VECTOR),
    lesson("L = bce(clip(X @ w, 0.01, 0.99), y)", LABELS, VECTOR),
    # shares among samples that are meant: a pool of them, attention
    lesson("a = softmax(X @ w); L = sum((a @ X - 1)**2)", LABELS, VECTOR),
    lesson("A = softmax(X @ W @ (X @ W).T); L = mean((A @ X @ w - y)**2)", LABELS, CLASSES,
           "w = [0.0, 0.0]\n"),
    lesson("L = bce_with_logits(X @ w, y)", LABELS, VECTOR),
    lesson("L = bce(p, y)", "[data]\ny = [1, 0, 1]\n[parameters]\np = 0.5\n"),
    # means once, a half, a decay beside, an array less its own mean
    lesson("L = mean((X @ w - y)**2) / 2", "[samples]\nX = [[1, 2], [3, 4]]\ny = [1, 0]\n", VECTOR),
    lesson("L = mean((X @ w - y)**2) + 0.1 * sum(w**2)", LABELS, VECTOR),
    lesson("L = sum((X @ w - y)**2) / 3", LABELS, VECTOR),
    lesson("z = X @ w; d = z - mean(z); s = mean(d**2); L = mean((g * d / sqrt(s + 1) - y)**2)", LABELS,
           "[parameters]\nw = [0.1, 0.2]\ng = 1.0\n"),
    # rates: no bound is known of those that adapt, and of what is not quadratic or has a saddle
    lesson("L = (y - w * x)**2", "[data]\nx = 300.0\ny = 1.0\n[parameters]\nw = 0.0\n",
           '[hyperparameters]\noptimizer = "adam"\n'),
    lesson("L = (y - tanh(w * x))**2", "[data]\nx = 300.0\ny = 1.0\n[parameters]\nw = 0.0\n"),
    lesson("L = u * w", "[parameters]\nw = 0.1\nu = 0.0\n"),
)  # fmt: skip


@pytest.mark.parametrize("text", RIGHT, ids=range(len(RIGHT)))
def test_what_is_meant_is_left_alone(load: Load, text: str) -> None:
    assert [remark for remark in said(load, text) if remark.kind != "rate-too-high"] == []


@pytest.mark.parametrize("text", RIGHT[-3:], ids=range(3))
def test_no_rate_is_called_too_high_where_no_bound_is_known(load: Load, text: str) -> None:
    assert said(load, text) == ()


@pytest.mark.parametrize("name", [*BUILTIN, *map(str, TEXTBOOK)], ids=lambda name: Path(name).stem)
def test_lessons_of_ours_and_of_textbooks_have_nothing_to_remark(name: str) -> None:
    made = load_lesson(name)
    assert remarks_on(made, made.hyperparameters) == ()


def test_a_kind_that_does_not_exist_is_refused(refusal: Callable[..., str]) -> None:
    base = 'formula = "L = w**2"\n[parameters]\nw = 1.0\n'
    assert refusal('quiet = ["n-by-m"]\n' + base) == "quiet: unknown kind 'n-by-m'; did you mean n-by-n?"
    assert refusal('quiet = ["zzz"]\n' + base).startswith(
        "quiet: unknown kind 'zzz'; there are n-by-n, laid-"
    )
    assert refusal('quiet = "n-by-n"\n' + base) == "quiet: found 'n-by-n'; it must be a list"
    assert refusal("quiet = [1]\n" + base) == "quiet 1: found 1; it must be text"
