"""What a worker does: a job in, an answer out; it knows nothing of who asks."""

from __future__ import annotations

import contextlib
import platform
import sys
from importlib import import_module

import numpy as np

from tui_backprop.engine.core.backends import can_compile
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sessions.format import pack_array
from tui_backprop.sweeps.alike import SweepFamily
from tui_backprop.sweeps.elsewhere.messages import (
    EndedPart,
    Facts,
    Job,
    JobAnswer,
    decode_job,
    encode,
    pack_state,
    schedules_of,
    unpack_differing,
    unpack_state,
    wanted_of,
)
from tui_backprop.sweeps.portions import Portion, some_alone, work
from tui_backprop.sweeps.together import GroupState
from tui_backprop.text.sentences import tr
from tui_backprop.version import __version__

OF_WORKERS = ("processor", "machine code")
"""Facts of those who work alone: whoever asks them may have others."""
WIDE = ("AVX2", "FMA3", "AVX512F", "AVX512_SKX", "ASIMD", "SVE", "VSX")
"""Instructions by which NumPy and its libraries choose how they compute."""


def facts() -> Facts:
    """Return what the numbers that are computed here depend on, beside the sweep: versions and processor."""
    return {
        "tui-backprop": __version__,
        "Python": ".".join(map(str, sys.version_info[:2])),
        "NumPy": np.__version__,
        "processor": processor(),
        "machine code": "llvmlite" if can_compile() else "none",
    }


def processor() -> str:
    """Return the kind of processor, as far as NumPy's functions have other last bits by it."""
    found: dict[str, bool] = {}
    for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        with contextlib.suppress(ImportError, AttributeError):
            found = found or import_module(name).__cpu_features__
    return " ".join([platform.machine(), *(feature for feature in WIDE if found.get(feature))])


def difference(here: Facts, there: Facts) -> str:
    """Say in which facts two places differ; "" where in none."""
    return ", ".join(
        tr("{name} {found} in place of {wanted}", name=name, found=there.get(name, "unknown"), wanted=value)
        for name, value in here.items()
        if there.get(name) != value
    )


def do(data: bytes) -> bytes:
    """Do a job; return its answer."""
    try:
        return encode(_done(decode_job(data)))
    except BackpropError as error:
        return encode(JobAnswer(str(error)))


def _done(job: Job) -> JobAnswer:
    if differs := difference(job.facts, facts()):
        return JobAnswer(tr("a worker has {differences}", differences=differs))
    schedules, wanted = schedules_of(job), wanted_of(job)
    if job.differing is None:
        return JobAnswer(
            ended=[
                EndedPart(len(losses) - 1, pack_array(wanted.of(losses)), ended)
                for losses, ended in some_alone(schedules, job.goal, job.seconds)
            ]
        )
    numbers = range(len(schedules))
    family = SweepFamily(numbers, job.goal, unpack_differing(job.differing), len(numbers), 0.0, 0, 0.0)
    portion = Portion(numbers, family, wanted, together=True)
    portion.state = unpack_state(job.state)
    first = 0 if portion.state is None else portion.state.iteration
    apart = work(portion, schedules, job.seconds)
    state = portion.state
    assert state is not None
    losses = portion.losses.between(first, state.iteration, state.alive)
    if state.iteration > job.goal:  # nobody goes on from there
        state = GroupState(state.iteration, state.alive, {}, {})
    return JobAnswer(state=pack_state(state), losses=pack_array(losses), apart=apart)
