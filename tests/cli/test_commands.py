"""The command line's contract: list, train, explain, check; formats, exit codes, one line for bad input."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.folded import NET
from tests.support.thorough import lessons
from tui_backprop.lessons.library import BUILTIN

Run = Callable[..., Any]
CASES = Path(__file__).parents[1] / "cases"


def strict_json(text: str) -> Any:
    return json.loads(text)


def write(tmp_path: Path, text: str, name: str = "mine.toml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# list


def test_list_table(run: Run) -> None:
    lines = run("list").lines
    assert [line.split()[0] for line in lines] == list(BUILTIN)
    assert all(len(line) <= 80 for line in lines)


def test_list_json(run: Run) -> None:
    page = strict_json(run("list", "--format", "json").out)
    assert [entry["name"] for entry in page] == list(BUILTIN)
    for entry in page:
        lesson = tb.load_lesson(entry["name"])
        assert (entry["title"], entry["summary"]) == (lesson.title, lesson.summary)


# train


@pytest.mark.parametrize("count", [0, 1, 7])
def test_train_jsonl_has_n_plus_1_lines(run: Run, count: int) -> None:
    rows = [
        strict_json(line)
        for line in run("train", "linear", "--iterations", str(count), "--format", "jsonl").lines
    ]
    assert [row["iteration"] for row in rows] == list(range(count + 1))
    assert all(list(row) == ["iteration", "epoch", "loss"] for row in rows)
    t = tb.Trainer(tb.load_lesson("linear"))
    t.run(iterations=count)
    assert [row["loss"] for row in rows] == [*t.losses.tolist(), t.loss]


def test_train_takes_the_lesson_s_own_number_of_iterations(run: Run) -> None:
    assert len(run("train", "theta", "--format", "jsonl").lines) == 41
    assert len(run("train", "theta", "--set", "iterations=5", "--format", "jsonl").lines) == 6
    assert (
        len(run("train", "theta", "--set", "iterations=5", "--iterations", "3", "--format", "jsonl").lines)
        == 4
    )


def test_train_polynomial_to_the_letter(run: Run) -> None:
    result = run("train", "polynomial", "--set", "seed=0", "--iterations", "2000", "--format", "jsonl")
    rows = [strict_json(line) for line in result.lines]
    assert len(rows) == 2001
    assert rows[99]["loss"] == pytest.approx(1942.5981197543472, rel=1e-9)
    assert rows[1999]["loss"] == pytest.approx(11.102981214394507, rel=1e-9)


def test_train_counts_epochs(run: Run) -> None:
    rows = [
        strict_json(line) for line in run("train", "theta", "--iterations", "9", "--format", "jsonl").lines
    ]
    assert [row["epoch"] for row in rows] == [k // 4 for k in range(10)]


def test_train_parameters(run: Run) -> None:
    result = run("train", "relu-net", "--iterations", "2", "--parameters", "--format", "jsonl")
    rows = [strict_json(line) for line in result.lines]
    assert list(rows[0]["parameters"]) == ["W1", "b1", "W2", "b2"]
    assert rows[0]["parameters"]["W1"] == [[0.2, 0.4], [0.1, 0.3]]
    np.testing.assert_allclose(rows[1]["parameters"]["W2"], [[0.5007592], [0.6007154]], atol=5e-8)


def test_train_csv(run: Run) -> None:
    result = run("train", "relu-net", "--iterations", "2", "--parameters", "--format", "csv")
    header, *rows = csv.reader(io.StringIO("\n".join(result.lines)))
    assert header == [
        "iteration",
        "epoch",
        "loss",
        "W1[0,0]",
        "W1[0,1]",
        "W1[1,0]",
        "W1[1,1]",
        "b1[0]",
        "b1[1]",
        "W2[0,0]",
        "W2[1,0]",
        "b2[0]",
    ]
    t = tb.Trainer(tb.load_lesson("relu-net"))
    t.run(iterations=2)
    assert [float(cell) for cell in rows[2]] == [
        2,
        2,
        t.loss,
        *(x for value in t.parameters.values() for x in value.reshape(-1)),
    ]


def test_train_table(run: Run) -> None:
    assert run("train", "theta", "--iterations", "1").lines[0].split("  ")[-1] == "loss of batch"
    lines = run("train", "linear", "--iterations", "2").lines
    assert lines[0].split() == ["iteration", "epoch", "loss"]
    assert [line.split()[:2] for line in lines[1:]] == [["0", "0"], ["1", "1"], ["2", "2"]]
    assert float(lines[1].split()[2].replace("−", "-")) == pytest.approx(2.15935809e-05, rel=1e-7)
    assert all(line == line.rstrip() for line in lines)
    with_parameters = run("train", "logistic", "--iterations", "1", "--parameters").lines
    assert "β = [0, 0]" in with_parameters[1]


@pytest.mark.parametrize(
    ("every", "count", "expected"),
    [(3, 10, [0, 3, 6, 9, 10]), (5, 10, [0, 5, 10]), (100, 10, [0, 10]), (1, 2, [0, 1, 2])],
)
def test_train_every(run: Run, every: int, count: int, expected: list[int]) -> None:
    result = run("train", "linear", "--iterations", str(count), "--every", str(every), "--format", "jsonl")
    assert [strict_json(line)["iteration"] for line in result.lines] == expected


def test_settings(run: Run) -> None:
    result = run(
        "train",
        "two-layer",
        "--set",
        "optimizer=adam",
        "--set",
        "learning_rate=1e-2",
        "--set",
        "batch_size=3",
        "--set",
        "shuffle=no",
        "--iterations",
        "4",
        "--format",
        "jsonl",
    )
    t = tb.Trainer(
        tb.load_lesson("two-layer"), optimizer="adam", learning_rate=0.01, batch_size=3, shuffle=False
    )
    t.run(iterations=4)
    assert strict_json(result.lines[-1])["loss"] == t.loss
    assert (
        len(run("train", "theta", "--set", "batch_size=all", "--iterations", "1", "--format", "jsonl").lines)
        == 2
    )


def test_divergence_ends_with_1_after_the_row_where_it_appears(run: Run, tmp_path: Path) -> None:
    text = 'formula = "L = w**2"\n[parameters]\nw = 1.0\n[hyperparameters]\nlearning_rate = 1.5\n'
    path = write(tmp_path, f'quiet = ["rate-too-high"]\n{text}')
    for extra in ([], ["--every", "100"]):
        result = run("train", path, "--iterations", "1000", "--format", "jsonl", "--parameters", *extra)
        assert result.code == 1
        assert result.line == (
            "diverged: Infinity in the value of L, iteration 512: 1.34078e+154² = Infinity; where numbers "
            "grow from update to update, the learning rate is too high: try a tenth of it"
        )
        last = result.out.splitlines()[-1]
        assert last.startswith('{"iteration": 512, "epoch": 512, "loss": Infinity, ')
        assert strict_json(last)["loss"] == math.inf
    for style, token in (("csv", ",Infinity"), ("table", "Infinity")):
        assert token in run("train", path, "--iterations", "1000", "--format", style).out.splitlines()[-1]


def test_nan_as_a_token(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, 'formula = "L = log(w)"\n[parameters]\nw = -1.0\n')
    result = run("train", path, "--format", "jsonl")
    assert (result.code, result.out) == (1, '{"iteration": 0, "epoch": 0, "loss": NaN}\n')
    assert result.line == (
        "diverged: NaN in the value of L, iteration 0: log(−1) = NaN; log takes numbers above 0: look at "
        "what makes w negative"
    )


def test_a_lesson_that_trains_nothing(run: Run) -> None:
    assert run("train", "square").refusal == "square trains nothing; use tui-backprop explain square"
    assert len(run("train", "square", "--iterations", "0", "--format", "jsonl").lines) == 1
    assert (
        run("explain", "square", "--iteration", "1").refusal
        == "square trains nothing; there is iteration 0 only"
    )


# explain


def test_explain_json(run: Run) -> None:
    (line,) = run("explain", "logistic", "--format", "json").lines
    page = strict_json(line)
    parts = ["inputs", "forward", "factors", "gradients", "updates"]
    assert list(page) == ["iteration", "loss", "remarks", *parts]
    assert (page["iteration"], page["loss"]) == (0, 0.375)
    assert page["inputs"] == {"X": [[1, 2], [3, 4], [5, 6]], "y": [1, 0, 1]}
    assert all(list(entry) == ["node", "expression", "value"] for entry in page["forward"])
    assert [e["node"] for e in page["forward"] if e["node"].isidentifier()] == ["z", "y_hat", "L"]
    keys = ["output", "operand", "local", "upstream", "local_value", "downstream", "accumulated"]
    assert all(list(entry) == keys for entry in page["factors"])
    assert list(page["gradients"]) == ["X", "y", "beta", "b", "z", "y_hat", "L"]
    np.testing.assert_allclose(page["gradients"]["beta"], [-0.375, -0.5])
    np.testing.assert_allclose(page["gradients"]["b"], -0.125)
    np.testing.assert_allclose(page["gradients"]["y_hat"], [-0.5, 0.5, -0.5])
    by_edge = {(f["output"], f["operand"]): f for f in page["factors"]}
    slope = by_edge["y_hat", "z"]
    assert slope["local"] == "y_hat * (1 - y_hat)"
    np.testing.assert_allclose(slope["local_value"], [0.25] * 3)
    np.testing.assert_allclose(slope["downstream"], [-0.125, 0.125, -0.125])
    rule = next(f for (_, operand), f in by_edge.items() if operand == "beta")
    assert rule["local_value"] is None
    assert rule["local"] == "X.T @ upstream"
    assert list(page["updates"]) == ["beta", "b"]
    assert list(page["updates"]["b"]) == ["before", "gradient", "after"]
    np.testing.assert_allclose(page["updates"]["beta"]["after"], [0.0375, 0.05])


def test_explain_has_calls_and_turns_as_lines_unless_they_are_unfolded(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(NET, encoding="utf-8")
    folded = run("explain", str(path)).lines
    assert "3 to 14 of 93: turn t = 0: h.2" in folded
    assert "  folded          12 records, line 8 of the formula; --unfold unfolds them" in folded
    titles = [line for line in run("explain", str(path), "--unfold").lines if " of 93: " in line]
    assert [title.split()[0] for title in titles] == [str(number) for number in range(1, 94)]
    (page,) = (strict_json(line) for line in run("explain", str(path), "--format", "json").lines)
    assert len(page["forward"]) + len(page["factors"]) + len(page["updates"]) == 93


@pytest.mark.parametrize("name", BUILTIN)
def test_explain_json_agrees_with_the_trainer_at_an_iteration(run: Run, name: str) -> None:
    t = tb.Trainer(tb.load_lesson(name))
    count = 3 if t.lesson.trains else 0
    t.run(iterations=count)
    page = strict_json(run("explain", name, "--iteration", str(count), "--format", "json").out)
    assert page["iteration"] == count
    assert page["loss"] == t.loss
    assert page["inputs"] == {k: v.tolist() for k, v in t.inputs.items()}
    assert page["gradients"] == {k: v.tolist() for k, v in t.gradients.items()}
    assert {k: v["after"] for k, v in page["updates"].items()} == {
        k: v.tolist() for k, v in t.next_parameters.items()
    }
    assert len(page["forward"]) + len(page["factors"]) + len(page["updates"]) == t.record_count


def test_explain_where_it_diverged_and_beyond(run: Run, tmp_path: Path) -> None:
    path = write(
        tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 1.0\n[hyperparameters]\nlearning_rate = 1.5\n'
    )
    assert strict_json(run("explain", path, "--iteration", "512", "--format", "json").out)["loss"] == math.inf
    for command in ("explain", "check"):
        result = run(command, path, "--iteration", "513")
        assert (result.code, result.out) == (1, "")
        where = "diverged: Infinity in the value of L, iteration 512: 1.34078e+154² = Infinity; where numbers"
        assert result.line.startswith(f"iteration 513 is not reached; {where} grow from update to update")


# check


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_check_json(run: Run, name: str) -> None:
    (line,) = run("check", name, "--format", "json").lines
    page = strict_json(line)
    assert page["passed"] is True
    assert list(page["parameters"]) == list(tb.load_lesson(name).parameters)
    untold = {parameter for parameter, entry in page["parameters"].items() if entry["verdict"] == "untold"}
    assert untold == ({"b1"} if name == "ninja" else set())  # before batch norm: 0 but for rounding
    for parameter in page["parameters"].keys() - untold:
        faint = (name, parameter) == ("vanishing", "W")  # a gradient of 1e-9 beside a loss of 1
        assert page["parameters"][parameter]["relative_error"] <= (2e-5 if faint else 1e-5)
    for slip in page["slips"]:
        assert list(slip) == ["title", "caught", "relative_error", "message", "first_wrong", "right_for"]
        assert slip["caught"] is True
        assert slip["message"]


def test_check_neuron_lists_the_slip_with_what_it_gets_wrong(run: Run) -> None:
    lines = run("check", "neuron").lines
    at = lines.index("caught: a stale x")
    assert "∂L/∂W by hand is " in lines[at + 1]
    assert "central differences give [−0.0474415, −0.0759064]" in lines[at + 1]
    assert any(line.startswith("passed: ") for line in lines)


def test_check_elsewhere(run: Run) -> None:
    page = strict_json(run("check", "linear", "--iteration", "50", "--set", "seed=7", "--format", "json").out)
    assert (page["iteration"], page["passed"]) == (50, True)


def test_check_that_fails_exits_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_backprop.engine.ops.functions.elementwise import Sigmoid

    def wrong(self: Any, index: int, operands: Any, output: Any) -> Any:
        return output

    monkeypatch.setattr(Sigmoid, "local_derivative", wrong)
    monkeypatch.setattr(
        Sigmoid, "downstream", lambda self, i, up, operands, output: up * output, raising=False
    )
    result = run("check", "neuron")
    assert (result.code, result.err) == (1, "")
    assert "failed: the gradient of W does not agree with central differences" in result.out
    page = strict_json(run("check", "neuron", "--format", "json").out)
    assert page["passed"] is False


def test_check_near_the_edge_of_the_domain(run: Run) -> None:
    """The usual step would be as large as the values, and reach over 0 of a root and a logarithm."""
    result = run("check", str(CASES / "edge-of-domain.toml"), "--format", "json")
    page = strict_json(result.out)
    assert (result.code, page["passed"]) == (0, True)
    assert {entry["verdict"] for entry in page["parameters"].values()} == {"right"}
    assert all(entry["relative_error"] < 1e-7 for entry in page["parameters"].values())


def test_check_catches_slips_in_a_loss_of_1e_24(run: Run) -> None:
    """|a - n| / max(|a|, |n|) is 2 for a lost sign and 4 / 5 for a factor of 5, however small both are."""
    result = run("check", str(CASES / "si-units.toml"), "--format", "json")
    page = strict_json(result.out)
    assert (result.code, page["passed"]) == (0, True)
    assert [slip["caught"] for slip in page["slips"]] == [True, True]
    assert [slip["relative_error"] for slip in page["slips"]] == pytest.approx([2, 0.8], rel=1e-9)


@pytest.mark.parametrize("loss", ["1e9 + w * 1e-12", "sigmoid(w + 40)", "abs(w - 1)"])
def test_check_says_where_it_cannot_tell(run: Run, tmp_path: Path, loss: str) -> None:
    path = write(tmp_path, f'formula = "L = {loss}"\n[parameters]\nw = 1.0\n')
    result = run("check", path, "--format", "json")
    entry = strict_json(result.out)["parameters"]["w"]
    assert (result.code, entry["verdict"], entry["relative_error"]) == (0, "untold", None)
    assert "untold  w: relative error none" in run("check", path).out


def test_check_of_a_loss_that_is_nan_names_the_record_and_fails(run: Run, tmp_path: Path) -> None:
    path = write(
        tmp_path, 'formula = "L = -(1 - y) * log(1 - sigmoid(w))"\n[data]\ny = 1.0\n[parameters]\nw = 40.0\n'
    )
    result = run("check", path)
    said = " ".join(result.out.split())
    assert (result.code, result.err) == (1, "")
    assert "nothing was checked: the loss is NaN here; Infinity in the value of log(1 − sigmoid(w))" in said
    assert "log(0) = −Infinity" in said
    page = strict_json(run("check", path, "--format", "json").out)
    assert page["passed"] is False


def test_check_sweeps_the_step(run: Run) -> None:
    page = strict_json(run("check", "logistic", "--sweep-h", "--format", "json").out)
    assert [(curve["name"], curve["index"]) for curve in page["sweep_h"]] == [("beta", [1]), ("b", [])]
    for curve in page["sweep_h"]:
        points = curve["points"]
        steps = [point["h"] for point in points]
        assert len(points) == 33
        assert steps == sorted(steps, reverse=True)
        errors = [point["relative_error"] for point in points]
        best = int(np.argmin(errors))
        assert 5 < best < 20  # neither the largest steps nor the smallest
        assert errors[best] < 1e-8 < 1e-3 < min(errors[0], errors[-1])
    assert "sweep_h" not in strict_json(run("check", "logistic", "--format", "json").out)
    one = strict_json(run("check", "logistic", "--sweep-h", "--of", "beta[0]", "--format", "json").out)
    assert [(curve["name"], curve["index"]) for curve in one["sweep_h"]] == [("beta", [0])]
    assert "least at h = " in run("check", "logistic", "--sweep-h").out
    assert run("check", "logistic", "--of", "b").refusal == "--of goes with --sweep-h"
    assert "beta has shape (2)" in run("check", "logistic", "--sweep-h", "--of", "beta[2]").refusal


def test_check_at_a_kink(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, 'formula = "L = relu(w)"\n[parameters]\nw = 0.0\n')
    page = strict_json(run("check", path, "--format", "json").out)
    assert page["passed"] is True
    assert page["parameters"]["w"]["relative_error"] is None
    assert "not differentiable here" in run("check", path).out


# bad input: one line on stderr, nothing on stdout, exit 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["train", "linaer"],
            "unknown lesson 'linaer'; did you mean linear?",
        ),
        (["explain", "no.toml"], "no.toml: no such file"),
        (["check", ""], "unknown lesson ''; there are first, linear, square, "),
        (["train", "a\x1b[31m\n"], "unknown lesson 'a\\x1b[31m\\n'; there are "),
        (["train", "\udcff"], "unknown lesson '\\udcff'; "),
        (["train", "x" * 5000], "unknown lesson 'xxx"),
        (["train"], "Missing argument 'LESSON'."),
        (["explain"], "Missing argument 'LESSON'."),
        (["train", "linear", "extra"], "Got unexpected extra argument (extra)"),
        (["list", "extra"], "Got unexpected extra argument (extra)"),
        (
            ["train", "linear", "--set", "lr=1"],
            "unknown hyperparameter 'lr'; it is called learning_rate here",
        ),
        (
            ["train", "linear", "--set", "learning_rte=1"],
            "unknown hyperparameter 'learning_rte'; did you mean learning_rate?",
        ),
        (
            ["train", "linear", "--set", "learning_rate"],
            "found 'learning_rate'; write NAME=VALUE, such as learning_rate=0.1",
        ),
        (["train", "linear", "--set", ""], "found ''; write NAME=VALUE, such as learning_rate=0.1"),
        (["train", "linear", "--set", "=1"], "unknown hyperparameter ''; there are learning_rate, "),
        (
            ["train", "linear", "--set", "learning_rate="],
            "learning_rate: found ''; it must be a number from 0 to 1e6",
        ),
        (
            ["train", "linear", "--set", "learning_rate=-1"],
            "learning_rate: found -1.0; it must be a number from 0 to 1e6",
        ),
        (
            ["train", "linear", "--set", "learning_rate=nan"],
            "learning_rate: found nan; it must be a number from 0 to 1e6",
        ),
        (
            ["train", "linear", "--set", "iterations=1.5"],
            "iterations: found '1.5'; it must be a whole number from 0 to 1e9",
        ),
        (["train", "linear", "--set", "iterations=" + "9" * 5000], "iterations: found '9999"),
        (
            ["train", "linear", "--set", "batch_size=2"],
            "batch_size: found 2; it must be all, for there are no [samples]",
        ),
        (["train", "linear", "--set", "optimizer=adma"], "optimizer: found 'adma'; it must be sgd, "),
        (["train", "linear", "--set"], "Option '--set' requires an argument."),
        (
            ["train", "linear", "--iterations", "-1"],
            "Invalid value for '--iterations': found '-1'; it must be a whole number from 0 to",
        ),
        (
            ["train", "linear", "--iterations", "x"],
            "Invalid value for '--iterations': found 'x'; it must be a whole number from 0 to 1,000,000,000",
        ),
        (
            ["train", "linear", "--every", "0"],
            "Invalid value for '--every': found '0'; it must be a whole number from 1 to",
        ),
        (
            ["explain", "linear", "--iteration", "-1"],
            "Invalid value for '--iteration': found '-1'; it must be a whole number",
        ),
        (
            ["train", "linear", "--format", "xml"],
            "Invalid value for '--format': 'xml' is not one of 'table', 'jsonl', 'csv'.",
        ),
        (
            ["check", "linear", "--format", "text"],
            "Invalid value for '--format': 'text' is not one of 'table', 'json'.",
        ),
        (["train", "linear", "--itrations", "3"], "No such option"),
        (["list", "--all"], "No such option"),
        (["--nonsense"], "No such option"),
        (["trian", "linear"], "unknown command 'trian'; did you mean train?"),
        (["lst", "--format", "json"], "unknown command 'lst'; did you mean list?"),
        (["linear", "polynomial"], "Got unexpected extra argument (polynomial)"),
    ],
)
def test_bad_input(run: Run, args: list[str], message: str) -> None:
    assert run(*args).refusal.startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("formula = ", "not valid TOML: "),
        ("formula = 'L = q'", "formula line 1, column 5: unknown name q"),
        ("titel = 'x'\nformula = 'L = 1'", "unknown key 'titel'; did you mean title?"),
        ("format = 2\nformula = 'L = 1'", "format: found 2; this version of tui-backprop reads format 1"),
        ("formula = 'L = 1'\n[data]\n\"\\u001b\" = 1", "x1b' is not a name"),
    ],
)
def test_bad_files(run: Run, tmp_path: Path, content: str, message: str) -> None:
    path = write(tmp_path, content)
    for command in ("train", "explain", "check"):
        line = run(command, path).refusal
        assert line.startswith(f"{path}: ")
        assert message in line


def test_a_folder_and_bytes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    assert run("train", str(tmp_path / "a.toml")).refusal.endswith(
        "this is a folder; give a lesson's .toml file"
    )
    (tmp_path / "b.toml").write_bytes(b"\xff")
    assert run("train", str(tmp_path / "b.toml")).refusal.endswith("byte 0 is not UTF-8 text")


@pytest.mark.parametrize(
    "args", [[], ["linear"], ["no-such-lesson"], ["--set", "seed=1", "linear"], ["--set", "seed=1"]]
)
def test_without_a_terminal_it_says_what_to_use_instead(run: Run, args: list[str]) -> None:
    message = run(*args).refusal
    assert "is not a terminal" in message
    for command in ("list", "train", "explain", "check"):
        assert command in message


# help and version


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version(run: Run, flag: str) -> None:
    assert run(flag).lines == [f"tui-backprop {tb.__version__}"]


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", [[], ["list"], ["train"], ["explain"], ["check"], ["linear"]])
def test_help(run: Run, command: list[str], flag: str) -> None:
    result = run(*command, flag)
    assert result.lines[0].startswith("Usage: tui-backprop")
    assert all(len(line) <= 100 for line in result.lines)
    if not command:
        for name in ("list", "train", "explain", "check"):
            assert any(line.strip().startswith(name) for line in result.lines)
        assert "[LESSON]" in result.out
        for option in ("--set", "--plain", "--no-mouse", "--fps", "--driver", "--restricted", "--lessons"):
            assert any(line.strip().startswith(option) for line in result.lines), option


def test_every_option_has_help() -> None:
    from tui_backprop.cli.main import cli

    for command in cli.commands.values():
        assert command.help
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, (command.name, option.name)  # type: ignore[attr-defined]


# completion


def complete(args: list[str], incomplete: str) -> list[tuple[str, str]]:
    from click.shell_completion import ShellComplete

    from tui_backprop.cli.main import cli

    completion = ShellComplete(cli, {}, "tui-backprop", "_TUI_BACKPROP_COMPLETE")
    return [(item.value, item.type) for item in completion.get_completions(args, incomplete)]


@pytest.mark.parametrize("command", ["train", "explain", "check"])
def test_lesson_names_complete(command: str) -> None:
    assert complete([command], "log") == [("logistic", "plain"), ("logistic-ce", "plain")]
    assert [name for name, _ in complete([command], "")] == list(BUILTIN)
    assert complete([command], "./my") == [("./my", "file")]


def test_the_first_word_is_a_lesson_or_a_command() -> None:
    words = [value for value, _ in complete([], "")]
    assert words == [*BUILTIN, "resume", "sessions", "list", "train", "explain", "check", "health", "import",
                     "trace", "new", "build", "plot", "sweep", "compare", "rates",
                     "serve", "worksheet", "course", "report", "export"]  # fmt: skip
    assert complete([], "t") == [
        ("theta", "plain"),
        ("two-layer", "plain"),
        ("train", "plain"),
        ("trace", "plain"),
    ]
    assert complete([], "op") == [("op", "file")]


def test_options_and_settings_complete() -> None:
    assert ("--format", "plain") in complete(["train", "linear"], "--")
    assert ("learning_rate=", "plain") in complete(["train", "linear", "--set"], "lea")
    assert ("jsonl", "plain") in complete(["train", "linear", "--format"], "js")
    assert ("--set", "plain") in complete(["linear"], "--s")


def test_help_on_a_lesson_leaves_the_hidden_command_out(run: Run) -> None:
    lines = run("linear", "--help").lines
    assert lines[0] == "Usage: tui-backprop [LESSON] [--set KEY=VALUE ...]"
    assert not any("tui-backprop open" in line for line in lines)


def test_too_little_memory_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("tui_backprop.lessons.library.load_file", starve)
    assert run("check", "linear").refusal.startswith("there is not enough memory")


# ---------------------------------------------------------------------- one chain, one element, what if


def test_explain_wrt_and_element_print_the_terms(run: Run) -> None:
    lines = run("explain", "logistic", "--wrt", "beta", "--element", "0").lines
    assert [line for line in lines if line.startswith("  sample ")] == [
        "  sample 0: local 1, upstream −0.125, product −0.125",
        "  sample 1: local 3, upstream 0.125, product 0.375",
        "  sample 2: local 5, upstream −0.125, product −0.625",
    ]
    assert "  sum: −0.375" in lines
    assert "  ∂L/∂β₀ = 1·(−0.125) + 3·0.125 + 5·(−0.125) = −0.375" in lines


def test_explain_element_as_json(run: Run) -> None:
    page = json.loads(run("explain", "logistic", "--wrt", "β", "--element", "0", "--format", "json").out)
    (path,) = page["paths"]
    assert [term["product"] for term in path["terms"]] == [-0.125, 0.375, -0.625]
    assert [term["sample"] for term in path["terms"]] == [0, 1, 2]
    assert (page["node"], page["element"], page["sum"], path["sum"]) == ("beta", [0], -0.375, -0.375)


def test_explain_wrt_prints_both_lines_of_the_chain(run: Run) -> None:
    text = " ".join(" ".join(run("explain", "logistic", "--wrt", "beta").lines).split())
    assert "∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β" in text
    assert "∂L/∂β = Xᵀ @ (∂L/∂ŷ ⊙ ∂ŷ/∂z)" in text
    assert "result ∂L/∂β = [−0.375, −0.5]" in text
    page = json.loads(run("explain", "logistic", "--wrt", "beta", "--format", "json").out)
    assert page["gradient"] == pytest.approx([-0.375, -0.5], rel=1e-14)
    assert page["path_count"] == 1
    assert [factor["operand"] for factor in page["factors"]][-1] == "beta"


def test_explain_whatif_is_the_what_if_of_the_notes(run: Run) -> None:
    page = json.loads(run("explain", "logistic", "--whatif", "y_hat=[0.8, 0.3, 0.4]", "--format", "json").out)
    assert page["gradients"]["beta"] == pytest.approx([-0.563, -0.676], rel=1e-12)
    assert page["gradients"]["b"] == pytest.approx(-0.113, rel=1e-12)
    assert page["updates"]["beta"]["after"] == pytest.approx([0.0563, 0.0676], rel=1e-12)
    assert page["whatif"] == {"y_hat": [0.8, 0.3, 0.4]}
    text = run("explain", "logistic", "--whatif", "ŷ = [0.8, 0.3, 0.4]").out
    assert "put in by hand: ŷ; what is computed from it is an exercise" in text


def test_explain_whatif_moves_a_parameter_and_changes_an_element(run: Run) -> None:
    args = ("explain", "logistic", "--whatif", "beta=[1, -1]", "--whatif", "X[1,0]=7", "--format", "json")
    page = json.loads(run(*args).out)
    assert page["inputs"]["X"] == [[1, 2], [7, 4], [5, 6]]
    assert page["forward"][0]["value"] == [-1, 3, -1]
    update = page["updates"]["beta"]
    assert update["before"] == [1, -1]
    assert update["after"] == pytest.approx(
        [1 - 0.1 * update["gradient"][0], -1 - 0.1 * update["gradient"][1]]
    )


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("--element", "0"), "--element needs --wrt NAME"),
        (("--wrt", "q"), "unknown node 'q'"),
        (
            ("--wrt", "beta", "--element", "2"),
            "found element 2; beta has shape (2): give one index from 0 to 1",
        ),
        (("--wrt", "beta", "--element", "x"), "found element x; beta has shape (2)"),
        (("--wrt", "b", "--element", "0"), "b is a scalar: give no index"),
        (("--whatif", "y_hat"), "found y_hat"),
        (("--whatif", "y_hat=[1"), "it must be a number or a list of numbers"),
        (("--whatif", "y_hat=[1,2]"), "y_hat: found shape (2); it must be (3)"),
        (("--whatif", "q=1"), "unknown node 'q'"),
        (("--whatif", "b=nan"), "b: found"),
        (("--whatif", "b=1e999"), "not finite"),
    ],
)
def test_explain_refuses_in_one_line(run: Run, args: tuple[str, ...], reason: str) -> None:
    assert reason in run("explain", "logistic", *args).refusal


# ---------------------------------------------------------------------- homework


def test_check_gradient_off_by_one_over_n(run: Run) -> None:
    result = run("check", "logistic", "--gradient", "b=mean(dz)")
    assert (result.code, result.err) == (1, "")
    assert "off by 1/n" in result.out


def test_check_gradient_right(run: Run) -> None:
    result = run(
        "check", "logistic", "--gradient", "beta=X.T @ dz", "--gradient", "b=-0.125", "--format", "json"
    )
    assert result.code == 0
    page = json.loads(result.out)
    assert page["passed"]
    assert [(g["name"], g["verdict"], g["passed"]) for g in page["gradients"]] == [
        ("beta", "right", True),
        ("b", "right", True),
    ]


def test_check_gradient_of_the_wrong_shape_is_a_wrong_answer(run: Run) -> None:
    result = run("check", "logistic", "--gradient", "beta=X @ dz")
    assert (result.code, result.err) == (1, "")
    assert "shapes" in result.out
    assert "did you mean X.T @ dz?" in result.out


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("beta", "write NAME = gradient"),
        ("beta=", "write NAME = gradient"),
        ("=dz", "write NAME = gradient"),
        ("beta=X.T @@ dz", "--gradient beta: column 11: found '@'"),
        ("beta=X.T @ q", "--gradient beta: column 12: unknown name q"),
        ("  beta =  X.T @", "--gradient beta: column 16: found the end of the line"),
        ("beta = Xᵀ·n @\n (q)", "--gradient beta: line 2, column 3: unknown name q"),
        ("q=1", "unknown node 'q'"),
        ("beta=dbeta", "dbeta is what is asked for"),
        ("beta=__import__('os')", "--gradient beta: column"),
    ],
)
def test_check_refuses_what_is_no_gradient(run: Run, claim: str, reason: str) -> None:
    assert reason in run("check", "logistic", "--gradient", claim).refusal


def test_what_is_chosen_to_no_effect_is_said_beside_the_output(run: Run, tmp_path: Path) -> None:
    said = "tui-backprop: note: momentum has no effect: the optimizer is sgd; momentum, nesterov use it\n"
    result = run("train", "linear", "--iterations", "1", "--set", "momentum=0.5")
    assert (result.code, result.err) == (0, said)
    lesson = tmp_path / "line.toml"
    lesson.write_text("formula = 'L = w**2'\n[parameters]\nw = 1.0\n[hyperparameters]\nmomentum = 0.9\n")
    assert run("explain", str(lesson)).err == said
    assert run("explain", str(lesson), "--set", "optimizer=nesterov").err == ""


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("train", "logistic", "--iterations", "1", "--parameters"),
        ("explain", "two-layer"),
        ("explain", "logistic", "--wrt", "beta", "--element", "0"),
        ("check", "logistic", "--gradient", "beta=ŷ"),
        ("explain", "ŷ"),
        ("explain", "logistic", "--wrt", "ŵ"),
    ],
)
def test_ascii_is_an_option_of_the_commands_that_write_lines(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--ascii")
    assert (result.out + result.err).isascii()
    assert len(result.out + result.err) > 60
