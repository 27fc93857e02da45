"""Escape attempts by files: paths, links, special files, CSV names, sizes. Each ends in one plain line."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.logins import LESSON, SAMPLES
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import describe, load_file, load_lesson
from tui_backprop.lessons.limits import OPEN, Limits, Sandbox
from tui_backprop.plain.loop import Loop
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.printable import is_safe
from tui_backprop.training.trainer import Trainer


def refusal(folder: Path, name: str | Path, **limits: int) -> str:
    """Return the line with which a lesson is refused to those who are confined to a folder."""
    sandbox = Sandbox.of_folder(folder, Limits(**limits))
    with pytest.raises(LessonError) as caught:
        load_lesson(name, sandbox) if isinstance(name, str) else load_file(name, sandbox=sandbox)
    line = str(caught.value)
    assert all(map(is_safe, line)), line
    return line


@pytest.mark.parametrize("name", ["line", "line.toml", "week1/deep", "week1/deep.toml", "table", "logistic"])
def test_what_a_login_may_open(sandbox: Sandbox, name: str) -> None:
    assert Trainer(load_lesson(name, sandbox)).loss > 0


NAMES = (
    "../outside/secret", "../outside/secret.toml", "week1/../../outside/secret.toml", "week1/../line",
    "./line",
    "/etc/passwd", "//etc/passwd", "/proc/self/fd/0", "/dev/stdin", "~/x.toml", "~root/x.toml",
    "$HOME/x.toml",
    "line.toml/", "week1//deep", "line\x00.toml", "line\n.toml", "line\x1b[2J", ".hidden", "-line", "",
    " ", "..",
    "file:///etc/passwd", "week1\\deep", "x" * 5000, "a/" * 500, "\udcff", "\u202eline",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_that_lead_nowhere(folder: Path, name: str) -> None:
    (folder / ".hidden.toml").write_text(LESSON)
    assert len(refusal(folder, name)) < 400


def test_what_is_outside_and_what_does_not_exist_are_refused_alike(folder: Path) -> None:
    outside = folder.parent / "outside"
    os.symlink(outside / "secret.toml", folder / "there.toml")
    os.symlink(outside / "nothing.toml", folder / "nowhere.toml")
    there, nowhere, missing = refusal(folder, "there"), refusal(folder, "nowhere"), refusal(folder, "missing")
    assert there.replace("there", "x") == nowhere.replace("nowhere", "x") == missing.replace("missing", "x")
    paths = refusal(folder, outside / "secret.toml"), refusal(folder, outside / "nothing.toml")
    assert paths[0].replace("secret", "nothing") == paths[1]
    assert str(outside) not in "".join((there, *paths))


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's whole path must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


TRICKS: dict[str, Callable[[Path, Path], None]] = {
    "link": lambda path, out: path.symlink_to(out / "secret.toml"),
    "relative link": lambda path, out: path.symlink_to("../outside/secret.toml"),
    "link to a link": lambda path, out: (
        (out / "l.toml").symlink_to("secret.toml"),
        path.symlink_to(out / "l.toml"),
    )[1],
    "loop": lambda path, out: path.symlink_to(path.name),
    "hard link": lambda path, out: os.link(out / "secret.toml", path),
    "fifo": lambda path, out: os.mkfifo(path),
    "link to /dev/zero": lambda path, out: path.symlink_to("/dev/zero"),
    "link to /dev/tty": lambda path, out: path.symlink_to("/dev/tty"),
    "link to a descriptor": lambda path, out: path.symlink_to(
        f"/proc/self/fd/{os.open(out / 'secret.toml', os.O_RDONLY)}"
    ),
    "link to the directory": lambda path, out: path.symlink_to("/proc/self/cwd/secret.toml"),
    "socket": lambda path, out: _socket(path),
    "folder": lambda path, out: path.mkdir(),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_files_that_are_none_of_the_folder(folder: Path, trick: str) -> None:
    TRICKS[trick](folder / "trick.toml", folder.parent / "outside")
    line = refusal(folder, "trick")
    assert line.startswith("trick.toml: ")
    assert "outside" not in line
    title, why = describe("trick", Sandbox.of_folder(folder))
    assert (title, "Class line" in why) == ("(cannot be opened)", False)


@pytest.mark.parametrize("trick", [trick for trick in TRICKS if trick != "folder"])
def test_tables_that_are_none_of_the_folder(folder: Path, trick: str) -> None:
    (folder.parent / "outside" / "secret.toml").write_text("x\n1\n2\n")
    TRICKS[trick](folder / "points2.csv", folder.parent / "outside")
    (folder / "own.toml").write_text(SAMPLES.format(csv="points2.csv"))
    assert refusal(folder, "own").startswith("own.toml: ")


CSV = (
    "../outside/secret.csv",
    "/etc/passwd",
    "/dev/zero",
    "/proc/self/environ",
    "week1/../../outside/secret.csv",
    ".",
)


@pytest.mark.parametrize("csv", CSV)
def test_tables_by_other_paths(folder: Path, csv: str) -> None:
    (folder / "own.toml").write_text(SAMPLES.format(csv=csv))
    assert "is not beside the lesson" in refusal(folder, "own")


def test_a_folder_that_is_a_link(folder: Path) -> None:
    (folder / "way").symlink_to(folder.parent / "outside")
    assert "no such file in the lesson folder" in refusal(folder, "way/secret")
    (folder / "again").symlink_to("week1")  # a link that stays within is the teacher's
    assert load_lesson("again/deep", Sandbox.of_folder(folder)).title == "Class line"


def test_a_link_put_there_after_the_path_was_resolved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race between looking and opening: what is opened is walked to through no link."""
    resolve = Path.resolve

    def swapped(path: Path, strict: bool = False) -> Path:
        result = resolve(path, strict)
        if path.name == "deep.toml" and not (folder / "week1").is_symlink():
            (folder / "week1").rename(folder / "away")
            (folder / "week1").symlink_to(folder.parent / "outside")
            (folder.parent / "outside" / "deep.toml").write_text(LESSON.replace("Class", "Stolen"))
        return result

    monkeypatch.setattr(Path, "resolve", swapped)
    assert "no such file in the lesson folder" in refusal(folder, "week1/deep")


