"""Plain mode: each command says what the screen and the command line say, and moves as they do."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.courses import in_class, write_course
from tests.support.plain import Noting, plain
from tui_backprop import Trainer, load_lesson
from tui_backprop.cli.main import main
from tui_backprop.debugger import running
from tui_backprop.debugger.commands import BY_WORD, COMMANDS, TYPED, look_up
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.plain import run_plain
from tui_backprop.plain.loop import Loop
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.numbers import exact, inline

ONLY_ON_SCREEN = {
    "scale", "zoom", "present", "screenshot", "copy", "palette", "redraw", "suspend", "hyperparameters",
    "stretch",
}  # fmt: skip
"""A chart's axis, a terminal's clipboard, what one does to a program with a screen, a panel, and a form."""
OF_A_COURSE = {"question", "answer", "hint", "handin", "course", "progress", "tasks"}
"""Commands that need a course, or a lesson with questions."""
TYPED_KEYS = {"question_mark": "?", "slash": "/"}


def test_every_key_of_the_app_has_a_command() -> None:
    assert {command.name for command in COMMANDS if not command.words} == ONLY_ON_SCREEN


@pytest.mark.parametrize("command", [c for c in TYPED if c.key is not None], ids=lambda c: c.name)
def test_the_letters_are_the_apps(command) -> None:
    keys = [TYPED_KEYS.get(key, key) for key in command.key.keys.split(",")]
    assert {BY_WORD[letter].name for letter in keys if len(letter) == 1} == {command.name}


def test_the_key_of_the_hyperparameters_panel_is_set() -> None:
    assert BY_WORD["2"].name == "set"


def test_no_word_means_two_commands() -> None:
    assert len(BY_WORD) == sum(len(command.words) for command in TYPED)


@pytest.mark.parametrize("command", TYPED, ids=lambda c: c.name)
def test_every_example_works(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = {
        "release": ["whatif y_hat = [0.8, 0.3, 0.4]"], "redo": ["set learning_rate 0.1", "undo"],
        "disable": ["break nan"], "enable": ["break nan", "disable 1"], "delete": ["break nan"],
        "values": ["step"], "reveal": ["quiz", "continue"], "explain": ["step"],
        "compare": ["pin", "set learning_rate 0.2", "next"], "return": ["pin", "next"], "unpin": ["pin"],
        "answer": ["question"], "hint": ["question"],
    }.get(command.name, [])  # fmt: skip
    example = "homework b = sum(dz)" if command.name == "homework" else command.example
    if command.name in OF_A_COURSE:
        said = in_class(write_course(tmp_path), *before, example)
    else:
        said = plain(*before, example, lesson="logistic")
    assert said.code == 0, said.text
    assert command.name == "quit" or len(said.lines) > len(before)


def test_a_beginning_is_enough_and_a_doubtful_one_names_the_choice() -> None:
    assert look_up("hom").name == "homework"
    said = plain("pr", "sett learning_rate 1")
    assert said.lines == [
        "error: pr may be previous or print or program or predict or progress; type more",
        "  of it",
        "error: unknown command 'sett'; did you mean set?",
    ]
    assert said.code == 2


def run_cli(*args: str) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with patch.object(sys, "argv", ["tui-backprop", *args]), patch.object(sys, "stdout", out):
        with contextlib.suppress(SystemExit):
            main()
        out.flush()
        return out.buffer.getvalue().decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("lesson", ["linear", "two-layer", "nodes"])
def test_explain_all_is_what_the_command_line_explains(lesson: str) -> None:
    said = plain("step 3", "explain all", "where", lesson=lesson)
    page = run_cli("explain", lesson).rstrip("\n")
    assert page in said.text
    assert "record 3 of" in said.lines[-1] or "record 3 of" in said.text.split(page)[1], "it moved"


def test_steps_are_the_records_that_the_command_line_explains() -> None:
    page = run_cli("explain", "logistic")
    total = Trainer(load_lesson("logistic")).record_count
    said = plain("factors", *["s"] * total)
    blocks = [block.strip("\n") for block in page.split("\n\n") if " of 21: " in block]
    blocks = [block[block.index("of 21: ") - 2 :] for block in blocks]
    steps = "\n".join(said.lines[:-1])
    assert len(blocks) == total
    for block in blocks:
        assert block.strip() in steps
    assert said.lines[-1].startswith("iteration 1, epoch 1, ")


def test_examine_and_explain_name_are_those_of_wrt() -> None:
    said = plain("examine beta 1", "explain beta")
    assert run_cli("explain", "logistic", "--wrt", "beta", "--element", "1") in said.text
    assert run_cli("explain", "logistic", "--wrt", "beta") in said.text


def test_the_numbers_are_the_trainers() -> None:
    trainer = Trainer(load_lesson("logistic"), learning_rate=0.5)
    trainer.run(iterations=7)
    said = plain("set learning_rate=0.5", "c 7", "loss", "print beta", "print b", "print dz")
    assert f"loss {exact(trainer.loss)}" in said.lines
    assert f"β = {inline(trainer.parameters['beta'])}" in said.lines
    assert any(line.startswith(f"∂L/∂β = {inline(trainer.gradients['beta'])}") for line in said.lines)
    assert f"dz = {inline(trainer.gradients['z'])}" in said.lines


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("homework beta = foo @ dz", 17), ("w   β =  Xᵀ @ foo", 15), ("homework beta = X.T @", 22),
        ("break loss <", 13), ("B abs(β) > foo", 12), ("print X.T @ foo", 13), ("print 3 *", 10),
    ],
)  # fmt: skip
def test_a_refused_formula_names_a_column_of_the_line(line: str, column: int) -> None:
    assert plain(line).lines[0].startswith(f"error: column {column}: ")


def test_going_there_and_back() -> None:
    said = plain("goto 5", "p", "b", "r", "n 3", "goto 1", "find beta")
    places = [line for line in said.lines if line.startswith("iteration ")]
    assert [place.split(",")[0] for place in places] == [
        "iteration 5", "iteration 4", "iteration 0", "iteration 3", "iteration 1",
    ]  # fmt: skip
    assert any(line.startswith("20 of 21: update β") for line in said.lines)
    assert any(line.startswith("19 of 21: ∂L/∂β from (X @ β)") for line in said.lines)


def test_print_of_elements_and_formulas() -> None:
    said = plain(
        "print X[1,0]", "print X.T @ dz", "print beta", "print 2 + 3", "print nothing", "print X[9,0]"
    )
    assert said.lines[0] == "X[1, 0] = 3"
    assert "X.T @ dz = [−0.375, −0.5]" in said.lines
    assert "2 + 3 = 5" in said.lines
    errors = [line for line in said.lines if line.startswith("error: ")]
    assert len(errors) == 2
    rows = plain("print X[1]", "print X[:, 0]", "print |z|", "print np.sum(X, axis=0)").lines
    assert rows == ["X[1] = [3, 4]", "X[:, 0] = [1, 3, 5]", "|z| = [0, 0, 0]", "np.sum(X, axis=0) = [9, 12]"]
    assert "unknown name nothing" in errors[0]


def test_changes_are_put_in_and_undone() -> None:
    said = plain("whatif y_hat = [0.8, 0.3, 0.4]", "print y_hat", "whatif", "undo", "print y_hat", "redo")
    assert "ŷ = [0.8, 0.3, 0.4] (still to come in this iteration)" in said.lines
    assert "by hand: ŷ = [0.8, 0.3, 0.4], held since iteration 0" in said.lines
    assert "ŷ = [0.5, 0.5, 0.5] (still to come in this iteration)" in said.lines
    assert said.lines[-1].startswith("redone: ")


def test_a_breakpoint_stops_a_run_and_stays_when_the_lesson_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(load_lesson("logistic").text)
    said = plain("break iteration 3", "disable 1", "reload", "break", "enable 1", "c", lesson=str(path))
    assert "breakpoint 1, off: iteration 3" in said.lines
    assert "mine.toml reloaded" in said.lines
    assert said.lines[-1].startswith("iteration 3, ")


def test_the_target_and_a_divergence_are_told() -> None:
    said = plain("c", "c", iterations=4)
    assert said.lines[0] == "target reached: iteration 4"
    assert said.lines[-1].startswith("iteration 4 is the target; ")
    diverged = plain("set learning_rate 1000000", "c", lesson="linear")
    assert diverged.code == 0
    assert any(("iteration" in line and "Infinity" in line) or "NaN" in line for line in diverged.lines)


def test_predicting_asks_hints_refuses_reveals_and_keeps_numbers_secret() -> None:
    said = plain("t", "c", "", "nonsense", "print y_hat", "print dz", "explain all", "1", "c", "reveal", "t")
    text = said.text
    assert "question: ∂((y − ŷ)² / 2)" in text or "question: " in text
    assert "hint 1: " in text
    assert "✗" in text
    assert "the quiz has still to ask for " in text
    assert "answer: ✓" in text
    assert "1 revealed" in text
    assert said.lines[-1] == "the quiz ended; the score is kept"


def test_words_of_the_lesson_are_answers_while_a_factor_is_asked_for() -> None:
    said = plain("t", "find b", lesson="linear")
    asked = plain("t", "c", "b", lesson="linear")
    assert said.code == 0
    assert "answer: " in asked.text, "b is the bias here, and not the command back"


def test_the_tree_holds_every_node_and_the_list_every_record() -> None:
    trainer = Trainer(load_lesson("logistic"))
    said = plain("s", "graph", "list")
    for name in trainer.graph.named:
        assert any(line.strip().startswith(("ŷ", "β", name)) for line in said.lines), name
    assert sum(" of 21, " in line for line in said.lines) == 21
    assert sum(" of 21, here: " in line for line in said.lines) == 1


def test_values_are_exact() -> None:
    said = plain("step 4", "values")
    assert "  0.5, 0.5, 0.5" in said.lines


def test_hyperparameters_are_listed_with_ranges_and_refused_in_one_line() -> None:
    said = plain("set", "set momentum", "set learning_rate banana", "set colour 3", "set seed 3")
    assert sum(line.startswith("momentum = 0.9: ") for line in said.lines) == 2
    errors = [line for line in said.lines if line.startswith("error: ")]
    assert errors[0].startswith("error: learning_rate: found 'banana'; it must be a number")
    assert errors[1].startswith("error: unknown hyperparameter")
    assert said.lines[-1] == "seed 0 → 3; back at iteration 0"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_losses(dtype) -> None:
    trainer = Trainer(load_lesson("linear"), dtype=dtype)
    trainer.run(iterations=6)
    losses = [exact(float(str(np.dtype(dtype).type(x)))) for x in (*trainer.losses, trainer.loss)]
    assert np.argmin([*trainer.losses, trainer.loss]) == 6
    assert plain("c 6", "losses 2", lesson="linear", dtype=dtype).lines[-5:] == [
        f"first: loss {losses[0]} at iteration 0", f"lowest: loss {losses[6]} at iteration 6",
        f"now: loss {losses[6]} at iteration 6",
        f"iteration 5: loss {losses[5]}", f"iteration 6: loss {losses[6]}",
    ]  # fmt: skip


def test_losses_beside_what_knows_nothing() -> None:
    trainer = Trainer(load_lesson("iris"))
    counts = np.bincount(trainer.lesson.samples["y"].astype(int))
    shares = counts / counts.sum()
    said = plain("c 20", "losses", lesson="iris").lines
    assert f"a random guess among 3 classes: loss {np.log(3):.6g}" in said
    constant = -(shares * np.log(shares)).sum()
    assert f"the best constant, the shares of the classes: loss {constant:.6g}" in said
    assert any(line.startswith("lowest known validation loss ") for line in said)


def test_what_changes_is_saved_and_what_looks_is_not() -> None:
    assert plain("print beta", "list", "help").told == ["closed"]
    assert plain("step", "set learning_rate 0.1", "nonsense").told == ["changed", "changed", "closed"]


def test_a_lesson_that_trains_nothing_says_so() -> None:
    said = plain("c", "n", "s", lesson="square")
    assert said.lines[0] == "square trains nothing: there is nothing to run; step steps"
    assert said.lines[-1].startswith("the end: square trains nothing")


ARGUMENTS = st.sampled_from(
    ["", "1", "2", "0", "-1", "beta", "dz", "X[1,0]", "beta = 1", "y_hat=[1,2,3]", "learning_rate 0.1", "all",
     "loss < 1", "99999999999999", "\x1b[31m", "(", "[", "b=b", "é\u202e", "2", "batch_size 2", "logistic"]
)  # fmt: skip


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from([w for w in BY_WORD if w not in "q quit exit"]), ARGUMENTS), max_size=8
    )
)
def test_no_commands_end_in_a_traceback_or_in_control_characters(typed) -> None:
    words = [f"{word} {argument}" for word, argument in typed if (word, argument) != ("c", "")]
    said = plain(*words, iterations=50)
    assert "internal error" not in said.text
    assert all(character.isprintable() or character == "\n" for character in said.text)


def test_help_lists_every_command_on_lines_of_their_own() -> None:
    said = plain("help", *(f"help {command.name}" for command in TYPED))
    for command in TYPED:
        assert sum(line.startswith(f"{command.usage}: ") for line in said.lines) <= 1
        assert f"{command.usage}" in said.text
        assert f"Example: {command.example}" in " ".join(said.text.split())


def test_help_says_where_plain_mode_puts_the_program() -> None:
    assert "  The code that runs are compiled to, below the formula." in plain("help program").lines
    formula, program = "y = w * x + b", "for k in range(iterations):"
    said = plain("program", lesson="linear").lines
    assert said.index(formula) < said.index(program)


def test_a_number_behind_continue_counts_from_here() -> None:
    assert plain("c 2", "c 3").lines[-1].startswith("iteration 5, ")


def test_a_gradient_that_is_asked_for_is_not_printed() -> None:
    said = plain("predict", "print z")
    assert "the quiz has still to ask for ∂L/∂z; quiz ends it" in said.lines


def test_whatever_is_said_holds_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    Loop(Trainer(load_lesson("linear")), Autosave()).say("a\x1b[31m\rb\u202e")
    assert capsys.readouterr().out == "a\\x1b[31m\\rb\\u202e\n"


class Signalling(Noting):
    """Has a signal sent to this process while a run goes on."""

    def running(self, trainer: Trainer) -> None:
        super().running(trainer)
        signal.raise_signal(signal.SIGTERM)

    def flush(self) -> None:
        self.told.append("flushed")


def test_a_run_that_has_to_end_is_saved_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE", 0.01)
    monkeypatch.setattr(os, "_exit", sys.exit)
    keeper = Signalling()
    with pytest.raises(SystemExit) as ended:
        plain("c", lesson="linear", autosave=keeper, iterations=10**9)
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert ended.value.code == 143
    assert keeper.told == ["running", "changed", "flushed", "closed"]


def test_what_is_interrupted_is_saved_as_far_as_it_came() -> None:
    looks = iter([*[False] * 4, True, True])
    with patch.object(
        Loop, "_stop", property(lambda loop: next(looks), lambda loop, value: None), create=True
    ):
        said = plain("next 9")
    (reached,) = re.findall(r"interrupted; iteration (\d+)", said.text)
    assert 0 < int(reached) < 9
    assert said.told == ["changed", "closed"]


def test_many_iterations_are_compiled_and_told_of_whatever_breakpoints_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "SLICE", 0.002)
    stepped, went_on = plain("break iteration 50", "next 3000"), plain("c 3000")
    assert stepped.lines[-1] == went_on.lines[-1]
    assert stepped.lines[-1].startswith("iteration 3000, ")
    assert "running" in stepped.told  # it is saved on the way


def test_many_iterations_end_where_the_numbers_do_and_go_on_from_there() -> None:
    said = plain("set learning_rate 1e6", "next 3000", "next 2", "next", lesson="polynomial")
    ends = [line for line in said.lines if line.startswith("diverged")]
    assert len(ends) == 1
    reached = [int(n) for n in re.findall(r"^iteration (\d+), ", said.text, re.MULTILINE)][-3:]
    assert [n - reached[0] for n in reached] == [0, 2, 3]


def test_a_hyperparameter_and_its_value_may_stand_apart_by_any_space_and_as_ranges_are_written() -> None:
    assert plain("set learning_rate\t 0.25").lines[0] == "learning_rate 0.1 → 0.25"
    assert plain("set iterations 1e9").lines[0] == "iterations 1000 → 1000000000"
    assert plain("set iterations 1e10").lines[0].startswith("error: iterations: found 10000000000;")


def test_what_is_unknown_is_shown_as_it_was_typed() -> None:
    assert plain("\x1b[2J").lines == [r"error: unknown command '\x1b[2J'; help lists the commands"]


def test_a_word_that_is_complete_ends_with_a_space() -> None:
    loop = Loop(Trainer(load_lesson("logistic")), Noting())
    assert list(loop._complete("pri")) == ["print "]
    assert list(loop._complete("re")) == ["reset", "return", "release", "redo", "reveal", "reload"]
    assert list(loop._complete("bet")) == ["beta "]


@pytest.mark.parametrize("when", ["changed", "close"])
def test_a_session_that_cannot_be_saved_is_told(
    when: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failing(Autosave):
        """Fails at one of its calls."""

        def changed(self, trainer: Trainer) -> None:
            self._fail("changed")

        def close(self) -> None:
            self._fail("close")

        def _fail(self, at: str) -> None:
            if at == when and self.tell is not None:
                self.tell("the session cannot be saved: disk full")

    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nloss\n"))
    assert run_plain(Trainer(load_lesson("linear")), Failing()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("the session cannot be saved: disk full") == (3 if when == "changed" else 4)


def test_homework_tells_in_three_steps_and_reveals() -> None:
    said = plain(*["homework beta = X.T @ dy_hat"] * 3, "homework beta = ?").text
    first, second, third = said.split("WRONG")[1:]
    assert "look at" not in first
    assert "look at ŷ ← z" in second
    assert "right is" not in first + second
    assert "right is ∂L/∂β = Xᵀ @ ∂L/∂z" in third
    assert "in numbers ∂L/∂β = [−0.375, −0.5]" in third


def test_a_backward_pass_is_read_up_to_an_empty_line_or_from_a_file(tmp_path: Path) -> None:
    said = plain("backward", "dz = (y_hat - y) * y_hat * (1 - y_hat)", "dbeta = -X.T @ dz", "", "where")
    assert said.lines[:4] == [  # as homework, which keeps the solution until it is asked for
        "1  ok       dz: right",
        "2  WRONG    dbeta: wrong sign: it is −1 times ∂L/∂β; look at how β acts: (X @",
        "  β); β = ? shows how it is worked out",
        "line 2 is the first that is wrong",
    ]
    (tmp_path / "mine.py").write_text("dz = (y_hat - y) * y_hat * (1 - y_hat)\n", encoding="utf-8")
    assert plain(f"backward {tmp_path}/mine.py").lines == [
        "1  ok       dz: right",
        "the one line of a gradient is right",
    ]
    for typed, refused in (
        (("backward",), "found no line; write backward FILE"),
        (("backward none.py",), "none.py: no such file"),
        (("backward", "dz = 1", "dz = (", ""), "line 2, column"),
    ):
        said = plain(*typed)
        assert said.code == 2
        assert said.lines[0].startswith(f"error: {refused}")


def test_steps_pass_over_factors_that_lead_to_data_only() -> None:
    assert "record 16 of 21 done" in plain("s 15", "back", "s", "back", "factors", "s", "where").text
    assert "record 19 of 21 done" in plain("s 16", "where").text


def test_a_schedule_is_set_and_its_rates_are_listed() -> None:
    told = plain('schedule { kind = "cosine", t_max = 500 }', "n", "schedule").lines
    assert 'schedule constant → { kind = "cosine", t_max = 500 }' in told
    assert "cosine: half a wave down to eta_min in t_max iterations, then up again" in told
    assert "t_max = 500: iterations from the top to the bottom" in told
    assert "eta_min = 0 (unless given): the lowest rate" in told
    rates = [line for line in told if line.startswith("iteration ") and "loss" not in line]
    assert rates[:3] == ["iteration 0: 0.1", "iteration 1: 0.099999, here", "iteration 100: 0.0904508"]
    assert rates[-1] == "iteration 1000: 0.1"
    (refused,) = [line for line in plain("schedule cosin").lines if line.startswith("error: ")]
    assert refused == "error: schedule: found 'cosin'; did you mean cosine?"


def test_hangul_keys_work_as_the_latin_ones_do() -> None:
    said = plain("ㄴ 2", "조ㄷㄱㄷ", "ㅗ디ㅔ where", "ㅜ", "print 뮤", "훼", lesson="linear")
    typed = plain("s 2", "where", "help where", "n", lesson="linear").lines
    assert said.lines[: len(typed)] == typed
    assert "unknown name 뮤" in said.lines[-2], "an argument stays as it is typed"
    assert said.lines[-1] == "error: unknown command '훼'; help lists the commands"
    assert "1 revealed" in plain("quiz", "ㅊ", "ㄱㄷㅍㄷ미", "score", lesson="linear").text


def test_hangul_that_is_a_name_is_no_key() -> None:
    assert look_up("ㅜ").name == "next"
    with pytest.raises(BackpropError, match="unknown command 'ㅜ'"):
        look_up("ㅜ", {"ㅜ"})
