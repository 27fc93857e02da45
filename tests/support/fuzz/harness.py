"""Run cases in a process of its own, with a clock and a limit on memory; say what broke a promise."""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import io
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from unittest import mock

from tests.support.fuzz.cases import CANARY, Case, make_case
from tui_backprop.cli import main as cli
from tui_backprop.text.printable import is_safe

KINDS = ("formula", "toml", "csv")
SECONDS = 10.0
"""Processor time that one command may take."""
HANG = 15.0
"""Processor time after which a case is killed."""
STANDSTILL = 180.0
"""Wall-clock time after which it is killed though it does nothing; long, since the machine may be busy."""
MEMORY = 2 << 30
BEFORE = ("remark (", "tui-backprop: note: ")
"""How lines begin that may stand on stderr before the last one."""


@dataclass
class Verdict:
    """What became of a case: whether it loaded, its slowest command in seconds, and broken promises."""

    accepted: bool = False
    slowest: float = 0.0
    problems: list[str] = field(default_factory=list)


def command(arguments: list[str]) -> tuple[int, str, str, float]:
    """Run a command in this process; return its exit code, what it wrote, and its processor time."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    began, code = time.process_time(), 0
    with (
        mock.patch.object(sys, "argv", ["tui-backprop", *arguments]),
        mock.patch.dict(os.environ),  # of which a restricted login leaves little
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    seconds = time.process_time() - began
    texts = [stream.buffer.getvalue().decode("utf-8", "surrogatepass") for stream in (out, err)]  # type: ignore[attr-defined]
    return code, *texts, seconds  # type: ignore[return-value]


def promises(arguments: list[str]) -> tuple[int, str, float, list[str]]:
    """Run a command; return its exit code, its output, its time, and the promises that it broke."""
    code, out, err, seconds = command(arguments)
    shown = " ".join(arguments)[:200]
    problems = []
    if code not in (0, 1, 2):
        problems.append(f"exit code {code}: {err[:300]!r}")
    unsafe = next((c for c in sorted({*out, *err}) if c != "\n" and not is_safe(c)), None)
    if unsafe is not None:
        problems.append(f"the output has {unsafe!r}")
    lines = [line for line in err.splitlines(keepends=True) if not line.startswith(BEFORE)]
    first, further = lines[:1], lines[1:]
    if lines and not (
        first[0].startswith("tui-backprop: ")
        and all(line.startswith("tui-backprop: ") and ": formula line " in line for line in further)
        and err.endswith("\n")
    ):
        problems.append(f"stderr is not one line of the program's: {err[:300]!r}")
    if code == 2 and not err:
        problems.append("refused without a word")
    if seconds > SECONDS:
        problems.append(f"took {seconds:.1f} s")
    return code, out, seconds, [f"{shown!r}: {problem}" for problem in problems]


def judge(case: Case, folder: Path) -> Verdict:
    """Write the case's files, load the lesson by every command, and tell what went wrong."""
    path = folder / case.name
    path.write_bytes(case.text)
    for name, content in case.beside.items():
        (folder / name).write_bytes(content)
    lesson = str(path)
    verdict = Verdict()

    def run(*arguments: str) -> tuple[int, str]:
        code, out, seconds, problems = promises([arguments[0], lesson, *arguments[1:]])
        verdict.slowest = max(verdict.slowest, seconds)
        verdict.problems += problems
        return code, out

    code, _ = run("explain")
    verdict.accepted = code != 2
    if verdict.accepted:
        run("explain", "--format", "json")
        run("check")
        run("train", "--iterations", "5", "--parameters")
        code, script = run("export", "--to", "script")
        if code == 0:
            verdict.problems += script_problems(script)
    for options in case.options:
        run(*options)
    for name, beside, *options in case.others:
        written = str(folder / "made.toml")
        _, _, seconds, problems = promises([name, str(folder / beside), *options, "--output", written])
        verdict.slowest = max(verdict.slowest, seconds)
        verdict.problems += problems
    return verdict


