"""What [samples] and [parameters] become: datasets, CSV files, and the one stream of random starts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.language.building import nodes
from tui_backprop.lessons import entries
from tui_backprop.lessons.beside import arrays
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.specs.initializers import INITIALIZERS

Load = Callable[..., Lesson]
Refusal = Callable[..., str]

BASE = 'formula = "L = w**2"\n[parameters]\nw = 1.0\n'


# samples


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("X = 1", "samples.X: found one number; samples are lists (constants belong into [data])"),
        ("X = [1, 2]\ny = [1]", "samples.y: found 1 sample, but X has 2"),
        (
            "X = [1, 2]\ny = [[1, 2]]",
            "samples.y: found 1 sample, but X has 2; samples count along the first axis",
        ),
        ("X = []", "samples.X: found an empty list; write at least one number"),
        ("dataset = 'moon'", "samples.dataset: unknown dataset 'moon'; did you mean moons?"),
        (
            "dataset = 'zzz'",
            "samples.dataset: unknown dataset 'zzz'; there are moons, circles, spiral, xor, blobs, sine",
        ),
        ("dataset = 3", "samples.dataset: found 3; it must be text"),
        ("dataset = 'moons'\nsize = 0", "samples.size: found 0; it must be a whole number, at least 1"),
        (
            "dataset = 'moons'\nsize = 20000000",
            "samples.size: found 20000000; it must be a whole number, at most 10000000",
        ),
        ("dataset = 'moons'\nnoise = -1", "samples.noise: found -1; it must be a number, at least 0"),
        ("dataset = 'moons'\nnoise = nan", "samples.noise: found nan; it must be a number, at least 0"),
        ("dataset = 'moons'\nseed = 1.5", "samples.seed: found 1.5; it must be a whole number"),
        (
            "dataset = 'moons'\nclasses = 3",
            "samples.classes: moons has 2 classes; spiral and blobs have more",
        ),
        (
            "dataset = 'spiral'\nclasses = 1",
            "samples.classes: found 1; it must be a whole number, at least 2",
        ),
        ("dataset = 'sine'\none_hot = true", "samples.one_hot: sine has no classes"),
        ("dataset = 'moons'\none_hot = 1", "samples.one_hot: found 1; it must be true or false"),
        ("dataset = 'moons'\nX = [1]", "samples.X: the name is given twice in [samples]"),
        (
            "dataset = 'moons'\nsiz = 10",
            "samples.siz: found one number; samples are lists (constants belong into [data])",
        ),
        ("dataset = 'moons'\ncsv = 'a.csv'", "samples: found both dataset and csv; give one of them"),
    ],
)
def test_samples_that_are_refused(refusal: Refusal, table: str, rule: str) -> None:
    assert refusal(BASE + "[samples]\n" + table) == rule


@pytest.mark.parametrize("name", ["moons", "circles", "spiral", "xor", "blobs", "sine"])
@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_datasets_have_a_size_and_a_seed(load: Load, name: str, size: int) -> None:
    def samples(extra: str) -> tuple[np.ndarray, np.ndarray]:
        found = load(BASE + f"[samples]\ndataset = '{name}'\nsize = {size}\n{extra}").samples
        return found["X"], found["y"]

    X, y = samples("seed = 3")
    assert X.shape == (size, 1 if name == "sine" else 2)
    assert y.shape == (size,)
    assert not X.flags.writeable
    again, _ = samples("seed = 3")
    np.testing.assert_array_equal(X, again)
    other, other_y = samples("seed = 4")
    noisy = (y, other_y) if name == "sine" else (X, other)
    assert np.any(noisy[0] != noisy[1])
    still, still_y = samples("noise = 0")
    third, third_y = samples("noise = 0\nseed = 9")
    np.testing.assert_array_equal(still, third)
    np.testing.assert_array_equal(still_y, third_y)
    if name != "sine":
        assert set(y) <= {0.0, 1.0}


def test_dataset_geometry_without_noise(load: Load) -> None:
    def samples(text: str) -> tuple[np.ndarray, np.ndarray]:
        found = load(BASE + f"[samples]\nsize = 60\nnoise = 0\n{text}").samples
        return found["X"], found["y"]

    X, y = samples("dataset = 'circles'")
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1.0, 0.5), rtol=1e-12)
    X, y = samples("dataset = 'moons'")
    np.testing.assert_allclose(np.hypot(*(X - np.where(y[:, None] == 0, 0, [1, 0.5])).T), 1, rtol=1e-12)
    assert np.all(X[y == 0, 1] >= 0)
    X, y = samples("dataset = 'xor'")
    np.testing.assert_array_equal(y, X[:, 0] != X[:, 1])
    X, y = samples("dataset = 'blobs'\nclasses = 3")
    assert len({(round(a, 9), round(b, 9)) for a, b in X}) == 3
    np.testing.assert_array_equal(np.bincount(y.astype(int)), [20, 20, 20])
    X, y = samples("dataset = 'spiral'\nclasses = 4")
    np.testing.assert_array_equal(np.bincount(y.astype(int)), [15] * 4)
    np.testing.assert_allclose(np.max(np.hypot(*X.T)), 1)
    X, y = samples("dataset = 'sine'")
    np.testing.assert_array_equal(X[:, 0], np.linspace(-np.pi, np.pi, 60))
    np.testing.assert_array_equal(y, np.sin(X[:, 0]))


def test_noise_is_a_standard_deviation(load: Load) -> None:
    found = load(BASE + "[samples]\ndataset = 'blobs'\nsize = 10000\nnoise = 0.3\n").samples
    centres = np.where(found["y"][:, None] == 0, [2, 0], [-2, 0])
    assert np.std(found["X"] - centres) == pytest.approx(0.3, rel=0.03)


def test_one_hot_labels(load: Load) -> None:
    found = load(BASE + "[samples]\ndataset = 'spiral'\nsize = 30\nclasses = 3\none_hot = true\n").samples
    assert found["y"].shape == (30, 3)
    np.testing.assert_array_equal(found["y"].sum(axis=1), 1)


def test_a_dataset_takes_the_lesson_s_seed_and_leaves_the_parameters_stream_alone(load: Load) -> None:
    text = 'formula = "L = w"\n[random]\nseed = 5\n[parameters]\nw = "normal"\n'
    with_data = load(text + "[samples]\ndataset = 'moons'\n")
    assert with_data.start(5) == load(text).start(5)
    same = load(text + "[samples]\ndataset = 'moons'\nseed = 5\n")
    np.testing.assert_array_equal(same.samples["X"], with_data.samples["X"])
    longer = load(text + "[samples]\ndataset = 'moons'\nz = { formula = 'y + 1' }\n")
    np.testing.assert_array_equal(longer.samples["z"], longer.samples["y"] + 1)


# CSV

LESSON = BASE + '[samples]\ncsv = "points.csv"\nX = ["x1", "x2"]\ny = "label"\n'


MISSING = 'missing = "drop" leaves such rows out, missing = "mean" puts the mean of the column there'


def test_csv(load: Load) -> None:
    content = '\ufeffid,"x1", x2 ,label\r\n"a",1,-2.5,0\r\n\r\n"b, c","1e3", 4 ,1\r\n'
    found = load(LESSON, points_csv=content).samples
    np.testing.assert_array_equal(found["X"], [[1, -2.5], [1000, 4]])
    np.testing.assert_array_equal(found["y"], [0, 1])


def test_csv_and_inline_samples_together(load: Load) -> None:
    found = load(
        LESSON + "t = [5, 6]\nu = { formula = 'X @ X.T' }\n", points_csv="x1,x2,label\n1,2,0\n3,4,1\n"
    ).samples
    assert list(found) == ["X", "y", "t", "u"]


def test_a_column_of_one_is_a_matrix(load: Load) -> None:
    text = BASE + '[samples]\ncsv = "points.csv"\nX = ["a"]\n'
    assert load(text, points_csv="a\n1\n2\n").samples["X"].shape == (2, 1)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (
            "x1,x2,label\n1,2,0\n3,oops,1\n",
            "points.csv, line 3, column 'x2': found 'oops'; it must be a finite number",
        ),
        (
            "x1,x2,label\n1,2,nan\n",
            "points.csv, line 2, column 'label': found 'nan', a missing value; " + MISSING,
        ),
        (
            "x1,x2,label\n1,inf,0\n",
            "points.csv, line 2, column 'x2': found 'inf'; it must be a finite number",
        ),
        ("x1,x2,label\n1,2\n", "points.csv, line 2, column 'label': the cell is empty; " + MISSING),
        ("x1,x2,label\n1,2,\n", "points.csv, line 2, column 'label': the cell is empty; " + MISSING),
        (
            'x1,x2,label\n"1\n",2,0\n4,5,6,7\n',
            "points.csv, line 4: found 4 cells, but the header has 3 columns",
        ),
        (
            "x1,x2,label\n1,2,\x1b[31m\n",
            "points.csv, line 2, column 'label': found '\\x1b[31m'; it must be a finite number",
        ),
        ("x1,x2,lable\n1,2,3\n", "points.csv, line 1: no column 'label'; did you mean lable?"),
        ("a,b,c\n1,2,3\n", "points.csv, line 1: no column 'x1'; there are a, b, c"),
        ("x1,x2,x1,label\n1,2,3,4\n", "points.csv, line 1: the column 'x1' stands there twice"),
        ("", "points.csv: the file is empty"),
        ("\n", "points.csv: the file is empty"),
        ("x1,x2,label\n", "points.csv: found no rows below the header"),
        ("x1,x2,label\n\n\n", "points.csv: found no rows below the header"),
        (
            b"x1,x2,label\n1,2,\xff\n",
            "points.csv, line 2: it is not UTF-8 text (perhaps WINDOWS-1252); "
            "convert it: iconv -f WINDOWS-1252 -t UTF-8 points.csv > points-utf8.csv",
        ),
        (
            "x1,x2,label\n1,2,\0\n",
            "points.csv, line 2, column 'label': found '\\x00'; it must be a finite number",
        ),
        (
            "x1,x2,label\n1,2," + "9" * 200_000 + "\n",
            "points.csv, line 2: cannot be read: field larger than field limit (131072)",
        ),
    ],
)
def test_csv_files_that_are_refused(refusal: Refusal, content: str | bytes, rule: str) -> None:
    assert refusal(LESSON, points_csv=content) == rule


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("csv = 3\ny = 'a'", "samples.csv: found 3; it must be the name of a file"),
        ("csv = ''\ny = 'a'", "samples.csv: found ''; it must be the name of a file"),
        ("csv = 'points.csv'", 'samples: name the columns to use, such as X = ["x1", "x2"] and y = "label"'),
        (
            "csv = 'points.csv'\nX = [1]",
            'samples: name the columns to use, such as X = ["x1", "x2"] and y = "label"',
        ),
        ("csv = 'other.csv'\ny = 'a'", "other.csv: no such file beside the lesson"),
        ("csv = '../x.csv'\ny = 'a'", "samples.csv: ../x.csv is not beside the lesson"),
        ("csv = 'a/../../x.csv'\ny = 'a'", "samples.csv: a/../../x.csv is not beside the lesson"),
        ("csv = '/etc/passwd'\ny = 'a'", "samples.csv: /etc/passwd is not beside the lesson"),
        ("csv = '.'\ny = 'a'", "samples.csv: . is not beside the lesson"),
        ('csv = "a\\u0000.csv"\ny = "a"', "samples.csv: a\\x00.csv is not the name of a file"),
        (f"csv = '{'a' * 300}'\ny = 'a'", f"{'a' * 79}…: no such file beside the lesson"),
        (
            "csv = 'points.csv'\ny = 'a'\n'µ' = 'a'\n'μ' = 'a'",
            "samples.μ: the name is given twice in [samples]",
        ),
        (
            "csv = 'points.csv'\n'a b' = 'a'",
            "samples: 'a b' is not a name; names have letters, digits and _ and start with no digit",
        ),
        ("csv = 'points.csv'\ny = 'a'\nz = [1, 2, 3]", "samples.z: found 3 samples, but y has 2"),
    ],
)
def test_csv_entries_that_are_refused(refusal: Refusal, table: str, rule: str) -> None:
    assert refusal(BASE + "[samples]\n" + table, points_csv="a\n1\n2\n") == rule


def test_symbolic_links_do_not_lead_out(load: Load, refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    load(BASE, inside_csv="a\n1\n2\n")
    folder = tmp_path / "lessons"
    os.symlink(tmp_path / "secret.csv", folder / "out.csv")
    os.symlink(folder / "inside.csv", folder / "in.csv")
    os.symlink("loop.csv", folder / "loop.csv")
    text = BASE + "[samples]\ny = 'a'\ncsv = "
    assert refusal(text + "'out.csv'") == "samples.csv: out.csv is not beside the lesson"
    assert "loop.csv" in refusal(text + "'loop.csv'")
    np.testing.assert_array_equal(load(text + "'in.csv'").samples["y"], [1, 2])


def test_a_linked_lesson_finds_its_csv_beside_the_link(load: Load, tmp_path: Path) -> None:
    load(BASE)
    (tmp_path / "points.csv").write_text("x1,x2,label\n1,2,3\n")
    (tmp_path / "lessons" / "mine.toml").write_text(LESSON)
    os.symlink(tmp_path / "lessons" / "mine.toml", tmp_path / "link.toml")
    np.testing.assert_array_equal(tb.load_lesson(tmp_path / "link.toml").samples["y"], [3])


# parameters

STREAM = """
formula = "L = sum(a) + b + sum(c) + sum(d) + sum(e) + sum(f) + sum(g) + sum(h)"
[random]
seed = 11
generator = "GENERATOR"
[parameters]
a = { init = "normal", shape = [2, 3], scale = 0.5 }
g = { init = "zeros", shape = 2 }
b = "normal"
c = { init = "uniform", shape = 4, scale = 2 }
h = { value = [1, 2], scale = 3 }
d = { init = "he", shape = [8, 2] }
e = { init = "xavier", shape = [3, 5], scale = 2, trainable = false }
f = { init = "ones", shape = [2, 1], scale = 7 }
"""


@pytest.mark.parametrize("generator", ["pcg64", "legacy"])
@pytest.mark.parametrize("seed", [11, 0, 2**32 - 1])
def test_one_stream_in_file_order(load: Load, generator: str, seed: int) -> None:
    lesson = load(STREAM.replace("GENERATOR", generator))
    rng = np.random.RandomState(seed) if generator == "legacy" else np.random.default_rng(seed)
    expected = {
        "a": 0.5 * rng.standard_normal((2, 3)),
        "g": np.zeros(2),
        "b": rng.standard_normal(),
        "c": rng.uniform(-2, 2, 4),
        "h": np.array([3.0, 6.0]),
        "d": np.sqrt(2 / 8) * rng.standard_normal((8, 2)),
        "e": 2 * np.sqrt(2 / 8) * rng.standard_normal((3, 5)),
        "f": np.full((2, 1), 7.0),
    }
    start = tb.Trainer(lesson, seed=seed).parameters
    assert list(start) == list(expected)
    for name, array in expected.items():
        assert start[name].shape == np.shape(array)
        np.testing.assert_allclose(start[name], array, rtol=1e-15)
    if seed == 11:
        np.testing.assert_array_equal(tb.Trainer(lesson).parameters["a"], start["a"])


@pytest.mark.parametrize("generator", ["pcg64", "legacy"])
@pytest.mark.parametrize(
    ("init", "spread"),
    [("normal", 1), ("uniform", 1 / np.sqrt(3)), ("he", np.sqrt(2 / 100)), ("xavier", np.sqrt(2 / 150))],
)
def test_statistics_of_starts(load: Load, generator: str, init: str, spread: float) -> None:
    lesson = load(
        f'formula = "L = sum(w)"\n[random]\ngenerator = "{generator}"\n[parameters]\n'
        f'w = {{ init = "{init}", shape = [100, 50] }}\n'
    )
    w = tb.Trainer(lesson).parameters["w"]
    assert np.mean(w) == pytest.approx(0, abs=4 * spread / np.sqrt(5000))
    assert np.std(w) == pytest.approx(spread, rel=0.04)


@pytest.mark.parametrize(
    ("entry", "shape", "value"),
    [
        ("2", (), 2),
        ("{ value = 2 }", (), 2),
        ("{ init = 2 }", (), 2),
        ("[1, 2]", (2,), [1, 2]),
        ("{ value = 3, shape = [2, 2] }", (2, 2), 3),
        ("{ value = [1, 2], shape = 2 }", (2,), [1, 2]),
        ("{ value = [1, 2], shape = [2] }", (2,), [1, 2]),
        ("'ones'", (), 1),
        ("{ init = 'ones', shape = [] }", (), 1),
        ("{ init = 'zeros', shape = [2, 1, 3] }", (2, 1, 3), 0),
        ("{ init = 'ones', scale = 0 }", (), 0),
    ],
)
def test_values_and_shapes(load: Load, entry: str, shape: tuple[int, ...], value: object) -> None:
    w = tb.Trainer(load(f'formula = "L = sum(w)"\n[parameters]\nw = {entry}\n')).parameters["w"]
    assert w.shape == shape
    np.testing.assert_array_equal(w, np.broadcast_to(np.asarray(value, dtype=float), shape))


RULES = ", ".join(INITIALIZERS)


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("'norml'", f": found 'norml'; it must be a number, a list, or one of {RULES}; did you mean normal?"),
        ("{}", f": give init or value: a number, a nested list, or one of {RULES}"),
        ("{ value = 1, init = 'he' }", f": give init or value: a number, a nested list, or one of {RULES}"),
        ("{ shape = [2] }", f": give init or value: a number, a nested list, or one of {RULES}"),
        ("{ value = [1, 2], shape = 3 }", ".shape: found (3), but the value is (2)"),
        ("{ init = 'he', shape = 0 }", ".shape: found 0; it must be a whole number, at least 1"),
        ("{ init = 'he', shape = -2 }", ".shape: found -2; it must be a whole number, at least 1"),
        ("{ init = 'he', shape = [2, 'a'] }", ".shape 2: found 'a'; it must be a whole number"),
        ("{ init = 'he', shape = 2.0 }", ".shape: found 2.0; it must be a whole number or a list"),
        ("{ init = 'he', shape = true }", ".shape: found true; it must be a whole number or a list"),
        ("{ init = 'he', shape = [1, 1, 1, 1, 1, 1, 1] }", ".shape: found 7 axes; arrays have at most 6"),
        ("{ init = 'he', shape = [100000, 100000] }", ".shape: (100000×100000) takes more than 1 GiB"),
        ("{ init = 'he', shap = 2 }", ": unknown key 'shap'; did you mean shape?"),
        ("{ init = 'he', scale = -1 }", ".scale: found -1; it must be a number, at least 0"),
        ("{ init = 'he', scale = inf }", ".scale: found inf; it must be a number, at most 1000000"),
        ("{ init = 'he', trainable = 1 }", ".trainable: found 1; it must be true or false"),
        ("{ value = 1e308, scale = 1e6 }", ".scale: 1e+06 times the value is not finite"),
        ("true", ": found true; it must be a finite number"),
        ("nan", ": found nan; it must be a finite number"),
        ("[[1], [1, 2]]", ": the lists are ragged: entry 2 has 2 numbers, but entry 1 has 1 number"),
    ],
)
def test_parameters_that_are_refused(refusal: Refusal, entry: str, rule: str) -> None:
    assert refusal(f'formula = "L = sum(w)"\n[parameters]\nw = {entry}\n') == f"parameters.w{rule}"


def test_what_is_not_trainable_stays(load: Load) -> None:
    text = 'formula = "L = (w + b)**2"\n[parameters]\nw = 1\nb = { value = 2, trainable = false }\n'
    t = tb.Trainer(load(text), weight_decay=0.5, optimizer="momentum")
    t.run(iterations=5)
    assert t.parameters["b"] == 2
    assert t.parameters["w"] != 1
    assert t.gradients["b"] != 0
    assert list(t.optimizer_states) == ["w"]


def test_a_lesson_with_nothing_trainable_trains_nothing(load: Load) -> None:
    lesson = load('formula = "L = b**2"\n[parameters]\nb = { value = 2, trainable = false }\n')
    assert not lesson.trains
    assert tb.Trainer(lesson).run(iterations=5).reason == "untrainable"


def test_a_dataset_is_refused_before_it_is_made(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "make_dataset", lambda *args: pytest.fail("8 GB allocated"))
    text = "formula = 'L = mean(X) * w + 0 * mean(y)'\n[parameters]\nw = 1.0\n[samples]\ndataset = 'blobs'\n"
    message = refusal(text + "size = 10000000\nclasses = 100\none_hot = true\n")
    assert message == "samples.size: (10000000×100) takes more than 1 GiB"


def test_what_is_given_counts_towards_the_gibibyte(
    load: Callable[..., Lesson], refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "MAX_BYTES", 10_000)
    text = "formula = 'L = mean(x * w)'\n[parameters]\nw = 1.0\n[samples]\nx = { linspace = [0, 1, %d] }\n"
    assert "1 GiB; use fewer samples" in refusal(text % 500)  # 500 numbers given, 1000 computed
    monkeypatch.setattr(nodes, "MAX_BYTES", 13_000)
    assert load(text % 500).rows == 500


def test_a_batch_size_that_the_formula_does_not_fit(refusal: Callable[..., str]) -> None:
    text = "formula = 'L = mean((x * w - t)**2)'\n[data]\nt = [1, 2, 3]\n[samples]\nx = [1, 2, 3]\n"
    text += "[parameters]\nw = 1.0\n[hyperparameters]\nbatch_size = "
    message = refusal(text + "2")
    assert message.startswith("formula line 1, column 11: in a batch of 2: - of (x * w) (2) and t (3)")


@pytest.mark.parametrize("cell", ["1_0", "_1", "1__0"])
def test_underscores_in_a_csv_cell(refusal: Callable[..., str], cell: str) -> None:
    text = "formula = 'L = mean(x) * w'\n[samples]\ncsv = 'points.csv'\nx = 'a'\n[parameters]\nw = 1.0\n"
    message = refusal(text, points_csv=f"a\n{cell}\n")
    assert message == f"points.csv, line 2, column 'a': found '{cell}'; it must be a finite number"


def test_digits_of_any_script_in_a_csv_cell(load: Callable[..., Lesson]) -> None:
    text = "formula = 'L = mean(x) * w'\n[samples]\ncsv = 'points.csv'\nx = 'a'\n[parameters]\nw = 1.0\n"
    assert load(text, points_csv="a\n١٢\n").samples["x"].tolist() == [12.0]


@pytest.mark.parametrize("table", ["data", "samples"])
def test_many_arrays_count_together(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    for module in (entries, arrays):
        monkeypatch.setattr(module, "MAX_BYTES", 1500)
    text = "formula = 'L = mean(x1) * w'\n[parameters]\nw = 1.0\n" + f"[{table}]\n"
    text += "".join(f"x{i} = {{ linspace = [0, 1, 100] }}\n" for i in (1, 2, 3))
    assert refusal(text) == f"{table}: its linspaces take more than 1 GiB together"
    text = re.sub(r"(x[13]) = .*", rf"\1 = {[0.0] * 100}", text)
    assert refusal(text) == (f"{table}.x2: with what stands above, it takes more than 1 GiB")
