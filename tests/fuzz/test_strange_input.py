"""Text that is typed, files that never end, and numbers that overflow: one line each, and nothing worse."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.support.fuzz.cases import EVIL_TEXT
from tests.support.fuzz.harness import command, promises
from tui_backprop.text.printable import is_safe

FEW = ("\x1b[2J", "\x1b]0;PWNED\x07", "\x9b31m", "\u202ex", '"""', "(" * 300, "9" * 5000, "{x.__class__}")
OPTIONS = {
    "set a value": ["train", "linear", "--iterations", "1", "--set", "learning_rate={}"],
    "set a name": ["train", "linear", "--iterations", "1", "--set", "{}=1"],
    "gradient": ["check", "logistic", "--gradient", "beta={}"],
    "gradient of a name": ["check", "logistic", "--gradient", "{}=1"],
    "what if": ["explain", "logistic", "--whatif", "y_hat={}"],
    "what if a name": ["explain", "logistic", "--whatif", "{}=1"],
    "what if an element": ["explain", "logistic", "--whatif", "X[{}]=1"],
    "wrt": ["explain", "logistic", "--wrt", "{}"],
    "element": ["explain", "logistic", "--wrt", "beta", "--element", "{}"],
    "iteration": ["explain", "logistic", "--iteration", "{}"],
    "lesson": ["explain", "{}"],
    "lesson file": ["explain", "{}.toml"],
    "format": ["explain", "linear", "--format", "{}"],
    "session": ["resume", "{}"],
    "deleted session": ["sessions", "--delete", "{}"],
    "app's lesson": ["--plain", "{}"],
    "command": ["{}", "linear"],
    "folder": ["--restricted", "--lessons", "{}"],
}  # fmt: skip


STRANGE = [
    *((option, FEW) for option in OPTIONS),
    # "" is a folder, and confines us
    *(pytest.param(o, EVIL_TEXT, marks=pytest.mark.slow) for o in sorted(OPTIONS.keys() - {"folder"})),
]


@pytest.mark.parametrize(("option", "texts"), STRANGE)
def test_options_with_strange_text(
    option: str, texts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for text in texts:
        arguments = [word.replace("{}", text.replace("\0", "")) for word in OPTIONS[option]]
        code, _, _, problems = promises(arguments)
        assert problems == []
        if text in FEW:
            assert code == 2, arguments


TYPED = ("break {}", "break y_hat {}", "{}", "whatif y_hat = {}", "whatif {} = 1", "set learning_rate {}",
         "explain {}", "p {}", "print {}", "until {}", "condition 1 {}", "help {}", "goto {}", "delete {}",
         "run {}", "lesson {}", "gradient beta = {}", "predict\n{}\n{}\npredict")  # fmt: skip


@pytest.mark.parametrize("texts", [FEW, pytest.param(EVIL_TEXT, marks=pytest.mark.slow)], ids=["few", "all"])
def test_commands_typed_in_plain_mode(texts: tuple[str, ...]) -> None:
    lines = [form.replace("{}", text.replace("\n", " ")) for form in TYPED for text in texts]
    with mock.patch.object(sys, "stdin", io.StringIO("\n".join([*lines, "s", "q"]) + "\n")):
        code, out, err, _ = command(["logistic", "--plain"])
    assert code == 2  # some were refused
    assert texts is not FEW or "[[1, 2], [3, 4], [5, 6]] @ [0, 0]" in out  # the step at the end
    assert {c for c in out + err if c != "\n" and not is_safe(c)} == set()
    assert "Traceback" not in out + err
    assert "internal" not in out + err


LESSON = 'formula = "L = mean(w * x)"\n{}\n[parameters]\nw = 1.0\n'


def test_files_that_do_not_end_are_not_waited_for(tmp_path: Path) -> None:
    pipe, zero, folder = (tmp_path / f"{name}.toml" for name in ("pipe", "zero", "folder"))
    os.mkfifo(pipe)
    zero.symlink_to("/dev/zero")
    folder.mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "big.toml").touch()
    os.truncate(tmp_path / "big.toml", 1 << 40)
    paths = [pipe, zero, folder, tmp_path / "big.toml"]
    for name in ("pipe.csv", "zero.csv", "/dev/zero", "/dev/stdin", "."):
        paths.append(tmp_path / f"of {len(paths)}.toml")
        paths[-1].write_text(LESSON.format(f'[samples]\ncsv = "{name}"\nx = "x"'))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    for path in paths:
        signal.alarm(20)  # it ends this test where a command waits
        code, _, _, problems = promises(["explain", str(path)])
        signal.alarm(0)
        assert (code, problems) == (2, [])