def script_problems(script: str) -> list[str]:
    """Tell what is wrong with an exported script: it has to compile, and no text may be code in it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(script)
    except (SyntaxError, SyntaxWarning, ValueError, RecursionError, MemoryError) as error:
        return [f"the script does not compile: {error}"]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    problems = []
    if CANARY in names:
        problems.append("a text of the lesson is code in the script")
    if modules - {"numpy", "math", "sys", "base64", "zlib"}:
        problems.append(f"the script imports {sorted(modules)}")
    return problems


def work(pipe: Connection, kind: str, seed: int) -> None:
    """Judge the cases whose numbers come through the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("always")
    while True:
        number = pipe.recv()
        if number is None:
            return
        faulthandler.dump_traceback_later(STANDSTILL - 5)  # where a hang is
        with tempfile.TemporaryDirectory() as folder:
            try:
                verdict = judge(make_case(kind, seed, number), Path(folder))
            except BaseException as error:
                verdict = Verdict(problems=[f"{type(error).__name__}: {str(error)[:300]}"])
        faulthandler.cancel_dump_traceback_later()
        pipe.send(verdict)


class Worker:
    """A process that judges cases, and is made anew where one ends it."""

    def __init__(self, kind: str, seed: int) -> None:
        self.kind, self.seed = kind, seed
        self.process: multiprocessing.process.BaseProcess | None = None
        self.pipe: Connection

    def judge(self, number: int) -> Verdict:
        """Return the verdict on a case; a hang or a crash is one as well."""
        if self.process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self.process = context.Process(target=work, args=(theirs, self.kind, self.seed), daemon=True)
            self.process.start()
            theirs.close()
        self.pipe.send(number)
        try:
            spent, since = self.processor_time(), time.monotonic()
            while not self.pipe.poll(1):
                if self.processor_time() - spent > HANG or time.monotonic() - since > STANDSTILL:
                    problem = f"no answer after {self.processor_time() - spent:.0f} s of processor time"
                    break
            else:
                return self.pipe.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError):
            self.process.join(5)
            problem = f"the process ended with {self.process.exitcode}"
        self.stop()
        return Verdict(slowest=HANG, problems=[problem])

    def processor_time(self) -> float:
        """Return the seconds of processor time that the process has used (Linux)."""
        assert self.process is not None
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = None


@dataclass
class Summary:
    """A campaign's numbers."""

    kind: str
    seed: int
    cases: int = 0
    accepted: int = 0
    slowest: float = 0.0
    slowest_case: int = 0
    seconds: float = 0.0
    failures: list[tuple[int, list[str]]] = field(default_factory=list)

    def text(self) -> str:
        """Return the summary as one line, and a line for each failure."""
        lines = [
            f"fuzz {self.kind}, seed {self.seed}: {self.cases:,} cases in {self.seconds:.0f} s; "
            f"{self.accepted:,} accepted, {self.cases - self.accepted:,} refused; "
            f"slowest command {self.slowest:.2f} s (case {self.slowest_case}); {len(self.failures)} failures"
        ]
        return "\n".join(
            lines + [f"  case {number}: {problem}" for number, ps in self.failures for problem in ps]
        )


def campaign(
    kind: str,
    seconds: float,
    seed: int = 0,
    first: int = 0,
    save: Path | None = None,
    most: int | None = None,
) -> Summary:
    """Judge cases until the time is over, or ``most`` of them; save the files of those that fail."""
    summary = Summary(kind, seed)
    began = time.monotonic()
    with contextlib.closing(_Stopping(Worker(kind, seed))) as worker:
        for number in _numbers(first, most):
            if time.monotonic() - began > seconds:
                break
            verdict = worker.judge(number)
            summary.cases += 1
            summary.accepted += verdict.accepted
            if verdict.slowest > summary.slowest:
                summary.slowest, summary.slowest_case = verdict.slowest, number
            if verdict.problems:
                summary.failures.append((number, verdict.problems))
                if save is not None:
                    _save(make_case(kind, seed, number), save / f"{kind}-{seed}-{number}", verdict)
    summary.seconds = time.monotonic() - began
    return summary


class _Stopping:
    def __init__(self, worker: Worker) -> None:
        self.judge, self.close = worker.judge, worker.stop


def _numbers(first: int, most: int | None) -> Iterator[int]:
    number = first
    while most is None or number < first + most:
        yield number
        number += 1


def _save(case: Case, folder: Path, verdict: Verdict) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "lesson.toml").write_bytes(case.text)
    for name, content in case.beside.items():
        (folder / name).write_bytes(content)
    notes = [f"file name {case.name!r}", *map(repr, case.options), *verdict.problems]
    (folder / "problems.txt").write_text("\n".join(notes) + "\n", "utf-8", errors="backslashreplace")
