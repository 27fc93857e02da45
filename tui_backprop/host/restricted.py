"""A login for a class: what is done to the process before anything else, and what a client may ask for."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shlex
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import structs

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.lessons.limits import Limits, Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

KEPT = frozenset({
    "HOME", "USER", "LOGNAME", "PATH", "SHELL", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ",
    "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "XDG_STATE_HOME", "TUI_BACKPROP_STUDENT",
})  # fmt: skip
"""Variables that stay, besides LC_*: everything else may change what Python, Textual or NumPy do."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
NICENESS = 5
FILES = 128
"""Files that may be open at once."""
GRACE = 60
"""Seconds of processor time between the line that says it is used up and the end by force."""
CPU_USED_UP = 128 + signal.SIGXCPU
MOST_ASKED = 400
SWITCHES = frozenset({"--plain", "--no-mouse", "--ascii"})
SESSIONS = frozenset({"resume", "sessions"})
_TERM = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,63}", re.ASCII)
_LESSON = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")
_SHARED = re.compile(r"tb\d{1,4}-[\w-]+", re.ASCII)
_ID = re.compile(r"\w[\w.-]{0,99}")
_RATE = re.compile(r"\d{1,3}(\.\d{1,3})?", re.ASCII)


def read_limits(texts: Iterable[str]) -> Limits:
    """Read ``NAME=N``, as ``--limit`` has it.

    Raises:
        BackpropError: an unknown limit, or not a whole number from 1 on.
    """
    names = [field.name for field in structs.fields(Limits)]
    limits = Limits()
    for text in texts:
        name, equals, value = text.partition("=")
        found = printable(text, 60)
        if name not in names or not equals:
            hint = suggest(name, names) or tr("; write NAME=N, NAME one of {names}", names=", ".join(names))
            raise BackpropError(
                tr("--limit {found}: unknown limit{hint}", found=found, hint=hint)
                if equals
                else tr("--limit {found}: found no ={hint}", found=found, hint=hint)
            )
        if not re.fullmatch(r"[1-9][0-9]{0,9}", value):
            raise BackpropError(
                tr("--limit {found}: it must be a whole number from 1 to 9999999999", found=found)
            )
        limits = structs.replace(limits, **{name: int(value)})
    return limits


def enter(folder: Path, limits: Limits) -> tuple[Sandbox, list[str]]:
    """Limit this process; return what confines its lessons, and the words that the client asked with.

    To be called before NumPy or Textual are imported: both look at the environment then, and once.

    Raises:
        BackpropError: the folder cannot be used, or the client asked for something else than a lesson.
    """
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    scrub()
    sandbox = Sandbox.of_folder(folder, limits)
    limit_process(limits)
    return sandbox, read_command(asked)


def scrub() -> None:
    """Leave nothing in the environment but what a terminal app needs, and one thread for linear algebra."""
    for name in list(os.environ):
        if name not in KEPT and not name.startswith("LC_"):
            del os.environ[name]
    if not _TERM.fullmatch(os.environ.get("TERM", "")):
        os.environ["TERM"] = "dumb"
    os.environ |= dict.fromkeys(ONE_THREAD, "1")  # each thread more would take its share of the address space


def limit_process(limits: Limits) -> None:
    """Limit memory, processor time and what is written; give way to others; never stop, leave no core."""
    os.umask(0o077)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # nobody is there to wake it up
    cpu = 60 * limits.cpu
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, FILES)
    _limit(resource.RLIMIT_FSIZE, limits.written << 20)  # Python ignores SIGXFSZ: a write is refused
    _limit(resource.RLIMIT_AS, limits.memory << 20)
    _limit(resource.RLIMIT_CPU, cpu, cpu + GRACE)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit that is not above the one there is; a system that has no such limit goes without."""
    ceiling = resource.getrlimit(which)[1]
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (soft, hard))


def on_cpu_used_up(leave: Callable[[str], object]) -> None:
    """Have something called, on the main thread, with a line to say, when the processor time is used up."""

    def used_up(signum: int, frame: object) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))  # or it would come again each second
        leave(
            tr_count(
                "the minute of processor time of this login is used up; log in again to go on",
                "the {count} minutes of processor time of this login are used up; log in again to go on",
                soft // 60,
            )
        )

    signal.signal(signal.SIGXCPU, used_up)


def end_when_cpu_used_up(save: Callable[[], object]) -> None:
    """Save, say a line, and end the process when the processor time is used up: for lines of text."""

    def end(line: str) -> None:
        save()
        sys.stderr.write(f"tui-backprop: {line}\n")
        raise SystemExit(CPU_USED_UP)

    on_cpu_used_up(end)


def read_command(text: str) -> list[str]:
    """Return the words of a client's command; no shell ever sees it.

    Raises:
        BackpropError: it is anything but a lesson's name or a saved session, with options of the screen.
    """
    refusal = BackpropError(
        tr(
            "found {found}; this login takes a lesson's name, resume or sessions, with --plain, --no-mouse, "
            "--ascii or --fps N",
            found=printable(repr(text), 80),
        )
    )
    if len(text) > MOST_ASKED or not text.isprintable():
        raise refusal
    try:
        words = shlex.split(text)
    except ValueError:
        raise refusal from None
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--fps":
            if not _RATE.fullmatch(next(left, "")):
                raise refusal
        elif word not in SWITCHES:
            rest.append(word)
    if (
        rest[:1] == ["open"] and len(rest) == 2 and _SHARED.fullmatch(rest[1])
    ):  # as the line says that somebody has shared
        words.remove("open")
        del rest[0]
    if rest and rest[0] in SESSIONS:
        deletes = rest[:2] == ["sessions", "--delete"]
        wanted = rest[2:] if deletes else rest[1:]
        if (
            words[0] != rest[0]
            or (words != rest and rest[0] == "sessions")
            or len(wanted) > 1
            or (deletes and not wanted)
            or not all(map(_ID.fullmatch, wanted))
        ):
            raise refusal
    elif len(rest) > 1 or not all(map(_LESSON.fullmatch, rest)):
        raise refusal
    return words
