"""SIGKILL at random moments: the session goes on bit for bit, a second of work lost at most."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.kill import kill
from tests.support import session_actor
from tests.support.trainers import here, trainer
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import resume


def test_killed_at_any_moment_the_app_resumes_bit_for_bit() -> None:
    identical, lost, iterations = kill(5, seed=11, longest=2.5)
    assert identical == 5
    assert max(iterations) > 100
    assert lost < 1.5  # 1.0 on a machine that has nothing else to do


@pytest.mark.parametrize("seed", range(5))
def test_killed_among_changes_the_session_is_one_of_the_last_states(seed: int) -> None:
    command = [sys.executable, str(Path(session_actor.__file__)), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.0, 1.5))
        process.kill()
        killed = time.time()
        done = [first, *process.stdout.readlines()]
    times = {
        int(number): float(when) for number, when in (line.split() for line in done if line[-1:] == "\n")
    }
    found = [info for info in sessions.list_sessions() if not info.problem]
    if not found:
        assert killed - times[1] < 1.5
        return
    resumed = resume(found[0].id)
    resumed.autosave.close()
    state = here(resumed.trainer), resumed.trainer.undoable, resumed.trainer.redoable
    t, alike = trainer("logistic"), []
    for number in session_actor.actions(t, seed):
        if state == (here(t), t.undoable, t.redoable):
            alike.append(number)
        if number > max(times):  # one more may have been saved than was told
            break
    assert alike, f"the session is none of {max(times)} states"
    after = [when for number, when in times.items() if number > max(alike)]
    assert not after or killed - min(after) < 1.5  # 1.0 on a machine that has nothing else to do


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import tui_backprop as tb
from tui_backprop.sessions.autosave import SessionAutosave
trainer = tb.Trainer(tb.load_lesson("linear"), iterations=10**8)
keeper = SessionAutosave(trainer)
keeper.tell = print
for iterations in (100, 5000, 10, 10):  # 8 bytes each
    trainer.run(iterations)
    keeper.changed(trainer)
    keeper.flush()
trainer.rewind(50)
keeper.changed(trainer)
keeper.close()
"""


def test_a_limit_of_file_sizes_is_said_once_and_saving_goes_on_below_it() -> None:
    result = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert result.stdout == "the session cannot be saved: File too large; it is tried again\n"
    assert result.stderr == ""
    (info,) = sessions.list_sessions()
    assert info.iteration == 50
    assert sorted(path.suffix for path in sessions.sessions_folder().iterdir()) == [
        ".lock",
        ".losses",
        ".session",
    ]