# fmt: off
OVERFLOWING = ("exp(1000 * w * x)", "log(-w * x)", "w * x / 0", "(0 * w * x)**-1", "sqrt(-w * x)",
               "exp(1000 * w) - exp(1000 * w * x)", "(1e200 * w * x)**2", "cross_entropy(1e308 * w * x, x)",
               "bce(w * x, x)", "tanh(1e308 * 10 * w * x)", "softmax(1e308 * 10 * w * x)",
               "square(1e300 * w) / x")
# fmt: on


@pytest.mark.parametrize("formula", OVERFLOWING)
def test_numbers_that_leave_the_range_warn_of_nothing(formula: str, tmp_path: Path) -> None:
    path = tmp_path / "overflow.toml"
    path.write_text(f'formula = "L = mean({formula})"\n[data]\nx = [[1.0, 2.0]]\n[parameters]\nw = 1.5\n')
    for arguments in (
        ["explain"], ["explain", "--format", "json"], ["check"], ["train", "--iterations", "5"],
        ["train", "--iterations", "5", "--format", "jsonl", "--parameters"], ["export", "--to", "script"],
        ["explain", "--wrt", "w", "--element", ""],
    ):  # fmt: skip
        assert promises([arguments[0], str(path), *arguments[1:]])[3] == []


def test_slips_of_enormous_gradients_warn_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "enormous.toml"
    path.write_text(
        'formula = "L = sum(w * x)"\n[data]\nx = [1e200, 3e200]\n[parameters]\nw = 1.5\n'
        '[[slip]]\ntitle = "half"\nformula.L = "sum(w * x) / 2"\n'
        '[[slip]]\ntitle = "square"\ngradient.w = "sum(x * x * x)"\n'
    )
    assert promises(["check", str(path)])[3] == []
    assert promises(["check", str(path), "--gradient", "w=sum(x * x)"])[3] == []


WHOLE = """title = "{title}"
summary = "{summary}"
formula = "L = w * x {formula}"
[data]
"x{data}" = 2.0
x = 2.0
[parameters]
w = 1.0
"v{parameter}" = 1.0
[hyperparameters]
optimizer = "sgd{optimizer}"
[[why]]
at = "L{at}"
text = "note {text}"
when = "w > 0 {when}"
[[slip]]
title = "slip {slip}"
gradient.w = "x {gradient}"
note = "{note}"
"""
PLACES = ("title", "summary", "formula", "data", "parameter", "optimizer", "at", "text", "when", "slip",
          "gradient", "note")  # fmt: skip
HIDDEN = "\x00\x07\x1b\x7f\x9b\x85\xad\u200b\u202e\u2066\u2028\ufeff\ufe0f\u3164\U000e0041"


@pytest.mark.parametrize("place", PLACES)
def test_no_text_of_a_lesson_holds_what_a_terminal_obeys(place: str, tmp_path: Path) -> None:
    path = tmp_path / "hidden.toml"
    for character in HIDDEN:
        texts = dict.fromkeys(PLACES, "") | {place: f"\\U{ord(character):08x}b"}
        if place in ("data", "parameter") or character not in "\x85\u2028":  # white space is one blank
            texts["data"] = texts["data"] or "1"
            path.write_text(WHOLE.format(**texts), "utf-8")
            code, _, _, problems = promises(["explain", str(path)])
            assert (code, problems) == (2, []), character.encode("unicode_escape")


def test_the_lesson_of_that_test_is_one(tmp_path: Path) -> None:
    path = tmp_path / "hidden.toml"
    path.write_text(WHOLE.format(**dict.fromkeys(PLACES, "") | {"data": "1"}), "utf-8")
    assert promises(["explain", str(path)])[::3] == (0, [])


def test_a_file_name_holds_nothing_of_that_either(tmp_path: Path) -> None:
    for character in HIDDEN.replace("\x00", ""):
        path = tmp_path / f"a{character}b.toml"
        path.write_text(LESSON.format("[data]\nx = 1.0"), "utf-8")
        code, _, _, problems = promises(["explain", str(path)])
        assert (code, problems) == (2 if character not in "\x85\u2028" else 0, [])


def test_the_mean_of_a_constant_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "constant.toml"
    path.write_text(
        'formula = "j = 0 + 2\\nk = 2 * (2 - 2) + 0 * j\\nL = w**2 + mean(k)"\n[parameters]\nw = 1.0\n',
        "utf-8",
    )
    code, _, _, problems = promises(["export", str(path), "--to", "script"])
    assert (code, problems) == (0, [])
