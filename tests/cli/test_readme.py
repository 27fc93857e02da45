"""What the README says is so: its commands, its Python, its lesson, its names and its numbers."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.command_line import Result
from tests.support.readme import rewritten
from tui_backprop.cli.main import cli
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
from tui_backprop.engine.ops.registry import CALLED
from tui_backprop.explain.titles import record_titles
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.specs.initializers import INITIALIZERS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [name for name, command in cli.commands.items() if not command.hidden]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def command_lines() -> list[str]:
    """Return the commands that end by themselves."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("tui-backprop ") and line.split()[1] in COMMANDS]


def test_commands_of_every_kind_are_shown() -> None:
    assert {line.split()[1] for line in command_lines()} == {*COMMANDS} - {
        "resume",
        "new",
        "import",
        "course",
        "report",
        "serve",
    }
    for endless in ("resume", "serve"):
        assert re.search(rf"^\$ tui-backprop {endless} ", README, re.MULTILINE)
    assert "`tui-backprop report /home/kim /home/lee --course week1 --format csv`" in README  # of a class
    assert "`tui-backprop course check DIR`" in README  # docs/courses.md has one that runs
    assert "`tui-backprop new DATA.csv --target COLUMN`" in README  # docs/data.md has one that runs


@pytest.mark.parametrize("line", command_lines())
def test_commands_work(line: str, run: Callable[..., Result]) -> None:
    result = run(*shlex.split(line)[1:])
    assert result.lines  # which asserts exit code 0 and silence on stderr


def test_the_python_snippet_runs() -> None:
    (snippet,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(snippet, "README.md", "exec"), names)
    trainer = names["trainer"]
    assert isinstance(trainer, tb.Trainer)
    assert isinstance(names["record"], Assignment)
    assert (trainer.iteration, list(trainer.overrides)) == (0, ["y_hat"])
    assert snippet.splitlines()[-1] == "tb.check_gradients(trainer).passed"
    assert tb.check_gradients(trainer).passed


@pytest.fixture
def line_toml(tmp_path: Path) -> Path:
    (text,) = blocks("toml")
    assert tomllib.loads(text)
    path = tmp_path / "line.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_lesson_trains_and_its_slip_is_caught(line_toml: Path, run: Callable[..., Result]) -> None:
    trainer = tb.Trainer(tb.load_lesson(line_toml))
    assert trainer.run().reason == "target"
    np.testing.assert_allclose([trainer.parameters["w"], trainer.parameters["b"]], [2, 1], atol=0.01)
    report = tb.check_gradients(tb.load_lesson(line_toml))
    assert report.passed
    assert [slip.caught for slip in report.slips] == [True]
    assert run("check", str(line_toml)).code == 0
    text = run("explain", str(line_toml)).out
    assert "Each sample pulls w by its x: together " in " ".join(text.split())


def test_its_tables_are_those_of_the_registries() -> None:
    assert rewritten(README) == README, "python -m tests.support.readme writes them anew"


@pytest.mark.parametrize(
    "name", [*CALLED, *HYPERPARAMETERS, *COMMANDS, *BUILTIN, *INITIALIZERS], ids=lambda name: name
)
def test_every_name_is_there(name: str) -> None:
    assert re.search(rf"`(tui-backprop )?{re.escape(name)}(\([^`]*\))?`", README)


def test_why_a_loss_is_nan(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = README.partition("## Why is my loss NaN?")[2].partition("\n## ")[0]
    lesson, transcript = re.findall(r"^```(?:text|console)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(lesson, encoding="utf-8")
    for part in transcript.split("$ tui-backprop ")[1:]:
        line, _, shown = part.partition("\n")
        said = run(*shlex.split(line))
        assert " ".join(shown.split()) in " ".join(f"{said.out}\n{said.err}".split())


def test_the_numbers_of_the_tour() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    tour = README.partition("## Five minutes")[2].partition("\n## ")[0]
    titles = record_titles(trainer.graph)
    assert len(titles) == 21
    assert "the 21 records" in tour
    records = [trainer.step() for _ in titles]
    kinds = [sum(isinstance(r, kind) for r in records) for kind in (Assignment, ChainFactor, ParameterUpdate)]
    assert kinds == [8, 11, 2]
    assert "eight values forward, eleven factors backward, two updates" in " ".join(tour.split())
    assert trainer.losses[0] == 0.375
    assert trainer.hyperparameters.iterations == 1000
    assert titles[3] == "ŷ = sigmoid(z)"
    assert "Press `s` four times" in tour
    for number, title, downstream in (
        (14, "∂L/∂z from ŷ", [-0.125, 0.125, -0.125]),
        (19, "∂L/∂β from (X @ β)", [-0.375, -0.5]),
    ):
        assert titles[number - 1] == title
        assert re.search(rf"`{re.escape(title)}`,\s+record {number}\b", tour)
        record = records[number - 1]
        assert isinstance(record, ChainFactor)
        np.testing.assert_allclose(record.downstream, downstream, rtol=1e-12)
    np.testing.assert_allclose(records[13].upstream, [-0.5, 0.5, -0.5])
    np.testing.assert_allclose(records[13].local, [0.25, 0.25, 0.25])
    assert [slip.caught for slip in tb.check_gradients(trainer).slips] == [True] * 3


def unquoted(line: str) -> str:
    """Return what of a command line a shell does not find in quotes; a comment is not read."""
    bare = re.sub(r"'[^']*'|\"(?:\\\\.|[^\"\\\\])*\"|\\\\.", "", line)
    return re.sub(r"(^|\s)#.*", "", bare)


def lines_to_type() -> list[str]:
    """Return every line of the README and of the help that somebody may type into a shell."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    lines += [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    lines += re.findall(r"`((?:TERM=\S+ )?tui-backprop [^`]*)`", README)
    for command in cli.commands.values():
        lines += [
            word
            for option in command.params
            for word in re.findall(r"such as (.*?)(?:; |\.$)", getattr(option, "help", None) or "")
        ]
    return lines


def test_what_is_to_be_typed_has_its_brackets_in_quotes() -> None:
    """Zsh takes brackets and stars for a pattern, and starts nothing where no file fits."""
    lines = lines_to_type()
    assert "'y_hat=[0.8,0.3,0.4]' or 'X[1,0]=7'" in lines
    assert len(lines) > 30
    for line in lines:
        if not line.startswith("tui-backprop --plain ["):  # usage, not a command
            assert not re.search(r"[][*?{}]", unquoted(line)), line


def test_completion_names_what_it_needs() -> None:
    (paragraph,) = (part for part in README.split("\n\n") if "_TUI_BACKPROP_COMPLETE=bash_source" in part)
    for condition in ("bash 4.4", "3.2", "zsh_source", "compinit"):
        assert condition in paragraph