def test_a_session_cannot_say_that_another_file_is_built_in(folder: Path, sandbox: Sandbox) -> None:
    lesson = load_file(folder.parent / "outside" / "secret.toml", "linear", sandbox=sandbox)
    assert lesson.title == load_lesson("linear").title


def test_the_list_is_of_the_folder_alone(folder: Path, sandbox: Sandbox) -> None:
    (folder / "way").symlink_to(folder.parent / "outside")
    (folder / ".hidden.toml").write_text(LESSON)
    (folder / "bad\x1b[2J.toml").write_text(LESSON)
    (folder / "broken.toml").write_text("title = [")
    assert sandbox.lesson_names() == ["broken", "line", "table", "week1/deep"]
    assert describe("line", sandbox) == ("Class line", "")
    assert describe("broken", sandbox)[1].startswith("broken.toml: not valid TOML")


def test_limits_of_a_lesson(folder: Path) -> None:
    limits = {"rows": 1, "nodes": 4, "values": 100}
    assert "line 3: more than 1 rows, which is the limit of this login" in refusal(folder, "table", **limits)
    assert "nodes; the limit of this login is 4" in refusal(folder, "line", **limits)
    (folder / "wide.toml").write_text(
        "formula = 'L = sum(w**2)'\n[parameters]\nw = { init = 'ones', shape = [101] }"
    )
    assert "101" in refusal(folder, "wide", **limits)
    (folder / "many.toml").write_text("formula = 'L = mean(X)'\n[samples]\ndataset = 'moons'\nsize = 2")
    assert "found 2 samples; the limit of this login is 1" in refusal(folder, "many", **limits)
    (folder / "wide.toml").write_text(
        "formula = 'L = sum(w**2)'\n[parameters]\nw = { init = 'ones', shape = [100] }"
    )
    assert "numbers in all nodes together; the limit of this login is 150" in refusal(
        folder, "wide", values=150
    )


def test_a_large_file_is_not_read(folder: Path) -> None:
    for name in ("huge.toml", "huge.csv"):
        with (folder / name).open("wb") as file:
            file.truncate(1 << 40)  # with nothing in it
    (folder / "own.toml").write_text(SAMPLES.format(csv="huge.csv"))
    assert "larger than 10 MiB" in refusal(folder, "huge")
    assert "huge.csv: larger than 10 MiB" in refusal(folder, "own")


def test_a_run_stops_where_the_losses_end(folder: Path) -> None:
    trainer = Trainer(load_lesson("line", Sandbox.of_folder(folder, Limits(losses=50))))
    assert (trainer.run(1000).reason, trainer.iteration) == ("full", 50)


def test_what_is_confined_stays_so(folder: Path, sandbox: Sandbox) -> None:
    assert load_lesson("line", sandbox).sandbox is sandbox
    assert load_lesson("logistic", sandbox).sandbox is sandbox
    with pytest.raises(AttributeError):
        sandbox.folder = None  # type: ignore[misc]
    with pytest.raises(AttributeError):
        load_lesson("line", sandbox).sandbox = OPEN  # type: ignore[misc]
    assert "lesson folder" in refusal(folder, "etc/passwd")


def test_plain_mode_lists_and_opens_what_the_folder_has(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = Loop(Trainer(load_lesson("line", Sandbox.of_folder(folder))), Autosave())

    def said(line: str) -> str:
        capsys.readouterr()
        loop.do(line)
        return capsys.readouterr().out

    listed = " ".join(said("open").split())
    assert listed.startswith("lessons: first, linear, ")
    assert listed.endswith(", line, table, week1/deep")
    assert said("open week1/deep").startswith("deep: ")
    assert said("reload").startswith("deep.toml reloaded\n")
    for name in ("~/secret", "../outside/secret", str(folder.parent / "outside" / "secret.toml")):
        refused = " ".join(said(f"open {name}").split())
        assert refused.startswith("error: ")
        assert "a name in the lesson folder" in refused
