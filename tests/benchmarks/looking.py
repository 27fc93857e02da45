"""Looking at what is large: ten thousand nodes, ten million iterations, a million numbers; here and before.

Every figure is measured by a program of its own in this tree and, where one is named, in another one, in
turns. Times are the processor's, so that a machine with other work does not lengthen them, but for what a
user waits for at a command's first lines.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.against import tree_of
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.terminal import ROOT
from tests.support.large_lessons import many_parameters

FIRST_LINES = 30
WIDE = """
formula = '''
Z = X * W
A = tanh(Z)
s = sum(A, axis=1)
L = mean((s - y)**2)
'''
[data]
u = { linspace = [-1, 1, 1000] }
[samples]
X = { formula = "sin(reshape(u, shape=(1000, 1)) * u * 7)" }
y = { linspace = [0, 1, 1000] }
[parameters]
W = { init = "normal", scale = 0.1, shape = [1000, 1000] }
"""
BEGIN = """
import sys, time
from tui_backprop.debugger.session import DebugSession
from tui_backprop.debugger.snapshots import SnapshotBuilder
from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
def took(act, *then):
    begun = time.process_time()
    act()
    for one in then:
        one()
    return 1e3 * (time.process_time() - begun)
begun = time.process_time()
lesson = load_lesson(sys.argv[1])
loaded = 1e3 * (time.process_time() - begun)
trainer = Trainer(lesson, iterations=10**9)
session = DebugSession(trainer)
builder = SnapshotBuilder(session)
frame = lambda: builder.take(running=False)
"""
PROGRAMS: Mapping[str, str] = {
    "load": "print(loaded)",
    "text": """
from itertools import islice
from tui_backprop.explain.pages.iteration import as_text
from tui_backprop.explain.pages.whole import WholeIteration
trainer.loss
print(took(lambda: list(islice(as_text(WholeIteration.of(trainer)), 30))))
""",
    "step": """
frame(); session.step(); frame()
print(sorted(took(session.step, frame) for _ in range(9))[4])
""",
    "factors": """
frame(); session.seek(len(trainer.graph.assignments) + 30); frame()
print(max(took(session.step, frame) for _ in range(30)))
""",
    "back": """
frame(); trainer.next(); trainer.next(); frame()
print(took(trainer.back, frame))
""",
    "another way": """
frame(); session.step(); frame()
trainer.run(iterations=int(sys.argv[2])); frame()
def change():
    trainer.back(); trainer.back(); trainer.set(learning_rate=trainer.learning_rate * 0.9); trainer.step()
print(took(change, frame))
""",
    "halfway": """
trainer.run(iterations=int(sys.argv[2])); frame()
print(took(lambda: trainer.rewind(trainer.iteration // 2), frame))
""",
    "record": """
frame()
times = []
for _ in range(trainer.record_count - 1):
    session.step()
    times.append(took(frame))
print(max(times[1:]))  # the first record's explanation is imported
""",
}
"""Each prints the milliseconds that it is about."""


def main(*, quick: bool) -> None:
    """Measure this tree."""
    show(None, quick=quick)


def show(other: str | None, *, quick: bool) -> None:
    """Measure this tree, and another one beside it: a folder or a commit."""
    rounds, long = (1, 10**5) if quick else (5, 10**7)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        tree = None if other is None else stack.enter_context(tree_of(other))
        heading(f"Looking at what is large: ms, median of {rounds}" + (f", beside {other}" if other else ""))
        measures = figures(folder, long)
        found = {what: both(measure, tree, rounds) for what, (measure, _) in measures.items()}
    rows = [
        (what, *(("" if one is None else f"{one:.1f}") for one in (ours, theirs)), ratio(ours, theirs))
        for what, (ours, theirs) in found.items()
    ]
    table(("", "this", "other", "other / this"), rows)
    for what, (_, most) in measures.items():
        if most is not None:
            goal(f"{what}, ms", found[what][0], most=most)
    say()


def figures(folder: Path, long: int) -> dict[str, tuple[Callable[[Path], float], float | None]]:
    """Return what is measured, and at most how much it may be."""
    chain = many_parameters(folder / "chain.toml", 1000)
    line = many_parameters(folder / "line.toml", 1000, one_line=True)
    wide = folder / "wide.toml"
    wide.write_text(WIDE)
    return {
        "9,000 nodes, 1,000 parameters: opened": (partial(printed, "load", chain), None),
        "the same as one line: opened": (partial(printed, "load", line), None),
        "explain, first lines once it is opened": (partial(printed, "text", chain), 300.0),
        "the same as one line": (partial(printed, "text", line), 300.0),
        "explain as typed, to the first lines": (partial(first_lines, chain), None),
        "a step and its frame": (partial(printed, "step", chain), 100.0),
        "a step among factors, the slowest of 30": (partial(printed, "factors", chain), 100.0),
        "back over an iteration's start, and its frame": (partial(printed, "back", chain), 300.0),
        f"linear after {long:,}: back, another rate, a step": (
            partial(printed, "another way", "linear", str(long)), 20.0,
        ),
        "two-layer after a tenth of that: the same": (
            partial(printed, "another way", "two-layer", str(long // 10)), 20.0,
        ),
        f"linear after {long:,}: half the way back": (partial(printed, "halfway", "linear", str(long)), None),
        "a record of 10⁶ elements, the slowest to show": (partial(printed, "record", str(wide)), 50.0),
    }  # fmt: skip


def both(measure: Callable[[Path], float], tree: Path | None, rounds: int) -> tuple[float, float | None]:
    """Measure both trees in turns; return the medians."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(measure(ROOT))
        if tree is not None:
            theirs.append(measure(tree))
    return median(ours), median(theirs) if theirs else None


def ratio(ours: float, theirs: float | None) -> str:
    return "" if theirs is None else f"{theirs / ours:.1f}"


def printed(program: str, lesson: str, *more: str | Path) -> float:
    """Run a program in a tree, the last argument, and return the number that it prints."""
    *arguments, tree = more
    command = [sys.executable, "-c", BEGIN + PROGRAMS[program], lesson, *map(str, arguments)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=tree).stdout)


def first_lines(lesson: str, tree: Path) -> float:
    """Return the milliseconds from a typed command to its first lines."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "tui_backprop", "explain", lesson]
    with subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(FIRST_LINES):
            process.stdout.readline()
        took = 1e3 * (time.perf_counter() - begun)
        process.kill()
    return took


if __name__ == "__main__":
    show(sys.argv[1] if len(sys.argv) > 1 else None, quick="--quick" in sys.argv)
