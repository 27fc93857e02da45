"""[validation]: which samples are held back, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson

TEN = """
formula = '''
p = w * x
L = mse(p, y)
'''
[samples]
x = { linspace = [0, 9, 10] }
y = { formula = "2 * x" }
[validation]
HOW
[parameters]
w = "normal"
[random]
seed = SEED
"""


def lesson(folder: Path, how: str, seed: int = 0, text: str = TEN) -> Lesson:
    path = folder / "mine.toml"
    path.write_text(text.replace("HOW", how).replace("SEED", str(seed)), encoding="utf-8")
    return tb.load_lesson(path)


def held(found: Lesson) -> list[float]:
    assert found.validation is not None
    np.testing.assert_array_equal(found.validation.samples["y"], 2 * found.validation.samples["x"])
    np.testing.assert_array_equal(found.samples["y"], 2 * found.samples["x"])
    both = [*found.samples["x"], *found.validation.samples["x"]]
    assert sorted(both) == list(range(10)), "each sample is in one of both"
    return list(found.validation.samples["x"])


def test_a_share_is_drawn_by_the_first_child_of_the_seed(tmp_path: Path) -> None:
    (child,) = np.random.SeedSequence(7).spawn(1)
    drawn = np.random.default_rng(child).permutation(10)[:3]
    assert held(lesson(tmp_path, "share = 0.3", seed=7)) == sorted(drawn.tolist())


@pytest.mark.parametrize(("share", "size"), [(0.2, 2), (0.25, 3), (0.01, 1), (0.99, 9)])
def test_a_share_is_rounded_and_leaves_both_something(tmp_path: Path, share: float, size: int) -> None:
    found = lesson(tmp_path, f"share = {share}")
    assert (len(held(found)), found.rows) == (size, 10 - size)


def test_it_depends_on_the_lesson_s_seed_alone(tmp_path: Path) -> None:
    one, again, other = (held(lesson(tmp_path, "share = 0.5", seed)) for seed in (0, 0, 1))
    assert one == again != other


def test_the_parameters_start_as_without_it(tmp_path: Path) -> None:
    with_it, without = (
        lesson(tmp_path, "share = 0.5"),
        lesson(tmp_path, "", text=TEN.replace("[validation]", "")),
    )
    assert with_it.start(3) == without.start(3)


@pytest.mark.parametrize(
    ("rows", "wanted"), [("[7, 2]", [2, 7]), ('"8:"', [8, 9]), ('":1"', [0]), ('"-3:-1"', [7, 8])]
)
def test_samples_by_number_keep_their_order(tmp_path: Path, rows: str, wanted: list[int]) -> None:
    assert held(lesson(tmp_path, f"rows = {rows}")) == wanted


def test_batches_epochs_and_n_are_of_the_rest(tmp_path: Path) -> None:
    text = TEN.replace("mse(p, y)", "sum((p - y)**2) / n").replace(
        "[random]", "[hyperparameters]\nbatch_size = 3\n[random]"
    )
    t = tb.Trainer(lesson(tmp_path, "rows = [0, 1, 2, 3]", text=text))
    assert t.iterations_per_epoch == 2
    t.next()
    t.next()
    assert t.epoch == 1
    whole = tb.Trainer(t.lesson, batch_size="all")
    errors = (float(whole.parameters["w"]) - 2) * np.arange(4, 10)
    assert whole.loss == pytest.approx(float(np.mean(errors**2)))


def test_another_file_has_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n2,4\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("b,a\n6,3\n8,4\n10,5\n", encoding="utf-8")
    text = TEN.replace(
        'x = { linspace = [0, 9, 10] }\ny = { formula = "2 * x" }', 'csv = "a.csv"\nx = "a"\ny = "b"'
    )
    found = lesson(tmp_path, 'csv = "b.csv"', text=text)
    assert found.validation is not None
    assert (found.rows, found.validation.rows) == (2, 3)
    np.testing.assert_array_equal(found.validation.samples["x"], [3.0, 4.0, 5.0])


REFUSED = {
    "": 'validation: give share = 0.2, rows = [0, 5], rows = "150:" or csv = "val.csv", one of them',
    "share = 0.2\nrows = [1]": "one of them",
    "share = 1.0": "validation.share: found 1.0; it must be a number above 0 and below 1",
    "share = 0": "validation.share: found 0.0; it must be a number above 0 and below 1",
    'share = "a"': "validation.share: found 'a'; it must be a number",
    "rows = [10]": "validation.rows: found sample 10; they are numbered from 0 to 9",
    "rows = [-1]": "validation.rows 1: found -1; it must be a whole number, at least 0",
    'rows = "20:"': "validation.rows: that is no sample; name at least one",
    'rows = ":"': "validation.rows: that is all 10 samples; some have to be left to train on",
    'rows = "last"': "validation.rows: found 'last'; it must be a slice such as \"150:\", or a list",
    'csv = "b.csv"': "validation.csv: [samples] are not read from a CSV file, so there are no columns",
    "share = 0.2\nearly_stop = 0": "validation.early_stop: found 0; it must be a whole number, at least 1",
    "share = 0.2\nearlystop = 5": "validation: unknown key 'earlystop'; did you mean early_stop?",
    'share = 0.2\nmetrics = ["acuracy"]': "found 'acuracy'; it must be a metric; did you mean accuracy?",
    'share = 0.2\nmetrics = ["f1"]': "it must be a metric; there are accuracy, r2, mae, perplexity",
    'share = 0.2\nmetrics = ["accuracy"]': "metrics: accuracy does not apply here: it needs classes",
    'share = 0.2\nmetrics = ["perplexity"]': "perplexity does not apply here: it needs cross_entropy, nll",
}


@pytest.mark.parametrize("how", sorted(REFUSED))
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, how: str) -> None:
    with pytest.raises(LessonError) as refused:
        lesson(tmp_path, how)
    assert REFUSED[how] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_lesson_without_samples_has_nothing_to_hold_back(tmp_path: Path) -> None:
    text = TEN.replace("[samples]", "[data]")
    with pytest.raises(LessonError, match=r"validation: the lesson has no \[samples\] to hold back some of"):
        lesson(tmp_path, "share = 0.2", text=text)


def test_a_formula_that_does_not_fit_them_is_refused(tmp_path: Path) -> None:
    text = TEN.replace("w * x", "w * x + c").replace(
        "[validation]", "[data]\nc = [1, 2, 3, 4, 5, 6, 7, 8]\n[validation]"
    )
    with pytest.raises(LessonError, match=r"for the 2 samples of \[validation\]"):
        lesson(tmp_path, "share = 0.2", text=text)


def test_a_metric_needs_a_target(tmp_path: Path) -> None:
    text = TEN.replace("mse(p, y)", "sum(p * p)")
    with pytest.raises(LessonError, match="mae needs a loss that compares one prediction with a target"):
        lesson(tmp_path, 'share = 0.2\nmetrics = ["mae"]', text=text)


def test_nothing_is_computed_to_load_a_lesson_without_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(tape: Tape) -> float:
        raise AssertionError

    monkeypatch.setattr(Tape, "forward", forward)
    assert lesson(tmp_path, "share = 0.2\nearly_stop = 7").patience == 7
    with pytest.raises(AssertionError):
        lesson(tmp_path, 'share = 0.2\nmetrics = ["mae"]')
